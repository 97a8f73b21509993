//! Why a command had no outcome: the aggregate's rules in one type, everything else in another.

use store::StoreFailure;

use crate::MAX_ATTEMPTS;
use crate::relay::UnreadableDocument;

/// Why a command had no outcome.
///
/// ```
/// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
/// # use course::*;
/// use decider::{ExecuteError, Failure, execute};
/// use store::{MemoryStore, Origin};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = MemoryStore::new(&[]);
/// let id = course("rust");
/// for student in ["mia", "ken"] {
///     execute::<Course, _>(&store, &id, &message(student), Origin::Http, &enrol(student)).await.unwrap();
/// }
/// match execute::<Course, _>(&store, &id, &message("m-3"), Origin::Http, &enrol("zoe")).await {
///     Err(ExecuteError::Rejected(Full)) => { /* the caller's business: answer 409 */ }
///     Err(ExecuteError::Failed(failure)) => panic!("to be tried again: {failure}"),
///     Ok(_) => panic!("there were two seats"),
/// }
/// # });
/// ```
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError<Rejection> {
    /// The aggregate refuses.
    #[error("refused: {0:?}")]
    Rejected(Rejection),
    /// Something failed; the same message may succeed later.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// Why a step could not be taken: I/O, stored data, or the message itself; never the aggregate's own rules.
///
/// ```
/// use decider::{ExecuteError, Failure};
///
/// let failure = Failure::Contended { subject: "rust".to_owned() };
/// assert_eq!(failure.to_string(), "rust was changed by others in each of 10 attempts");
/// // It is told apart from what the aggregate refuses.
/// assert!(matches!(ExecuteError::<()>::from(failure), ExecuteError::Failed(_)));
/// ```
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFailure),
    /// The stored document cannot be read.
    #[error(transparent)]
    Unreadable(#[from] UnreadableDocument),
    /// Others were first each time.
    #[error("{subject} was changed by others in each of {MAX_ATTEMPTS} attempts")]
    Contended {
        /// Which aggregate.
        subject: String,
    },
    /// The item would be over the limit of the store.
    #[error("{subject} would have {bytes} bytes, over the limit of an item")]
    TooLarge {
        /// Which aggregate.
        subject: String,
        /// How large it would be.
        bytes: usize,
    },
    /// An event would be over the limit of the published language.
    #[error("{event_type} about {subject} would be over {limit} bytes", limit = contracts::MAX_EVENT_BYTES)]
    EventTooLarge {
        /// Which aggregate.
        subject: String,
        /// Which event.
        event_type: String,
    },
    /// The message's idempotency key was used for another request: that is not done again, nor is this one done.
    #[error("this Idempotency-Key was used for another request; send a new one for a new wish")]
    KeyReused,
}
