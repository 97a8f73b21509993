//! The AsyncAPI document is one, by the official schema, and says what the template does.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use event_catalogue::{Catalogue, artefact, asyncapi, load_template};
use serde_json::{Value, json};

fn document() -> Value {
    let template = load_template(&artefact::workspace().join("template.yaml")).unwrap();
    asyncapi::document(&Catalogue::of(&template))
}

fn official() -> jsonschema::Validator {
    let schema = include_str!("asyncapi-3.0.0/schema.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn the_official_schema_takes_the_document() {
    let (official, document) = (official(), document());
    let found = official.iter_errors(&document);
    let found: Vec<String> = found
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn the_official_schema_refuses_what_is_none() {
    let cases = [
        ("/operations/orders-says/action", json!("publish")),
        ("/operations/orders-says/channel", json!("OrdersTopic")),
        (
            "/channels/OrdersTopic/bindings/sns/ordering/type",
            json!("sorted"),
        ),
        (
            "/channels/OrdersQueue/bindings/sqs/queue/visibilityTimeout",
            json!("90"),
        ),
        (
            "/operations/InventoryFromOrders/bindings/sns/consumers/0/protocol",
            json!("pigeon"),
        ),
        ("/info/version", json!(1)),
        (
            "/components/messages/orders.OrderPlaced.v1/correlationId/location",
            json!("payload"),
        ),
    ];
    let (official, document) = (official(), document());
    for (pointer, value) in cases {
        let mut document = document.clone();
        *document
            .pointer_mut(pointer)
            .unwrap_or_else(|| panic!("no {pointer}")) = value;
        assert!(!official.is_valid(&document), "{pointer}");
    }
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                match value.as_str() {
                    Some(target) if key == "$ref" => found.push(target.to_owned()),
                    _ => references(value, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 100);
    for target in found {
        let pointer = target.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{target}");
    }
}

/// A payload's schema, with the rest of the document beside it for its references.
fn payload_validator(document: &Value, event_type: &str) -> jsonschema::Validator {
    let mut schema = document["components"]["messages"][event_type]["payload"].clone();
    schema["components"] = document["components"].clone();
    schema["$schema"] = "http://json-schema.org/draft-07/schema#".into();
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn every_example_meets_its_message_and_no_other() {
    let document = document();
    let messages = document["components"]["messages"].as_object().unwrap();
    let validators: Vec<_> = messages
        .keys()
        .map(|event_type| (event_type, payload_validator(&document, event_type)))
        .collect();
    for (event_type, message) in messages {
        let example = &message["examples"][0]["payload"];
        for (other, validator) in &validators {
            let is_valid = validator.is_valid(example);
            assert_eq!(is_valid, *other == event_type, "{event_type} as {other}");
        }
    }
}

/// The schemas are embedded without their dialect, so they may only use keywords that mean the same in draft 7.
#[test]
fn embedded_schemas_use_no_keyword_that_an_older_dialect_reads_otherwise() {
    fn check(schema: &Value, path: &str) {
        const SAME: &[&str] = &[
            "title",
            "description",
            "type",
            "format",
            "const",
            "enum",
            "pattern",
            "minLength",
            "maxLength",
            "minimum",
            "maximum",
            "minItems",
            "maxItems",
            "uniqueItems",
            "required",
            "default",
            "deprecated",
        ];
        let Some(keywords) = schema.as_object() else {
            assert!(schema.is_boolean(), "{path}: {schema}");
            return;
        };
        for (keyword, value) in keywords {
            let path = format!("{path}/{keyword}");
            match (keyword.as_str(), value) {
                ("properties", Value::Object(named)) => {
                    named
                        .iter()
                        .for_each(|(name, schema)| check(schema, &format!("{path}/{name}")));
                }
                ("oneOf" | "anyOf" | "allOf", Value::Array(several)) => {
                    several.iter().for_each(|schema| check(schema, &path));
                }
                ("items" | "additionalProperties", schema) => check(schema, &path),
                (keyword, _) => assert!(SAME.contains(&keyword), "{path}"),
            }
        }
    }
    let document = document();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        check(schema, name);
    }
}

#[test]
fn a_subscription_is_told_with_its_filter_and_where_undelivered_messages_go() {
    let document = document();
    let operation = &document["operations"]["InventoryFromOrders"];
    assert_eq!(operation["action"], "receive");
    assert_eq!(operation["channel"]["$ref"], "#/channels/OrdersTopic");
    let heard = ["orders.OrderPlaced.v1", "orders.OrderCancelled.v1"];
    let consumer = &operation["bindings"]["sns"]["consumers"][0];
    assert_eq!(consumer["filterPolicy"], json!({ "type": heard }));
    assert_eq!(consumer["rawMessageDelivery"], true);
    assert_eq!(consumer["endpoint"]["name"], "noren-InventoryQueue");
    assert_eq!(
        consumer["redrivePolicy"]["deadLetterQueue"]["name"],
        "noren-InventoryFromOrdersUndelivered"
    );
    let queue = &document["channels"]["InventoryQueue"]["bindings"]["sqs"];
    assert_eq!(queue["queue"]["visibilityTimeout"], 90);
    assert_eq!(queue["queue"]["redrivePolicy"]["maxReceiveCount"], 10);
    assert_eq!(
        queue["deadLetterQueue"]["name"],
        "noren-InventoryDeadLetters"
    );
}
