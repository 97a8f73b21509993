//! Why a read or write did not happen, or may not have.

/// The store did not answer, or not as it should.
///
/// ```
/// use store::StoreFailure;
///
/// let failure = StoreFailure {
///     operation: "PutItem",
///     subject: "course#rust/course".to_owned(),
///     message: "no answer within 3 s".to_owned(),
///     outcome_unknown: true,
/// };
/// // Whether the write was done is known by what the item remembers, and by nothing else.
/// let must_look_first = failure.outcome_unknown;
/// assert!(must_look_first);
/// assert_eq!(failure.to_string(), "PutItem of course#rust/course failed: no answer within 3 s");
/// ```
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation} of {subject} failed: {message}")]
pub struct StoreFailure {
    /// The operation, such as `PutItem`.
    pub operation: &'static str,
    /// The key or partition it was about.
    pub subject: String,
    /// What the store or the network said.
    pub message: String,
    /// Whether a write may have been done all the same: the reader must look before it writes again.
    pub outcome_unknown: bool,
}

/// Why one item was not written.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use store::{CommitFailure, Expected, Key, MemoryStore, Record, Store as _};
///
/// let table = MemoryStore::new(&[]);
/// let course = Record { key: Key::new("course#rust", "course"), version: 1, ..Record::default() };
/// table.commit(&course, Expected::Absent).await.unwrap();
/// let again = match table.commit(&course, Expected::Absent).await {
///     Ok(()) => "it is ours",
///     Err(CommitFailure::Conflict) => "read, and decide again",
///     Err(CommitFailure::TooLarge { .. }) => "no retry will help",
///     Err(CommitFailure::Store(_)) => "the trigger comes again",
/// };
/// assert_eq!(again, "read, and decide again");
/// # });
/// ```
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommitFailure {
    /// The condition does not hold: somebody else was first.
    #[error("the item was changed by somebody else")]
    Conflict,
    /// The item would be over the limit.
    #[error("the item would have {bytes} bytes, over the limit of {limit}", limit = crate::MAX_ITEM_BYTES)]
    TooLarge {
        /// How large it would be.
        bytes: usize,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFailure),
}

/// Why one write of a transaction was refused.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use store::{Expected, Key, MemoryStore, Record, Refusal, Store as _, TransactFailure, Write};
///
/// let put = |name: &str, expected| {
///     let record = Record { key: Key::new(name, "course"), version: 1, ..Record::default() };
///     Write::Put { record, expected }
/// };
/// let table = MemoryStore::new(&[]);
/// let both = [put("course#rust", Expected::Absent), put("course#go", Expected::Version(4))];
/// let Err(TransactFailure::Refused(why)) = table.transact(&both).await else { panic!("there is no course#go") };
/// assert_eq!(why, [Refusal::None, Refusal::ConditionFailed]);
/// # });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It was not: another write of the transaction was.
    None,
    /// Its condition does not hold.
    ConditionFailed,
    /// Another transaction held the item.
    Conflict,
}

/// Why a transaction was not done.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use store::{Adjustment, CounterChange, Key, MemoryStore, Refusal, Store as _, TransactFailure, Write};
///
/// // The last seat is gone, or there never was one.
/// let seat = CounterChange { counter: "seats".to_owned(), by: -1, before: Some(1..=i64::MAX) };
/// let take = Write::Adjust(Adjustment { key: Key::new("course#rust", "seats"), changes: vec![seat] });
/// let is_full = match MemoryStore::new(&[]).transact(&[take]).await {
///     Ok(()) => false,
///     Err(TransactFailure::Refused(why)) => why.contains(&Refusal::ConditionFailed),
///     Err(TransactFailure::TooLarge { .. } | TransactFailure::Store(_)) => panic!("no outcome of the business"),
/// };
/// assert!(is_full);
/// # });
/// ```
#[derive(Debug, Clone, thiserror::Error)]
pub enum TransactFailure {
    /// At least one write was refused. One entry per write, in their order.
    #[error("the transaction was refused: {0:?}")]
    Refused(Vec<Refusal>),
    /// An item would be over the limit.
    #[error("an item would have {bytes} bytes, over the limit of {limit}", limit = crate::MAX_ITEM_BYTES)]
    TooLarge {
        /// How large it would be.
        bytes: usize,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFailure),
}
