//! What may be written, and under which condition.

use std::ops::RangeInclusive;

use crate::{Key, Record};

/// The condition of a put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// There is no such item.
    Absent,
    /// The item's version is this one.
    Version(u64),
    /// There is no such item, or its version is lower than the written one: for copies of another context's facts, of
    /// which only the newest counts whatever the order they arrive in.
    AbsentOrOlder,
}

/// One write of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Writes a whole item.
    Put {
        /// The item as it shall be.
        record: Record,
        /// The condition.
        expected: Expected,
    },
    /// Changes counters in place.
    Adjust(Adjustment),
}

impl Write {
    /// The key of the item that is written.
    pub fn key(&self) -> &Key {
        match self {
            Self::Put { record, .. } => &record.key,
            Self::Adjust(adjustment) => &adjustment.key,
        }
    }
}

/// Changes counters of one item in place and raises its version by one. The item is made where it does not exist and
/// no change has a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// The item.
    pub key: Key,
    /// The changes; each names another counter.
    pub changes: Vec<CounterChange>,
}

/// A change of one counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterChange {
    /// The attribute.
    pub counter: String,
    /// What is added to it.
    pub by: i64,
    /// What it must be before, if anything. A counter that was never written meets no condition.
    pub before: Option<RangeInclusive<i64>>,
}
