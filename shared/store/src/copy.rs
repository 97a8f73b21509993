//! Copies of other contexts' facts: each has the version of what it copies, and is written only over an older one.
//! Whatever the order that events arrive in, the newest stands.

use futures::StreamExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{CommitFailure, Expected, Key, Origin, Record, Store, StoreFailure};

/// How many copies of one event are written at a time.
const WRITES_IN_FLIGHT: usize = 8;

/// Writes a copy, unless a newer one or this very one stands already.
///
/// # Errors
/// When the store fails, or the copy would be over the limit of an item.
pub async fn copy<S: Store, T: Serialize>(
    store: &S,
    key: Key,
    fact: &T,
    version: u64,
) -> Result<(), StoreFailure> {
    let record = Record {
        key,
        version,
        origin: Origin::Queue,
        document: serde_json::to_string(fact)
            .expect("a copy has text keys only, which JSON can hold"),
        ..Record::default()
    };
    match store.commit(&record, Expected::AbsentOrOlder).await {
        Ok(()) | Err(CommitFailure::Conflict) => Ok(()),
        Err(CommitFailure::Store(failure)) => Err(failure),
        Err(CommitFailure::TooLarge { bytes }) => Err(failure(
            "PutItem",
            &record.key,
            format!("the copy would have {bytes} bytes, over the limit of an item"),
        )),
    }
}

/// Writes the copies that one event leads to, all of the event's version, some at a time.
///
/// # Errors
/// As [`copy`]; the others are written all the same, and the event can be taken again.
pub async fn copy_all<S: Store, T: Serialize>(
    store: &S,
    facts: Vec<(Key, T)>,
    version: u64,
) -> Result<(), StoreFailure> {
    let writes = facts
        .into_iter()
        .map(|(key, fact)| async move { copy(store, key, &fact, version).await });
    let results: Vec<_> = futures::stream::iter(writes)
        .buffer_unordered(WRITES_IN_FLIGHT)
        .collect()
        .await;
    results.into_iter().collect()
}

/// Reads what a copy holds.
///
/// # Errors
/// When the stored document is no such fact.
pub fn read_copy<T: DeserializeOwned>(record: &Record) -> Result<T, StoreFailure> {
    serde_json::from_str(&record.document).map_err(|error| {
        failure(
            "GetItem",
            &record.key,
            format!("the copy cannot be read: {error}"),
        )
    })
}

fn failure(operation: &'static str, key: &Key, message: String) -> StoreFailure {
    StoreFailure {
        operation,
        subject: key.to_string(),
        message,
        outcome_unknown: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Consistency, MAX_ITEM_BYTES, MemoryStore};

    #[tokio::test]
    async fn the_newest_copy_stands_whatever_comes_last() {
        let store = MemoryStore::new(&[]);
        let key = |name: &str| Key::new(name, "price");
        for (version, price) in [(2, 20), (1, 10), (2, 20)] {
            copy_all(&store, vec![(key("a"), price), (key("b"), price)], version)
                .await
                .unwrap();
        }
        for name in ["a", "b"] {
            let stands = store.load(&key(name), Consistency::Strong).await.unwrap();
            let stands = stands.unwrap();
            assert_eq!((stands.version, read_copy(&stands).unwrap()), (2, 20));
            assert!(read_copy::<String>(&stands).is_err());
        }
        let mut seed = 1_u32;
        // Noise, which packing does not make smaller.
        let noise: String = (0..2 * MAX_ITEM_BYTES)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                char::from(b'#' + (seed >> 24) as u8 % 90)
            })
            .collect();
        let refused = copy(&store, key("c"), &noise, 1).await.unwrap_err();
        assert!(refused.message.contains("over the limit"), "{refused}");
    }
}
