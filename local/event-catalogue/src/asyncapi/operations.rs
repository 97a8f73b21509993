//! Operations: who says, who hears, who consumes.

use serde_json::{Value, json};

use super::channels::heard;
use super::{SNS_BINDING, SQS_BINDING, channel_messages, object, reference};
use crate::catalogue::{Catalogue, Context, Subscription};

/// Every operation by its name.
pub(super) fn all(catalogue: &Catalogue) -> Value {
    let contexts = catalogue.contexts.iter();
    let own = contexts.flat_map(|context| {
        says(catalogue, context)
            .into_iter()
            .chain(consumes(catalogue, context))
    });
    let subscriptions = catalogue.subscriptions.iter().map(hears);
    object(own.chain(subscriptions))
}

fn says(catalogue: &Catalogue, context: &Context) -> Option<(String, Value)> {
    let topic = context.topic.as_ref()?;
    let said = catalogue.events.iter();
    let said: Vec<&str> = said
        .filter(|event| event.producer == context.name)
        .map(|event| event.event_type.as_str())
        .collect();
    let operation = json!({
        "action": "send",
        "title": format!("{} says", context.name),
        "description": format!(
            "{} publishes what it has committed, at least once, each event with its type as a message attribute.",
            context.name
        ),
        "channel": reference(&["channels", &topic.logical_id]),
        "messages": channel_messages(&topic.logical_id, said),
        "tags": [{ "name": context.name }],
        "x-noren-context": context.name,
    });
    Some((format!("{}-says", context.name), operation))
}

fn hears(subscription: &Subscription) -> (String, Value) {
    let Subscription {
        declared,
        producer,
        topic,
        consumer,
        queue,
        undelivered,
        event_types,
    } = subscription;
    let mut receiver = json!({
        "protocol": "sqs",
        "endpoint": { "name": queue.name },
        "rawMessageDelivery": declared.raw_delivery,
    });
    if let Some(policy) = &declared.filter_policy {
        receiver["filterPolicy"] = policy.clone();
        receiver["filterPolicyScope"] = declared.filter_policy_scope.clone().into();
    }
    if let Some(undelivered) = undelivered {
        receiver["redrivePolicy"] = json!({ "deadLetterQueue": { "name": undelivered.name } });
    }
    let operation = json!({
        "action": "receive",
        "title": format!("{consumer} hears {producer}"),
        "description": format!(
            "The subscription {} lets these types through from {} to {}.",
            declared.logical_id, topic.logical_id, queue.logical_id
        ),
        "channel": reference(&["channels", &topic.logical_id]),
        "messages": channel_messages(&topic.logical_id, event_types.iter().map(String::as_str)),
        "tags": [{ "name": consumer }],
        "bindings": { "sns": {
            "topic": { "name": topic.name },
            "consumers": [receiver],
            "bindingVersion": SNS_BINDING,
        } },
        "x-noren-context": consumer,
    });
    (declared.logical_id.clone(), operation)
}

fn consumes(catalogue: &Catalogue, context: &Context) -> Option<(String, Value)> {
    let queue = context.queue.as_ref()?;
    let operation = json!({
        "action": "receive",
        "title": format!("{} consumes", context.name),
        "description": format!(
            "{} handles what it hears; what it fails to handle goes to the dead-letter queue.",
            context.name
        ),
        "channel": reference(&["channels", &queue.logical_id]),
        "messages": channel_messages(&queue.logical_id, heard(catalogue, context)),
        "tags": [{ "name": context.name }],
        "bindings": { "sqs": {
            "queues": [{ "name": queue.name }],
            "bindingVersion": SQS_BINDING,
        } },
        "x-noren-context": context.name,
    });
    Some((format!("{}-consumes", context.name), operation))
}
