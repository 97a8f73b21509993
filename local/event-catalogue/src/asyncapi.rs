//! The AsyncAPI 3.0 document of the whole system, with bindings for SNS (0.1.0) and SQS (0.2.0).
//!
//! A channel is a topic or a queue. The operation `<context>-says` sends to its topic; each subscription is an operation
//! that receives from another's topic, with the filter policy in its SNS binding; `<context>-consumes` receives from the
//! context's queue. Extensions that begin with `x-noren-` hold what AsyncAPI has no word for.

mod channels;
mod messages;
mod operations;

use serde_json::{Map, Value, json};

use crate::catalogue::Catalogue;

/// The version of the AsyncAPI specification.
pub const VERSION: &str = "3.0.0";
const SNS_BINDING: &str = "0.1.0";
const SQS_BINDING: &str = "0.2.0";

const DESCRIPTION: &str = "What Noren's contexts say to one another, and how to listen in.

Each context publishes to one SNS topic that nobody else publishes to. A consumer has an SQS queue of its own, with a \
dead-letter queue, subscribed to the topics that it needs with raw message delivery and a filter policy on the message \
attribute `type`. A message's body is then one event: CloudEvents 1.0 in JSON.

Topics and queues are standard ones: an event comes at least once, late, and in any order. Its `id` is the same each time \
that it comes. Of two events of one producer about one `subject`, the one with the larger `aggregateversion` is the \
newer.

Addresses are names in a stack called `noren`. CloudFormation appends `-` and twelve characters of its own to them; the \
local stack appends nothing. Who may subscribe is a matter of IAM (`sns:Subscribe`), and requests are signed (Signature \
Version 4).

Schemas only ever gain optional properties, so a consumer must ignore properties that it does not know. A breaking change \
is a new type that is published beside the old one.";

/// The document.
pub fn document(catalogue: &Catalogue) -> Value {
    json!({
        "asyncapi": VERSION,
        "id": "urn:noren:events",
        "info": {
            "title": "Noren events",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "contact": { "name": "The authors of Noren" },
            "license": { "name": "Apache-2.0 OR MIT" },
            "tags": tags(catalogue),
        },
        "defaultContentType": messages::CONTENT_TYPE,
        "servers": servers(),
        "channels": channels::all(catalogue),
        "operations": operations::all(catalogue),
        "components": {
            "messages": messages::all(catalogue),
            "schemas": messages::schemas(catalogue),
        },
    })
}

fn tags(catalogue: &Catalogue) -> Vec<Value> {
    let names = catalogue.context_names();
    let tag = |name: &&str| json!({ "name": name, "description": format!("What {name} says and hears.") });
    names.iter().map(tag).collect()
}

fn servers() -> Value {
    let region = json!({
        "region": { "default": "ap-northeast-1", "description": "The region of the stack." },
    });
    json!({
        "sns": {
            "host": "sns.{region}.amazonaws.com",
            "protocol": "sns",
            "description": "Where topics are.",
            "variables": region,
        },
        "sqs": {
            "host": "sqs.{region}.amazonaws.com",
            "protocol": "sqs",
            "description": "Where queues are.",
            "variables": region,
        },
        "localTopics": {
            "host": "127.0.0.1:4566",
            "protocol": "sns",
            "description": "The topics of the local stack, over plain HTTP.",
        },
        "localQueues": {
            "host": "127.0.0.1:4566",
            "protocol": "sqs",
            "description": "The queues of the local stack, over plain HTTP.",
        },
    })
}

/// References to messages of a channel, as operations need them.
fn channel_messages<'a>(channel: &str, types: impl IntoIterator<Item = &'a str>) -> Vec<Value> {
    let types = types.into_iter();
    let references =
        types.map(|event_type| reference(&["channels", channel, "messages", event_type]));
    references.collect()
}

fn reference(path: &[&str]) -> Value {
    json!({ "$ref": format!("#/{}", path.join("/")) })
}

fn object(entries: impl IntoIterator<Item = (String, Value)>) -> Value {
    Value::Object(entries.into_iter().collect::<Map<_, _>>())
}
