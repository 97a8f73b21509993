//! A schema taken apart into alternatives of one type each, so that two can be held against each other.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

const TYPES: &[&str] = &[
    "null", "boolean", "integer", "number", "string", "array", "object",
];

/// One alternative of a schema: values of one type.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) kind: &'static str,
    /// The only values, as JSON, where they are listed.
    pub(super) values: Option<BTreeSet<String>>,
    /// All keywords of the schema that it comes from.
    pub(super) keywords: Map<String, Value>,
}

/// The alternatives of a schema. A value fits the schema if it fits one of them.
pub(super) fn shapes(schema: &Value, document: &Value) -> Vec<Shape> {
    let resolved = resolve(schema, document);
    let keywords = match resolved {
        Value::Bool(false) => return Vec::new(),
        Value::Object(keywords) => keywords,
        _ => Map::new(),
    };
    for several in ["anyOf", "oneOf"] {
        if let Some(alternatives) = keywords.get(several).and_then(Value::as_array) {
            return alternatives
                .iter()
                .flat_map(|one| shapes(one, document))
                .collect();
        }
    }
    let values = listed(&keywords);
    let named: BTreeSet<&str> = match keywords.get("type") {
        Some(Value::String(kind)) => [kind.as_str()].into(),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => match &values {
            Some(values) => values.iter().map(|value| kind_of(value)).collect(),
            None => TYPES
                .iter()
                .copied()
                .filter(|kind| *kind != "integer")
                .collect(),
        },
    };
    let of_kind = |kind: &&'static str| {
        let values = values.as_ref().map(|values| {
            let fits = |value: &&String| {
                kind_of(value) == *kind || (*kind == "number" && kind_of(value) == "integer")
            };
            values.iter().filter(fits).cloned().collect()
        });
        Shape {
            kind,
            values,
            keywords: keywords.clone(),
        }
    };
    TYPES
        .iter()
        .filter(|kind| named.contains(**kind))
        .map(of_kind)
        .collect()
}

fn listed(keywords: &Map<String, Value>) -> Option<BTreeSet<String>> {
    match (
        keywords.get("const"),
        keywords.get("enum").and_then(Value::as_array),
    ) {
        (Some(only), _) => Some([only.to_string()].into()),
        (None, Some(values)) => Some(values.iter().map(Value::to_string).collect()),
        (None, None) => None,
    }
}

fn kind_of(json: &str) -> &'static str {
    match json.as_bytes().first() {
        Some(b'"') => "string",
        Some(b'{') => "object",
        Some(b'[') => "array",
        Some(b't' | b'f') => "boolean",
        Some(b'n') => "null",
        _ if json.contains(['.', 'e', 'E']) => "number",
        _ => "integer",
    }
}

/// The schema with its reference followed; keywords beside the reference count too, and so do those of `allOf`.
fn resolve(schema: &Value, document: &Value) -> Value {
    let Some(keywords) = schema.as_object() else {
        return schema.clone();
    };
    let mut merged = Map::new();
    if let Some(reference) = keywords.get("$ref").and_then(Value::as_str) {
        let target = reference
            .strip_prefix('#')
            .and_then(|pointer| document.pointer(pointer));
        if let Some(Value::Object(target)) = target.map(|target| resolve(target, document)) {
            merged.extend(target);
        }
    }
    for part in keywords
        .get("allOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if let Value::Object(part) = resolve(part, document) {
            merged.extend(part);
        }
    }
    merged.extend(
        keywords
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "$ref" | "allOf"))
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    Value::Object(merged)
}

/// The values of listed alternatives of one type, put together: one alternative a value is how enumerations with
/// documentation are written.
pub(super) fn gathered(shapes: Vec<Shape>) -> Vec<Shape> {
    let mut gathered: Vec<Shape> = Vec::new();
    for shape in shapes {
        let same = gathered
            .iter_mut()
            .find(|known| known.kind == shape.kind && known.values.is_some());
        match (same, &shape.values) {
            (
                Some(Shape {
                    values: Some(known),
                    ..
                }),
                Some(values),
            ) => known.extend(values.iter().cloned()),
            _ => gathered.push(shape),
        }
    }
    gathered
}
