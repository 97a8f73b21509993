//! Load, decide, evolve, commit; again on a conflict, a bounded number of times.

use contracts::{Cause, CloudEvent};
use identifiers::MessageId;
use store::{CommitFailure, Consistency, Origin, Store};

use crate::committed::note_committed;
use crate::pause::{MAX_ATTEMPTS, pause_before};
use crate::{Aggregate, ExecuteError, Failure, Step, Stored, load};

/// What came of a command.
///
/// ```
/// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
/// # use course::*;
/// use decider::{Outcome, execute};
/// use store::{MemoryStore, Origin};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = MemoryStore::new(&[]);
/// let outcome: Outcome<Course> =
///     execute(&store, &course("rust"), &message("m-1"), Origin::Queue, &enrol("mia")).await.unwrap();
/// assert_eq!(outcome.state.unwrap().students, ["mia"]);
/// assert_eq!(outcome.events[0].event_type, "courses.Enrolled.v1");
/// assert!(!outcome.repeated);
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct Outcome<A: Stored> {
    /// The state after it; none where there is none and nothing was done.
    pub state: Option<A::State>,
    /// What is to be published before the message is acknowledged, also where it was handled before.
    pub events: Vec<CloudEvent>,
    /// Whether the message had been handled before.
    pub repeated: bool,
}

/// What came of one part of a message.
///
/// A message may be delivered again while its first delivery still runs, and the quicker one's acknowledgement takes it
/// from the queue for both. What the slower one commits after that, no queue publishes: so it matters who took the part.
///
/// ```
/// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
/// # use course::*;
/// use decider::{Part, execute_part};
/// use store::{MemoryStore, Origin};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let (store, id) = (MemoryStore::new(&[]), course("rust"));
/// let (part, whole) = (message("m-1:0"), message("m-1").message_id);
/// match execute_part::<Course, _>(&store, &id, &part, &whole, Origin::Queue, &enrol("mia")).await.unwrap() {
///     Part::Taken(outcome) => assert_eq!(outcome.events.len(), 1),
///     Part::Ended(_) | Part::Repeated(_) | Part::Nothing(_) => panic!("nobody else handles the message"),
/// }
/// # });
/// ```
pub enum Part<A: Stored> {
    /// The message was dealt with to its end before. The events are those that this part and the last one emitted.
    Ended(Outcome<A>),
    /// This delivery took the part just now.
    Taken(Outcome<A>),
    /// Another delivery of the message took the part, and may still be at what follows.
    Repeated(Outcome<A>),
    /// The part asks for nothing, and no item remembers it.
    Nothing(Outcome<A>),
}

impl<A: Stored> Part<A> {
    /// What came of it, whoever took it.
    ///
    /// ```
    /// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
    /// # use course::*;
    /// use decider::{Outcome, Part};
    ///
    /// let nothing = Outcome::<Course> { state: None, events: Vec::new(), repeated: false };
    /// assert!(!Part::Nothing(nothing).into_outcome().repeated);
    /// ```
    pub fn into_outcome(self) -> Outcome<A> {
        match self {
            Self::Ended(outcome)
            | Self::Taken(outcome)
            | Self::Repeated(outcome)
            | Self::Nothing(outcome) => outcome,
        }
    }
}

/// Does the command: loads the aggregate, decides, evolves and commits, again from the start on a conflict.
///
/// The first read is eventually consistent, which costs half; whatever it leads to is sure all the same: a write is
/// conditional on the version, and a refusal is decided once more on a strong read.
///
/// # Errors
/// When the aggregate refuses; when the store fails, or others are first [`MAX_ATTEMPTS`] times.
///
/// ```
/// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
/// # use course::*;
/// use decider::execute;
/// use store::{MemoryStore, Origin};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let (store, id) = (MemoryStore::new(&[]), course("rust"));
/// let first = execute::<Course, _>(&store, &id, &message("m-1"), Origin::Queue, &enrol("mia")).await.unwrap();
/// let again = execute::<Course, _>(&store, &id, &message("m-1"), Origin::Queue, &enrol("mia")).await.unwrap();
/// // The message came twice: one effect, and the very same event to publish.
/// assert!(again.repeated);
/// assert_eq!(again.state.unwrap().students, ["mia"]);
/// assert_eq!(again.events[0].id, first.events[0].id);
/// # });
/// ```
pub async fn execute<A: Stored, S: Store>(
    store: &S,
    id: &A::Id,
    cause: &Cause,
    origin: Origin,
    command: &A::Command,
) -> Result<Outcome<A>, ExecuteError<<A as Aggregate>::Rejection>> {
    Ok(take(store, id, cause, None, origin, command)
        .await?
        .into_outcome())
}

/// Does the command of one part of a message that takes several commits, under the part's own id, unless the message
/// was dealt with to its end before. Of two deliveries of a message at once, the slower one would otherwise answer anew
/// what the other has answered, and nobody would publish that if it died.
///
/// `whole` is the id under which the message's last part is recorded.
///
/// # Errors
/// As [`execute`].
///
/// ```
/// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
/// # use course::*;
/// use decider::{Part, execute_part};
/// use store::{MemoryStore, Origin};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let (store, id) = (MemoryStore::new(&[]), course("rust"));
/// let whole = message("m-1").message_id;
/// // The last part is recorded under the message's own id; after it, whatever comes of the message again is ended.
/// for (part, student) in [("m-1:0", "mia"), ("m-1", "ken")] {
///     let (part, command) = (message(part), enrol(student));
///     let part = execute_part::<Course, _>(&store, &id, &part, &whole, Origin::Queue, &command).await.unwrap();
///     assert!(matches!(part, Part::Taken(_)));
/// }
/// let (part, command) = (message("m-1:0"), enrol("mia"));
/// let again = execute_part::<Course, _>(&store, &id, &part, &whole, Origin::Queue, &command).await.unwrap();
/// assert!(matches!(again, Part::Ended(outcome) if outcome.events.len() == 2));
/// # });
/// ```
pub async fn execute_part<A: Stored, S: Store>(
    store: &S,
    id: &A::Id,
    part: &Cause,
    whole: &MessageId,
    origin: Origin,
    command: &A::Command,
) -> Result<Part<A>, ExecuteError<<A as Aggregate>::Rejection>> {
    take(store, id, part, Some(whole), origin, command).await
}

async fn take<A: Stored, S: Store>(
    store: &S,
    id: &A::Id,
    cause: &Cause,
    whole: Option<&MessageId>,
    origin: Origin,
    command: &A::Command,
) -> Result<Part<A>, ExecuteError<A::Rejection>> {
    let mut consistency = Consistency::Eventual;
    for attempt in 0..MAX_ATTEMPTS {
        let loaded = load::<A, S>(store, id, consistency).await?;
        let traceparent = cause.traceparent.as_deref();
        if let Some(last) = whole.and_then(|whole| loaded.events_of(whole, traceparent)) {
            // What this part emitted may not have been published either: the message has come again.
            let mut events = loaded
                .events_of(&cause.message_id, traceparent)
                .unwrap_or_default();
            events.extend(last);
            return Ok(Part::Ended(Outcome {
                state: loaded.into_state(),
                events,
                repeated: true,
            }));
        }
        let step = match loaded.step(cause, origin, command) {
            Ok(step) => step,
            Err(ExecuteError::Rejected(_)) if consistency == Consistency::Eventual => {
                consistency = Consistency::Strong;
                continue;
            }
            Err(error) => return Err(error),
        };
        let (record, expected, state, events) = match step {
            Step::Repeated(events) => {
                return Ok(Part::Repeated(Outcome {
                    state: loaded.into_state(),
                    events,
                    repeated: true,
                }));
            }
            Step::Nothing if consistency == Consistency::Eventual => {
                consistency = Consistency::Strong;
                continue;
            }
            Step::Nothing => {
                return Ok(Part::Nothing(Outcome {
                    state: loaded.into_state(),
                    events: Vec::new(),
                    repeated: false,
                }));
            }
            Step::Commit {
                record,
                expected,
                state,
                events,
            } => (record, expected, state, events),
        };
        match store.commit(&record, expected).await {
            Ok(()) => {
                note_committed(&events);
                return Ok(Part::Taken(Outcome {
                    state: Some(state),
                    events,
                    repeated: false,
                }));
            }
            Err(CommitFailure::Conflict) => pause_before(store, &cause.message_id, attempt).await,
            // The write may have been done. The next round finds this message recorded if so, and writes if not.
            Err(CommitFailure::Store(failure)) if failure.outcome_unknown => {
                tracing::warn!(error = %failure, "a write's outcome is unknown; reading again");
                pause_before(store, &cause.message_id, attempt).await;
            }
            Err(CommitFailure::Store(failure)) => return Err(Failure::Store(failure).into()),
            Err(CommitFailure::TooLarge { bytes }) => {
                return Err(Failure::TooLarge {
                    subject: id.to_string(),
                    bytes,
                }
                .into());
            }
        }
        consistency = Consistency::Strong;
    }
    Err(Failure::Contended {
        subject: id.to_string(),
    }
    .into())
}
