//! Changes of a document that callers survive, and changes that they do not.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use openapi::changes;
use serde_json::{Value, json};

/// A small shop: one route that takes, answers and refuses.
fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "paths": {
            "/api/orders": {
                "post": {
                    "security": [{ "customer": ["shop"] }],
                    "parameters": [
                        { "in": "header", "name": "Idempotency-Key", "required": false,
                          "schema": { "type": "string", "maxLength": 255 } },
                        { "in": "query", "name": "limit", "required": false,
                          "schema": { "type": "integer", "minimum": 1, "maximum": 100 } },
                        { "in": "query", "name": "view", "required": true,
                          "schema": { "type": "string", "enum": ["long", "short"] } },
                    ],
                    "requestBody": {
                        "required": false,
                        "content": {
                            "application/json": { "schema": { "$ref": "#/components/schemas/Wish" } },
                            "text/csv": { "schema": { "type": "string" } },
                        },
                    },
                    "responses": {
                        "201": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Order" } } } },
                        "422": { "content": { "application/problem+json": { "schema": { "type": "object" } } } },
                    },
                },
            },
            "/api/orders/{order_id}": {
                "get": {
                    "security": [],
                    "parameters": [{ "in": "path", "name": "order_id", "required": true,
                                     "schema": { "type": "string", "maxLength": 64 } }],
                    "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Order" } } } } },
                },
            },
        },
        "components": { "schemas": {
            "Wish": {
                "type": "object", "additionalProperties": false, "required": ["lines"],
                "properties": {
                    "lines": { "type": "array", "minItems": 1, "maxItems": 1000, "items": {
                        "type": "object", "additionalProperties": false, "required": ["sku", "quantity"],
                        "properties": {
                            "sku": { "type": "string", "pattern": "^[A-Z]+$" },
                            "quantity": { "type": "integer", "minimum": 1, "maximum": 10000 },
                        },
                    } },
                    "note": { "type": ["string", "null"] },
                    "speed": { "oneOf": [{ "const": "fast" }, { "const": "slow" }] },
                },
            },
            "Order": {
                "type": "object", "required": ["order_id", "status", "total"],
                "properties": {
                    "order_id": { "type": "string", "maxLength": 64 },
                    "status": { "oneOf": [{ "const": "placed", "type": "string" }, { "const": "cancelled", "type": "string" }] },
                    "total": { "type": "integer", "minimum": 0 },
                    "reason": { "type": "string" },
                    "texts": { "type": "object", "additionalProperties": { "type": "string" } },
                },
            },
        } },
    })
}

fn set(document: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = document
        .pointer_mut(parent)
        .unwrap_or_else(|| panic!("{pointer}"));
    match parent {
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        _ => parent[name.replace("~1", "/")] = value,
    }
}

fn remove(document: &mut Value, pointer: &str) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap();
    let removed = match parent {
        Value::Array(items) => items.remove(name.parse().unwrap()),
        _ => parent
            .as_object_mut()
            .unwrap()
            .remove(&name.replace("~1", "/"))
            .unwrap(),
    };
    assert!(!removed.is_null());
}

const POST: &str = "/paths/~1api~1orders/post";
const WISH: &str = "/components/schemas/Wish";
const LINE: &str = "/components/schemas/Wish/properties/lines/items";
const ORDER: &str = "/components/schemas/Order";

enum Edit {
    Set(String, Value),
    Remove(String),
}

fn put(place: &str, rest: &str, value: Value) -> Edit {
    Edit::Set(format!("{place}{rest}"), value)
}

fn drop_(place: &str, rest: &str) -> Edit {
    Edit::Remove(format!("{place}{rest}"))
}

fn breaches(edit: &Edit) -> Vec<String> {
    let (old, mut new) = (document(), document());
    match edit {
        Edit::Set(pointer, value) => set(&mut new, pointer, value.clone()),
        Edit::Remove(pointer) => remove(&mut new, pointer),
    }
    assert_ne!(old, new, "the edit changes something");
    changes(&old, &new)
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn nothing_changed_breaks_nothing() {
    assert_eq!(changes(&document(), &document()), []);
}

#[test]
fn each_breaking_change_is_named_with_operation_and_field() {
    let post = "POST /api/orders";
    let cases: Vec<(Edit, Vec<String>)> = vec![
        (
            drop_("", "/paths/~1api~1orders/post"),
            vec![format!("{post}: was removed")],
        ),
        (
            drop_(WISH, "/properties/note"),
            vec![format!("{post}: request note was removed")],
        ),
        (
            put(WISH, "/required", json!(["lines", "note"])),
            vec![format!("{post}: request note became required")],
        ),
        (
            put(LINE, "/required", json!(["sku", "quantity", "color"])),
            vec![format!("{post}: request lines[].color is new and required")],
        ),
        (
            put(LINE, "/properties/quantity/maximum", json!(100)),
            vec![format!(
                "{post}: request lines[].quantity has another `maximum`: 10000 became 100"
            )],
        ),
        (
            put(LINE, "/properties/sku/pattern", json!("^[a-z]+$")),
            vec![format!(
                "{post}: request lines[].sku has another `pattern`: \"^[A-Z]+$\" became \"^[a-z]+$\""
            )],
        ),
        (
            put(LINE, "/properties/sku/maxLength", json!(8)),
            vec![format!(
                "{post}: request lines[].sku has another `maxLength`: none became 8"
            )],
        ),
        (
            put(WISH, "/properties/note", json!({ "type": "string" })),
            vec![format!("{post}: request note is no longer taken as null")],
        ),
        (
            put(
                WISH,
                "/properties/speed",
                json!({ "oneOf": [{ "const": "fast" }] }),
            ),
            vec![format!(
                "{post}: request speed no longer takes the value \"slow\""
            )],
        ),
        (
            put(WISH, "/properties/note/enum", json!(["a", null])),
            vec![format!(
                "{post}: request note takes only certain values now"
            )],
        ),
        (
            put(WISH, "/properties/lines/minItems", json!(2)),
            vec![format!(
                "{post}: request lines has another `minItems`: 1 became 2"
            )],
        ),
        (
            put(POST, "/requestBody/required", json!(true)),
            vec![format!("{post}: request became required")],
        ),
        (
            drop_(POST, "/requestBody/content/text~1csv"),
            vec![format!("{post}: request is no longer taken as text/csv")],
        ),
        (
            drop_(POST, "/parameters/1"),
            vec![format!("{post}: query limit was removed")],
        ),
        (
            put(POST, "/parameters/0/required", json!(true)),
            vec![format!("{post}: header idempotency-key became required")],
        ),
        (
            put(POST, "/parameters/2/schema/enum", json!(["long"])),
            vec![format!(
                "{post}: query view no longer takes the value \"short\""
            )],
        ),
        (
            put(POST, "/parameters/1/schema/type", json!("string")),
            vec![format!(
                "{post}: query limit is no longer taken as an integer"
            )],
        ),
        (
            put(POST, "/security", json!([{ "operator": ["operate"] }])),
            vec![format!("{post}: security no longer lets in customer shop")],
        ),
        (
            drop_(POST, "/responses/201"),
            vec![format!("{post}: answer 201 is no longer given")],
        ),
        (
            put(POST, "/responses/202", json!({ "content": {} })),
            vec![format!(
                "{post}: answer 202 is new, and callers do not know it"
            )],
        ),
        (
            drop_(ORDER, "/properties/reason"),
            on_both("reason was removed"),
        ),
        (
            put(ORDER, "/required", json!(["order_id", "status"])),
            on_both("total may now be left out"),
        ),
        (
            put(
                ORDER,
                "/properties/status/oneOf",
                json!([{ "const": "placed" }, { "const": "cancelled" }, { "const": "lost" }]),
            ),
            on_both("status may now be the value \"lost\""),
        ),
        (
            put(ORDER, "/properties/status", json!({ "type": "string" })),
            on_both("status is no longer one of certain values"),
        ),
        (
            put(ORDER, "/properties/total/type", json!(["integer", "null"])),
            on_both("total may now be null"),
        ),
        (
            put(ORDER, "/properties/total/type", json!("number")),
            on_both("total may now be a number"),
        ),
        (
            drop_(ORDER, "/properties/total/minimum"),
            on_both("total has another `minimum`: 0 became none"),
        ),
        (
            put(
                ORDER,
                "/properties/texts/additionalProperties/type",
                json!("integer"),
            ),
            on_both("texts.* may now be an integer"),
        ),
    ];
    assert!(cases.len() >= 12);
    for (edit, expected) in cases {
        assert_eq!(breaches(&edit), expected);
    }
}

/// What is demanded in a way that the judge does not weigh counts as changed where it differs at all.
#[test]
fn a_keyword_that_is_not_weighed_may_not_differ() {
    let post = "POST /api/orders";
    let zero = || json!({ "const": 0 });
    let quantity = "/properties/quantity/not";
    let added = put(LINE, quantity, zero());
    let was = "request lines[].quantity has another `not`:";
    assert_eq!(
        breaches(&added),
        [format!("{post}: {was} none became {{\"const\":0}}")]
    );
    let mut old = document();
    set(&mut old, &format!("{LINE}{quantity}"), zero());
    let from_old = |edit: &dyn Fn(&mut Value)| {
        let mut new = old.clone();
        edit(&mut new);
        let found = changes(&old, &new);
        found.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    // The same is no change, also behind a name and with words about it.
    assert_eq!(from_old(&|_| {}), [""; 0]);
    assert_eq!(
        from_old(&|new| {
            new["components"]["schemas"]["Nothing"] = json!({ "const": 0, "description": "none" });
            let named = json!({ "$ref": "#/components/schemas/Nothing" });
            set(new, &format!("{LINE}{quantity}"), named);
        }),
        [""; 0]
    );
    // Another value is, also one that only the named schema has; and so is none, since what it comes to is not weighed.
    assert_eq!(
        from_old(&|new| set(new, &format!("{LINE}{quantity}"), json!({ "const": 1 }))),
        [format!(
            "{post}: {was} {{\"const\":0}} became {{\"const\":1}}"
        )]
    );
    assert_eq!(
        from_old(&|new| {
            new["components"]["schemas"]["Nothing"] = json!({ "const": 1 });
            let named = json!({ "$ref": "#/components/schemas/Nothing" });
            set(new, &format!("{LINE}{quantity}"), named);
        }),
        [format!(
            "{post}: {was} {{\"const\":0}} became {{\"const\":1}}"
        )]
    );
    assert_eq!(
        from_old(&|new| remove(new, &format!("{LINE}{quantity}"))),
        [format!("{post}: {was} {{\"const\":0}} became none")]
    );
    // Of what is answered, and of every type and place.
    let cases = [
        (
            put(ORDER, "/properties/total/not", zero()),
            on_both("total has another `not`: none became {\"const\":0}"),
        ),
        (
            put(WISH, "/propertyNames", json!({ "maxLength": 9 })),
            vec![format!(
                "{post}: request has another `propertyNames`: none became {{\"maxLength\":9}}"
            )],
        ),
        (
            put(WISH, "/properties/lines/contains", json!({})),
            vec![format!(
                "{post}: request lines has another `contains`: none became {{}}"
            )],
        ),
        (
            put(WISH, "/properties/speed/not", json!({ "const": "slow" })),
            vec![format!(
                "{post}: request speed has another `not`: none became {{\"const\":\"slow\"}}"
            )],
        ),
        (
            put(
                WISH,
                "/properties/note/$ref",
                json!("https://example.com/a.json"),
            ),
            vec![format!(
                "{post}: request note has another `$ref`: none became \"https://example.com/a.json\""
            )],
        ),
        (
            put(
                LINE,
                "/allOf",
                json!([{ "properties": { "sku": { "maxLength": 8 } } }]),
            ),
            vec![format!(
                "{post}: request lines[].sku has another `maxLength`: none became 8"
            )],
        ),
        (
            put(
                LINE,
                "/properties/quantity/allOf",
                json!([{ "maximum": 9 }]),
            ),
            vec![
                format!("{post}: request lines[].quantity has another `maximum`: 10000 became 9"),
                format!(
                    "{post}: request lines[].quantity has another `allOf`: none became [{{\"maximum\":10000}}]"
                ),
            ],
        ),
        (
            put(POST, "/parameters/1/style", json!("spaceDelimited")),
            vec![format!(
                "{post}: query limit has another `style`: none became \"spaceDelimited\""
            )],
        ),
        (
            put(POST, "/requestBody/content/text~1csv/encoding", json!({})),
            vec![format!(
                "{post}: request has another `encoding`: none became {{}}"
            )],
        ),
    ];
    for (edit, expected) in cases {
        assert_eq!(breaches(&edit), expected);
    }
}

#[test]
fn what_an_array_holds_and_a_number_fits_is_weighed_though_one_side_does_not_say() {
    let post = "POST /api/orders";
    let (mut texts, mut any) = (document(), document());
    let items = format!("{WISH}/properties/lines/items");
    set(&mut texts, &items, json!({ "type": "string" }));
    remove(&mut any, &items);
    let found = changes(&any, &texts);
    assert!(
        found.iter().any(|breach| breach.place == "request lines[]"),
        "{found:?}"
    );
    assert_eq!(changes(&texts, &any), []);
    let formats = |from: &str, to: &str| {
        let (mut old, mut new) = (document(), document());
        set(
            &mut old,
            &format!("{LINE}/properties/quantity/format"),
            json!(from),
        );
        set(
            &mut new,
            &format!("{LINE}/properties/quantity/format"),
            json!(to),
        );
        let found = changes(&old, &new);
        found.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(formats("int32", "int64"), [""; 0]);
    assert_eq!(
        formats("int64", "int32"),
        [format!(
            "{post}: request lines[].quantity has another `format`: \"int64\" became \"int32\""
        )]
    );
}

#[test]
fn headers_of_an_answer_may_come_and_not_go() {
    let mut old = document();
    let pointer = format!("{POST}/responses/201/headers");
    set(
        &mut old,
        &pointer,
        json!({ "Location": { "schema": { "type": "string" } } }),
    );
    assert_eq!(changes(&document(), &old), []);
    let found = changes(&old, &document());
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        ["POST /api/orders: answer 201 header Location is no longer given"]
    );
}

/// An order is answered by both routes.
fn on_both(change: &str) -> Vec<String> {
    vec![
        format!("POST /api/orders: answer 201 {change}"),
        format!("GET /api/orders/{{order_id}}: answer 200 {change}"),
    ]
}

#[test]
fn a_route_that_begins_to_demand_a_token_breaks() {
    let pointer = "/paths/~1api~1orders~1{order_id}/get";
    let edit = put(pointer, "/security", json!([{ "customer": ["shop"] }]));
    assert_eq!(
        breaches(&edit),
        ["GET /api/orders/{order_id}: security no longer lets in nobody's token"]
    );
    let edit = put(pointer, "/parameters/0/schema/maxLength", json!(32));
    assert_eq!(
        breaches(&edit),
        ["GET /api/orders/{order_id}: path order_id has another `maxLength`: 64 became 32"]
    );
    let edit = put(pointer, "/parameters/0/schema/minLength", json!(8));
    assert_eq!(
        breaches(&edit),
        ["GET /api/orders/{order_id}: path order_id has another `minLength`: none became 8"]
    );
}

#[test]
fn compatible_changes_pass() {
    let cases = vec![
        // A new route, a new optional parameter, a new optional member of what is taken.
        put(
            "",
            "/paths/~1api~1shops",
            json!({ "get": { "responses": { "200": {} } } }),
        ),
        put(
            POST,
            "/parameters/1",
            json!({ "in": "query", "name": "limit", "schema": { "type": "integer", "minimum": 1, "maximum": 500 } }),
        ),
        put(WISH, "/properties/gift", json!({ "type": "boolean" })),
        // What is taken grows.
        put(LINE, "/required", json!(["sku"])),
        put(LINE, "/properties/quantity/maximum", json!(1_000_000)),
        drop_(LINE, "/properties/sku/pattern"),
        put(LINE, "/properties/quantity/type", json!("number")),
        put(
            WISH,
            "/properties/speed",
            json!({ "type": "string", "enum": ["fast", "slow", "never"] }),
        ),
        put(WISH, "/properties/speed", json!({ "type": "string" })),
        put(WISH, "/additionalProperties", json!(true)),
        put(
            POST,
            "/requestBody/content/application~1cbor",
            json!({ "schema": { "type": "string" } }),
        ),
        put(POST, "/parameters/2/required", json!(false)),
        put(
            POST,
            "/parameters/2/schema/enum",
            json!(["long", "short", "none"]),
        ),
        put(
            POST,
            "/security",
            json!([{ "customer": ["shop"] }, { "operator": ["operate"] }]),
        ),
        put(POST, "/security", json!([])),
        // What is answered shrinks, or has members that nobody was told of.
        put(ORDER, "/properties/placed_at", json!({ "type": "string" })),
        put(
            ORDER,
            "/required",
            json!(["order_id", "status", "total", "reason"]),
        ),
        put(
            ORDER,
            "/properties/status",
            json!({ "type": "string", "enum": ["placed"] }),
        ),
        put(ORDER, "/properties/total/minimum", json!(1)),
        put(ORDER, "/properties/order_id/maxLength", json!(32)),
        put(ORDER, "/properties/reason/pattern", json!("^[a-z_]+$")),
        put(ORDER, "/additionalProperties", json!(false)),
        // Refusals come and go; words change.
        drop_(POST, "/responses/422"),
        put(POST, "/responses/409", json!({ "content": {} })),
        put(POST, "/summary", json!("Places an order")),
        put(ORDER, "/description", json!("What was ordered")),
        put(
            WISH,
            "/properties/note/examples",
            json!(["for the neighbour"]),
        ),
        put(WISH, "/properties/note/title", json!("A note")),
        put(WISH, "/properties/note/example", json!("for the neighbour")),
        put(WISH, "/properties/note/default", json!("none")),
        put(WISH, "/properties/note/deprecated", json!(true)),
        put(WISH, "/$comment", json!("a word among ourselves")),
        put(POST, "/parameters/1/description", json!("How many")),
        put(POST, "/parameters/1/example", json!(5)),
        put(POST, "/parameters/1/deprecated", json!(true)),
        put(
            POST,
            "/requestBody/content/text~1csv/example",
            json!("TEA,1"),
        ),
        // A bound of another type's values demands nothing of these.
        put(LINE, "/properties/sku/maximum", json!(3)),
    ];
    assert!(cases.len() >= 12);
    for edit in cases {
        let found = breaches(&edit);
        let (Edit::Set(pointer, _) | Edit::Remove(pointer)) = &edit;
        assert_eq!(found, [] as [&str; 0], "{pointer}");
    }
}

#[test]
fn a_variable_of_a_path_may_be_called_otherwise() {
    let (old, mut new) = (document(), document());
    let paths = new["paths"].as_object_mut().unwrap();
    let mut item = paths.remove("/api/orders/{order_id}").unwrap();
    item["get"]["parameters"][0]["name"] = "id".into();
    paths.insert("/api/orders/{id}".to_owned(), item);
    assert_eq!(changes(&old, &new), []);
}

#[test]
fn what_was_published_as_deprecated_may_go() {
    let (mut old, mut new) = (document(), document());
    old["paths"]["/api/orders"]["post"]["deprecated"] = true.into();
    new["paths"]["/api/orders"]
        .as_object_mut()
        .unwrap()
        .remove("post");
    old["components"]["schemas"]["Order"]["properties"]["reason"]["deprecated"] = true.into();
    old["paths"]["/api/orders/{order_id}"]["get"]["parameters"]
        .as_array_mut()
        .unwrap()
        .push(
            json!({ "in": "header", "name": "Idempotency-Key", "deprecated": true, "schema": {} }),
        );
    new["components"]["schemas"]["Order"]["properties"]
        .as_object_mut()
        .unwrap()
        .remove("reason");
    assert_eq!(changes(&old, &new), []);
}

#[test]
fn a_schema_that_moves_behind_a_name_is_the_same() {
    let (old, mut new) = (document(), document());
    let line = new.pointer(LINE).unwrap().clone();
    new["components"]["schemas"]["Line"] = line;
    set(
        &mut new,
        LINE,
        json!({ "$ref": "#/components/schemas/Line", "description": "a line" }),
    );
    assert_eq!(changes(&old, &new), []);
    assert_eq!(changes(&new, &old), []);
}
