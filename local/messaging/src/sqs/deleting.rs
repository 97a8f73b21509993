//! DeleteMessage, ChangeMessageVisibility, and their batches.

use serde::Deserialize;

use super::Nothing;
use super::batch::{BatchOutcome, Done, FailedEntry, check_ids};
use crate::Messaging;
use crate::rejection::{MessagingError, Rejection};
use crate::wire::integer;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct DeleteMessage {
    queue_url: String,
    receipt_handle: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ChangeMessageVisibility {
    queue_url: String,
    receipt_handle: String,
    #[serde(deserialize_with = "integer")]
    visibility_timeout: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ReceiptBatch {
    queue_url: String,
    entries: Vec<Entry>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Entry {
    id: String,
    receipt_handle: String,
    #[serde(deserialize_with = "integer")]
    visibility_timeout: Option<i64>,
}

impl Messaging {
    pub(super) async fn sqs_delete_message(
        &self,
        input: DeleteMessage,
    ) -> Result<Nothing, MessagingError> {
        let queue = self.addressed(&input.queue_url, "DeleteMessage")?;
        if input.receipt_handle.is_empty() {
            return Err(Rejection::missing("ReceiptHandle").into());
        }
        let receipt = self.read_receipt(&queue, &input.receipt_handle)?;
        self.delete_received(&queue, &[receipt]).await?;
        Ok(Nothing {})
    }

    pub(super) async fn sqs_delete_message_batch(
        &self,
        input: ReceiptBatch,
    ) -> Result<BatchOutcome<Done>, MessagingError> {
        let queue = self.addressed(&input.queue_url, "DeleteMessageBatch")?;
        check_ids(input.entries.iter().map(|entry| entry.id.as_str()))?;
        let mut outcome = BatchOutcome {
            successful: Vec::new(),
            failed: Vec::new(),
        };
        let mut receipts = Vec::new();
        for entry in input.entries {
            match self.read_receipt(&queue, &entry.receipt_handle) {
                Ok(receipt) => {
                    receipts.push(receipt);
                    outcome.successful.push(Done { id: entry.id });
                }
                Err(rejection) => outcome
                    .failed
                    .push(FailedEntry::new(entry.id, rejection.into())),
            }
        }
        self.delete_received(&queue, &receipts).await?;
        Ok(outcome)
    }

    pub(super) async fn sqs_change_message_visibility(
        &self,
        input: ChangeMessageVisibility,
    ) -> Result<Nothing, MessagingError> {
        let queue = self.addressed(&input.queue_url, "ChangeMessageVisibility")?;
        let timeout = input
            .visibility_timeout
            .ok_or_else(|| Rejection::missing("VisibilityTimeout"))?;
        self.change_received(&queue, &input.receipt_handle, timeout)?;
        Ok(Nothing {})
    }

    pub(super) async fn sqs_change_message_visibility_batch(
        &self,
        input: ReceiptBatch,
    ) -> Result<BatchOutcome<Done>, MessagingError> {
        let queue = self.addressed(&input.queue_url, "ChangeMessageVisibilityBatch")?;
        check_ids(input.entries.iter().map(|entry| entry.id.as_str()))?;
        let mut outcome = BatchOutcome {
            successful: Vec::new(),
            failed: Vec::new(),
        };
        for entry in input.entries {
            let changed = entry
                .visibility_timeout
                .ok_or_else(|| Rejection::missing("VisibilityTimeout"))
                .and_then(|timeout| self.change_received(&queue, &entry.receipt_handle, timeout));
            match changed {
                Ok(()) => outcome.successful.push(Done { id: entry.id }),
                Err(rejection) => outcome
                    .failed
                    .push(FailedEntry::new(entry.id, rejection.into())),
            }
        }
        Ok(outcome)
    }
}
