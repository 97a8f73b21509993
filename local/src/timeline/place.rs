//! Which trace each message was handled in. A message of a request or a tick has its trace stored with it; one that came from
//! a queue goes on with the trace of the event that it was, so its trace is that of whoever said the event.

use std::collections::HashMap;

use decider::HandledMessage;
use identifiers::MessageId;
use trace::{TraceContext, TraceId};

use super::read::History;

/// The traces of all messages that are remembered.
pub(super) struct Places<'a> {
    /// Who said an event.
    said_by: HashMap<&'a MessageId, &'a HandledMessage>,
}

impl<'a> Places<'a> {
    pub(super) fn of(histories: &'a [History]) -> Self {
        let messages = histories.iter().flat_map(|history| &history.messages);
        let said = messages.flat_map(|message| {
            let events = message.events.iter();
            events.map(move |event| (&event.id, message))
        });
        Self {
            said_by: said.collect(),
        }
    }

    /// The trace that the message belongs to; none where what it came from is forgotten.
    pub(super) fn trace_of(&self, message: &HandledMessage) -> Option<TraceId> {
        let mut message = message;
        // An event is said after what caused it, so this ends; the bound is for stored data that lies.
        for _ in 0..=self.said_by.len() {
            let stored = message.traceparent.as_deref();
            if let Some(place) = stored.and_then(TraceContext::parse) {
                return Some(place.trace_id);
            }
            message = self.cause_of(&message.message_id)?;
        }
        None
    }

    /// The message in whose handling this one was said, if it is an event or a step on the way of one.
    fn cause_of(&self, id: &MessageId) -> Option<&'a HandledMessage> {
        if let Some(message) = self.said_by.get(id) {
            return Some(message);
        }
        let (event, _step) = id.as_str().rsplit_once(':')?;
        let event = MessageId::new(event).ok()?;
        self.said_by.get(&event).copied()
    }
}
