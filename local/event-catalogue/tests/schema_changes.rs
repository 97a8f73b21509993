//! The judge of schema changes, on changes whose answer is known.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use event_catalogue::compatibility::{Side, breaches};
use serde_json::{Value, json};

fn order() -> Value {
    json!({
        "title": "orders.OrderPlaced.v1",
        "type": "object",
        "required": ["order_id", "lines", "total"],
        "properties": {
            "order_id": { "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[a-z]" },
            "note": { "type": "string" },
            "remark": { "type": ["string", "null"] },
            "reason": { "type": "string", "enum": ["asked", "late"] },
            "kind": { "oneOf": [
                { "const": "a", "type": "string", "description": "A." },
                { "const": "b", "type": "string" },
            ] },
            "weight": { "type": "number" },
            "total": {
                "type": "object",
                "additionalProperties": false,
                "required": ["amount_minor"],
                "properties": { "amount_minor": { "type": "integer", "format": "int64" }, "currency": { "type": "string" } },
            },
            "titles": { "type": "object", "additionalProperties": { "type": "string" } },
            "lines": { "type": "array", "maxItems": 100, "items": {
                "type": "object",
                "required": ["sku"],
                "properties": {
                    "sku": { "type": "string" },
                    "quantity": { "type": "integer", "format": "uint32", "minimum": 1 },
                },
            } },
        },
    })
}

const LINE: &str = "/properties/lines/items";

/// Changes the order's schema at a JSON pointer, where `@` stands for a line; `None` removes what is there.
fn changed(pointer: &str, value: Option<Value>) -> Value {
    let pointer = pointer.replace('@', LINE);
    let mut schema = order();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = schema.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => parent.insert(key.to_owned(), value),
        None => parent.remove(key),
    };
    assert_ne!(schema, order(), "{pointer} changes nothing");
    schema
}

#[test]
fn breaking_changes_are_found_and_named() {
    use Side::{Both, OlderEvents, OlderReaders};
    let cases = [
        // A field is gone, or must be there now, or need not be any more.
        (
            "/properties/note",
            None,
            "note",
            "was removed",
            OlderReaders,
        ),
        (
            "@/properties/quantity",
            None,
            "lines[].quantity",
            "was removed",
            OlderReaders,
        ),
        (
            "/properties/total/properties/currency",
            None,
            "total.currency",
            "was removed",
            Both,
        ),
        (
            "/required",
            Some(json!(["order_id", "lines", "total", "note"])),
            "note",
            "is required",
            OlderEvents,
        ),
        (
            "@/required",
            Some(json!(["sku", "quantity"])),
            "lines[].quantity",
            "is required",
            OlderEvents,
        ),
        (
            "/required",
            Some(json!(["order_id", "total"])),
            "lines",
            "no longer required",
            OlderReaders,
        ),
        // A type is another, narrower or wider.
        (
            "/properties/note/type",
            Some(json!("integer")),
            "note",
            "another type",
            Both,
        ),
        (
            "/properties/remark/type",
            Some(json!("string")),
            "remark",
            "another type",
            OlderEvents,
        ),
        (
            "/properties/note/type",
            Some(json!(["string", "null"])),
            "note",
            "another type",
            OlderReaders,
        ),
        (
            "/properties/weight/type",
            Some(json!("integer")),
            "weight",
            "another type",
            OlderEvents,
        ),
        (
            "@/properties/quantity/type",
            Some(json!("number")),
            "lines[].quantity",
            "another type",
            OlderReaders,
        ),
        (
            "/properties/note",
            Some(json!(true)),
            "note",
            "another type",
            OlderReaders,
        ),
        (
            "/properties/lines/items",
            Some(json!(false)),
            "lines[]",
            "constrained otherwise",
            Both,
        ),
        // Listed values.
        (
            "/properties/reason/enum",
            Some(json!(["asked"])),
            "reason",
            "lost the value \"late\"",
            OlderEvents,
        ),
        (
            "/properties/reason/enum",
            Some(json!(["asked", "late", "lost"])),
            "reason",
            "gained the value \"lost\"",
            OlderReaders,
        ),
        (
            "/properties/reason/enum",
            None,
            "reason",
            "no longer limited",
            OlderReaders,
        ),
        (
            "/properties/note/enum",
            Some(json!(["x"])),
            "note",
            "is limited",
            OlderEvents,
        ),
        (
            "/properties/kind/oneOf",
            Some(json!([{ "const": "a" }])),
            "kind",
            "lost the value \"b\"",
            OlderEvents,
        ),
        (
            "/properties/kind/oneOf",
            Some(json!([{ "const": "a" }, { "const": "b" }, { "const": "c" }])),
            "kind",
            "gained the value \"c\"",
            OlderReaders,
        ),
        // Bounds.
        (
            "/properties/order_id/maxLength",
            Some(json!(32)),
            "order_id",
            "`maxLength`",
            OlderEvents,
        ),
        (
            "/properties/order_id/maxLength",
            Some(json!(128)),
            "order_id",
            "`maxLength`",
            OlderReaders,
        ),
        (
            "/properties/order_id/minLength",
            Some(json!(2)),
            "order_id",
            "`minLength`",
            OlderEvents,
        ),
        (
            "@/properties/quantity/minimum",
            Some(json!(0)),
            "lines[].quantity",
            "`minimum`",
            OlderReaders,
        ),
        (
            "/properties/lines/maxItems",
            None,
            "lines",
            "`maxItems`",
            OlderReaders,
        ),
        (
            "/properties/note/pattern",
            Some(json!("^a")),
            "note",
            "`pattern`",
            OlderEvents,
        ),
        (
            "/properties/order_id/pattern",
            Some(json!("^b")),
            "order_id",
            "`pattern`",
            Both,
        ),
        (
            "@/properties/quantity/format",
            Some(json!("uint64")),
            "lines[].quantity",
            "`format`",
            Both,
        ),
        // What else an object may hold.
        (
            "/additionalProperties",
            Some(json!(false)),
            "data",
            "no longer takes unknown",
            OlderEvents,
        ),
        (
            "/properties/total/additionalProperties",
            None,
            "total",
            "takes unknown",
            OlderReaders,
        ),
        (
            "/properties/total/properties/tax",
            Some(json!({ "type": "string" })),
            "total.tax",
            "is new in an object",
            OlderReaders,
        ),
        (
            "/properties/titles/additionalProperties/type",
            Some(json!("integer")),
            "titles.*",
            "another type",
            Both,
        ),
    ];
    for (pointer, value, property, change, side) in cases {
        let found = breaches(&order(), &changed(pointer, value));
        assert!(
            found.iter().any(|breach| breach.property == property
                && breach.change.contains(change)
                && breach.side == side),
            "{pointer}: {found:?}"
        );
        assert_eq!(found.len(), 1, "{pointer}: {found:?}");
    }
}

#[test]
fn compatible_changes_are_let_through() {
    let documented = json!([{ "const": "b", "type": "string", "description": "Other." }, { "const": "a", "type": "string" }]);
    let cases = [
        ("/properties/colour", Some(json!({ "type": "string" }))),
        (
            "/properties/delivery",
            Some(json!({ "type": "object", "required": ["day"], "properties": { "day": {} } })),
        ),
        ("@/properties/weight", Some(json!({ "type": "integer" }))),
        ("/description", Some(json!("Another text."))),
        ("/properties/note/description", Some(json!("Another text."))),
        ("/properties/kind/oneOf", Some(documented)),
        (
            "/properties/kind",
            Some(json!({ "type": "string", "enum": ["b", "a"] })),
        ),
        (
            "/properties/reason",
            Some(json!({ "oneOf": [{ "const": "asked" }, { "const": "late" }] })),
        ),
        ("/properties/reason/enum", Some(json!(["late", "asked"]))),
        ("/title", Some(json!("Another title"))),
        ("/$comment", Some(json!("For those who read schemas."))),
        ("/properties/note/deprecated", Some(json!(true))),
        ("/properties/note/examples", Some(json!(["Ring twice."]))),
        ("/properties/note/default", Some(json!(""))),
        ("/required", Some(json!(["total", "lines", "order_id"]))),
        ("/properties/remark/type", Some(json!(["null", "string"]))),
        ("/properties/note/type", Some(json!(["string"]))),
        ("/additionalProperties", Some(json!(true))),
    ];
    for (pointer, value) in cases {
        let found = breaches(&order(), &changed(pointer, value));
        assert_eq!(found, [], "{pointer}");
    }
    assert_eq!(breaches(&order(), &order()), []);
}
