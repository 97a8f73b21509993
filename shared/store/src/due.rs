//! Deadlines are data: what is due is read from a sparse index.

use crate::{DUE_SHARDS, Indexed, Key, Query, SortCondition, Store, StoreFailure, due_index};

/// An aggregate whose deadline has come.
///
/// ```
/// use store::{Due, Key};
///
/// let due = Due { key: Key::new("order#o-1", "order"), at_seconds: 1_795_512_600 };
/// assert_eq!(due.key.to_string(), "order#o-1/order");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The item.
    pub key: Key,
    /// When it was due, in seconds since the Unix epoch.
    pub at_seconds: i64,
}

/// What is due at the instant, at most `limit_per_shard` of each partition of the index, the longest due first.
///
/// # Errors
/// When the store fails.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use store::{Expected, Indexed, Key, MemoryStore, Record, Store as _, due, due_index, due_shard};
///
/// let table = MemoryStore::new(&[due_index()]);
/// let shard = Indexed::Text(due_shard("order#o-1"));
/// let order = Record {
///     key: Key::new("order#o-1", "order"),
///     version: 1,
///     // What has no deadline lacks both, and is not in the index.
///     indexed: [("due_shard".to_owned(), shard), ("due_at".to_owned(), Indexed::Number(1_000))].into(),
///     ..Record::default()
/// };
/// table.commit(&order, Expected::Absent).await.unwrap();
///
/// assert!(due(&table, 999, 25).await.unwrap().is_empty());
/// assert_eq!(due(&table, 1_000, 25).await.unwrap()[0].key, order.key);
/// # });
/// ```
pub async fn due<S: Store>(
    store: &S,
    now_seconds: i64,
    limit_per_shard: usize,
) -> Result<Vec<Due>, StoreFailure> {
    let mut all = Vec::new();
    for shard in 0..DUE_SHARDS {
        let sort = Some(SortCondition::AtMost(Indexed::Number(now_seconds)));
        let query = Query {
            sort,
            ..Query::of_index(due_index(), shard.to_string(), limit_per_shard)
        };
        for record in store.query(&query).await?.records {
            if let Some(Indexed::Number(at_seconds)) = record.indexed.get(due_index().sort) {
                all.push(Due {
                    at_seconds: *at_seconds,
                    key: record.key,
                });
            }
        }
    }
    Ok(all)
}
