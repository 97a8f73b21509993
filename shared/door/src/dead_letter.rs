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
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering};
///
/// use aws_lambda_events::sqs::SqsMessage;
/// use door::DeadLetters;
///
/// /// Only counts them.
/// #[derive(Default)]
/// struct Counted(AtomicUsize);
///
/// impl DeadLetters for Counted {
///     async fn send(&self, _: &SqsMessage, _reason: &str) -> Result<(), String> {
///         self.0.fetch_add(1, Ordering::Relaxed);
///         Ok(())
///     }
/// }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let counted = Counted::default();
/// # counted.send(&SqsMessage::default(), "no event").await.unwrap();
/// # assert_eq!(counted.0.into_inner(), 1);
/// # });
/// ```
pub trait DeadLetters: Send + Sync + 'static {
    /// Puts a message there, with the reason why it is hopeless.
    fn send(
        &self,
        message: &SqsMessage,
        reason: &str,
    ) -> impl Future<Output = Result<(), String>> + Send;
}

/// A dead-letter queue in SQS. The reason stands in the message attribute `reason`.
///
/// ```
/// use door::{Environment, SqsDeadLetters, sdk_config};
///
/// fn dead_letters(environment: &Environment) -> Result<SqsDeadLetters, door::MissingVariable> {
///     let client = aws_sdk_sqs::Client::new(&sdk_config(environment)?);
///     Ok(SqsDeadLetters::new(client, environment.require("DEAD_LETTER_QUEUE_URL")?))
/// }
/// # assert!(dead_letters(&Environment::default()).is_err());
/// ```
#[derive(Debug, Clone)]
pub struct SqsDeadLetters {
    client: Client,
    queue_url: String,
}

impl SqsDeadLetters {
    /// The queue at that URL, reached by the client.
    ///
    /// ```
    /// # use door::{Environment, sdk_config};
    /// # let environment: Environment = [
    /// #     ("AWS_REGION", "eu-central-1"),
    /// #     ("AWS_ACCESS_KEY_ID", "an-id"),
    /// #     ("AWS_SECRET_ACCESS_KEY", "a-secret"),
    /// # ]
    /// # .map(|(name, value)| (name.to_owned(), value.to_owned()))
    /// # .into_iter()
    /// # .collect();
    /// # let config = sdk_config(&environment).unwrap();
    /// let url = "https://sqs.eu-central-1.amazonaws.com/123456789012/courses-dead-letters";
    /// let letters = door::SqsDeadLetters::new(aws_sdk_sqs::Client::new(&config), url);
    /// # drop(letters);
    /// ```
    pub fn new(client: Client, queue_url: impl Into<String>) -> Self {
        Self {
            client,
            queue_url: queue_url.into(),
        }
    }
}

impl DeadLetters for SqsDeadLetters {
    async fn send(&self, message: &SqsMessage, reason: &str) -> Result<(), String> {
        let reason = printable(reason);
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

/// The reason as SQS takes it: no longer than need be, and without the characters that it refuses in a message (all
/// controls but tab and line ends, and the two that are no characters). A reason repeats what a message said, and that
/// may be anything.
fn printable(reason: &str) -> String {
    let refused = |c: &char| matches!(c, '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    let shown = reason.chars().take(MAX_REASON_CHARACTERS);
    shown
        .map(|c| {
            if refused(&c) {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
}

/// For a context that hears nothing: it has no queue, so no message of its own can be hopeless. One that comes all the
/// same fails, and stays with whoever brought it.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use aws_lambda_events::sqs::SqsMessage;
/// use door::{DeadLetters as _, NoDeadLetters};
///
/// assert!(NoDeadLetters.send(&SqsMessage::default(), "no event").await.is_err());
/// # });
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct NoDeadLetters;

impl DeadLetters for NoDeadLetters {
    async fn send(&self, _: &SqsMessage, _: &str) -> Result<(), String> {
        Err("this context has no queue, and so no dead-letter queue".to_owned())
    }
}

/// Keeps dead letters in memory: for tests and simulation. Clones share them.
///
/// ```
/// # mod courses { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/courses.rs")); }
/// # use courses::*;
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use std::sync::Arc;
///
/// use door::{DeadLetterRecorder, Door};
/// use identifiers::SystemClock;
/// use publisher::Recorder;
/// use store::MemoryStore;
///
/// let letters = DeadLetterRecorder::default();
/// let context = Arc::new(Courses { table: MemoryStore::new(&[]) });
/// let door = Door::new(context, Recorder::default(), letters.clone(), SystemClock);
///
/// // A message that never can be handled is put aside with the reason, and then acknowledged.
/// let batch = br#"{"Records":[{"eventSource":"aws:sqs","messageId":"m-1","body":"not an event"}]}"#;
/// assert_eq!(door.handle(batch).await.unwrap(), r#"{"batchItemFailures":[]}"#);
/// let (message, reason) = letters.take().remove(0);
/// assert_eq!(message.body.as_deref(), Some("not an event"));
/// assert!(reason.starts_with("the message is not a CloudEvents 1.0 JSON event"));
/// # });
/// ```
#[derive(Debug, Clone, Default)]
pub struct DeadLetterRecorder {
    letters: Arc<Mutex<Vec<(SqsMessage, String)>>>,
}

impl DeadLetterRecorder {
    /// Takes the messages and reasons since the last call.
    ///
    /// ```
    /// assert!(door::DeadLetterRecorder::default().take().is_empty());
    /// ```
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_cut_and_cleared_of_what_sqs_refuses() {
        let said = "type \"\u{0}a\u{1f}b\u{ffff}\" \t茶\r\n\u{7f}\u{85}";
        assert_eq!(
            printable(said),
            "type \"\u{fffd}a\u{fffd}b\u{fffd}\" \t茶\r\n\u{7f}\u{85}"
        );
        assert_eq!(printable(&"茶".repeat(2000)).chars().count(), 1000);
    }
}
