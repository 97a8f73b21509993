#![doc = include_str!("../README.md")]
//!
//! # What this crate owns
//!
//! Keys, versions, conditions, item limits and the stored form. One aggregate is one item and one step is one conditional
//! write, so the trait is as narrow as that: load, commit, a transaction for what spans several items, a query by index, and
//! a walk through all items for repairs. Does not own what a document means: that is the decider's and the context's.

mod attribute;
mod copy;
mod cursor;
mod due;
mod dynamodb;
mod failure;
mod memory;
mod query;
mod record;
mod scan;
mod write;

use std::future::Future;
use std::time::Duration;

pub use attribute::{Attribute, UnreadableItem, from_attributes, item_size_bytes, to_attributes};
pub use copy::{copy, copy_all, read_copy};
pub use cursor::{Cursor, InvalidCursor};
pub use due::{Due, due};
pub use dynamodb::DynamoDbStore;
pub use failure::{CommitFailure, Refusal, StoreFailure, TransactFailure};
pub use memory::MemoryStore;
pub use query::{DUE_SHARDS, Index, Page, Projection, Query, SortCondition, due_index, due_shard};
pub use record::{Indexed, Key, Origin, Record};
pub use write::{Adjustment, CounterChange, Expected, Write};

/// The most bytes an item may have (DynamoDB: 400 KB, names and values counted).
///
/// ```
/// use store::{Key, MAX_ITEM_BYTES, Record, item_size_bytes};
///
/// let course = Record { key: Key::new("course#rust", "course"), document: "{}".to_owned(), ..Record::default() };
/// assert!(item_size_bytes(&course) < MAX_ITEM_BYTES);
/// ```
pub const MAX_ITEM_BYTES: usize = 400 * 1024;

/// The most items one transaction may touch (DynamoDB: `TransactWriteItems`).
///
/// ```
/// // A basket of more lines than one transaction takes is reserved in several.
/// let lines: Vec<u32> = (0..250).collect();
/// assert_eq!(lines.chunks(store::MAX_TRANSACTION_ITEMS).count(), 3);
/// ```
pub const MAX_TRANSACTION_ITEMS: usize = 100;

/// How sure a read must be.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use store::{Consistency, Expected, Key, MemoryStore, Record, Store as _};
///
/// let table = MemoryStore::new(&[]);
/// let course = Record { key: Key::new("course#rust", "course"), version: 1, ..Record::default() };
/// table.commit(&course, Expected::Absent).await.unwrap();
///
/// // A first try may miss what was just written: its write would be refused, and the next one reads for sure.
/// let known = table.load(&course.key, Consistency::Eventual).await.unwrap();
/// assert_eq!(known, Some(course));
/// # });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consistency {
    /// May miss the latest writes; half the price. Enough where a conditional write follows.
    Eventual,
    /// Sees every write that was acknowledged before.
    Strong,
}

/// A context's table.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use store::{Consistency, Expected, Key, MemoryStore, Record, Store, StoreFailure};
///
/// // Written once, and as well of `DynamoDbStore` as of what a test has in memory.
/// async fn is_known(table: &impl Store, key: &Key) -> Result<bool, StoreFailure> {
///     Ok(table.load(key, Consistency::Strong).await?.is_some())
/// }
///
/// let table = MemoryStore::new(&[]);
/// let course = Record { key: Key::new("course#rust", "course"), version: 1, ..Record::default() };
/// assert!(!is_known(&table, &course.key).await.unwrap());
/// table.commit(&course, Expected::Absent).await.unwrap();
/// assert!(is_known(&table, &course.key).await.unwrap());
/// # });
/// ```
pub trait Store: Send + Sync + 'static {
    /// Reads one item.
    fn load(
        &self,
        key: &Key,
        consistency: Consistency,
    ) -> impl Future<Output = Result<Option<Record>, StoreFailure>> + Send;

    /// Reads any number of items, eventually consistent; those that do not exist are left out, the order is free.
    fn load_many(
        &self,
        keys: &[Key],
    ) -> impl Future<Output = Result<Vec<Record>, StoreFailure>> + Send;

    /// Writes one item if the condition holds.
    fn commit(
        &self,
        record: &Record,
        expected: Expected,
    ) -> impl Future<Output = Result<(), CommitFailure>> + Send;

    /// Writes all of up to [`MAX_TRANSACTION_ITEMS`] items, each under its own condition, or none of them.
    fn transact(
        &self,
        writes: &[Write],
    ) -> impl Future<Output = Result<(), TransactFailure>> + Send;

    /// Reads a page of items of one partition of the table or of an index.
    ///
    /// Of an index that projects keys only, the records have keys and indexed attributes, version 0 and no document.
    fn query(&self, query: &Query) -> impl Future<Output = Result<Page, StoreFailure>> + Send;

    /// Reads a page of all that the table holds, in an order of its own: from the beginning, or from where the page before
    /// ended. An item that stands from the first page to the last is in just one of them, as of a moment no earlier than
    /// its page's request. It costs a read of every item there is: for repairs, never for a customer's request.
    fn scan(
        &self,
        after: Option<&Cursor>,
        limit: usize,
    ) -> impl Future<Output = Result<Page, StoreFailure>> + Send;

    /// Waits before a write is tried again. A simulation waits by its own clock instead of the machine's.
    fn wait(&self, duration: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(duration)
    }
}

impl<S: Store> Store for std::sync::Arc<S> {
    async fn load(
        &self,
        key: &Key,
        consistency: Consistency,
    ) -> Result<Option<Record>, StoreFailure> {
        (**self).load(key, consistency).await
    }
    async fn load_many(&self, keys: &[Key]) -> Result<Vec<Record>, StoreFailure> {
        (**self).load_many(keys).await
    }
    async fn commit(&self, record: &Record, expected: Expected) -> Result<(), CommitFailure> {
        (**self).commit(record, expected).await
    }
    async fn transact(&self, writes: &[Write]) -> Result<(), TransactFailure> {
        (**self).transact(writes).await
    }
    async fn query(&self, query: &Query) -> Result<Page, StoreFailure> {
        (**self).query(query).await
    }
    async fn scan(&self, after: Option<&Cursor>, limit: usize) -> Result<Page, StoreFailure> {
        (**self).scan(after, limit).await
    }
    async fn wait(&self, duration: Duration) {
        (**self).wait(duration).await;
    }
}
