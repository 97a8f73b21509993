//! A topic and its subscriptions in memory, with the rules for their attributes.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;
use serde_json::Value;

use crate::filter::{FilterPolicy, Scope};
use crate::queue_settings::Attributes;
use crate::rejection::Rejection;

/// Message size of a topic that sets none: 256 KiB.
const DEFAULT_MAXIMUM_MESSAGE_BYTES: usize = 262_144;

#[derive(Debug)]
pub(crate) struct Topic {
    pub name: String,
    pub arn: String,
    pub state: RwLock<TopicState>,
}

pub(crate) type SharedTopic = Arc<Topic>;

#[derive(Debug, Default)]
pub(crate) struct TopicState {
    pub attributes: Attributes,
    pub tags: Attributes,
    /// In the order in which they were made. A publish works on the list as it was when it came.
    pub subscriptions: Arc<Vec<Arc<Subscription>>>,
}

impl Topic {
    pub fn new(name: String, arn: String, attributes: Attributes, tags: Attributes) -> Self {
        Self {
            name,
            arn,
            state: RwLock::new(TopicState {
                attributes,
                tags,
                ..TopicState::default()
            }),
        }
    }

    pub fn subscriptions(&self) -> Arc<Vec<Arc<Subscription>>> {
        Arc::clone(&self.state.read().subscriptions)
    }

    /// Puts a subscription in, in the place of one with the same ARN where there is one.
    pub fn put(&self, subscription: Arc<Subscription>) {
        let mut state = self.state.write();
        let subscriptions = Arc::make_mut(&mut state.subscriptions);
        match subscriptions
            .iter_mut()
            .find(|held| held.arn == subscription.arn)
        {
            Some(held) => *held = subscription,
            None => subscriptions.push(subscription),
        }
    }

    pub fn remove(&self, subscription_arn: &str) {
        Arc::make_mut(&mut self.state.write().subscriptions)
            .retain(|held| held.arn != subscription_arn);
    }

    /// Bytes that a message, or a batch of them, may have.
    pub fn maximum_message_bytes(&self) -> usize {
        let state = self.state.read();
        state
            .attributes
            .get("MaximumMessageSize")
            .and_then(|text| text.parse().ok())
            .unwrap_or(DEFAULT_MAXIMUM_MESSAGE_BYTES)
    }
}

/// A queue's subscription to a topic. Never changed: another one takes its place.
#[derive(Debug)]
pub(crate) struct Subscription {
    pub arn: String,
    pub topic_arn: String,
    /// ARN of the queue.
    pub endpoint: String,
    /// As they were set; the fields below are read from here.
    pub attributes: Attributes,
    pub raw: bool,
    pub filter: Option<FilterPolicy>,
    /// ARN of the queue for messages that cannot be delivered.
    pub dead_letter_target: Option<String>,
}

impl Subscription {
    pub fn new(
        arn: String,
        topic_arn: String,
        endpoint: String,
        mut attributes: Attributes,
    ) -> Result<Self, Rejection> {
        // An empty policy is how one is taken away.
        attributes.retain(|name, value| {
            !(value.is_empty()
                && matches!(
                    name.as_str(),
                    "FilterPolicy" | "RedrivePolicy" | "DeliveryPolicy"
                ))
        });
        let mut raw = false;
        let mut scope = Scope::MessageAttributes;
        let mut dead_letter_target = None;
        for (name, value) in &attributes {
            let invalid = |reason: &str| {
                Rejection::sns_invalid_parameter(format!("Invalid parameter: {name}: {reason}"))
            };
            match name.as_str() {
                "RawMessageDelivery" => {
                    raw = match value.to_ascii_lowercase().as_str() {
                        "true" => true,
                        "false" => false,
                        _ => return Err(invalid("Invalid value. Must be true or false.")),
                    };
                }
                "FilterPolicyScope" => {
                    scope = match value.as_str() {
                        "MessageAttributes" => Scope::MessageAttributes,
                        "MessageBody" => Scope::MessageBody,
                        _ => {
                            return Err(invalid(
                                "Invalid value. Please use either MessageBody or MessageAttributes",
                            ));
                        }
                    };
                }
                "RedrivePolicy" => dead_letter_target = Some(read_redrive(value)?),
                // Read below, once the scope is known.
                "FilterPolicy" => {}
                // Retries are for HTTP endpoints; a queue on this machine answers at once or never will.
                "DeliveryPolicy" => {}
                _ => {
                    return Err(Rejection::sns_invalid_parameter(
                        "Invalid parameter: AttributeName",
                    ));
                }
            }
        }
        let filter = attributes
            .get("FilterPolicy")
            .map(|text| FilterPolicy::read(text, scope))
            .transpose()?;
        Ok(Self {
            arn,
            topic_arn,
            endpoint,
            attributes,
            raw,
            filter,
            dead_letter_target,
        })
    }

    /// Whether a Subscribe with these attributes describes this subscription.
    pub fn agrees_with(&self, wanted: &Self) -> bool {
        let read = |subscription: &Self, name: &str| {
            let text = subscription.attributes.get(name).map(String::as_str);
            let text = text.or(match name {
                "RawMessageDelivery" => Some("false"),
                "FilterPolicyScope" => Some("MessageAttributes"),
                _ => None,
            })?;
            Some(
                serde_json::from_str(text)
                    .unwrap_or_else(|_| Value::String(text.to_ascii_lowercase())),
            )
        };
        wanted
            .attributes
            .keys()
            .all(|name| read(self, name) == read(wanted, name))
    }

    /// Attributes as GetSubscriptionAttributes shows them.
    pub fn shown(&self, account_id: &str) -> Attributes {
        let fixed = [
            ("SubscriptionArn", self.arn.as_str()),
            ("TopicArn", &self.topic_arn),
            ("Owner", account_id),
            ("Protocol", "sqs"),
            ("Endpoint", &self.endpoint),
            ("PendingConfirmation", "false"),
            ("ConfirmationWasAuthenticated", "true"),
            ("RawMessageDelivery", "false"),
        ];
        let mut shown: Attributes = fixed
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        shown.extend(self.attributes.clone());
        if self.filter.is_some() {
            shown
                .entry("FilterPolicyScope".to_owned())
                .or_insert_with(|| "MessageAttributes".to_owned());
        }
        shown
    }
}

fn read_redrive(text: &str) -> Result<String, Rejection> {
    let invalid = |reason: &str| {
        Rejection::sns_invalid_parameter(format!("Invalid parameter: RedrivePolicy: {reason}"))
    };
    let policy: HashMap<String, Value> =
        serde_json::from_str(text).map_err(|_| invalid("failed to parse JSON"))?;
    match policy.get("deadLetterTargetArn").and_then(Value::as_str) {
        Some(arn) if arn.starts_with("arn:aws:sqs:") && policy.len() == 1 => Ok(arn.to_owned()),
        Some(_) if policy.len() > 1 => Err(invalid("only deadLetterTargetArn is allowed")),
        Some(_) => Err(invalid("deadLetterTargetArn is an invalid arn")),
        None => Err(invalid("deadLetterTargetArn is required")),
    }
}

/// Checks attributes of a topic (SNS API reference, CreateTopic and SetTopicAttributes).
pub(crate) fn check_topic_attributes(attributes: &Attributes) -> Result<(), Rejection> {
    for (name, value) in attributes {
        match name.as_str() {
            "FifoTopic" if value == "true" => {
                return Err(Rejection::sns_parameter(
                    "Attributes",
                    "FIFO topics are not supported here; only standard topics are",
                ));
            }
            "ContentBasedDeduplication" | "FifoThroughputScope" | "ArchivePolicy" => {
                return Err(Rejection::sns_parameter(
                    "Attributes",
                    format!("{name} is for FIFO topics, which are not supported here"),
                ));
            }
            "MaximumMessageSize" => {
                if !value
                    .parse::<usize>()
                    .is_ok_and(|bytes| (1_024..=1_048_576).contains(&bytes))
                {
                    return Err(Rejection::sns_parameter(
                        "Attributes",
                        "MaximumMessageSize must be from 1024 to 1048576",
                    ));
                }
            }
            "FifoTopic" | "DisplayName" | "Policy" | "DeliveryPolicy" | "KmsMasterKeyId"
            | "SignatureVersion" | "TracingConfig" => {}
            _ if [
                "SuccessFeedbackRoleArn",
                "SuccessFeedbackSampleRate",
                "FailureFeedbackRoleArn",
            ]
            .iter()
            .any(|suffix| name.ends_with(suffix)) => {}
            _ => {
                return Err(Rejection::sns_invalid_parameter(
                    "Invalid parameter: AttributeName",
                ));
            }
        }
    }
    Ok(())
}
