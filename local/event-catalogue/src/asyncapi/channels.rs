//! Channels: topics, and the queues that contexts consume.

use std::collections::BTreeSet;

use sam_template::{Queue, Topic};
use serde_json::{Value, json};

use super::{SNS_BINDING, SQS_BINDING, object, reference};
use crate::catalogue::{Catalogue, Context};

/// Every channel, by the name of its topic or queue in the template.
pub(super) fn all(catalogue: &Catalogue) -> Value {
    let contexts = catalogue.contexts.iter();
    object(contexts.flat_map(|context| {
        let topic = context.topic.as_ref();
        let topic = topic.map(|topic| {
            (
                topic.logical_id.clone(),
                of_topic(catalogue, context, topic),
            )
        });
        let queue = context.queue.as_ref();
        let queue = queue.map(|queue| {
            (
                queue.logical_id.clone(),
                of_queue(catalogue, context, queue),
            )
        });
        topic.into_iter().chain(queue)
    }))
}

fn of_topic(catalogue: &Catalogue, context: &Context, topic: &Topic) -> Value {
    let said = catalogue.events.iter();
    let said = said.filter(|event| event.producer == context.name);
    let said = said.map(|event| event.event_type.as_str()).collect();
    json!({
        "address": topic.name,
        "title": topic.logical_id,
        "summary": format!("What {} says. Nobody else publishes here.", context.name),
        "servers": [reference(&["servers", "sns"]), reference(&["servers", "localTopics"])],
        "messages": messages(said),
        "tags": [{ "name": context.name }],
        "bindings": { "sns": {
            "name": topic.name,
            "ordering": { "type": "standard" },
            "bindingVersion": SNS_BINDING,
        } },
    })
}

fn of_queue(catalogue: &Catalogue, context: &Context, queue: &Queue) -> Value {
    let mut binding = json!({
        "queue": with_redrive(queue, context.dead_letters.as_ref()),
        "bindingVersion": SQS_BINDING,
    });
    if let Some(dead_letters) = &context.dead_letters {
        binding["deadLetterQueue"] = described(dead_letters);
    }
    json!({
        "address": queue.name,
        "title": queue.logical_id,
        "summary": format!("What {} hears. Nobody else consumes it.", context.name),
        "servers": [reference(&["servers", "sqs"]), reference(&["servers", "localQueues"])],
        "messages": messages(heard(catalogue, context)),
        "tags": [{ "name": context.name }],
        "bindings": { "sqs": binding },
    })
}

/// The event types that a context hears, from whomever.
pub(super) fn heard<'a>(catalogue: &'a Catalogue, context: &Context) -> BTreeSet<&'a str> {
    let subscriptions = catalogue.subscriptions.iter();
    subscriptions
        .filter(|one| one.consumer == context.name)
        .flat_map(|one| &one.event_types)
        .map(String::as_str)
        .collect()
}

fn messages(types: BTreeSet<&str>) -> Value {
    object(types.into_iter().map(|event_type| {
        let message = reference(&["components", "messages", event_type]);
        (event_type.to_owned(), message)
    }))
}

/// A queue as the bindings describe it.
fn described(queue: &Queue) -> Value {
    json!({
        "name": queue.name,
        "fifoQueue": false,
        "deliveryDelay": queue.delay_seconds,
        "visibilityTimeout": queue.visibility_timeout_seconds,
        "receiveMessageWaitTime": queue.receive_wait_seconds,
        "messageRetentionPeriod": queue.message_retention_seconds,
    })
}

fn with_redrive(queue: &Queue, dead_letters: Option<&Queue>) -> Value {
    let mut described = described(queue);
    if let (Some(redrive), Some(dead_letters)) = (&queue.redrive, dead_letters) {
        described["redrivePolicy"] = json!({
            "deadLetterQueue": { "name": dead_letters.name },
            "maxReceiveCount": redrive.max_receive_count,
        });
    }
    described
}
