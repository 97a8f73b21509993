//! What the batch operations share: the rules for a batch as a whole, and an outcome per entry.

use std::collections::HashSet;

use serde::Serialize;

use crate::names::is_batch_id;
use crate::rejection::{MessagingError, Rejection};

/// Outcomes of a batch's entries.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchOutcome<T> {
    pub successful: Vec<T>,
    pub failed: Vec<FailedEntry>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FailedEntry {
    pub id: String,
    pub sender_fault: bool,
    pub code: String,
    pub message: String,
}

/// An entry that succeeded and says no more.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Done {
    pub id: String,
}

impl FailedEntry {
    pub fn new(id: String, error: MessagingError) -> Self {
        match error {
            MessagingError::Rejected(rejection) => Self {
                id,
                sender_fault: true,
                code: rejection.code.to_owned(),
                message: rejection.message,
            },
            MessagingError::Failed(failure) => Self {
                id,
                sender_fault: false,
                code: "InternalError".to_owned(),
                message: failure.to_string(),
            },
        }
    }
}

/// One to ten entries, each with an id of its own (SQS API reference, SendMessageBatch and its like).
pub(crate) fn check_ids<'a>(ids: impl Iterator<Item = &'a str>) -> Result<(), Rejection> {
    let ids: Vec<&str> = ids.collect();
    if ids.is_empty() {
        return Err(Rejection::empty_batch(
            "There should be at least one entry in the request.",
        ));
    }
    if ids.len() > 10 {
        return Err(Rejection::too_many_entries(format!(
            "Maximum number of entries per request are 10. You have sent {}.",
            ids.len()
        )));
    }
    if !ids.iter().all(|id| is_batch_id(id)) {
        return Err(Rejection::invalid_batch_id(
            "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
        ));
    }
    let mut seen = HashSet::new();
    match ids.iter().find(|id| !seen.insert(**id)) {
        Some(twice) => Err(Rejection::batch_ids_not_distinct(format!(
            "Id {twice} repeated."
        ))),
        None => Ok(()),
    }
}
