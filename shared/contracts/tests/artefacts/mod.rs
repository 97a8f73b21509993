//! The committed artefacts of the published language: where they stand, and what generates them.

use std::path::PathBuf;

use contracts::EventType;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// Where the event type's schema stands.
pub fn schema_path(event_type: &str) -> PathBuf {
    folder("schemas").join(format!("{event_type}.json"))
}

/// The folder of that name in this crate.
pub fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The schema of the event type's data, self-contained: nothing in it points elsewhere.
pub fn generated_schema(event_type: &EventType) -> Value {
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut generator = SchemaGenerator::new(settings);
    let schema = (event_type.schema)(&mut generator);
    let mut schema = schema.to_value();
    if let Some(schema) = schema.as_object_mut() {
        let dialect = "https://json-schema.org/draft/2020-12/schema";
        schema.insert("$schema".to_owned(), dialect.into());
        let id = format!("urn:noren:schema:{}", event_type.name);
        schema.insert("$id".to_owned(), id.into());
        schema.insert("title".to_owned(), event_type.name.into());
    }
    schema
}

/// The schema's text, as it is committed.
pub fn schema_text(schema: &Value) -> String {
    format!("{schema:#}\n")
}
