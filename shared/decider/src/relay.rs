//! From a written item to the events that its last commit emitted: what the table's stream publishes.

use contracts::CloudEvent;
use identifiers::{MessageId, Timestamp};
use serde::Deserialize;
use serde::de::{Error as _, IgnoredAny};
use store::{Key, Record};

use crate::document::{Document, Handled, emitted_at};

/// A stored document that is not one.
///
/// ```
/// use store::{Key, Record};
///
/// let strange = Record { key: Key::new("course#rust", "course"), document: "?".to_owned(), ..Record::default() };
/// let unreadable: decider::UnreadableDocument = decider::relay(&strange).unwrap_err();
/// assert_eq!(unreadable.key.pk, "course#rust");
/// ```
#[derive(Debug, thiserror::Error)]
#[error("the document of {key} cannot be read: {source}")]
pub struct UnreadableDocument {
    /// Which item.
    pub key: Key,
    /// What is wrong with it.
    #[source]
    pub source: serde_json::Error,
}

#[derive(Deserialize)]
struct Emitted {
    id: String,
    #[serde(rename = "s")]
    _state: IgnoredAny,
    h: Vec<Handled>,
    #[serde(default)]
    f: Option<i64>,
}

/// As much of a document as tells an aggregate's from what else a table holds: copies of others' facts, claims, counters.
#[derive(Deserialize)]
struct Parts {
    id: Option<IgnoredAny>,
    s: Option<IgnoredAny>,
    h: Option<IgnoredAny>,
}

/// What an item still knows to have been announced since an instant.
///
/// ```
/// use decider::{Announced, announced_since};
///
/// // What is no aggregate's announced nothing.
/// let copied = store::Record { document: r#"{"price":120}"#.to_owned(), ..Default::default() };
/// let announced: Announced = announced_since(&copied, identifiers::Timestamp::default()).unwrap();
/// assert!(announced.events.is_empty() && !announced.has_forgotten);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Announced {
    /// The events, just as they were first published, the oldest first.
    pub events: Vec<CloudEvent>,
    /// Whether the item had to forget something that was announced since then.
    pub has_forgotten: bool,
}

/// A message that an item remembers having handled.
///
/// ```
/// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
/// # use course::*;
/// use decider::{HandledMessage, execute, history};
/// use store::{MemoryStore, Origin};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let (store, id) = (MemoryStore::new(&[]), course("rust"));
/// execute::<Course, _>(&store, &id, &message("m-1"), Origin::Http, &enrol("mia")).await.unwrap();
///
/// let messages: Vec<HandledMessage> = history(&store.all()[0]).unwrap();
/// assert_eq!(messages[0].message_id.as_str(), "m-1");
/// assert_eq!((messages[0].version, messages[0].events.len()), (1, 1));
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct HandledMessage {
    /// The message: an event's id, or one made from a request or a tick.
    pub message_id: MessageId,
    /// The version that handling it led to.
    pub version: u64,
    /// When it was handled.
    pub at: Timestamp,
    /// The trace context that was stored with it: that of a request or a tick. What came from a queue goes on with the
    /// trace of the event that it was, which `events` here do not know.
    pub traceparent: Option<String>,
    /// What was said about it, just as it was published, but for that.
    pub events: Vec<CloudEvent>,
}

/// The events that the commit which led to this image emitted. An item without a document emits none.
///
/// # Errors
/// When the document cannot be read.
///
/// ```
/// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
/// # use course::*;
/// use decider::{execute, relay};
/// use store::{MemoryStore, Origin};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let (store, id) = (MemoryStore::new(&[]), course("rust"));
/// execute::<Course, _>(&store, &id, &message("m-1"), Origin::Http, &enrol("mia")).await.unwrap();
///
/// // The table's stream brings the image of each write.
/// let image = store.take_changes().remove(0);
/// let events = relay(&image).unwrap();
/// assert_eq!(events[0].event_type, "courses.Enrolled.v1");
/// assert_eq!(events[0].subject, "rust");
/// # });
/// ```
pub fn relay(record: &Record) -> Result<Vec<CloudEvent>, UnreadableDocument> {
    match emitted(record)? {
        Some(Emitted { id, h, .. }) => Ok(emitted_at(&id, &h, record.version)),
        None => Ok(Vec::new()),
    }
}

/// The messages that the item remembers, the oldest first: how it came to be what it is, as far back as
/// [`Stored::REMEMBERED`](crate::Stored::REMEMBERED) messages. For those who look into a table, such as an operator.
///
/// # Errors
/// When the document cannot be read.
///
/// ```
/// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
/// # use course::*;
/// use decider::{execute, history};
/// use store::{MemoryStore, Origin};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let (store, id) = (MemoryStore::new(&[]), course("rust"));
/// for student in ["mia", "ken"] {
///     execute::<Course, _>(&store, &id, &message(student), Origin::Http, &enrol(student)).await.unwrap();
/// }
/// let messages = history(&store.all()[0]).unwrap();
/// let ids: Vec<&str> = messages.iter().map(|one| one.message_id.as_str()).collect();
/// assert_eq!(ids, ["mia", "ken"]);
/// # });
/// ```
pub fn history(record: &Record) -> Result<Vec<HandledMessage>, UnreadableDocument> {
    let Some(Emitted { id, h, .. }) = emitted(record)? else {
        return Ok(Vec::new());
    };
    let messages = h.iter().map(|handled| HandledMessage {
        message_id: handled.message_id().clone(),
        version: handled.version(),
        at: handled.at(),
        traceparent: handled.traceparent().map(str::to_owned),
        events: handled.events(&id),
    });
    Ok(messages.collect())
}

/// What the item announced at that instant or later and still remembers, whichever trigger its commits came from: to
/// be published again where a stream may have lost some of it. An item that is no aggregate's announced nothing.
///
/// # Errors
/// When the document is no JSON, or is an aggregate's and cannot be read.
///
/// ```
/// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
/// # use course::*;
/// use decider::{announced_since, execute};
/// use store::{MemoryStore, Origin};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let (store, id) = (MemoryStore::new(&[]), course("rust"));
/// execute::<Course, _>(&store, &id, &message("m-1"), Origin::Http, &enrol("mia")).await.unwrap();
///
/// let (item, at) = (&store.all()[0], message("m-1").now);
/// assert_eq!(announced_since(item, at).unwrap().events.len(), 1);
/// assert!(announced_since(item, at.plus_seconds(1)).unwrap().events.is_empty());
/// # });
/// ```
pub fn announced_since(record: &Record, since: Timestamp) -> Result<Announced, UnreadableDocument> {
    let read = match emitted(record) {
        Err(_) if is_no_aggregate(record) => None,
        read => read?,
    };
    let Some(Emitted { id, h, f, .. }) = read else {
        return Ok(Announced::default());
    };
    let lately = h.iter().filter(|handled| handled.at() >= since);
    Ok(Announced {
        events: lately.flat_map(|handled| handled.events(&id)).collect(),
        has_forgotten: f.is_some_and(|at| at >= since.milliseconds()),
    })
}

fn is_no_aggregate(record: &Record) -> bool {
    match serde_json::from_str(&record.document) {
        Ok(Parts { id, s, h }) => id.is_none() || s.is_none() || h.is_none(),
        // A list or a text is no aggregate; what is no JSON at all might have been one.
        Err(_) => serde_json::from_str::<IgnoredAny>(&record.document)
            .is_ok_and(|_| !record.document.starts_with('{')),
    }
}

fn emitted(record: &Record) -> Result<Option<Emitted>, UnreadableDocument> {
    if record.document.is_empty() {
        return Ok(None);
    }
    let read = serde_json::from_str(&record.document).and_then(|emitted: Emitted| {
        // A document that is not of our writing must not end the process that reads it.
        let checked = emitted
            .h
            .iter()
            .try_for_each(|handled| handled.check(&emitted.id));
        checked.map(|()| emitted).map_err(serde_json::Error::custom)
    });
    read.map(Some).map_err(|source| UnreadableDocument {
        key: record.key.clone(),
        source,
    })
}

// The names that `Emitted` reads are those that `Document` writes.
const _: fn(Document<()>) = |Document {
                                 subject: _,
                                 state: _,
                                 handled: _,
                                 forgotten_at_milliseconds: _,
                             }| {};
