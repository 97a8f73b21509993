//! Why a read or write did not happen, or may not have.

/// The store did not answer, or not as it should.
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
