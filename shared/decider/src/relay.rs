//! From a written item to the events that its last commit emitted: what the table's stream publishes.

use contracts::CloudEvent;
use serde::Deserialize;
use serde::de::IgnoredAny;
use store::{Key, Record};

use crate::document::{Document, Handled, emitted_at};

/// A stored document that is not one.
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
}

/// The events that the commit which led to this image emitted. An item without a document emits none.
///
/// # Errors
/// When the document cannot be read.
pub fn relay(record: &Record) -> Result<Vec<CloudEvent>, UnreadableDocument> {
    if record.document.is_empty() {
        return Ok(Vec::new());
    }
    let Emitted { id, h, .. } =
        serde_json::from_str(&record.document).map_err(|source| UnreadableDocument {
            key: record.key.clone(),
            source,
        })?;
    Ok(emitted_at(&id, &h, record.version))
}

// The names that `Emitted` reads are those that `Document` writes.
const _: fn(Document<()>) = |Document {
                                 subject: _,
                                 state: _,
                                 handled: _,
                             }| {};
