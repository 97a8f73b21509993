//! ReceiveMessage.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Messaging;
use crate::delivery::Poll;
use crate::message::{MessageAttributes, md5_of_attributes};
use crate::polling::ReceivedMessage;
use crate::queue_settings::Attributes;
use crate::rejection::{MessagingError, Rejection};
use crate::wire::integer;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ReceiveMessage {
    queue_url: String,
    #[serde(deserialize_with = "integer")]
    max_number_of_messages: Option<i64>,
    #[serde(deserialize_with = "integer")]
    visibility_timeout: Option<i64>,
    #[serde(deserialize_with = "integer")]
    wait_time_seconds: Option<i64>,
    /// The older name of the next one; both may be given.
    attribute_names: Vec<String>,
    message_system_attribute_names: Vec<String>,
    message_attribute_names: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Received {
    // AWS leaves the list out where there is nothing in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<Shown>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Shown {
    message_id: String,
    receipt_handle: String,
    #[serde(rename = "MD5OfBody")]
    md5_of_body: String,
    body: String,
    #[serde(skip_serializing_if = "Attributes::is_empty")]
    attributes: Attributes,
    #[serde(
        rename = "MD5OfMessageAttributes",
        skip_serializing_if = "Option::is_none"
    )]
    md5_of_message_attributes: Option<String>,
    #[serde(skip_serializing_if = "MessageAttributes::is_empty")]
    message_attributes: MessageAttributes,
}

const SYSTEM_ATTRIBUTES: [&str; 11] = [
    "All",
    "SenderId",
    "SentTimestamp",
    "ApproximateReceiveCount",
    "ApproximateFirstReceiveTimestamp",
    "AWSTraceHeader",
    "DeadLetterQueueSourceArn",
    "MessageGroupId",
    "MessageDeduplicationId",
    "SequenceNumber",
    "SqsManagedSseEnabled",
];

impl Messaging {
    pub(super) async fn sqs_receive_message(
        &self,
        input: ReceiveMessage,
    ) -> Result<Received, MessagingError> {
        let queue = self.addressed(&input.queue_url, "ReceiveMessage")?;
        let default_wait = queue.contents.lock().settings.wait_seconds;
        let most = within(
            input.max_number_of_messages,
            1,
            1,
            10,
            "MaxNumberOfMessages",
        )?;
        let wait = within(
            input.wait_time_seconds,
            default_wait,
            0,
            20,
            "WaitTimeSeconds",
        )?;
        if let Some(timeout) = input.visibility_timeout {
            within(Some(timeout), 0, 0, 43_200, "VisibilityTimeout")?;
        }
        let system: Vec<&str> = input
            .attribute_names
            .iter()
            .chain(&input.message_system_attribute_names)
            .map(String::as_str)
            .collect();
        if let Some(unknown) = system.iter().find(|name| !SYSTEM_ATTRIBUTES.contains(name)) {
            return Err(
                Rejection::invalid_attribute_name(format!("Unknown Attribute {unknown}.")).into(),
            );
        }
        let poll = Poll {
            most: usize::try_from(most).unwrap_or(1),
            wait: Duration::from_secs(wait.unsigned_abs()),
            visibility_seconds: input.visibility_timeout,
        };
        let deliveries = self.poll(&queue, poll).await?;
        let messages = deliveries
            .iter()
            .map(|delivery| {
                select(
                    self.received(&queue, delivery),
                    &system,
                    &input.message_attribute_names,
                )
            })
            .collect();
        Ok(Received { messages })
    }
}

fn within(
    value: Option<i64>,
    default: i64,
    least: i64,
    most: i64,
    name: &str,
) -> Result<i64, Rejection> {
    match value {
        None => Ok(default),
        Some(value) if (least..=most).contains(&value) => Ok(value),
        Some(value) => Err(Rejection::parameter(
            value,
            name,
            format!("Must be between {least} and {most}, if provided"),
        )),
    }
}

/// Keeps the attributes that were asked for: system attributes by name, the sender's by name or by prefix
/// (`orders.*`). The digest is over those that are returned.
fn select(message: ReceivedMessage, system: &[&str], wanted: &[String]) -> Shown {
    let ReceivedMessage {
        mut attributes,
        mut message_attributes,
        md5_of_message_attributes,
        ..
    } = message;
    if !system.contains(&"All") {
        attributes.retain(|name, _| system.contains(&name.as_str()));
    }
    let before = message_attributes.len();
    message_attributes.retain(|name, _| {
        wanted.iter().any(|wanted| match wanted.strip_suffix(".*") {
            _ if wanted == "All" => true,
            Some(prefix) => name.starts_with(prefix),
            None => name == wanted,
        })
    });
    let md5_of_message_attributes = if message_attributes.len() == before {
        md5_of_message_attributes
    } else {
        md5_of_attributes(message_attributes.iter())
    };
    Shown {
        message_id: message.message_id,
        receipt_handle: message.receipt_handle,
        md5_of_body: message.md5_of_body,
        body: message.body,
        attributes,
        md5_of_message_attributes,
        message_attributes,
    }
}
