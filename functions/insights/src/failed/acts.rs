//! Who did what about failed messages, when and why.

use dead_letters::Letter;
use identifiers::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{CommitFailure, Cursor, Key, Query, Store, StoreFailure, read_copy};

use super::Instruction;
use crate::store::{next_record, write_next};

const PARTITION: &str = "acts";

/// What is done about a failed message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "FailedMessageAct")]
pub enum Deed {
    /// It is sent again to the queue that it was meant for.
    Redrive,
    /// It is given up.
    Drop,
}

/// How an act ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "FailedMessageOutcome")]
pub enum Outcome {
    /// It was begun, and nobody knows how it ended: the message may be there still, or twice.
    Begun,
    /// It was done.
    Done,
    /// It was not done.
    Left,
}

/// An act on one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// When it was begun.
    pub at: Timestamp,
    /// The operator: the subject of their token.
    pub by: String,
    /// What was done.
    pub act: Deed,
    /// The queue that the message lay in, by its name in the template.
    pub queue: String,
    /// SQS's id of the message.
    pub message_id: String,
    /// The event's type, where it was an event.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// What the event was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The event's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// Why it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why the message had failed.
    pub failed_because: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it was not done, where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The whole message, where it was given up: from it, it can be sent again by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<serde_json::Value>,
    /// Counts the writes of the record.
    #[serde(skip)]
    version: u64,
}

impl Act {
    pub(super) fn begin(letter: &Letter, instruction: &Instruction, now: Timestamp) -> Self {
        let message = match instruction.deed {
            Deed::Redrive => None,
            Deed::Drop => serde_json::to_value(letter).ok(),
        };
        Self {
            at: now,
            by: instruction.by.clone(),
            act: instruction.deed,
            queue: letter.queue.clone(),
            message_id: letter.id.clone(),
            event_type: letter.event_type.clone(),
            subject: letter.subject.clone(),
            event_id: letter.event_id.clone(),
            reason: instruction.reason.clone(),
            failed_because: letter.reason.clone(),
            outcome: Outcome::Begun,
            why: None,
            message,
            version: 0,
        }
    }

    pub(super) fn ended(self, done: &Result<(), String>) -> Self {
        Self {
            outcome: match done {
                Ok(()) => Outcome::Done,
                Err(_) => Outcome::Left,
            },
            why: done.as_ref().err().cloned(),
            version: 1,
            ..self
        }
    }

    fn key(&self) -> Key {
        let (at, queue, message_id) = (self.at, &self.queue, &self.message_id);
        Key::new(PARTITION, format!("{at}#{queue}#{message_id}"))
    }

    /// Writes the record. The same act of the same instant, begun twice, is refused the second time.
    pub(super) async fn record<S: Store>(&self, store: &S) -> Result<(), String> {
        let mut record = next_record(self.key(), None, self);
        record.version = self.version + 1;
        let written = write_next(store, &record).await;
        written.map_err(|failure| match failure {
            CommitFailure::Conflict => "the same is being done by another request".to_owned(),
            failure @ (CommitFailure::TooLarge { .. } | CommitFailure::Store(_)) => {
                format!("it could not be recorded, and was left: {failure}")
            }
        })
    }
}

/// The question for acts, the last first.
pub(crate) fn last_first(limit: usize) -> Query {
    Query {
        descending: true,
        ..Query::of_partition(PARTITION, limit)
    }
}

/// Reads the page that the question asks for.
///
/// # Errors
/// When the store fails.
pub(crate) async fn list<S: Store>(
    store: &S,
    query: &Query,
) -> Result<(Vec<Act>, Option<Cursor>), StoreFailure> {
    let page = store.query(query).await?;
    let acts: Result<Vec<Act>, StoreFailure> = page.records.iter().map(read_copy).collect();
    Ok((acts?, page.next))
}
