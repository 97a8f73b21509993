//! `AWS::SNS::Topic`, `AWS::SNS::Subscription`, `AWS::SQS::Queue` and `AWS::SQS::QueuePolicy`.

use std::collections::BTreeSet;

use crate::error::Refusal;
use crate::field::{Field, Fields};
use crate::identity::{Identity, Kind};
use crate::intrinsic::Scope;
use crate::model::{Queue, QueuePolicy, RedrivePolicy, Subscription, Topic};

use super::named;
use super::permission::statements;

pub(crate) fn topic(
    logical_id: String,
    identity: &Identity,
    mut fields: Fields,
) -> Result<Topic, Refusal> {
    refuse_fifo(fields.take("FifoTopic"))?;
    fields.finish()?;
    Ok(Topic {
        logical_id,
        name: identity.name.clone(),
        arn: identity.arn.clone(),
    })
}

/// FIFO dedupes for five minutes only, and one poison message blocks its group: standard topics and queues are run.
fn refuse_fifo(field: Option<Field>) -> Result<(), Refusal> {
    match field {
        Some(field) if field.clone().boolean()? => Err(field.refuse("FIFO is not run locally")),
        Some(_) | None => Ok(()),
    }
}

/// Limits and defaults as SQS documents them for `SetQueueAttributes`.
pub(crate) fn queue(
    logical_id: String,
    identity: &Identity,
    mut fields: Fields,
    scope: &Scope<'_>,
) -> Result<Queue, Refusal> {
    refuse_fifo(fields.take("FifoQueue"))?;
    let mut seconds = |key: &str, allowed: std::ops::RangeInclusive<u32>, default: u32| {
        fields
            .take(key)
            .map_or(Ok(default), |field| field.integer(allowed))
    };
    let visibility_timeout_seconds = seconds("VisibilityTimeout", 0..=43_200, 30)?;
    let message_retention_seconds = seconds("MessageRetentionPeriod", 60..=1_209_600, 345_600)?;
    let delay_seconds = seconds("DelaySeconds", 0..=900, 0)?;
    let maximum_message_bytes = seconds("MaximumMessageSize", 1_024..=1_048_576, 1_048_576)?;
    let receive_wait_seconds = seconds("ReceiveMessageWaitTimeSeconds", 0..=20, 0)?;
    let redrive = match fields.take("RedrivePolicy") {
        None => None,
        Some(field) => {
            let mut policy = field.fields("a redrive policy")?;
            let target = named(policy.need("deadLetterTargetArn")?, Kind::Queue, scope)?;
            let max_receive_count = policy.need("maxReceiveCount")?.integer(1..=1_000)?;
            policy.finish()?;
            Some(RedrivePolicy {
                dead_letter_queue_arn: target.arn.clone(),
                max_receive_count,
            })
        }
    };
    fields.finish()?;
    Ok(Queue {
        logical_id,
        name: identity.name.clone(),
        arn: identity.arn.clone(),
        url: identity.reference("Resources", 0)?.to_owned(),
        visibility_timeout_seconds,
        message_retention_seconds,
        delay_seconds,
        maximum_message_bytes,
        receive_wait_seconds,
        redrive,
        policy: None,
    })
}

pub(crate) fn subscription(
    logical_id: String,
    mut fields: Fields,
    scope: &Scope<'_>,
) -> Result<Subscription, Refusal> {
    fields.need("Protocol")?.one_of(&["sqs"])?;
    let topic_arn = named(fields.need("TopicArn")?, Kind::Topic, scope)?
        .arn
        .clone();
    let queue_arn = named(fields.need("Endpoint")?, Kind::Queue, scope)?
        .arn
        .clone();
    let raw_delivery = fields
        .take("RawMessageDelivery")
        .map_or(Ok(false), Field::boolean)?;
    let scope_field = fields.take("FilterPolicyScope");
    let filter_policy_scope = scope_field.map_or(Ok("MessageAttributes".to_owned()), |field| {
        field.one_of(&["MessageAttributes", "MessageBody"])
    })?;
    let filter_policy = match fields.take("FilterPolicy") {
        Some(field) if field.json().is_object() => Some(field.json()),
        Some(field) => return Err(field.refuse("a filter policy is a map")),
        None => None,
    };
    let dead_letter_queue_arn = match fields.take("RedrivePolicy") {
        None => None,
        Some(field) => {
            let mut policy = field.fields("a redrive policy")?;
            let target = named(policy.need("deadLetterTargetArn")?, Kind::Queue, scope)?;
            policy.finish()?;
            Some(target.arn.clone())
        }
    };
    fields.finish()?;
    Ok(Subscription {
        logical_id,
        topic_arn,
        queue_arn,
        raw_delivery,
        filter_policy,
        filter_policy_scope,
        dead_letter_queue_arn,
    })
}

/// A queue policy is read as "these topics may send": anything else it could say is refused.
pub(crate) fn queue_policy(
    logical_id: String,
    line: usize,
    mut fields: Fields,
    scope: &Scope<'_>,
) -> Result<QueuePolicy, Refusal> {
    let queue_urls = fields.need("Queues")?.texts()?;
    let document = fields.need("PolicyDocument")?;
    fields.finish()?;
    let mut policy = QueuePolicy {
        logical_id,
        queue_urls,
        queue_arns: BTreeSet::new(),
        topic_arns: BTreeSet::new(),
        document: document.json(),
        line,
    };
    for statement in statements(document)? {
        let mut statement = statement.fields("a statement of a queue policy")?;
        statement.take("Sid");
        statement.need("Effect")?.one_of(&["Allow"])?;
        statement.need("Action")?.one_of(&["sqs:SendMessage"])?;
        let mut principal = statement.need("Principal")?.fields("a principal")?;
        principal.need("Service")?.one_of(&["sns.amazonaws.com"])?;
        principal.finish()?;
        policy.queue_arns.insert(
            named(statement.need("Resource")?, Kind::Queue, scope)?
                .arn
                .clone(),
        );
        let mut condition = statement.need("Condition")?.fields("a condition")?;
        let mut equals = condition.need("ArnEquals")?.fields("ArnEquals")?;
        let sources = equals.need("aws:SourceArn")?;
        for (position, arn) in sources.clone().one_or_more_texts()?.into_iter().enumerate() {
            let node = crate::node::Node::text(sources.node.line, arn);
            let field = Field::new(node, format!("{}[{position}]", sources.path));
            policy
                .topic_arns
                .insert(named(field, Kind::Topic, scope)?.arn.clone());
        }
        equals.finish()?;
        condition.finish()?;
        statement.finish()?;
    }
    Ok(policy)
}
