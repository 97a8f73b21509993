//! An aggregate as it was read, and the step that a command takes from there. Writes nothing.

use std::borrow::Cow;

use contracts::{Announcement, Cause, CloudEvent};
use identifiers::{MessageId, Timestamp};
use store::{Consistency, Expected, Origin, Record, Store};

use crate::document::{Document, Handled};
use crate::relay::UnreadableDocument;
use crate::remembered::make_room;
use crate::{ExecuteError, Failure, Stored};

/// An aggregate as it was read.
///
/// ```
/// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
/// # use course::*;
/// use decider::{Loaded, load};
/// use store::{Consistency, MemoryStore};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = MemoryStore::new(&[]);
/// let loaded: Loaded<Course> = load(&store, &course("rust"), Consistency::Strong).await.unwrap();
/// assert_eq!((loaded.version(), loaded.state()), (0, None));
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct Loaded<A: Stored> {
    subject: String,
    version: u64,
    document: Option<Document<A::State>>,
    base: Record,
}

/// What a command comes to, before it is committed.
///
/// ```
/// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
/// # use course::*;
/// use decider::{Loaded, Step};
/// use store::{Expected, Origin};
///
/// let none = Loaded::<Course>::from_record(&course("rust"), None).unwrap();
/// match none.step(&message("m-1"), Origin::Http, &enrol("mia")).unwrap() {
///     Step::Commit { record, expected, state, events } => {
///         assert_eq!((record.version, expected), (1, Expected::Absent));
///         assert_eq!(state.students, ["mia"]);
///         assert_eq!(events[0].event_type, "courses.Enrolled.v1");
///     }
///     Step::Repeated(_) | Step::Nothing => panic!("there is something to do"),
/// }
/// ```
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

/// Reads an aggregate.
///
/// # Errors
/// When the store fails or the stored document cannot be read.
///
/// ```
/// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
/// # use course::*;
/// use decider::load;
/// use store::{Consistency, MemoryStore};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = MemoryStore::new(&[]);
/// let course = load::<Course, _>(&store, &course("rust"), Consistency::Eventual).await.unwrap();
/// assert_eq!(course.version(), 0);
/// # });
/// ```
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
///
/// ```
/// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
/// # use course::*;
/// use decider::read;
/// use store::MemoryStore;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = MemoryStore::new(&[]);
/// let course: Option<Course> = read::<Course, _>(&store, &course("rust")).await.unwrap();
/// assert_eq!(course, None);
/// # });
/// ```
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
    ///
    /// ```
    /// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
    /// # use course::*;
    /// use decider::Loaded;
    /// use store::{Key, Record};
    ///
    /// let id = course("rust");
    /// assert!(Loaded::<Course>::from_record(&id, None).unwrap().state().is_none());
    ///
    /// let strange = Record { key: Key::new("course#rust", "course"), document: "{".to_owned(), ..Record::default() };
    /// let error = Loaded::<Course>::from_record(&id, Some(strange)).unwrap_err();
    /// assert!(error.to_string().starts_with("the document of course#rust/course cannot be read"));
    /// ```
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
    ///
    /// ```
    /// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
    /// # use course::*;
    /// use decider::{execute, load};
    /// use store::{Consistency, MemoryStore, Origin};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let (store, id) = (MemoryStore::new(&[]), course("rust"));
    /// execute::<Course, _>(&store, &id, &message("m-1"), Origin::Http, &enrol("mia")).await.unwrap();
    /// let loaded = load::<Course, _>(&store, &id, Consistency::Strong).await.unwrap();
    /// assert_eq!(loaded.state().unwrap().students, ["mia"]);
    /// # });
    /// ```
    pub fn state(&self) -> Option<&A::State> {
        self.document.as_ref().map(|document| &document.state)
    }

    /// The state, if there is any.
    ///
    /// ```
    /// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
    /// # use course::*;
    /// use decider::Loaded;
    ///
    /// let none = Loaded::<Course>::from_record(&course("rust"), None).unwrap();
    /// assert_eq!(none.into_state(), None);
    /// ```
    pub fn into_state(self) -> Option<A::State> {
        self.document.map(|document| document.state)
    }

    /// The version that was read; 0 where there is none.
    ///
    /// ```
    /// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
    /// # use course::*;
    /// use decider::{execute, load};
    /// use store::{Consistency, MemoryStore, Origin};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let (store, id) = (MemoryStore::new(&[]), course("rust"));
    /// for student in ["mia", "ken"] {
    ///     execute::<Course, _>(&store, &id, &message(student), Origin::Http, &enrol(student)).await.unwrap();
    /// }
    /// assert_eq!(load::<Course, _>(&store, &id, Consistency::Strong).await.unwrap().version(), 2);
    /// # });
    /// ```
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The events that a message emitted, if the item remembers it.
    pub(crate) fn events_of(
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
    ///
    /// ```
    /// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
    /// # use course::*;
    /// use decider::{Step, load, note_committed};
    /// use store::{Consistency, MemoryStore, Origin, Store};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let (store, id) = (MemoryStore::new(&[]), course("rust"));
    /// let before = load::<Course, _>(&store, &id, Consistency::Strong).await.unwrap();
    /// let step = before.step(&message("m-1"), Origin::Http, &enrol("mia")).unwrap();
    /// let Step::Commit { record, expected, events, .. } = step else { panic!("it is new") };
    /// store.commit(&record, expected).await.unwrap();
    /// note_committed(&events);
    ///
    /// // The item remembers the message and what it emitted.
    /// let after = load::<Course, _>(&store, &id, Consistency::Strong).await.unwrap();
    /// match after.step(&message("m-1"), Origin::Http, &enrol("mia")).unwrap() {
    ///     Step::Repeated(again) => assert_eq!(again[0].id, events[0].id),
    ///     Step::Commit { .. } | Step::Nothing => panic!("it was handled before"),
    /// }
    /// # });
    /// ```
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
