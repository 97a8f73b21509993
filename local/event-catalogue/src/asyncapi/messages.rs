//! Messages and their schemas: the envelope, and the data of each event type in it.

use serde_json::{Value, json};

use super::{object, reference};
use crate::catalogue::{Catalogue, Event};
use crate::schema;

/// CloudEvents in JSON, structured mode.
pub(super) const CONTENT_TYPE: &str = "application/cloudevents+json";
/// The envelope's schema among the components.
const ENVELOPE: &str = "CloudEvent";

/// Every message by its event type.
pub(super) fn all(catalogue: &Catalogue) -> Value {
    let events = catalogue.events.iter();
    object(events.map(|event| (event.event_type.clone(), message(event))))
}

/// The envelope's schema, and each event type's.
pub(super) fn schemas(catalogue: &Catalogue) -> Value {
    let events = catalogue.events.iter();
    let events = events.map(|event| (event.event_type.clone(), embedded(event.schema.clone())));
    let envelope = (ENVELOPE.to_owned(), embedded(schema::envelope()));
    object(std::iter::once(envelope).chain(events))
}

/// A schema inside the document, where it has neither a dialect nor an address of its own: AsyncAPI's default is a superset
/// of JSON Schema draft 7, in which all keywords that ours use mean the same.
fn embedded(mut schema: Value) -> Value {
    if let Some(schema) = schema.as_object_mut() {
        schema.remove("$schema");
        schema.remove("$id");
    }
    schema
}

fn message(event: &Event) -> Value {
    let Event {
        event_type,
        producer,
        description,
        consumers,
        example,
        ..
    } = event;
    let consumers: Vec<&str> = consumers.iter().map(|one| one.context.as_str()).collect();
    let constant = |text: &str| json!({ "type": "string", "const": text });
    json!({
        "name": event_type,
        "title": event.name(),
        "summary": description,
        "contentType": CONTENT_TYPE,
        "headers": {
            "type": "object",
            "description": "Message attributes.",
            "required": ["type"],
            "properties": { "type": constant(event_type) },
        },
        "payload": {
            "allOf": [
                reference(&["components", "schemas", ENVELOPE]),
                {
                    "type": "object",
                    "properties": {
                        "type": constant(event_type),
                        "source": constant(&format!("noren/{producer}")),
                        "dataschema": constant(&format!("urn:noren:schema:{event_type}")),
                        "data": reference(&["components", "schemas", event_type]),
                    },
                },
            ],
        },
        "correlationId": {
            "description": "The same in all that followed from one request.",
            "location": "$message.payload#/correlationid",
        },
        "tags": [{ "name": producer }],
        "examples": [{ "name": event.name(), "headers": { "type": event_type }, "payload": example }],
        "x-noren-producer": producer,
        "x-noren-consumers": consumers,
    })
}
