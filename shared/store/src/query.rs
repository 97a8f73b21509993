//! Reading many items of one partition.

use crate::{Cursor, Indexed, Record};

/// A secondary index, as the template declares it and the in-memory store builds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: &'static str,
    /// The attribute it partitions by.
    pub partition: &'static str,
    /// The attribute it sorts by.
    pub sort: &'static str,
    /// What it holds beside its keys.
    pub projection: Projection,
}

/// What an index holds beside its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Projection {
    /// Nothing: it costs a write only when its own keys change.
    KeysOnly,
    /// The whole item: it costs a write whenever the item changes.
    All,
}

/// Which items of the partition are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SortCondition {
    /// Those whose sort key is at most this.
    AtMost(Indexed),
    /// Those whose sort key is at least this.
    AtLeast(Indexed),
    /// Those whose sort key begins with this text.
    BeginsWith(String),
}

/// A question for one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The index, or none for the table itself.
    pub index: Option<Index>,
    /// The partition: a value of the table's `pk` or of the index's partition attribute.
    pub partition: String,
    /// Which of its items.
    pub sort: Option<SortCondition>,
    /// Whether the last come first.
    pub descending: bool,
    /// At most how many.
    pub limit: usize,
    /// Where the page before ended.
    pub after: Option<Cursor>,
}

impl Query {
    /// All of the table's items of a partition, in ascending order.
    pub fn of_partition(partition: impl Into<String>, limit: usize) -> Self {
        Self {
            index: None,
            partition: partition.into(),
            sort: None,
            descending: false,
            limit,
            after: None,
        }
    }

    /// All items of an index's partition, in ascending order.
    pub fn of_index(index: Index, partition: impl Into<String>, limit: usize) -> Self {
        Self {
            index: Some(index),
            ..Self::of_partition(partition, limit)
        }
    }
}

/// A page of items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The items.
    pub records: Vec<Record>,
    /// Where to go on, if there is more.
    pub next: Option<Cursor>,
}

/// How many partitions deadlines are spread over, so that no single one takes all of a busy table's index writes.
pub const DUE_SHARDS: u32 = 4;

/// The sparse index of what is due when.
pub const fn due_index() -> Index {
    Index {
        name: "due",
        partition: "due_shard",
        sort: "due_at",
        projection: Projection::KeysOnly,
    }
}

/// The partition of the due index that a key falls in: the same for ever, so that moving a deadline is one index
/// entry's business.
pub fn due_shard(pk: &str) -> String {
    // FNV-1a: stable over releases and processes, as the standard library's hasher is not.
    let hash = pk.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    (hash % DUE_SHARDS).to_string()
}
