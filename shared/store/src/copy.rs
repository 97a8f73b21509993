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
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use store::{Consistency, Key, MemoryStore, Store as _, copy, read_copy};
///
/// let (table, key) = (MemoryStore::new(&[]), Key::new("price#TEA-500G", "price"));
/// // The older price comes after the newer one, and changes nothing.
/// copy(&table, key.clone(), &1_280, 2).await.unwrap();
/// copy(&table, key.clone(), &1_180, 1).await.unwrap();
/// let stands = table.load(&key, Consistency::Strong).await.unwrap().unwrap();
/// assert_eq!((stands.version, read_copy(&stands).unwrap()), (2, 1_280));
/// # });
/// ```
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
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use store::{Key, MemoryStore, copy_all};
///
/// // An event of version 7 names the prices of a whole product.
/// let prices = vec![(Key::new("price#TEA-100G", "price"), 320), (Key::new("price#TEA-500G", "price"), 1_280)];
/// let table = MemoryStore::new(&[]);
/// copy_all(&table, prices, 7).await.unwrap();
/// assert!(table.all().iter().all(|price| price.version == 7));
/// # });
/// ```
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
///
/// ```
/// use store::{Key, Record, read_copy};
///
/// let price = Record { key: Key::new("price#TEA-500G", "price"), document: "1280".to_owned(), ..Record::default() };
/// assert_eq!(read_copy::<u32>(&price).unwrap(), 1_280);
/// let failure = read_copy::<String>(&price).unwrap_err();
/// assert!(failure.to_string().starts_with("GetItem of price#TEA-500G/price failed"));
/// ```
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
