//! Reading many items of one partition.

use crate::{Cursor, Indexed, InvalidCursor, Record, StoreFailure};

/// A secondary index, as the template declares it and the in-memory store builds it.
///
/// ```
/// use store::{Index, Projection};
///
/// const BY_CUSTOMER: Index =
///     Index { name: "by_customer", partition: "customer_id", sort: "placed_at", projection: Projection::All };
/// // What neither index changes on a write costs no write unit in it.
/// assert_ne!(BY_CUSTOMER.projection, Projection::KeysOnly);
/// ```
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
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use store::{Expected, Index, Indexed, Key, MemoryStore, Projection, Query, Record, Store as _};
///
/// let by_teacher = Index { name: "by_teacher", partition: "teacher", sort: "title", projection: Projection::KeysOnly };
/// let table = MemoryStore::new(&[by_teacher]);
/// let indexed = [("teacher", "ada"), ("title", "Rust")];
/// let indexed = indexed.map(|(name, value)| (name.to_owned(), Indexed::Text(value.to_owned())));
/// let course = Record {
///     key: Key::new("course#rust", "course"),
///     version: 1,
///     document: "{}".to_owned(),
///     indexed: indexed.into(),
///     ..Record::default()
/// };
/// table.commit(&course, Expected::Absent).await.unwrap();
///
/// // Which they are: what they hold is for `load_many`.
/// let found = table.query(&Query::of_index(by_teacher, "ada", 20)).await.unwrap().records;
/// assert_eq!((&found[0].key, found[0].version, found[0].document.as_str()), (&course.key, 0, ""));
/// # });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Projection {
    /// Nothing: it costs a write only when its own keys change.
    KeysOnly,
    /// The whole item: it costs a write whenever the item changes.
    All,
}

/// Which items of the partition are wanted.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use store::{Expected, Key, MemoryStore, Query, Record, SortCondition, Store as _};
///
/// let table = MemoryStore::new(&[]);
/// for sort in ["course", "day#1", "day#2"] {
///     let part = Record { key: Key::new("course#rust", sort), version: 1, ..Record::default() };
///     table.commit(&part, Expected::Absent).await.unwrap();
/// }
/// let days = Query {
///     sort: Some(SortCondition::BeginsWith("day#".to_owned())),
///     ..Query::of_partition("course#rust", 20)
/// };
/// assert_eq!(table.query(&days).await.unwrap().records.len(), 2);
/// # });
/// ```
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
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use store::{Expected, Key, MemoryStore, Query, Record, Store as _};
///
/// let table = MemoryStore::new(&[]);
/// for day in ["day#1", "day#2"] {
///     let day = Record { key: Key::new("course#rust", day), version: 1, ..Record::default() };
///     table.commit(&day, Expected::Absent).await.unwrap();
/// }
/// let last = Query { descending: true, ..Query::of_partition("course#rust", 1) };
/// assert_eq!(table.query(&last).await.unwrap().records[0].key.sk, "day#2");
/// # });
/// ```
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
    ///
    /// ```
    /// let days = store::Query::of_partition("course#rust", 20);
    /// assert!(days.index.is_none() && days.after.is_none() && !days.descending);
    /// ```
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
    ///
    /// ```
    /// use store::{Query, due_index};
    ///
    /// let due = Query::of_index(due_index(), "0", 25);
    /// assert_eq!(due.index, Some(due_index()));
    /// ```
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
    ///
    /// ```
    /// use store::{Cursor, Key, Query};
    ///
    /// let end = Cursor::at(&Key::new("course#rust", "day#2"));
    /// let rest = Query::of_partition("course#rust", 20).resume(end.clone()).unwrap();
    /// assert_eq!(rest.after, Some(end));
    /// ```
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
    ///
    /// ```
    /// use store::Query;
    ///
    /// // A request's optional `cursor`, as it is.
    /// let days = || Query::of_partition("course#rust", 20);
    /// assert_eq!(days().resume_at(None), Ok(days()));
    /// assert!(days().resume_at(Some("made up")).is_err());
    /// ```
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
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use store::{MemoryStore, Page, Query, Store as _};
///
/// let page = MemoryStore::new(&[]).query(&Query::of_partition("course#rust", 20)).await.unwrap();
/// assert_eq!(page, Page { records: Vec::new(), next: None });
/// # });
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The items.
    pub records: Vec<Record>,
    /// Where to go on, if there is more.
    pub next: Option<Cursor>,
}

/// How many partitions deadlines are spread over, so that no single one takes all of a busy table's index writes.
///
/// ```
/// use store::{DUE_SHARDS, Query, due_index};
///
/// // Whoever wants all that has a deadline asks each of them.
/// let all: Vec<Query> = (0..DUE_SHARDS).map(|shard| Query::of_index(due_index(), shard.to_string(), 25)).collect();
/// assert_eq!(all.len(), 4);
/// ```
pub const DUE_SHARDS: u32 = 4;

/// The sparse index of what is due when.
///
/// ```
/// let due = store::due_index();
/// assert_eq!((due.name, due.partition, due.sort), ("due", "due_shard", "due_at"));
/// ```
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
///
/// ```
/// assert_eq!(store::due_shard("order#o-1"), store::due_shard("order#o-1"));
/// assert!(store::due_shard("order#o-2").parse::<u32>().unwrap() < store::DUE_SHARDS);
/// ```
pub fn due_shard(pk: &str) -> String {
    // FNV-1a: stable over releases and processes, as the standard library's hasher is not.
    let hash = pk.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    (hash % DUE_SHARDS).to_string()
}
