//! Reading many items of one partition.

use crate::{Cursor, Indexed, InvalidCursor, Record, StoreFailure};

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

impl Index {
    /// Whether its sort attribute is a number. Only deadlines are: all other indexes sort by text.
    pub(crate) fn sorts_by_number(&self) -> bool {
        self.sort == due_index().sort
    }
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

impl SortCondition {
    /// Whether a sort key is among the wanted.
    pub(crate) fn holds(&self, sort: &Indexed) -> bool {
        match self {
            Self::AtMost(bound) => sort <= bound,
            Self::AtLeast(bound) => sort >= bound,
            Self::BeginsWith(prefix) => match sort {
                Indexed::Text(text) => text.starts_with(prefix),
                Indexed::Number(_) => false,
            },
        }
    }
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
    /// Where the page before ended. What a client sent goes through [`Query::resume`].
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

    /// The same question, from where a page of it ended.
    ///
    /// # Errors
    /// When the cursor is not of a page of this question: it is another partition's, another index's, or made up.
    pub fn resume(self, after: Cursor) -> Result<Self, InvalidCursor> {
        if after.fits(&self) {
            let after = Some(after);
            Ok(Self { after, ..self })
        } else {
            Err(InvalidCursor)
        }
    }

    /// The same question, from where the cursor of that text says, if there is one.
    ///
    /// # Errors
    /// When the text is no cursor, or one that is not of this question.
    pub fn resume_at(self, cursor: Option<&str>) -> Result<Self, InvalidCursor> {
        match cursor {
            Some(text) => self.resume(Cursor::from_text(text)?),
            None => Ok(self),
        }
    }

    /// Refuses a start that is not of this question, before any store is asked: both implementations call it, so that
    /// they refuse alike.
    pub(crate) fn check(&self) -> Result<(), StoreFailure> {
        match &self.after {
            Some(cursor) if !cursor.fits(self) => Err(StoreFailure {
                operation: "Query",
                subject: self.partition.clone(),
                message: InvalidCursor.to_string(),
                outcome_unknown: false,
            }),
            Some(_) | None => Ok(()),
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
