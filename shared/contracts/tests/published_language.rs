//! The committed schemas and golden examples agree with the code, and say nothing personal.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use contracts::{CloudEvent, EventType, all_event_types};
use identifiers::MessageId;
use serde_json::Value;

/// The folder of that name in this crate.
fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn committed(name: &str) -> Value {
    let path = folder("schemas").join(format!("{name}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; run `cargo run -p event-catalogue`",
            path.display()
        )
    });
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn committed_schema(event_type: &EventType) -> Value {
    committed(event_type.name)
}

fn example(event_type: &EventType) -> Value {
    serde_json::from_str(event_type.example)
        .unwrap_or_else(|error| panic!("{}: {error}", event_type.name))
}

fn assert_meets(schema: &Value, value: &Value, name: &str) {
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{name}: {errors:?}");
}

#[test]
fn schemas_and_examples_stand_for_event_types_that_exist() {
    let names: BTreeSet<String> = all_event_types()
        .iter()
        .map(|event_type| format!("{}.json", event_type.name))
        .collect();
    assert_eq!(
        names.len(),
        all_event_types().len(),
        "two event types have one name"
    );
    for (kind, others) in [("schemas", vec!["envelope.json"]), ("examples", vec![])] {
        let present: BTreeSet<String> = fs::read_dir(folder(kind))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !others.contains(&name.as_str()))
            .collect();
        assert_eq!(present, names, "in {kind}/");
    }
}

#[test]
fn every_golden_example_meets_its_schema_and_survives_the_rust_type() {
    for event_type in all_event_types() {
        let event = example(&event_type);
        let data = &event["data"];
        assert_meets(&committed("envelope"), &event, event_type.name);
        assert_meets(&committed_schema(&event_type), data, event_type.name);

        let kept = (event_type.round_trip)(&data.to_string())
            .unwrap_or_else(|error| panic!("{}: {error}", event_type.name));
        let kept: Value = serde_json::from_str(&kept).unwrap();
        assert_eq!(&kept, data, "{} loses part of its example", event_type.name);
    }
}

#[test]
fn every_golden_example_fills_every_property() {
    for event_type in all_event_types() {
        let event = example(&event_type);
        let schema = committed_schema(&event_type);
        for property in schema["properties"].as_object().unwrap().keys() {
            assert!(
                event["data"].get(property).is_some(),
                "{}: the example lacks {property}",
                event_type.name
            );
        }
    }
}

#[test]
fn every_golden_example_is_a_whole_event_of_its_type() {
    for event_type in all_event_types() {
        let value = example(&event_type);
        let event = CloudEvent::read(event_type.example).unwrap();
        let context = event_type.name.split('.').next().unwrap();
        assert_eq!(event.event_type, event_type.name);
        assert_eq!(event.source, format!("noren/{context}"));
        assert_eq!(event.datacontenttype, "application/json");
        assert_eq!(
            event.dataschema,
            format!("urn:noren:schema:{}", event.event_type)
        );
        let id = format!("{context}.{}.{}.0", event.subject, event.aggregateversion);
        assert_eq!(event.id, MessageId::new(id).unwrap(), "{}", event_type.name);
        let again: Value = serde_json::from_str(&event.to_json()).unwrap();
        assert_eq!(again, value, "{}", event_type.name);
    }
}

/// Words that name what only customers and contexts that own it may hold.
const PERSONAL: &[&str] = &[
    "email",
    "mail",
    "name",
    "surname",
    "address",
    "street",
    "postcode",
    "phone",
    "telephone",
    "birthday",
    "card",
];

#[test]
fn no_event_has_a_property_for_personal_data() {
    for event_type in all_event_types() {
        let mut properties = Vec::new();
        collect_properties(&committed_schema(&event_type), &mut properties);
        assert!(!properties.is_empty());
        for property in properties {
            let personal = property.split('_').any(|word| PERSONAL.contains(&word));
            assert!(!personal, "{}: {property}", event_type.name);
        }
    }
}

fn collect_properties(schema: &Value, properties: &mut Vec<String>) {
    match schema {
        Value::Object(keywords) => {
            for (keyword, value) in keywords {
                if let ("properties", Some(named)) = (keyword.as_str(), value.as_object()) {
                    properties.extend(named.keys().cloned());
                }
                collect_properties(value, properties);
            }
        }
        Value::Array(values) => values
            .iter()
            .for_each(|value| collect_properties(value, properties)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
