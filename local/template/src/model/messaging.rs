//! Topics, queues, and what joins them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// A standard SNS topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Name in the template.
    pub logical_id: String,
    /// Physical name.
    pub name: String,
    /// ARN, which is also what `Ref` gives.
    pub arn: String,
}

/// A standard SQS queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// Name in the template.
    pub logical_id: String,
    /// Physical name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// URL, which is also what `Ref` gives.
    pub url: String,
    /// Seconds for which a received message stays hidden. AWS's default is 30.
    pub visibility_timeout_seconds: u32,
    /// Seconds for which a message is kept. AWS's default is four days.
    pub message_retention_seconds: u32,
    /// Seconds before a new message can be received.
    pub delay_seconds: u32,
    /// Largest message in bytes. AWS's default is 1 MiB.
    pub maximum_message_bytes: u32,
    /// Seconds that a receive waits when it does not say.
    pub receive_wait_seconds: u32,
    /// Where a message goes that was received too often.
    pub redrive: Option<RedrivePolicy>,
    /// The document of the queue policy attached to it.
    pub policy: Option<Value>,
}

impl Queue {
    /// The attributes as SQS's `CreateQueue` takes them.
    pub fn attributes(&self) -> BTreeMap<String, String> {
        let mut attributes = BTreeMap::from([
            (
                "VisibilityTimeout".to_owned(),
                self.visibility_timeout_seconds.to_string(),
            ),
            (
                "MessageRetentionPeriod".to_owned(),
                self.message_retention_seconds.to_string(),
            ),
            ("DelaySeconds".to_owned(), self.delay_seconds.to_string()),
            (
                "MaximumMessageSize".to_owned(),
                self.maximum_message_bytes.to_string(),
            ),
            (
                "ReceiveMessageWaitTimeSeconds".to_owned(),
                self.receive_wait_seconds.to_string(),
            ),
        ]);
        if let Some(redrive) = &self.redrive {
            let policy = serde_json::json!({
                "deadLetterTargetArn": redrive.dead_letter_queue_arn,
                "maxReceiveCount": redrive.max_receive_count,
            });
            attributes.insert("RedrivePolicy".to_owned(), policy.to_string());
        }
        if let Some(policy) = &self.policy {
            attributes.insert("Policy".to_owned(), policy.to_string());
        }
        attributes
    }
}

/// A queue's redrive policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedrivePolicy {
    /// ARN of the dead-letter queue.
    pub dead_letter_queue_arn: String,
    /// Receives after which a message is moved there. AWS allows 1 to 1,000.
    pub max_receive_count: u32,
}

/// Who may send to some queues.
#[derive(Debug, Clone, PartialEq)]
pub struct QueuePolicy {
    /// Name in the template.
    pub logical_id: String,
    /// URLs of the queues that it is attached to.
    pub queue_urls: Vec<String>,
    /// ARNs of the queues that its statements name.
    pub queue_arns: BTreeSet<String>,
    /// ARNs of the topics that may send.
    pub topic_arns: BTreeSet<String>,
    /// The policy document, resolved.
    pub document: Value,
    /// Line of the resource in the template.
    pub line: usize,
}

/// A queue's subscription to a topic.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscription {
    /// Name in the template.
    pub logical_id: String,
    /// ARN of the topic.
    pub topic_arn: String,
    /// ARN of the queue.
    pub queue_arn: String,
    /// Whether the message arrives as it was published, without SNS's envelope.
    pub raw_delivery: bool,
    /// The filter policy as JSON.
    pub filter_policy: Option<Value>,
    /// `MessageAttributes` or `MessageBody`.
    pub filter_policy_scope: String,
    /// ARN of the queue for what could not be delivered.
    pub dead_letter_queue_arn: Option<String>,
}

impl Subscription {
    /// The attributes as SNS's `Subscribe` takes them.
    pub fn attributes(&self) -> BTreeMap<String, String> {
        let mut attributes = BTreeMap::from([(
            "RawMessageDelivery".to_owned(),
            self.raw_delivery.to_string(),
        )]);
        if let Some(policy) = &self.filter_policy {
            attributes.insert(
                "FilterPolicyScope".to_owned(),
                self.filter_policy_scope.clone(),
            );
            attributes.insert("FilterPolicy".to_owned(), policy.to_string());
        }
        if let Some(arn) = &self.dead_letter_queue_arn {
            let policy = serde_json::json!({ "deadLetterTargetArn": arn });
            attributes.insert("RedrivePolicy".to_owned(), policy.to_string());
        }
        attributes
    }
}

impl Subscription {
    /// The event types that the filter policy lists, if it filters by exact values of the attribute `type` and by
    /// nothing else.
    pub fn event_types(&self) -> Option<Vec<String>> {
        if self.filter_policy_scope != "MessageAttributes" {
            return None;
        }
        let policy = self.filter_policy.as_ref()?.as_object()?;
        if policy.len() != 1 {
            return None;
        }
        policy
            .get("type")?
            .as_array()?
            .iter()
            .map(|value| value.as_str().map(str::to_owned))
            .collect()
    }
}
