//! The resolved template: every intrinsic evaluated, every default filled in. Owns the types and the questions that
//! can be answered from them; not how they are read.

mod api;
mod function;
mod messaging;
mod table;
mod watching;

use std::collections::{BTreeMap, BTreeSet};

pub use api::{Api, Authorizer, Cors};
pub use function::{EventSource, Function, LogGroup, Permission, Role, StartingPosition};
pub use messaging::{Queue, QueuePolicy, RedrivePolicy, Subscription, Topic};
pub use table::{
    AttributeDefinition, AttributeKind, Index, KeySchema, Projection, StreamView, Table,
};
pub use watching::{Alarm, Dashboard, Metric};

/// Everything that the local engine runs, and what watches it on AWS, resolved for one stack.
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
    /// The alarms; none of them is evaluated locally.
    pub alarms: Vec<Alarm>,
    /// The dashboards; none is shown locally.
    pub dashboards: Vec<Dashboard>,
    /// The HTTP API, where the template has one.
    pub api: Option<Api>,
    /// The stack's outputs.
    pub outputs: Vec<Output>,
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
