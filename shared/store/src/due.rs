//! Deadlines are data: what is due is read from a sparse index.

use crate::{DUE_SHARDS, Indexed, Key, Query, SortCondition, Store, StoreFailure, due_index};

/// An aggregate whose deadline has come.
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
