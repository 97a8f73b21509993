//! SendMessage and SendMessageBatch.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::batch::{BatchOutcome, FailedEntry, check_ids};
use crate::Messaging;
use crate::message::{
    Content, Message, MessageAttributes, check_attributes, has_only_xml_characters,
    md5_of_attributes, size,
};
use crate::queue::Queue;
use crate::rejection::{MessagingError, Rejection};
use crate::wire::integer;

/// Most bytes of all messages in one batch together.
const MOST_BATCH_BYTES: usize = 1_048_576;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct SendMessageBatch {
    queue_url: String,
    entries: Vec<Entry>,
}

/// One message, of a batch or by itself: alone it names its queue, in a batch it has an id.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Entry {
    queue_url: String,
    id: String,
    message_body: Option<String>,
    #[serde(deserialize_with = "integer")]
    delay_seconds: Option<i64>,
    message_attributes: MessageAttributes,
    message_system_attributes: MessageAttributes,
    message_group_id: Option<String>,
    message_deduplication_id: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Sent {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    message_id: String,
    #[serde(rename = "MD5OfMessageBody")]
    md5_of_message_body: String,
    #[serde(
        rename = "MD5OfMessageAttributes",
        skip_serializing_if = "Option::is_none"
    )]
    md5_of_message_attributes: Option<String>,
    #[serde(
        rename = "MD5OfMessageSystemAttributes",
        skip_serializing_if = "Option::is_none"
    )]
    md5_of_message_system_attributes: Option<String>,
}

impl Messaging {
    pub(super) async fn sqs_send_message(&self, input: Entry) -> Result<Sent, MessagingError> {
        let queue = self.addressed(&input.queue_url, "SendMessage")?;
        let (message, sent) = self.accept(&queue, input)?;
        self.place(vec![(queue, vec![message])]).await?;
        Ok(Sent { id: None, ..sent })
    }

    pub(super) async fn sqs_send_message_batch(
        &self,
        input: SendMessageBatch,
    ) -> Result<BatchOutcome<Sent>, MessagingError> {
        let queue = self.addressed(&input.queue_url, "SendMessageBatch")?;
        check_ids(input.entries.iter().map(|entry| entry.id.as_str()))?;
        let bytes: usize = input
            .entries
            .iter()
            .map(|entry| {
                size(
                    entry.message_body.as_deref().unwrap_or_default(),
                    &entry.message_attributes,
                )
            })
            .sum();
        if bytes > MOST_BATCH_BYTES {
            return Err(Rejection::batch_too_long(format!(
                "Batch requests cannot be longer than {MOST_BATCH_BYTES} bytes. You have sent {bytes} bytes."
            ))
            .into());
        }
        let mut outcome = BatchOutcome {
            successful: Vec::new(),
            failed: Vec::new(),
        };
        let mut messages = Vec::new();
        for entry in input.entries {
            let id = entry.id.clone();
            match self.accept(&queue, entry) {
                Ok((message, sent)) => {
                    messages.push(message);
                    outcome.successful.push(sent);
                }
                Err(rejection) => outcome.failed.push(FailedEntry::new(id, rejection.into())),
            }
        }
        self.place(vec![(queue, messages)]).await?;
        Ok(outcome)
    }

    /// Checks an entry and makes a message of it, with what its sender is told.
    fn accept(&self, queue: &Queue, entry: Entry) -> Result<(Message, Sent), Rejection> {
        let body = entry
            .message_body
            .ok_or_else(|| Rejection::missing("MessageBody"))?;
        check_message(queue, &body, &entry.message_attributes)?;
        if entry.message_deduplication_id.is_some() {
            return Err(Rejection::parameter(
                "MessageDeduplicationId",
                "MessageDeduplicationId",
                "The request include parameter that is not valid for this queue type",
            ));
        }
        if let Some(delay) = entry
            .delay_seconds
            .filter(|delay| !(0..=900).contains(delay))
        {
            return Err(Rejection::parameter(
                delay,
                "DelaySeconds",
                "DelaySeconds must be >= 0 and <= 900",
            ));
        }
        if let Some(name) = entry
            .message_system_attributes
            .keys()
            .find(|name| *name != "AWSTraceHeader")
        {
            return Err(Rejection::invalid_parameter_value(format!(
                "Message system attribute name '{name}' is invalid."
            )));
        }
        let mut content = Content::new(body, entry.message_attributes);
        content.group_id = entry.message_group_id;
        content.trace_header = entry
            .message_system_attributes
            .get("AWSTraceHeader")
            .map(|header| header.text().to_owned());
        let message = self.new_message(queue, Arc::new(content), entry.delay_seconds);
        let sent = Sent {
            id: Some(entry.id),
            message_id: message.message_id.to_string(),
            md5_of_message_body: message.content.md5_of_body.clone(),
            md5_of_message_attributes: message.content.md5_of_attributes.clone(),
            md5_of_message_system_attributes: md5_of_attributes(
                entry.message_system_attributes.iter(),
            ),
        };
        Ok((message, sent))
    }
}

/// SQS's rules for a message's body and attributes.
pub(crate) fn check_message(
    queue: &Queue,
    body: &str,
    attributes: &MessageAttributes,
) -> Result<(), Rejection> {
    if body.is_empty() {
        return Err(Rejection::missing("MessageBody"));
    }
    if !has_only_xml_characters(body) {
        return Err(Rejection::invalid_message_contents(
            "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
        ));
    }
    check_attributes(attributes)?;
    let limit = queue.contents.lock().settings.maximum_message_bytes;
    if size(body, attributes) > limit {
        return Err(Rejection::invalid_parameter_value(format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes."
        )));
    }
    Ok(())
}
