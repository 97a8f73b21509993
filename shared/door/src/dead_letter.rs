//! Where hopeless messages go, with the reason.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lambda_events::sqs::SqsMessage;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::MessageAttributeValue;

/// An SQS attribute value's usual size; a longer reason is cut.
const MAX_REASON_CHARACTERS: usize = 1000;

/// The context's dead-letter queue.
pub trait DeadLetters: Send + Sync + 'static {
    /// Puts a message there, with the reason why it is hopeless.
    fn send(
        &self,
        message: &SqsMessage,
        reason: &str,
    ) -> impl Future<Output = Result<(), String>> + Send;
}

/// A dead-letter queue in SQS. The reason stands in the message attribute `reason`.
#[derive(Debug, Clone)]
pub struct SqsDeadLetters {
    client: Client,
    queue_url: String,
}

impl SqsDeadLetters {
    /// The queue at that URL, reached by the client.
    pub fn new(client: Client, queue_url: impl Into<String>) -> Self {
        Self {
            client,
            queue_url: queue_url.into(),
        }
    }
}

impl DeadLetters for SqsDeadLetters {
    async fn send(&self, message: &SqsMessage, reason: &str) -> Result<(), String> {
        let reason: String = reason.chars().take(MAX_REASON_CHARACTERS).collect();
        let text = |value: &str| {
            MessageAttributeValue::builder()
                .data_type("String")
                .string_value(value)
                .build()
        };
        let mut request = self
            .client
            .send_message()
            .queue_url(&self.queue_url)
            .message_body(
                message
                    .body
                    .as_deref()
                    .filter(|body| !body.is_empty())
                    .unwrap_or("(empty)"),
            )
            .message_attributes("reason", text(&reason).map_err(|error| error.to_string())?);
        if let Some(message_id) = message.message_id.as_deref().filter(|id| !id.is_empty()) {
            let value = text(message_id).map_err(|error| error.to_string())?;
            request = request.message_attributes("original_message_id", value);
        }
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(DisplayErrorContext(&error).to_string()),
        }
    }
}

/// For a context that hears nothing: it has no queue, so no message of its own can be hopeless. One that comes all the
/// same fails, and stays with whoever brought it.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoDeadLetters;

impl DeadLetters for NoDeadLetters {
    async fn send(&self, _: &SqsMessage, _: &str) -> Result<(), String> {
        Err("this context has no queue, and so no dead-letter queue".to_owned())
    }
}

/// Keeps dead letters in memory: for tests and simulation. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct DeadLetterRecorder {
    letters: Arc<Mutex<Vec<(SqsMessage, String)>>>,
}

impl DeadLetterRecorder {
    /// Takes the messages and reasons since the last call.
    pub fn take(&self) -> Vec<(SqsMessage, String)> {
        std::mem::take(&mut self.letters.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl DeadLetters for DeadLetterRecorder {
    async fn send(&self, message: &SqsMessage, reason: &str) -> Result<(), String> {
        self.letters
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((message.clone(), reason.to_owned()));
        Ok(())
    }
}
