//! JSON Schemas of the published language, made from its Rust types.

use contracts::{CloudEvent, EventType};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema as _, Schema, SchemaGenerator};
use serde_json::Value;

/// The name under which the envelope's schema stands beside those of the event types.
pub const ENVELOPE: &str = "envelope";

/// The schema of the event type's data, self-contained: nothing in it points elsewhere.
pub fn of(event_type: &EventType) -> Value {
    named(event_type.name, event_type.schema)
}

/// The schema of the envelope that every event travels in.
pub fn envelope() -> Value {
    named(ENVELOPE, CloudEvent::json_schema)
}

/// The schemas of the whole published language by name: the envelope, then each event type.
pub fn all() -> Vec<(String, Value)> {
    let events = contracts::all_event_types();
    let events = events.iter().map(|one| (one.name.to_owned(), of(one)));
    std::iter::once((ENVELOPE.to_owned(), envelope()))
        .chain(events)
        .collect()
}

fn named(name: &str, schema: fn(&mut SchemaGenerator) -> Schema) -> Value {
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut generator = SchemaGenerator::new(settings);
    let mut schema = schema(&mut generator).to_value();
    if let Some(schema) = schema.as_object_mut() {
        let dialect = "https://json-schema.org/draft/2020-12/schema";
        schema.insert("$schema".to_owned(), dialect.into());
        schema.insert("$id".to_owned(), format!("urn:noren:schema:{name}").into());
        schema.insert("title".to_owned(), name.into());
    }
    schema
}
