//! Publishing by `PublishBatch` of SNS.

use std::collections::BTreeMap;

use aws_sdk_sns::Client;
use aws_sdk_sns::error::DisplayErrorContext;
use aws_sdk_sns::types::{MessageAttributeValue, PublishBatchRequestEntry};
use contracts::CloudEvent;

use crate::{PublishFailure, Publisher};

/// `PublishBatch` takes at most ten entries.
const MAX_ENTRIES: usize = 10;
/// The longest request, over all its entries and their attributes: 256 KiB. A little is left for the attributes.
const MAX_REQUEST_BYTES: usize = 250 * 1024;

/// A context's topic.
///
/// ```
/// // A context's code asks for a `Publisher`, and only what starts the function names this one.
/// struct Courses<P> {
///     topic: P,
/// }
/// type Deployed = Courses<publisher::SnsPublisher>;
/// type Tested = Courses<publisher::Recorder>;
/// ```
#[derive(Debug, Clone)]
pub struct SnsPublisher {
    client: Client,
    topic_arn: String,
}

impl SnsPublisher {
    /// The topic of that ARN, reached by the client.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use aws_sdk_sns::config::{BehaviorVersion, Region};
    /// use publisher::{Publisher as _, SnsPublisher};
    ///
    /// let config = aws_sdk_sns::Config::builder()
    ///     .behavior_version(BehaviorVersion::latest())
    ///     .region(Region::new("eu-central-1"))
    ///     .build();
    /// let client = aws_sdk_sns::Client::from_conf(config);
    /// let topic = SnsPublisher::new(client, "arn:aws:sns:eu-central-1:123456789012:courses");
    /// // Nothing to say is no request.
    /// assert!(topic.publish(&[]).await.is_empty());
    /// # });
    /// ```
    pub fn new(client: Client, topic_arn: impl Into<String>) -> Self {
        Self {
            client,
            topic_arn: topic_arn.into(),
        }
    }

    /// Publishes one request's worth of events, given as id, type and text.
    async fn publish_batch(
        &self,
        batch: &[(&CloudEvent, String)],
    ) -> Vec<Result<(), PublishFailure>> {
        let all_failed = |reason: &str| {
            batch
                .iter()
                .map(|(event, _)| Err(failure(event, reason)))
                .collect()
        };
        let mut entries = Vec::with_capacity(batch.len());
        for (position, (event, text)) in batch.iter().enumerate() {
            // Only `type` is copied to an attribute: filter policies need it, and raw delivery drops messages that
            // have more than ten.
            let event_type = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(&event.event_type)
                .build();
            let entry = event_type.and_then(|event_type| {
                PublishBatchRequestEntry::builder()
                    .id(position.to_string())
                    .message(text)
                    .message_attributes("type", event_type)
                    .build()
            });
            match entry {
                Ok(entry) => entries.push(entry),
                Err(error) => return all_failed(&error.to_string()),
            }
        }
        let request = self.client.publish_batch().topic_arn(&self.topic_arn);
        let answer = match request
            .set_publish_batch_request_entries(Some(entries))
            .send()
            .await
        {
            Ok(answer) => answer,
            Err(error) => return all_failed(&DisplayErrorContext(&error).to_string()),
        };
        let mut results: BTreeMap<String, Result<(), String>> = BTreeMap::new();
        for entry in answer.successful() {
            results.insert(entry.id().unwrap_or_default().to_owned(), Ok(()));
        }
        for entry in answer.failed() {
            let reason = format!(
                "{}: {}",
                entry.code(),
                entry.message().unwrap_or("no reason given")
            );
            results.insert(entry.id().to_owned(), Err(reason));
        }
        let numbered = batch.iter().enumerate();
        let result_of = |(position, (event, _)): (usize, &(&CloudEvent, String))| match results
            .remove(&position.to_string())
        {
            Some(Ok(())) => Ok(()),
            Some(Err(reason)) => Err(failure(event, &reason)),
            None => Err(failure(event, "the answer does not mention it")),
        };
        numbered.map(result_of).collect()
    }
}

impl Publisher for SnsPublisher {
    async fn publish(&self, events: &[CloudEvent]) -> Vec<Result<(), PublishFailure>> {
        let mut results = Vec::with_capacity(events.len());
        let mut batch: Vec<(&CloudEvent, String)> = Vec::new();
        let mut batch_bytes = 0;
        for event in events {
            let text = event.to_json();
            if batch.len() == MAX_ENTRIES
                || (batch_bytes + text.len() > MAX_REQUEST_BYTES && !batch.is_empty())
            {
                results.extend(self.publish_batch(&batch).await);
                batch.clear();
                batch_bytes = 0;
            }
            batch_bytes += text.len();
            batch.push((event, text));
        }
        if !batch.is_empty() {
            results.extend(self.publish_batch(&batch).await);
        }
        results
    }
}

fn failure(event: &CloudEvent, reason: &str) -> PublishFailure {
    PublishFailure {
        event_id: event.id.to_string(),
        reason: reason.to_owned(),
    }
}
