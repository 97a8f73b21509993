//! How what insights knows is kept and found. Nothing of it is to be published, so all of it is written as a queue's.

use std::collections::BTreeMap;

use identifiers::{LocationId, OrderId, Sku, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{
    CommitFailure, Expected, Index, Indexed, Key, Origin, Projection, Query, Record, Store,
    StoreFailure, read_copy,
};

use crate::day::Day;

/// What is listed, newest first: the orders of a day by when they were placed, and the warnings that stand. An order's
/// entry never changes, so that what becomes of it costs no write of the index.
pub const LISTED: Index = Index {
    name: "listed",
    partition: "list",
    sort: "listed_at",
    projection: Projection::KeysOnly,
};

/// The indexes of the table.
pub const INDEXES: &[Index] = &[LISTED];

/// The partition of [`LISTED`] that holds the warnings of low stock.
pub(crate) const WARNINGS: &str = "warnings";

/// The partition of [`LISTED`] that holds a day's orders.
pub(crate) fn orders_of(day: Day) -> String {
    format!("orders#{day}")
}

pub(crate) fn order_key(order_id: &OrderId) -> Key {
    Key::new(format!("order#{order_id}"), "order")
}

pub(crate) fn order_id_of(key: &Key) -> Option<OrderId> {
    OrderId::new(key.pk.strip_prefix("order#")?).ok()
}

pub(crate) fn stock_key(sku: &Sku, location_id: &LocationId) -> Key {
    Key::new(format!("stock#{sku}"), location_id.as_str())
}

/// The attributes that list something, as of an instant.
pub(crate) fn listed(partition: impl Into<String>, at: Timestamp) -> BTreeMap<String, Indexed> {
    let partition = (LISTED.partition, partition.into());
    let sort = (LISTED.sort, at.to_string());
    [partition, sort]
        .map(|(name, text)| (name.to_owned(), Indexed::Text(text)))
        .into()
}

/// The question for a list's keys, the newest first.
pub(crate) fn newest_first(partition: impl Into<String>, limit: usize) -> Query {
    Query {
        descending: true,
        ..Query::of_index(LISTED, partition, limit)
    }
}

/// The records of those keys that there are, in the order of the keys.
pub(crate) async fn load_in_order<S: Store>(
    store: &S,
    keys: &[Key],
) -> Result<Vec<Record>, StoreFailure> {
    let records = store.load_many(keys).await?;
    let mut by_key: BTreeMap<Key, Record> = records
        .into_iter()
        .map(|record| (record.key.clone(), record))
        .collect();
    Ok(keys.iter().filter_map(|key| by_key.remove(key)).collect())
}

/// What stands in a record, or what stands where there is none.
pub(crate) fn read_or<T: DeserializeOwned>(
    record: Option<&Record>,
    none: impl FnOnce() -> T,
) -> Result<T, StoreFailure> {
    match record {
        Some(record) => read_copy(record),
        None => Ok(none()),
    }
}

/// The record that follows the one that was read.
pub(crate) fn next_record<T: Serialize>(key: Key, before: Option<&Record>, state: &T) -> Record {
    Record {
        key,
        version: before.map_or(0, |record| record.version) + 1,
        origin: Origin::Queue,
        document: serde_json::to_string(state)
            .expect("what is kept has text keys only, which JSON can hold"),
        ..Record::default()
    }
}

/// Writes the record that follows the one that was read, if nobody else did.
pub(crate) async fn write_next<S: Store>(store: &S, record: &Record) -> Result<(), CommitFailure> {
    let expected = match record.version {
        1 => Expected::Absent,
        version => Expected::Version(version - 1),
    };
    store.commit(record, expected).await
}
