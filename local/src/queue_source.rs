//! The event source mapping of a queue: receives, filters, batches, invokes, deletes what succeeded and leaves the rest
//! to become visible again. Owns those decisions; visibility, receive counts and redrive are the queue's own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use local_messaging::{MessageAttributes, Messaging, ReceivedMessage};
use sam_template::FilterCriteria;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::batch_report::BatchReport;
use crate::hops::Waits;
use crate::invoke::{Lambda, PAYLOAD_LIMIT_BYTES, Trigger};
use crate::pause::RetryPause;

/// Longest that one receive waits for a message (SQS's limit of a long poll).
const LONG_POLL: Duration = Duration::from_secs(20);

/// What a record holds beside the message's own texts, at most.
const RECORD_OVERHEAD_BYTES: usize = 2048;

/// One mapping.
pub(crate) struct QueueSource {
    pub(crate) lambda: Arc<Lambda>,
    pub(crate) messaging: Messaging,
    pub(crate) queue_arn: String,
    pub(crate) region: String,
    /// Messages in one invocation, at most.
    pub(crate) batch_size: usize,
    /// How long to wait for a fuller batch.
    pub(crate) window: Duration,
    /// Whether the function names the messages that failed.
    pub(crate) report_failures: bool,
    /// Invocations at once, at most.
    pub(crate) concurrency: usize,
    pub(crate) filters: FilterCriteria,
    pub(crate) pause: RetryPause,
    /// How long a batch is on its way, if it shall be.
    pub(crate) waits: Option<Waits>,
}

#[derive(Serialize)]
struct Event<'a> {
    #[serde(rename = "Records")]
    records: Vec<Record<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    message_id: &'a str,
    receipt_handle: &'a str,
    body: &'a str,
    attributes: &'a BTreeMap<String, String>,
    message_attributes: BTreeMap<&'a str, Attribute<'a>>,
    md5_of_body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    md5_of_message_attributes: Option<&'a str>,
    event_source: &'static str,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: &'a str,
    aws_region: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attribute<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<&'a str>,
    string_list_values: [(); 0],
    binary_list_values: [(); 0],
    data_type: &'a str,
}

impl QueueSource {
    /// Runs the mapping until told to stop; invocations under way are finished first.
    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken) {
        let places = Arc::new(Semaphore::new(self.concurrency.max(1)));
        let invocations = TaskTracker::new();
        // Whole batches that failed in a row: the mapping slows down, as Lambda's pollers do.
        let failures = Arc::new(AtomicU32::new(0));
        loop {
            let pause = self.pause.after(failures.load(Ordering::Relaxed));
            let next = async {
                // Even a sleep of nothing takes up to a millisecond of the timer's.
                if !pause.is_zero() {
                    tokio::time::sleep(pause).await;
                }
                let place = Arc::clone(&places).acquire_owned().await;
                let batch = self.next_batch().await;
                place.map(|place| (place, batch))
            };
            let next = tokio::select! {
                () = stop.cancelled() => break,
                next = next => next,
            };
            let Ok((place, batch)) = next else { break };
            let mapping = Arc::clone(&self);
            let failures = Arc::clone(&failures);
            invocations.spawn(async move {
                let _place = place;
                if let Some(waits) = &mapping.waits {
                    tokio::time::sleep(waits.next()).await;
                }
                if mapping.handle(batch).await {
                    failures.store(0, Ordering::Relaxed);
                } else {
                    failures.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        invocations.close();
        invocations.wait().await;
    }

    /// Receives until there is at least one message and the batch is full or its window over.
    async fn next_batch(&self) -> Vec<ReceivedMessage> {
        let mut batch = self.receive(self.batch_size, LONG_POLL).await;
        while batch.is_empty() {
            batch = self.receive(self.batch_size, LONG_POLL).await;
        }
        let end = Instant::now() + self.window;
        while batch.len() < self.batch_size {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            batch.extend(self.receive(self.batch_size - batch.len(), left).await);
        }
        batch
    }

    async fn receive(&self, most: usize, wait: Duration) -> Vec<ReceivedMessage> {
        match self
            .messaging
            .receive(&self.queue_arn, most, wait, None)
            .await
        {
            Ok(messages) => messages,
            Err(error) => {
                tracing::error!(queue = self.queue_arn, %error, "a queue could not be read");
                tokio::time::sleep(self.pause.longest).await;
                Vec::new()
            }
        }
    }

    /// Handles a batch; false when an invocation failed as a whole.
    async fn handle(&self, mut batch: Vec<ReceivedMessage>) -> bool {
        if !self.filters.patterns().is_empty() {
            let (wanted, unwanted) = batch
                .into_iter()
                .partition::<Vec<_>, _>(|message| self.wants(message));
            self.delete(unwanted.iter()).await;
            batch = wanted;
        }
        let mut succeeded = true;
        for part in parts(&batch) {
            succeeded &= self.invoke(part).await;
        }
        succeeded
    }

    async fn invoke(&self, batch: &[ReceivedMessage]) -> bool {
        let answer = match self.lambda.invoke(Trigger::Queue, self.event(batch)).await {
            Ok(answer) => answer,
            // All of it stays in flight until its visibility time-out brings it back.
            Err(_) => return false,
        };
        if !self.report_failures {
            self.delete(batch.iter()).await;
            return true;
        }
        let identifiers = batch.iter().map(|message| message.message_id.as_str());
        match BatchReport::read(&answer, identifiers) {
            BatchReport::Succeeded => self.delete(batch.iter()).await,
            BatchReport::Partly(failed) => {
                let done = batch.iter().enumerate();
                let done = done.filter(|(place, _)| failed.binary_search(place).is_err());
                self.delete(done.map(|(_, message)| message)).await;
            }
            BatchReport::Senseless(reason) => {
                tracing::warn!(
                    function = self.lambda.name,
                    reason,
                    "a whole batch counts as failed"
                );
            }
        }
        true
    }

    async fn delete<'a>(&self, messages: impl Iterator<Item = &'a ReceivedMessage>) {
        let handles: Vec<&str> = messages
            .map(|message| message.receipt_handle.as_str())
            .collect();
        if handles.is_empty() {
            return;
        }
        if let Err(error) = self.messaging.delete(&self.queue_arn, &handles).await {
            // They come again; consumers are idempotent.
            tracing::error!(queue = self.queue_arn, %error, "handled messages could not be deleted");
        }
    }

    fn wants(&self, message: &ReceivedMessage) -> bool {
        let mut record = Value::Null;
        self.filters.patterns().iter().any(|pattern| {
            if record.is_null() {
                record = serde_json::to_value(self.record(message)).unwrap_or_default();
            }
            // A pattern that looks into the body wants it as JSON; one that compares it wants the text.
            let body = match pattern.source().get("body") {
                Some(Value::Object(_)) => serde_json::from_str(&message.body).unwrap_or_default(),
                Some(_) | None => Value::String(message.body.clone()),
            };
            record["body"] = body;
            pattern.matches(&record)
        })
    }

    fn event(&self, batch: &[ReceivedMessage]) -> Bytes {
        let records = batch.iter().map(|message| self.record(message)).collect();
        let json = serde_json::to_vec(&Event { records });
        json.expect("the event is made of texts").into()
    }

    fn record<'a>(&'a self, message: &'a ReceivedMessage) -> Record<'a> {
        Record {
            message_id: &message.message_id,
            receipt_handle: &message.receipt_handle,
            body: &message.body,
            attributes: &message.attributes,
            message_attributes: attributes(&message.message_attributes),
            md5_of_body: &message.md5_of_body,
            md5_of_message_attributes: message.md5_of_message_attributes.as_deref(),
            event_source: "aws:sqs",
            event_source_arn: &self.queue_arn,
            aws_region: &self.region,
        }
    }
}

fn attributes(attributes: &MessageAttributes) -> BTreeMap<&str, Attribute<'_>> {
    attributes
        .iter()
        .map(|(name, attribute)| {
            let attribute = Attribute {
                string_value: attribute.string_value.as_deref(),
                binary_value: attribute.binary_value.as_deref(),
                string_list_values: [],
                binary_list_values: [],
                data_type: &attribute.data_type,
            };
            (name.as_str(), attribute)
        })
        .collect()
}

/// Cuts a batch so that no part is over an invocation's limit. A single message never is.
fn parts(batch: &[ReceivedMessage]) -> Vec<&[ReceivedMessage]> {
    let mut parts = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (place, message) in batch.iter().enumerate() {
        // A body is escaped inside JSON: twice its length covers texts, though not one of control characters only.
        let size = message.body.len() * 2 + RECORD_OVERHEAD_BYTES;
        if place > start && bytes + size > PAYLOAD_LIMIT_BYTES {
            parts.push(&batch[start..place]);
            (start, bytes) = (place, 0);
        }
        bytes += size;
    }
    if start < batch.len() {
        parts.push(&batch[start..]);
    }
    parts
}
