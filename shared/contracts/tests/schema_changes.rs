//! The judge of schema changes, on changes whose answer is known.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod compatibility;

use compatibility::breaches;
use serde_json::{Value, json};

fn order() -> Value {
    json!({
        "title": "orders.OrderPlaced.v1",
        "type": "object",
        "required": ["order_id", "lines"],
        "properties": {
            "order_id": { "type": "string", "maxLength": 64 },
            "note": { "type": "string" },
            "reason": { "type": "string", "enum": ["asked", "late"] },
            "kind": { "oneOf": [{ "const": "a", "description": "A." }, { "const": "b" }] },
            "lines": { "type": "array", "items": {
                "type": "object",
                "required": ["sku"],
                "properties": { "sku": { "type": "string" }, "quantity": { "type": "integer", "format": "uint32" } }
            } }
        }
    })
}

/// Changes the order's schema at a JSON pointer; `None` removes what is there.
fn changed(pointer: &str, value: Option<Value>) -> Value {
    let mut schema = order();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = schema.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => parent.insert(key.to_owned(), value),
        None => parent.remove(key),
    };
    schema
}

#[test]
fn breaking_changes_are_found_and_named() {
    let line = "/properties/lines/items";
    let cases = [
        ("/properties/note".to_owned(), None, "note", "removed"),
        (
            format!("{line}/properties/quantity"),
            None,
            "lines[].quantity",
            "removed",
        ),
        (
            "/required".to_owned(),
            Some(json!(["order_id", "lines", "note"])),
            "note",
            "is required",
        ),
        (
            format!("{line}/required"),
            Some(json!(["sku", "quantity"])),
            "lines[].quantity",
            "is required",
        ),
        (
            "/required".to_owned(),
            Some(json!(["order_id"])),
            "lines",
            "no longer required",
        ),
        (
            "/properties/note/type".to_owned(),
            Some(json!("integer")),
            "note",
            "`type`",
        ),
        (
            "/properties/order_id/maxLength".to_owned(),
            Some(json!(32)),
            "order_id",
            "`maxLength`",
        ),
        (
            "/properties/note/pattern".to_owned(),
            Some(json!("^a")),
            "note",
            "`pattern`",
        ),
        (
            format!("{line}/properties/quantity/format"),
            Some(json!("uint64")),
            "lines[].quantity",
            "`format`",
        ),
        (
            "/properties/reason/enum".to_owned(),
            Some(json!(["asked"])),
            "reason",
            "lost the value \"late\"",
        ),
        (
            "/properties/reason/enum".to_owned(),
            Some(json!(["asked", "late", "lost"])),
            "reason",
            "gained the value \"lost\"",
        ),
        (
            "/properties/reason/enum".to_owned(),
            None,
            "reason",
            "constrained otherwise",
        ),
        (
            "/properties/kind/oneOf".to_owned(),
            Some(json!([{ "const": "a" }])),
            "kind",
            "lost the value \"b\"",
        ),
        (
            "/properties/kind/oneOf".to_owned(),
            Some(json!([{ "const": "a" }, { "const": "c" }])),
            "kind",
            "`const`",
        ),
        (
            "/properties/lines/items".to_owned(),
            Some(json!(true)),
            "lines[]",
            "constrained otherwise",
        ),
        (
            "/additionalProperties".to_owned(),
            Some(json!(false)),
            "data",
            "`additionalProperties`",
        ),
    ];
    for (pointer, value, property, change) in cases {
        let found = breaches(&order(), &changed(&pointer, value));
        assert!(
            found
                .iter()
                .any(|breach| breach.property == property && breach.change.contains(change)),
            "{pointer}: {found:?}"
        );
    }
}

#[test]
fn compatible_changes_are_let_through() {
    let line = "/properties/lines/items";
    let cases = [
        ("/properties/colour".to_owned(), json!({ "type": "string" })),
        (
            format!("{line}/properties/weight"),
            json!({ "type": "integer" }),
        ),
        ("/description".to_owned(), json!("Another text.")),
        (
            "/properties/note/description".to_owned(),
            json!("Another text."),
        ),
        (
            "/properties/kind/oneOf".to_owned(),
            json!([{ "const": "a", "description": "Other." }, { "const": "b" }]),
        ),
        ("/title".to_owned(), json!("Another title")),
        ("/required".to_owned(), json!(["lines", "order_id"])),
        (
            "/properties/reason/enum".to_owned(),
            json!(["late", "asked"]),
        ),
    ];
    for (pointer, value) in cases {
        assert_eq!(
            breaches(&order(), &changed(&pointer, Some(value))),
            [],
            "{pointer}"
        );
    }
}
