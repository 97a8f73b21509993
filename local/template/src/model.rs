//! The resolved template: every intrinsic evaluated, every default filled in. Owns the types and the questions that
//! can be answered from them; not how they are read.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use crate::pattern::FilterCriteria;

/// Everything that the local engine runs, resolved for one stack.
#[derive(Debug, Clone)]
pub struct Template {
    /// DynamoDB tables, in the template's order, as all lists here.
    pub tables: Vec<Table>,
    /// SNS topics.
    pub topics: Vec<Topic>,
    /// SQS queues, dead-letter queues among them.
    pub queues: Vec<Queue>,
    /// Which topics a queue accepts messages from.
    pub queue_policies: Vec<QueuePolicy>,
    /// Subscriptions of queues to topics.
    pub subscriptions: Vec<Subscription>,
    /// Lambda functions with their event sources.
    pub functions: Vec<Function>,
    /// The log groups of the functions.
    pub log_groups: Vec<LogGroup>,
    /// What each execution role allows.
    pub roles: Vec<Role>,
    /// The HTTP API, where the template has one.
    pub api: Option<Api>,
    /// The stack's outputs.
    pub outputs: Vec<Output>,
}

/// A DynamoDB table, on demand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Name in the template.
    pub logical_id: String,
    /// Physical name.
    pub name: String,
    /// ARN, in the stack's region and account.
    pub arn: String,
    /// Attributes that keys and indexes use.
    pub attributes: Vec<AttributeDefinition>,
    /// The table's own key.
    pub key: KeySchema,
    /// Global secondary indexes.
    pub indexes: Vec<Index>,
    /// What a stream record carries; none without a stream.
    pub stream_view: Option<StreamView>,
    /// The attribute holding the expiry in epoch seconds.
    pub ttl_attribute: Option<String>,
}

/// An attribute that a key uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeDefinition {
    /// The attribute's name.
    pub name: String,
    /// Its type.
    pub kind: AttributeKind,
}

/// Types that a key attribute may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeKind {
    /// `S`
    String,
    /// `N`
    Number,
    /// `B`
    Binary,
}

impl AttributeKind {
    /// The letter that DynamoDB's API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "S",
            Self::Number => "N",
            Self::Binary => "B",
        }
    }
}

/// Attribute names of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySchema {
    /// Partition key.
    pub hash: String,
    /// Sort key.
    pub range: Option<String>,
}

/// A global secondary index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Its key.
    pub key: KeySchema,
    /// What is copied into it.
    pub projection: Projection,
}

/// What an index holds besides the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Projection {
    /// The whole item.
    All,
    /// Nothing.
    KeysOnly,
    /// These attributes.
    Include(Vec<String>),
}

/// What a stream record carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamView {
    /// Keys only.
    KeysOnly,
    /// The item as it is after the write.
    NewImage,
    /// The item as it was before.
    OldImage,
    /// Both.
    NewAndOldImages,
}

impl StreamView {
    /// The word that DynamoDB's API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::KeysOnly => "KEYS_ONLY",
            Self::NewImage => "NEW_IMAGE",
            Self::OldImage => "OLD_IMAGE",
            Self::NewAndOldImages => "NEW_AND_OLD_IMAGES",
        }
    }
}

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

/// A Lambda function built by cargo-lambda.
#[derive(Debug, Clone)]
pub struct Function {
    /// Name in the template.
    pub logical_id: String,
    /// Physical name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// The cargo binary.
    pub binary: String,
    /// Folder of its package, relative to the template.
    pub code_uri: String,
    /// Time that one invocation may take.
    pub timeout: Duration,
    /// Memory in MiB.
    pub memory_mb: u32,
    /// Environment variables, resolved.
    pub environment: BTreeMap<String, String>,
    /// ARN of the execution role, where the template writes one out.
    pub role_arn: Option<String>,
    /// Name of the log group, where the template names one.
    pub log_group: Option<String>,
    /// What invokes it.
    pub event_sources: Vec<EventSource>,
}

/// What invokes a function.
#[derive(Debug, Clone)]
pub enum EventSource {
    /// Messages of a queue.
    Queue {
        /// Name of the event in the template.
        name: String,
        /// ARN of the queue.
        queue_arn: String,
        /// Messages in one invocation, at most.
        batch_size: u32,
        /// Seconds to wait for a fuller batch.
        window_seconds: u32,
        /// Whether the function names the messages that failed.
        report_failures: bool,
        /// Concurrent invocations, at most (2 to 1,000); none means no limit of the mapping's own.
        max_concurrency: Option<u32>,
        /// Which messages are wanted; the others are deleted.
        filters: FilterCriteria,
    },
    /// Records of a table's stream.
    Stream {
        /// Name of the event in the template.
        name: String,
        /// Physical name of the table.
        table: String,
        /// Records in one invocation, at most.
        batch_size: u32,
        /// Seconds to wait for a fuller batch.
        window_seconds: u32,
        /// Which records are wanted; the others are skipped.
        filters: FilterCriteria,
        /// Whether a failing batch is split in two.
        bisect: bool,
        /// Tries after the first; none means until the record expires.
        max_retries: Option<u32>,
        /// Age after which a record is given up; none means as long as the stream keeps it.
        max_age_seconds: Option<u32>,
        /// Whether the function names the record from which to try again.
        report_failures: bool,
        /// ARN of the queue that is told of records given up.
        on_failure_queue_arn: Option<String>,
        /// Where reading starts.
        starting_position: StartingPosition,
        /// Batches of one shard handled at once (1 to 10).
        parallelization: u32,
    },
    /// EventBridge Scheduler, at a fixed rate.
    Schedule {
        /// Name of the event in the template.
        name: String,
        /// Time between two invocations.
        rate: Duration,
        /// The JSON text that the function receives; none means Scheduler's own event.
        input: Option<String>,
    },
    /// A route of the HTTP API.
    Http {
        /// Name of the event in the template.
        name: String,
        /// Method in capitals.
        method: String,
        /// Path with `{name}` for a variable segment.
        path: String,
        /// Name of the authoriser; none means that anybody may call.
        authorizer: Option<String>,
        /// Scopes of which the token must hold at least one; empty means any valid token.
        scopes: Vec<String>,
    },
}

/// Where a stream's reader starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartingPosition {
    /// At the oldest record kept.
    TrimHorizon,
    /// After the newest.
    Latest,
}

/// A log group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogGroup {
    /// Name in the template.
    pub logical_id: String,
    /// Physical name.
    pub name: String,
    /// Days for which it keeps a line; none means for ever.
    pub retention_days: Option<u32>,
}

/// An execution role and what it allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Name in the template.
    pub logical_id: String,
    /// ARN.
    pub arn: String,
    /// What is allowed; nothing else is.
    pub permissions: Vec<Permission>,
}

/// One `Allow` statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// Actions, such as `sns:Publish`.
    pub actions: Vec<String>,
    /// ARNs.
    pub resources: Vec<String>,
}

/// The HTTP API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    /// Name in the template.
    pub logical_id: String,
    /// Authorisers by name.
    pub authorizers: BTreeMap<String, Authorizer>,
    /// The one used where a route does not say.
    pub default_authorizer: Option<String>,
    /// Answers to browsers of other origins.
    pub cors: Option<Cors>,
    /// Largest request in bytes that reaches a function: an invocation's payload, 6 MB, is the tighter of Lambda's and
    /// API Gateway's (10 MB) limits.
    pub request_limit_bytes: usize,
    /// Largest answer in bytes: the same limit of an invocation.
    pub response_limit_bytes: usize,
    /// Longest that API Gateway waits for a function: 30 s for an HTTP API, not adjustable upwards.
    pub integration_timeout: Duration,
}

/// A JWT authoriser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorizer {
    /// The `iss` that a token must have.
    pub issuer: String,
    /// One of these must be in its `aud` (or be its `client_id`, where there is no `aud`).
    pub audience: Vec<String>,
    /// Name of the request header that holds the token, in lower case.
    pub header: String,
}

/// Cross-origin rules of the HTTP API.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cors {
    /// `Access-Control-Allow-Origin`
    pub allow_origins: Vec<String>,
    /// `Access-Control-Allow-Methods`
    pub allow_methods: Vec<String>,
    /// `Access-Control-Allow-Headers`
    pub allow_headers: Vec<String>,
    /// `Access-Control-Expose-Headers`
    pub expose_headers: Vec<String>,
    /// `Access-Control-Allow-Role`
    pub allow_credentials: bool,
    /// `Access-Control-Max-Age`
    pub max_age_seconds: Option<u32>,
}

/// One output of the stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// Its value, resolved.
    pub value: String,
}

/// Why [`Template::hears`] has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HearsError {
    /// There is no such function.
    #[error("the template has no function {0}")]
    NoFunction(String),
    /// A subscription selects by something else than a list of types, so that no list can say what is heard.
    #[error(
        "the subscription {0} does not filter by a list of event types in the message attribute `type` alone"
    )]
    NotByType(String),
}

impl Template {
    /// The function with this logical id.
    pub fn function(&self, logical_id: &str) -> Option<&Function> {
        self.functions
            .iter()
            .find(|function| function.logical_id == logical_id)
    }

    /// The table with this logical id.
    pub fn table(&self, logical_id: &str) -> Option<&Table> {
        self.tables
            .iter()
            .find(|table| table.logical_id == logical_id)
    }

    /// The queue with this ARN.
    pub fn queue_by_arn(&self, arn: &str) -> Option<&Queue> {
        self.queues.iter().find(|queue| queue.arn == arn)
    }

    /// The topic with this ARN.
    pub fn topic_by_arn(&self, arn: &str) -> Option<&Topic> {
        self.topics.iter().find(|topic| topic.arn == arn)
    }

    /// What a function hears: event types by the logical id of the topic that they are published to.
    ///
    /// `function` is the logical id. Two subscriptions of its queues to one topic are put together.
    ///
    /// # Errors
    /// When there is no such function, or a subscription filters by something else than event types.
    pub fn hears(&self, function: &str) -> Result<BTreeMap<String, BTreeSet<String>>, HearsError> {
        let found = self
            .function(function)
            .ok_or_else(|| HearsError::NoFunction(function.to_owned()))?;
        let mut heard = BTreeMap::<String, BTreeSet<String>>::new();
        for source in &found.event_sources {
            let EventSource::Queue { queue_arn, .. } = source else {
                continue;
            };
            for subscription in self
                .subscriptions
                .iter()
                .filter(|one| one.queue_arn == *queue_arn)
            {
                let topic = self.topic_by_arn(&subscription.topic_arn).map_or_else(
                    || subscription.topic_arn.clone(),
                    |topic| topic.logical_id.clone(),
                );
                let types = subscription
                    .event_types()
                    .ok_or_else(|| HearsError::NotByType(subscription.logical_id.clone()))?;
                heard.entry(topic).or_default().extend(types);
            }
        }
        Ok(heard)
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
