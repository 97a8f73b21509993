//! Publish and PublishBatch: the rules for a message, and a batch's outcome per entry.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Messaging;
use crate::fan_out::Publication;
use crate::message::{MessageAttributes, check_attribute, has_only_xml_characters, size};
use crate::names::is_batch_id;
use crate::publish_hook::{PublishAttempt, PublishVerdict};
use crate::rejection::{MessagingError, Rejection};
use crate::topic::Topic;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Publish {
    topic_arn: Option<String>,
    target_arn: Option<String>,
    phone_number: Option<String>,
    #[serde(flatten)]
    entry: Entry,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct PublishBatch {
    topic_arn: String,
    publish_batch_request_entries: Vec<Entry>,
}

/// One message, of a batch or by itself: only in a batch it has an id.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Entry {
    id: String,
    message: String,
    subject: Option<String>,
    message_structure: Option<String>,
    message_attributes: MessageAttributes,
    message_group_id: Option<String>,
    message_deduplication_id: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Published {
    message_id: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BatchOutcome {
    successful: Vec<SuccessfulEntry>,
    failed: Vec<FailedEntry>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct SuccessfulEntry {
    id: String,
    message_id: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct FailedEntry {
    id: String,
    code: String,
    message: String,
    sender_fault: bool,
}

impl Messaging {
    pub(super) async fn sns_publish(&self, input: Publish) -> Result<Published, MessagingError> {
        if input.phone_number.is_some() {
            return Err(Rejection::sns_invalid_parameter(
                "Invalid parameter: PhoneNumber: text messages are not supported here",
            )
            .into());
        }
        let arn = input.topic_arn.or(input.target_arn).unwrap_or_default();
        let topic = self.addressed_topic(&arn, "Publish")?;
        let publication = read(&topic, input.entry)?;
        if !self.failing_entries(&topic, 1).await?.is_empty() {
            return Err(Rejection::sns_internal_error("a test hook failed this publish").into());
        }
        let message_id = publication.message_id.to_string();
        self.fan_out(&topic, vec![publication]).await?;
        Ok(Published { message_id })
    }

    pub(super) async fn sns_publish_batch(
        &self,
        input: PublishBatch,
    ) -> Result<BatchOutcome, MessagingError> {
        let topic = self.addressed_topic(&input.topic_arn, "PublishBatch")?;
        let entries = input.publish_batch_request_entries;
        check_batch(&topic, &entries)?;
        let failing = self.failing_entries(&topic, entries.len()).await?;
        let mut outcome = BatchOutcome {
            successful: Vec::new(),
            failed: Vec::new(),
        };
        let mut publications = Vec::with_capacity(entries.len());
        for (place, entry) in entries.into_iter().enumerate() {
            let id = entry.id.clone();
            if failing.contains(&place) {
                let (code, message) = (
                    "InternalError".to_owned(),
                    "a test hook failed this entry".to_owned(),
                );
                outcome.failed.push(FailedEntry {
                    id,
                    code,
                    message,
                    sender_fault: false,
                });
                continue;
            }
            match read(&topic, entry) {
                Ok(publication) => {
                    outcome.successful.push(SuccessfulEntry {
                        id,
                        message_id: publication.message_id.to_string(),
                    });
                    publications.push(publication);
                }
                Err(Rejection { code, message, .. }) => {
                    outcome.failed.push(FailedEntry {
                        id,
                        code: code.to_owned(),
                        message,
                        sender_fault: true,
                    });
                }
            }
        }
        self.fan_out(&topic, publications).await?;
        Ok(outcome)
    }

    /// Asks the test hook, if there is one. Answers with the places of the entries that must fail.
    async fn failing_entries(
        &self,
        topic: &Topic,
        entries: usize,
    ) -> Result<Vec<usize>, Rejection> {
        let hook = self.inner.publish_hook.read().clone();
        let Some(hook) = hook else {
            return Ok(Vec::new());
        };
        match hook(&PublishAttempt {
            topic_arn: &topic.arn,
            entries,
        }) {
            PublishVerdict::Proceed => Ok(Vec::new()),
            PublishVerdict::FailEntries(places) => Ok(places),
            PublishVerdict::Refuse => Err(Rejection::sns_internal_error(
                "a test hook refused this publish",
            )),
            PublishVerdict::Hang => std::future::pending().await,
        }
    }
}

/// One to ten entries with ids of their own, together no larger than one message may be.
fn check_batch(topic: &Topic, entries: &[Entry]) -> Result<(), Rejection> {
    if entries.is_empty() {
        return Err(Rejection::sns_empty_batch(
            "The batch request doesn't contain any entries.",
        ));
    }
    if entries.len() > 10 {
        return Err(Rejection::sns_too_many_entries(
            "The batch request contains more entries than permissible.",
        ));
    }
    if !entries.iter().all(|entry| is_batch_id(&entry.id)) {
        return Err(Rejection::sns_invalid_batch_id(
            "The Id of a batch entry in a batch request doesn't abide by the specification.",
        ));
    }
    let mut seen = HashSet::new();
    if !entries.iter().all(|entry| seen.insert(entry.id.as_str())) {
        return Err(Rejection::sns_batch_ids_not_distinct(
            "Two or more batch entries in the request have the same Id.",
        ));
    }
    let bytes: usize = entries
        .iter()
        .map(|entry| size(&entry.message, &entry.message_attributes))
        .sum();
    if bytes > topic.maximum_message_bytes() {
        return Err(Rejection::sns_batch_too_long(
            "The length of all the batch messages put together is more than the limit.",
        ));
    }
    Ok(())
}

/// Checks an entry and makes a publication of it.
fn read(topic: &Topic, entry: Entry) -> Result<Publication, Rejection> {
    let message = match entry.message_structure.as_deref() {
        None | Some("") => entry.message,
        Some("json") => message_for_queues(&entry.message)?,
        Some(_) => {
            return Err(Rejection::sns_invalid_parameter(
                "Invalid parameter: MessageStructure",
            ));
        }
    };
    if message.is_empty() {
        return Err(Rejection::sns_invalid_parameter(
            "Invalid parameter: Empty message",
        ));
    }
    if !has_only_xml_characters(&message) {
        return Err(Rejection::sns_invalid_parameter(
            "Invalid parameter: Message: characters outside XML 1.0",
        ));
    }
    for (name, attribute) in &entry.message_attributes {
        check_attribute(name, attribute).map_err(Rejection::sns_parameter_value_invalid)?;
    }
    if size(&message, &entry.message_attributes) > topic.maximum_message_bytes() {
        return Err(Rejection::sns_invalid_parameter(
            "Invalid parameter: Message too long",
        ));
    }
    // Up to 100 characters of ASCII that begin with a letter, a digit or punctuation, on one line (SNS API reference).
    if let Some(subject) = &entry.subject
        && (subject.is_empty()
            || subject.len() > 100
            || !subject.is_ascii()
            || !subject.starts_with(|c: char| c.is_ascii_graphic())
            || subject.contains(|c: char| c.is_ascii_control()))
    {
        return Err(Rejection::sns_invalid_parameter(
            "Invalid parameter: Subject",
        ));
    }
    if entry.message_deduplication_id.is_some() {
        return Err(Rejection::sns_parameter(
            "MessageDeduplicationId",
            "The request includes MessageDeduplicationId parameter that is not valid for this topic type",
        ));
    }
    Ok(Publication {
        message_id: Uuid::now_v7(),
        message,
        subject: entry.subject,
        attributes: entry.message_attributes,
        group_id: entry.message_group_id,
    })
}

/// Of a message with a text per protocol, the one for queues.
fn message_for_queues(message: &str) -> Result<String, Rejection> {
    let mut texts: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(message).map_err(|_| {
            Rejection::sns_invalid_parameter(
                "Invalid parameter: Message Structure - JSON message body failed to parse",
            )
        })?;
    let default = texts
        .remove("default")
        .and_then(|text| text.as_str().map(str::to_owned));
    let default = default.ok_or_else(|| {
        Rejection::sns_invalid_parameter(
            "Invalid parameter: Message Structure - No default entry in JSON message body",
        )
    })?;
    Ok(texts
        .remove("sqs")
        .and_then(|text| text.as_str().map(str::to_owned))
        .unwrap_or(default))
}
