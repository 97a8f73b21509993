//! What was heard of an order, each event once, in the order of time.
//!
//! Pure. Whatever the order in which events are heard, and however often, the same ones are kept.

use std::collections::BTreeMap;

use contracts::CloudEvent;
use identifiers::{MessageId, Timestamp};
use serde::{Deserialize, Serialize};

/// The most events that are kept of an order. One that goes well has about a dozen; the item must stay small, since each
/// of its kilobytes is paid for on every write.
pub const MOST_EVENTS: usize = 64;

/// An event, without what it said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredEntry", into = "StoredEntry")]
pub struct Entry {
    /// The event's id.
    pub id: MessageId,
    /// `<context>.<EventName>.v<major>`.
    pub event_type: String,
    /// When it was committed.
    pub time: Timestamp,
    /// When insights first heard it.
    pub heard_at: Timestamp,
    /// What caused it: another event, a request, a tick.
    pub causation_id: MessageId,
    /// The publishing aggregate's version.
    pub version: u64,
    /// What it is about.
    pub subject: String,
}

/// As it is kept: without names, which would be the larger part.
type StoredEntry = (MessageId, String, i64, i64, MessageId, u64, String);

impl From<StoredEntry> for Entry {
    fn from((id, event_type, time, delay, causation_id, version, subject): StoredEntry) -> Self {
        Self {
            id,
            event_type,
            time: Timestamp::from_milliseconds(time),
            heard_at: Timestamp::from_milliseconds(time.saturating_add(delay)),
            causation_id,
            version,
            subject,
        }
    }
}

impl From<Entry> for StoredEntry {
    fn from(entry: Entry) -> Self {
        let time = entry.time.milliseconds();
        let delay = entry.delay_ms();
        let Entry {
            id,
            event_type,
            causation_id,
            version,
            subject,
            ..
        } = entry;
        (id, event_type, time, delay, causation_id, version, subject)
    }
}

impl Entry {
    /// The event, as it was heard at that instant.
    pub fn of(event: &CloudEvent, heard_at: Timestamp) -> Self {
        Self {
            id: event.id.clone(),
            event_type: event.event_type.clone(),
            time: event.time,
            heard_at,
            causation_id: event.causationid.clone(),
            version: event.aggregateversion,
            subject: event.subject.clone(),
        }
    }

    /// From the commit to insights' hearing of it, in milliseconds; below nothing where clocks differ.
    pub fn delay_ms(&self) -> i64 {
        let heard = self.heard_at.milliseconds();
        heard.saturating_sub(self.time.milliseconds())
    }

    /// The context that said it.
    pub fn publisher(&self) -> &str {
        self.event_type.split('.').next().unwrap_or_default()
    }

    /// Where it stands among those of the order: by time, and by id where that is the same.
    fn place(&self) -> (Timestamp, &str) {
        (self.time, self.id.as_str())
    }
}

/// What was heard of one order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Timeline {
    #[serde(rename = "e")]
    entries: Vec<Entry>,
    /// Whether some were left out, because there were more than are kept.
    #[serde(rename = "o", default, skip_serializing_if = "std::ops::Not::not")]
    left_out: bool,
}

impl Timeline {
    /// Adds an event, and tells whether it is new. Of more than [`MOST_EVENTS`] the earliest and the latest are kept, and
    /// what lies in the middle is left out: which those are does not depend on the order in which they were heard.
    pub fn add(&mut self, entry: Entry) -> bool {
        let found = self
            .entries
            .binary_search_by(|known| known.place().cmp(&entry.place()));
        let Err(position) = found else {
            return false;
        };
        self.entries.insert(position, entry);
        if self.entries.len() <= MOST_EVENTS {
            return true;
        }
        self.left_out = true;
        self.entries.remove(MOST_EVENTS / 2);
        position != MOST_EVENTS / 2
    }

    /// The events, in the order of time.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether there were more events than are kept.
    pub fn is_shortened(&self) -> bool {
        self.left_out
    }

    /// When the last of them was committed.
    pub fn last_at(&self) -> Option<Timestamp> {
        self.entries.last().map(|entry| entry.time)
    }

    /// The events as people read them: where several were committed in one millisecond, each after what caused it.
    pub fn in_order_of_cause(&self) -> Vec<&Entry> {
        let mut causes: BTreeMap<&str, &str> = BTreeMap::new();
        for entry in &self.entries {
            causes.insert(entry.id.as_str(), entry.causation_id.as_str());
        }
        let depth = |entry: &Entry| {
            let mut depth = 0;
            let mut at = entry.causation_id.as_str();
            // No chain is longer than there are events; one that is a ring ends there too.
            while let Some(cause) = causes.get(at).filter(|_| depth < MOST_EVENTS) {
                depth += 1;
                at = cause;
            }
            depth
        };
        let mut ordered: Vec<&Entry> = self.entries.iter().collect();
        ordered
            .sort_by_cached_key(|entry| (entry.time, depth(entry), entry.id.as_str().to_owned()));
        ordered
    }

    /// How long each event took to the event that names it as its cause, for those pairs of which at least one event is among
    /// the new ones: what caused it, who answered, and the milliseconds.
    pub fn replies(&self, new: &[MessageId]) -> Vec<Reply<'_>> {
        let by_id: BTreeMap<&str, &Entry> = self
            .entries
            .iter()
            .map(|entry| (entry.id.as_str(), entry))
            .collect();
        let answers = self.entries.iter().filter_map(|answer| {
            let cause = by_id.get(answer.causation_id.as_str())?;
            let is_new = new.contains(&answer.id) || new.contains(&cause.id);
            let lag_ms = answer
                .time
                .milliseconds()
                .saturating_sub(cause.time.milliseconds());
            is_new.then(|| Reply {
                event_type: &cause.event_type,
                consumer: answer.publisher(),
                lag_ms,
            })
        });
        answers.collect()
    }
}

/// That a consumer answered an event with one of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply<'a> {
    /// The type of the event that was answered.
    pub event_type: &'a str,
    /// Who answered.
    pub consumer: &'a str,
    /// From the commit of the one to that of the other, in milliseconds.
    pub lag_ms: i64,
}
