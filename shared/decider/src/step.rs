//! The step that a command takes from an aggregate as it was read. Writes nothing.

use std::borrow::Cow;

use contracts::{Announcement, Cause, CloudEvent};
use identifiers::Timestamp;
use store::{Expected, Origin, Record};

use crate::document::{Document, Handled};
use crate::remembered::make_room;
use crate::{ExecuteError, Failure, Loaded, Stored};

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

impl<A: Stored> Loaded<A> {
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
