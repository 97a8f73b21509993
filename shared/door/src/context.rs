//! What a context offers to the door.

use std::future::Future;

use contracts::{CloudEvent, UnreadableEvent};
use identifiers::Timestamp;
use store::{Cursor, Page, StoreFailure};

/// A bounded context, as its triggers see it.
///
/// ```
/// use axum::Router;
/// use axum::routing::get;
/// use contracts::CloudEvent;
/// use door::{ConsumeError, Context, describe};
/// use identifiers::Timestamp;
/// use store::{Cursor, DynamoDbStore, Page, Store as _, StoreFailure};
///
/// /// A context that answers, and hears nothing.
/// struct Greetings {
///     table: DynamoDbStore,
/// }
///
/// impl Context for Greetings {
///     const HEARS: &'static [&'static str] = &[];
///
///     fn router(&self) -> Router {
///         Router::new().route("/greeting", get(async || "Good day"))
///     }
///
///     fn description() -> openapi::Description {
///         describe("greetings", "Nothing but words")
///     }
///
///     async fn consume(&self, _: &CloudEvent, _: Timestamp) -> Result<Vec<CloudEvent>, ConsumeError> {
///         Err(ConsumeError::Refused("greetings hear nothing".to_owned()))
///     }
///
///     async fn scan(&self, after: Option<&Cursor>, limit: usize) -> Result<Page, StoreFailure> {
///         self.table.scan(after, limit).await
///     }
/// }
/// ```
pub trait Context: Send + Sync + 'static {
    /// The event types that it hears. A test compares them with the filter policies of the template.
    const HEARS: &'static [&'static str];

    /// Its HTTP routes. What they commit, the table's stream publishes.
    fn router(&self) -> axum::Router;

    /// What those routes take and answer, for documents and tests. Nothing of a running function asks for it.
    fn description() -> openapi::Description;

    /// Does what is to be done about another context's event: commits, and returns what is then to be published
    /// before the message is acknowledged. Called again with the same event, it returns the same.
    fn consume(
        &self,
        event: &CloudEvent,
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<CloudEvent>, ConsumeError>> + Send;

    /// Does what is to be done about several events of a batch that it would rather handle at once than one by one, and
    /// returns, in their order, what is then to be published of each that is dealt with. Those that it returns nothing for
    /// are consumed alone, as if they had not been asked about. It does not fail: what did not succeed is consumed alone.
    ///
    /// It is given every event of the batch that can be read and that it hears, those about one subject in the order in
    /// which they came. Where that order matters, a context leaves alone what comes after something that it does not take.
    fn consume_together(
        &self,
        events: &[&CloudEvent],
        _now: Timestamp,
    ) -> impl Future<Output = Vec<Option<Vec<CloudEvent>>>> + Send {
        let none = vec![None; events.len()];
        async { none }
    }

    /// Does what is due. What it commits, the table's stream publishes.
    fn sweep(
        &self,
        _now: Timestamp,
    ) -> impl Future<Output = Result<Sweep, decider::Failure>> + Send {
        async { Ok(Sweep::default()) }
    }

    /// A page of its table, whatever stands there: what is published again is read from it.
    fn scan(
        &self,
        after: Option<&Cursor>,
        limit: usize,
    ) -> impl Future<Output = Result<Page, StoreFailure>> + Send;
}

/// What a sweep of deadlines did.
///
/// ```
/// use door::Sweep;
///
/// // One of three deadlines could not be met: the invocation fails, and the next tick finds it due again.
/// let sweep = Sweep { due: 3, failed: 1 };
/// assert_ne!(sweep, Sweep::default());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sweep {
    /// How many were due.
    pub due: usize,
    /// How many of them failed, and stay due.
    pub failed: usize,
}

/// Why a message is left to its queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// It waits for something that another message brings.
    Waiting,
    /// Something failed.
    Failed,
}

/// Why an event was not consumed.
///
/// ```
/// use door::ConsumeError;
///
/// let lasting = ConsumeError::Refused("each seat is taken".to_owned());
/// assert_eq!(lasting.to_string(), "the event is refused: each seat is taken");
/// ```
#[derive(Debug, thiserror::Error)]
pub enum ConsumeError {
    /// It cannot be read, now or ever: it goes to the dead-letter queue with the reason.
    #[error(transparent)]
    Unreadable(#[from] UnreadableEvent),
    /// It can be read and makes no sense here, now or ever: it goes to the dead-letter queue with the reason.
    #[error("the event is refused: {0}")]
    Refused(String),
    /// What the event needs is not there yet, such as what an earlier event brings: the queue brings it again. Queues keep
    /// no order, so that this is part of good days and no failure.
    #[error("the event could not be handled yet: {0}")]
    NotYet(String),
    /// What handling it needs does not do its part, such as a sender of mail: the queue brings it again.
    #[error("the event could not be handled: {0}")]
    Unavailable(String),
    /// Something failed; the queue brings the message again.
    #[error(transparent)]
    Failed(#[from] decider::Failure),
}

impl ConsumeError {
    /// Whether the same message may succeed later.
    ///
    /// ```
    /// use door::ConsumeError;
    ///
    /// // The queue brings it again; what is refused goes to the dead-letter queue.
    /// assert!(ConsumeError::NotYet("the course is not announced".to_owned()).is_passing());
    /// assert!(!ConsumeError::Refused("each seat is taken".to_owned()).is_passing());
    /// ```
    pub fn is_passing(&self) -> bool {
        self.left().is_some()
    }

    /// Why the message is left to its queue, if the same message may succeed later.
    pub(crate) fn left(&self) -> Option<Left> {
        match self {
            Self::Unreadable(_) | Self::Refused(_) => None,
            Self::NotYet(_) => Some(Left::Waiting),
            Self::Unavailable(_) | Self::Failed(_) => Some(Left::Failed),
        }
    }

    /// A refusal of the aggregate is the event's fault; a failure is not.
    ///
    /// ```
    /// use decider::{ExecuteError, Failure};
    /// use door::ConsumeError;
    ///
    /// #[derive(Debug)]
    /// struct Full;
    ///
    /// let refused = ConsumeError::from_execute(ExecuteError::Rejected(Full));
    /// assert_eq!(refused.to_string(), "the event is refused: Full");
    /// let contended = Failure::Contended { subject: "rust".to_owned() };
    /// assert!(ConsumeError::from_execute(ExecuteError::<Full>::Failed(contended)).is_passing());
    /// ```
    pub fn from_execute<Rejection: std::fmt::Debug>(
        error: decider::ExecuteError<Rejection>,
    ) -> Self {
        match error {
            decider::ExecuteError::Rejected(rejection) => Self::Refused(format!("{rejection:?}")),
            decider::ExecuteError::Failed(failure) => Self::Failed(failure),
        }
    }
}

impl From<StoreFailure> for ConsumeError {
    fn from(failure: StoreFailure) -> Self {
        Self::Failed(failure.into())
    }
}
