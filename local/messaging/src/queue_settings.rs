//! A queue's attributes: which exist, what values they take, and what they mean to the queue.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::access_policy::AccessPolicy;
use crate::rejection::Rejection;

/// Attributes as they were set, by name. Those left out stand at AWS's defaults.
pub(crate) type Attributes = BTreeMap<String, String>;

/// A queue's attributes, checked and read.
#[derive(Debug, Clone, Default)]
pub(crate) struct QueueSettings {
    /// As they were set; the typed fields below are read from here.
    pub given: Attributes,
    pub visibility_timeout_seconds: i64,
    pub delay_seconds: i64,
    pub retention_seconds: i64,
    pub wait_seconds: i64,
    pub maximum_message_bytes: usize,
    pub redrive: Option<RedrivePolicy>,
    pub redrive_allow: RedriveAllowPolicy,
    pub policy: Option<AccessPolicy>,
}

/// When a message is given up, and where it goes then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RedrivePolicy {
    pub dead_letter_target_arn: String,
    pub max_receive_count: u32,
}

/// Which queues may name this one as their dead-letter queue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum RedriveAllowPolicy {
    #[default]
    AllowAll,
    DenyAll,
    ByQueue(Vec<String>),
}

impl RedriveAllowPolicy {
    pub fn allows(&self, source_arn: &str) -> bool {
        match self {
            Self::AllowAll => true,
            Self::DenyAll => false,
            Self::ByQueue(arns) => arns.iter().any(|arn| arn == source_arn),
        }
    }
}

/// Name, default, least and greatest value of the numeric attributes (SQS API reference, SetQueueAttributes).
const NUMERIC: [(&str, i64, i64, i64); 5] = [
    ("VisibilityTimeout", 30, 0, 43_200),
    ("DelaySeconds", 0, 0, 900),
    ("MessageRetentionPeriod", 345_600, 60, 1_209_600),
    ("ReceiveMessageWaitTimeSeconds", 0, 0, 20),
    ("MaximumMessageSize", 1_048_576, 1_024, 1_048_576),
];

/// Attributes that the service computes: they can be asked for, never set.
pub(crate) const COMPUTED: [&str; 6] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
];

const FIFO_ONLY: [&str; 3] = [
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "FifoThroughputLimit",
];

impl QueueSettings {
    /// Checks and reads attributes. An empty value of a policy takes the policy away.
    pub fn read(mut given: Attributes) -> Result<Self, Rejection> {
        given.retain(|name, value| {
            !(value.is_empty()
                && matches!(
                    name.as_str(),
                    "Policy" | "RedrivePolicy" | "RedriveAllowPolicy"
                ))
        });
        for (name, value) in &given {
            check_name(name, value)?;
        }
        let [
            visibility_timeout_seconds,
            delay_seconds,
            retention_seconds,
            wait_seconds,
            size,
        ] = NUMERIC.map(|(name, default, least, most)| number(&given, name, default, least, most));
        Ok(Self {
            visibility_timeout_seconds: visibility_timeout_seconds?,
            delay_seconds: delay_seconds?,
            retention_seconds: retention_seconds?,
            wait_seconds: wait_seconds?,
            maximum_message_bytes: usize::try_from(size?).unwrap_or(usize::MAX),
            redrive: given
                .get("RedrivePolicy")
                .map(|text| read_redrive(text))
                .transpose()?,
            redrive_allow: given
                .get("RedriveAllowPolicy")
                .map_or(Ok(RedriveAllowPolicy::AllowAll), |text| read_allow(text))?,
            policy: given
                .get("Policy")
                .map(|text| AccessPolicy::read(text))
                .transpose()
                .map_err(|_| {
                    Rejection::invalid_attribute_value("Invalid value for the parameter Policy.")
                })?,
            given,
        })
    }

    /// The settings with `changes` laid over them.
    pub fn changed(&self, changes: &Attributes) -> Result<Self, Rejection> {
        let mut given = self.given.clone();
        given.extend(
            changes
                .iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        Self::read(given)
    }

    /// Whether asking for `wanted` on creation describes this queue. Left-out attributes do not count.
    pub fn agrees_with(&self, wanted: &Self) -> bool {
        wanted
            .given
            .keys()
            .all(|name| self.value(name) == wanted.value(name))
    }

    /// An attribute's value, or its default where it has one. Policies compare as JSON, whatever their spacing.
    fn value(&self, name: &str) -> Option<Value> {
        if let Some(text) = self.given.get(name) {
            return Some(
                serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone())),
            );
        }
        NUMERIC
            .iter()
            .find(|row| row.0 == name)
            .map(|row| Value::from(row.1))
    }

    /// Every settable attribute that has a value, with defaults filled in.
    pub fn shown(&self) -> Attributes {
        let mut shown: Attributes = NUMERIC
            .iter()
            .map(|(name, default, ..)| ((*name).to_owned(), default.to_string()))
            .collect();
        let managed = if self.given.contains_key("KmsMasterKeyId") {
            "false"
        } else {
            "true"
        };
        shown.insert("SqsManagedSseEnabled".to_owned(), managed.to_owned());
        shown.extend(
            self.given
                .iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        shown
    }
}

/// Whether GetQueueAttributes knows the name.
pub(crate) fn is_known(name: &str) -> bool {
    name == "FifoQueue"
        || COMPUTED.contains(&name)
        || FIFO_ONLY.contains(&name)
        || is_settable(name)
}

fn is_settable(name: &str) -> bool {
    NUMERIC.iter().any(|row| row.0 == name)
        || matches!(
            name,
            "Policy"
                | "RedrivePolicy"
                | "RedriveAllowPolicy"
                | "KmsMasterKeyId"
                | "KmsDataKeyReusePeriodSeconds"
                | "SqsManagedSseEnabled"
        )
}

fn check_name(name: &str, value: &str) -> Result<(), Rejection> {
    if name == "FifoQueue" {
        return match value {
            // AWS refuses an explicit false too; the attribute exists to ask for FIFO.
            "true" => Err(Rejection::unsupported_operation(
                "FIFO queues are not supported here; only standard queues are.",
            )),
            _ => Err(Rejection::invalid_attribute_name(
                "Unknown Attribute FifoQueue.",
            )),
        };
    }
    if FIFO_ONLY.contains(&name) {
        return Err(Rejection::invalid_attribute_name(format!(
            "You can specify the {name} only when FifoQueue is set to true."
        )));
    }
    if !is_settable(name) {
        return Err(Rejection::invalid_attribute_name(format!(
            "Unknown Attribute {name}."
        )));
    }
    Ok(())
}

fn number(
    given: &Attributes,
    name: &str,
    default: i64,
    least: i64,
    most: i64,
) -> Result<i64, Rejection> {
    let Some(text) = given.get(name) else {
        return Ok(default);
    };
    match text.parse::<i64>() {
        Ok(value) if (least..=most).contains(&value) => Ok(value),
        _ => Err(Rejection::invalid_attribute_value(format!(
            "Invalid value for the parameter {name}."
        ))),
    }
}

fn read_redrive(text: &str) -> Result<RedrivePolicy, Rejection> {
    let invalid = |reason: &str| Rejection::parameter(text, "RedrivePolicy", reason);
    let policy: Value = serde_json::from_str(text)
        .map_err(|_| invalid("Redrive policy is not a valid JSON map"))?;
    let policy = policy
        .as_object()
        .ok_or_else(|| invalid("Redrive policy is not a valid JSON map"))?;
    let arn = policy.get("deadLetterTargetArn").and_then(Value::as_str);
    let arn = arn.ok_or_else(|| {
        invalid("Redrive policy does not contain mandatory attribute: deadLetterTargetArn")
    })?;
    let count = policy.get("maxReceiveCount");
    let count = count.ok_or_else(|| {
        invalid("Redrive policy does not contain mandatory attribute: maxReceiveCount")
    })?;
    // Templates write the count as a number, older tools as a string; SQS takes both.
    let count = count
        .as_u64()
        .or_else(|| count.as_str().and_then(|text| text.parse().ok()));
    match count.and_then(|count| u32::try_from(count).ok()) {
        Some(count @ 1..=1000) => Ok(RedrivePolicy {
            dead_letter_target_arn: arn.to_owned(),
            max_receive_count: count,
        }),
        _ => Err(invalid(
            "Invalid value for maxReceiveCount: must be an integer from 1 to 1000",
        )),
    }
}

fn read_allow(text: &str) -> Result<RedriveAllowPolicy, Rejection> {
    let invalid = |reason: &str| Rejection::parameter(text, "RedriveAllowPolicy", reason);
    let policy: Value = serde_json::from_str(text)
        .map_err(|_| invalid("Redrive allow policy is not a valid JSON map"))?;
    let sources = policy.get("sourceQueueArns");
    match policy.get("redrivePermission").and_then(Value::as_str) {
        Some("allowAll") if sources.is_none() => Ok(RedriveAllowPolicy::AllowAll),
        Some("denyAll") if sources.is_none() => Ok(RedriveAllowPolicy::DenyAll),
        Some("allowAll" | "denyAll") => Err(invalid(
            "sourceQueueArns can be given with redrivePermission byQueue only",
        )),
        Some("byQueue") => {
            let arns = sources
                .and_then(Value::as_array)
                .filter(|arns| (1..=10).contains(&arns.len()));
            let arns = arns.ok_or_else(|| invalid("byQueue needs 1 to 10 sourceQueueArns"))?;
            Ok(RedriveAllowPolicy::ByQueue(
                arns.iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect(),
            ))
        }
        _ => Err(invalid(
            "redrivePermission must be allowAll, denyAll or byQueue",
        )),
    }
}
