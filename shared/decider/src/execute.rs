//! Load, decide, evolve, commit; again on a conflict, a bounded number of times.

use std::borrow::Cow;

use contracts::{Announcement, Cause, CloudEvent};
use identifiers::{MessageId, Timestamp};
use store::{CommitFailure, Consistency, Expected, Origin, Record, Store, StoreFailure};

use crate::committed::note_committed;
use crate::document::{Document, Handled};
use crate::pause::{MAX_ATTEMPTS, pause_before};
use crate::relay::UnreadableDocument;
use crate::remembered::make_room;
use crate::{Aggregate, Stored};

/// An aggregate as it was read.
#[derive(Debug, Clone)]
pub struct Loaded<A: Stored> {
    subject: String,
    version: u64,
    document: Option<Document<A::State>>,
    base: Record,
}

/// What a command comes to, before it is committed.
#[derive(Debug, Clone)]
pub enum Step<A: Stored> {
    /// The message was handled before. These are the events that it emitted then.
    Repeated(Vec<CloudEvent>),
    /// There is nothing to do.
    Nothing,
    /// The item is to be written, and then the events published.
    Commit {
        /// The item as it shall be.
        record: Box<Record>,
        /// The condition.
        expected: Expected,
        /// The state as it shall be.
        state: A::State,
        /// What is then to be published.
        events: Vec<CloudEvent>,
    },
}

/// What came of a command.
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
    pub fn into_outcome(self) -> Outcome<A> {
        match self {
            Self::Ended(outcome)
            | Self::Taken(outcome)
            | Self::Repeated(outcome)
            | Self::Nothing(outcome) => outcome,
        }
    }
}

/// Why a command had no outcome.
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

/// Reads an aggregate.
///
/// # Errors
/// When the store fails or the stored document cannot be read.
pub async fn load<A: Stored, S: Store>(
    store: &S,
    id: &A::Id,
    consistency: Consistency,
) -> Result<Loaded<A>, Failure> {
    let key = A::key(id);
    let record = store.load(&key, consistency).await?;
    Ok(Loaded::from_record(id, record)?)
}

/// Reads the state of an aggregate as of every acknowledged write.
///
/// # Errors
/// When the store fails or the stored document cannot be read.
pub async fn read<A: Stored, S: Store>(store: &S, id: &A::Id) -> Result<Option<A::State>, Failure> {
    Ok(load::<A, S>(store, id, Consistency::Strong)
        .await?
        .into_state())
}

impl<A: Stored> Loaded<A> {
    /// Takes what the store has under the aggregate's key.
    ///
    /// # Errors
    /// When the document cannot be read.
    pub fn from_record(id: &A::Id, record: Option<Record>) -> Result<Self, UnreadableDocument> {
        let subject = id.to_string();
        let Some(record) = record else {
            let base = Record {
                key: A::key(id),
                ..Record::default()
            };
            return Ok(Self {
                subject,
                version: 0,
                document: None,
                base,
            });
        };
        let document =
            serde_json::from_str(&record.document).map_err(|source| UnreadableDocument {
                key: record.key.clone(),
                source,
            })?;
        Ok(Self {
            subject,
            version: record.version,
            document: Some(document),
            base: record,
        })
    }

    /// The state, if there is any.
    pub fn state(&self) -> Option<&A::State> {
        self.document.as_ref().map(|document| &document.state)
    }

    /// The state, if there is any.
    pub fn into_state(self) -> Option<A::State> {
        self.document.map(|document| document.state)
    }

    /// The version that was read; 0 where there is none.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The events that a message emitted, if the item remembers it.
    fn events_of(
        &self,
        message_id: &MessageId,
        traceparent: Option<&str>,
    ) -> Option<Vec<CloudEvent>> {
        let handled = self.document.as_ref()?.handled_before(message_id)?;
        Some(handled.events_of(&self.subject, traceparent))
    }

    /// Decides on the command and evolves the state, without writing anything.
    ///
    /// # Errors
    /// When the aggregate refuses, an event would be too large, or the message's idempotency key was used for another
    /// request.
    pub fn step(
        &self,
        cause: &Cause,
        origin: Origin,
        command: &A::Command,
    ) -> Result<Step<A>, ExecuteError<A::Rejection>> {
        let document = self.document.as_ref();
        if let Some(handled) =
            document.and_then(|document| document.handled_before(&cause.message_id))
        {
            if handled.is_another_request(cause) {
                return Err(Failure::KeyReused.into());
            }
            metrics::count("Duplicates", 1);
            let events = handled.events_of(&self.subject, cause.traceparent.as_deref());
            return Ok(Step::Repeated(events));
        }
        let happened = A::decide(self.state(), command).map_err(ExecuteError::Rejected)?;
        let mut state = self.state().cloned();
        for event in &happened {
            state = Some(A::evolve(state, event));
        }
        let Some(state) = state.filter(|_| !happened.is_empty()) else {
            return Ok(Step::Nothing);
        };
        let announcements: Vec<_> = happened
            .iter()
            .filter_map(|event| A::announce(event, &state))
            .collect();
        self.check_sizes(&announcements)?;
        Ok(self.commit_of(state, announcements, cause, origin))
    }

    fn check_sizes(&self, announcements: &[Announcement]) -> Result<(), Failure> {
        // The envelope round the data takes well under two kilobytes: every part of it is bounded.
        let limit = contracts::MAX_EVENT_BYTES - 2048;
        match announcements
            .iter()
            .find(|said| said.data.get().len() > limit)
        {
            None => Ok(()),
            Some(said) => Err(Failure::EventTooLarge {
                subject: self.subject.clone(),
                event_type: said.event_type.clone(),
            }),
        }
    }

    fn commit_of(
        &self,
        state: A::State,
        announcements: Vec<Announcement>,
        cause: &Cause,
        origin: Origin,
    ) -> Step<A> {
        let version = self.version + 1;
        let mut cause = Cow::Borrowed(cause);
        if cause.traceparent.is_none()
            && let Some(last) = self.document.as_ref().and_then(Document::last_trace)
        {
            cause.to_mut().traceparent = Some(last.to_owned());
        }
        let handled = Handled::new(&self.subject, &cause, origin, version, announcements);
        let events = handled.events_of(&self.subject, cause.traceparent.as_deref());
        let mut remembered = self
            .document
            .as_ref()
            .map(|document| document.handled.clone())
            .unwrap_or_default();
        remembered.push(handled);
        let forgotten = make_room::<A>(&mut remembered, cause.now).map(Timestamp::milliseconds);
        let forgotten_before = self
            .document
            .as_ref()
            .and_then(|document| document.forgotten_at_milliseconds);
        let document = Document {
            subject: self.subject.clone(),
            state,
            handled: remembered,
            forgotten_at_milliseconds: forgotten.max(forgotten_before),
        };
        let record = Record {
            key: self.base.key.clone(),
            version,
            origin,
            document: serde_json::to_string(&document)
                .expect("a state has text keys only, which JSON can hold"),
            indexed: A::indexed(&document.state),
            counters: self.base.counters.clone(),
            expires_at_seconds: A::expires_at_seconds(&document.state),
        };
        let expected = if self.version == 0 {
            Expected::Absent
        } else {
            Expected::Version(self.version)
        };
        Step::Commit {
            record: Box::new(record),
            expected,
            state: document.state,
            events,
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
