//! A schema taken apart into alternatives of one type each, so that two can be held against each other.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::keyword;

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
        let Some(Value::Array(alternatives)) = keywords.get(several) else {
            continue;
        };
        // What stands beside the alternatives is demanded of each.
        let mut beside = keywords.clone();
        beside.remove(several);
        let whole = |alternative: &Value| match resolve(alternative, document) {
            Value::Bool(false) => Value::Bool(false),
            Value::Object(keywords) => {
                let mut whole = beside.clone();
                join(&mut whole, keywords);
                Value::Object(whole)
            }
            _ => Value::Object(beside.clone()),
        };
        return alternatives
            .iter()
            .flat_map(|one| shapes(&whole(one), document))
            .collect();
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
        match target.map(|target| resolve(target, document)) {
            Some(Value::Object(target)) => merged = target,
            Some(_) => {}
            // It leads out of the document: two are the same if they lead to the same place.
            None => {
                merged.insert("$ref".to_owned(), reference.into());
            }
        }
    }
    for part in keywords
        .get("allOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if let Value::Object(part) = resolve(part, document) {
            join(&mut merged, part);
        }
    }
    let beside = keywords
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "$ref" | "allOf"));
    join(
        &mut merged,
        beside
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    );
    Value::Object(merged)
}

/// Demands the one schema's keywords together with the other's. Where both have a keyword and it cannot be told what the two
/// demand together, the second stays an `allOf`, which is judged as a keyword that is not known.
fn join(schema: &mut Map<String, Value>, other: Map<String, Value>) {
    for (name, value) in other {
        match (name.as_str(), schema.get_mut(&name), value) {
            (_, None, value) => {
                schema.insert(name, value);
            }
            (_, Some(known), value) if *known == value => {}
            (word, Some(known), value) if keyword::ANNOTATIONS.contains(&word) => *known = value,
            ("required" | "allOf", Some(Value::Array(known)), Value::Array(more)) => {
                for one in more {
                    if !known.contains(&one) {
                        known.push(one);
                    }
                }
            }
            ("properties", Some(Value::Object(known)), Value::Object(more)) => {
                for (name, member) in more {
                    let both = match known.remove(&name) {
                        Some(before) if before != member => json!({ "allOf": [before, member] }),
                        Some(_) | None => member,
                    };
                    known.insert(name, both);
                }
            }
            (_, Some(_), value) => {
                let mut rest = Map::new();
                rest.insert(name, value);
                let left = schema.entry("allOf").or_insert_with(|| json!([]));
                if let Value::Array(left) = left {
                    left.push(Value::Object(rest));
                }
            }
        }
    }
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
