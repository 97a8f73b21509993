//! The stored document: the state, and the messages handled with the events that each emitted.
//!
//! Inbox and outbox stand inside the aggregate's own item, so that one conditional write records all three. Names are
//! one letter long because every kilobyte of an item counts on each of its writes.

use std::borrow::Cow;

use contracts::{Announcement, Cause, CloudEvent, RequestDigest};
use identifiers::{CorrelationId, InvalidIdentifier, MessageId, Timestamp};
use serde::{Deserialize, Serialize};
use store::Origin;

/// An aggregate's document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Document<State> {
    /// The subject of its events.
    #[serde(rename = "id")]
    pub subject: String,
    /// The state.
    #[serde(rename = "s")]
    pub state: State,
    /// The messages handled last, oldest first.
    #[serde(rename = "h")]
    pub handled: Vec<Handled>,
    /// When the youngest message was handled that the item forgot for want of room though its announcements were young,
    /// in milliseconds since the Unix epoch. None in nearly every item.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub forgotten_at_milliseconds: Option<i64>,
}

/// A message that was handled.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Handled {
    /// The message.
    #[serde(rename = "m")]
    message_id: MessageId,
    /// The version that handling it led to.
    #[serde(rename = "v")]
    version: u64,
    /// When, in milliseconds since the Unix epoch.
    #[serde(rename = "a")]
    at_milliseconds: i64,
    /// The correlation id, where it is not the subject.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    correlation_id: Option<CorrelationId>,
    /// W3C trace context of what the stream publishes, and of what began the aggregate, which is that of all later work
    /// without one. What else came from a queue has it again when it comes again.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    traceparent: Option<String>,
    /// What the request asked for, where its idempotency key must not ask for anything else.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    request: Option<RequestDigest>,
    /// What was announced.
    #[serde(rename = "e", default, skip_serializing_if = "Vec::is_empty")]
    announcements: Vec<Announcement>,
}

impl Handled {
    pub fn new(
        subject: &str,
        cause: &Cause,
        origin: Origin,
        version: u64,
        announcements: Vec<Announcement>,
    ) -> Self {
        let correlates_elsewhere = cause.correlation_id.as_str() != subject;
        Self {
            message_id: cause.message_id.clone(),
            version,
            at_milliseconds: cause.now.milliseconds(),
            correlation_id: correlates_elsewhere.then(|| cause.correlation_id.clone()),
            traceparent: match origin {
                Origin::Queue if version > 1 => None,
                Origin::Queue | Origin::Http | Origin::Schedule => cause.traceparent.clone(),
            },
            request: cause.request.clone(),
            announcements,
        }
    }

    /// Which message it was.
    pub fn message_id(&self) -> &MessageId {
        &self.message_id
    }

    /// The version that handling it led to.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// When it was handled.
    pub fn at(&self) -> Timestamp {
        Timestamp::from_milliseconds(self.at_milliseconds)
    }

    /// What was announced.
    pub(crate) fn announced(&self) -> &[Announcement] {
        &self.announcements
    }

    /// The trace context that was stored with it.
    pub fn traceparent(&self) -> Option<&str> {
        self.traceparent.as_deref()
    }

    /// Whether it was a request with an idempotency key.
    pub fn is_keyed(&self) -> bool {
        self.request.is_some()
    }

    /// Whether the cause is another request under the same key. What was recorded without a digest, by an earlier
    /// version or without a key, is taken for the same.
    pub fn is_another_request(&self, cause: &Cause) -> bool {
        match (&self.request, &cause.request) {
            (Some(recorded), Some(asked)) => recorded != asked,
            (Some(_) | None, None) | (None, Some(_)) => false,
        }
    }

    /// Whether what was emitted can be put in envelopes. What this code has written can.
    pub(crate) fn check(&self, subject: &str) -> Result<(), InvalidIdentifier> {
        let mut numbered = self.announcements.iter().enumerate();
        numbered.try_for_each(|(position, said)| {
            let id = said.event_id(subject, self.version, position);
            id.map(drop)
        })
    }

    /// The events that handling the message emitted, just as they were first published; but that what came from a queue
    /// begins a trace of its own, since its trace is not stored.
    pub fn events(&self, subject: &str) -> Vec<CloudEvent> {
        self.events_of(subject, None)
    }

    /// The events that handling the message emitted, just as they were first published. The trace context is the
    /// message's, for where none was stored.
    pub fn events_of(&self, subject: &str, traceparent: Option<&str>) -> Vec<CloudEvent> {
        let correlation_id = match &self.correlation_id {
            Some(correlation_id) => Cow::Borrowed(correlation_id),
            None => match CorrelationId::new(subject) {
                Ok(correlation_id) => Cow::Owned(correlation_id),
                // A subject is made of an identifier, which is a correlation id too; the message's own id is the
                // next best thread to follow if it ever were not.
                Err(_) => Cow::Owned(
                    CorrelationId::new(self.message_id.as_str())
                        .expect("the two kinds take the same texts"),
                ),
            },
        };
        let cause = Cause {
            message_id: self.message_id.clone(),
            correlation_id: correlation_id.into_owned(),
            traceparent: self.traceparent().or(traceparent).map(str::to_owned),
            request: None,
            now: Timestamp::from_milliseconds(self.at_milliseconds),
        };
        let numbered = self.announcements.iter().enumerate();
        numbered
            .map(|(position, said)| said.envelope(subject, self.version, position, &cause))
            .collect()
    }
}

impl<State> Document<State> {
    /// The message, if it was handled before.
    pub fn handled_before(&self, message_id: &MessageId) -> Option<&Handled> {
        let mut handled = self.handled.iter();
        handled.find(|handled| handled.message_id == *message_id)
    }

    /// The trace that what has no context of its own, such as a deadline, goes on with: the last that was stored.
    pub fn last_trace(&self) -> Option<&str> {
        self.handled.iter().rev().find_map(Handled::traceparent)
    }
}

/// What the commit that led to the version emitted.
pub(crate) fn emitted_at(subject: &str, handled: &[Handled], version: u64) -> Vec<CloudEvent> {
    handled
        .iter()
        .filter(|handled| handled.version == version)
        .flat_map(|handled| handled.events(subject))
        .collect()
}
