//! What plants are made of: editing a stored document without touching what it does not mean to touch, and chance that
//! is the same in each run.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use simulation::Site;
use store::{Origin, Record, Write};

/// A stored document. What was announced stays text: published again, it must be the same to the letter.
#[derive(Serialize, Deserialize)]
pub struct Document {
    id: Box<RawValue>,
    /// The state.
    #[serde(rename = "s")]
    pub state: Value,
    /// The messages handled, the newest last.
    #[serde(rename = "h")]
    pub handled: Vec<Handled>,
}

/// A message that was handled.
#[derive(Serialize, Deserialize)]
pub struct Handled {
    /// Its id.
    #[serde(rename = "m")]
    pub message: String,
    v: u64,
    a: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    c: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    t: Option<Value>,
    /// What it emitted.
    #[serde(rename = "e", default, skip_serializing_if = "Vec::is_empty")]
    pub announced: Vec<Announced>,
}

/// Something announced.
#[derive(Serialize, Deserialize)]
pub struct Announced {
    /// The event type.
    #[serde(rename = "t")]
    pub event_type: String,
    /// The facts.
    #[serde(rename = "d")]
    pub data: Box<RawValue>,
}

/// Edits an aggregate's document; `change` says whether it changed anything. Copies and counters are no such document.
pub fn edit(record: &mut Record, change: impl FnOnce(&mut Document) -> bool) {
    if let Ok(mut document) = serde_json::from_str::<Document>(&record.document)
        && change(&mut document)
    {
        record.document = serde_json::to_string(&document).unwrap();
    }
}

/// The state in an aggregate's document; null where it is no such document.
pub fn state(record: &Record) -> Value {
    serde_json::from_str::<Document>(&record.document)
        .map(|document| document.state)
        .unwrap_or_default()
}

/// What a list of a state has; nothing where there is no such list.
pub fn list<'a>(state: &'a mut Value, name: &str) -> impl Iterator<Item = &'a mut Value> {
    let list = state.get_mut(name).and_then(Value::as_array_mut);
    list.into_iter().flatten()
}

/// Lets the newest message that the document remembers be forgotten, and what it emitted not.
pub fn forget_newest_message(record: &mut Record) {
    edit(record, |document| match document.handled.last_mut() {
        Some(handled) => {
            handled.message = format!("forgotten:{}", record_name(&handled.message));
            true
        }
        None => false,
    });
}

fn record_name(message: &str) -> &str {
    &message[..message.len().min(60)]
}

/// Each item that a transaction puts whole.
pub fn puts(writes: &mut [Write]) -> impl Iterator<Item = &mut Record> {
    writes.iter_mut().filter_map(|write| match write {
        Write::Put { record, .. } => Some(record),
        Write::Adjust(_) => None,
    })
}

/// Whether that is the item of an aggregate that the queue's messages change.
pub fn is_by_queue(record: &Record) -> bool {
    record.origin == Origin::Queue && record.document.contains("\"h\":[")
}

/// Whether a stroke of bad luck, which comes once in `one_in` times, comes just here: the same in each run of a seed.
pub fn strikes(name: &str, version: u64, one_in: u64) -> bool {
    let start = 0xcbf2_9ce4_8422_2325_u64 ^ version.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let hash = name.bytes().fold(start, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash ^ hash >> 32).is_multiple_of(one_in)
}

/// Whether that is the item of the kind at that context.
pub fn is(site: Site, at: Site, record: &Record, kind: &str) -> bool {
    site == at && record.key.sk == kind
}
