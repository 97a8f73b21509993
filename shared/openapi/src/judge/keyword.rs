//! Keywords of a schema: bounds that are judged by what they demand, and all others, which must be the same.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::schema::Side;

/// Keywords that say something about a value and demand nothing of it.
pub(super) const ANNOTATIONS: &[&str] = &[
    "$schema",
    "$comment",
    "title",
    "description",
    "default",
    "deprecated",
    "example",
    "examples",
    "externalDocs",
];

/// Keywords that are judged by what they mean, here or beside: of a type, those of other types demand nothing.
pub(super) const JUDGED: &[&str] = &[
    "type",
    "enum",
    "const",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// How deep references are followed: as deep as schemas are looked into.
const DEEPEST: usize = super::schema::DEEPEST;

/// What of the bounds of a type was tightened against whom they bind.
pub(super) fn bounds(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    kind: &str,
    side: Side,
) -> Vec<String> {
    let (lower, upper, exact): (&[&str], &[&str], &[&str]) = match kind {
        "integer" | "number" => (
            &["minimum", "exclusiveMinimum"],
            &["maximum", "exclusiveMaximum"],
            &["multipleOf", "format"],
        ),
        "string" => (&["minLength"], &["maxLength"], &["pattern", "format"]),
        "array" => (&["minItems"], &["maxItems"], &["uniqueItems"]),
        "object" => (&["minProperties"], &["maxProperties"], &[]),
        _ => return Vec::new(),
    };
    let mut found = Vec::new();
    // The bound that must not be tighter than the other: what is expected.
    for (keywords, is_lower) in [(lower, true), (upper, false)] {
        for keyword in keywords {
            let (before, after) = (number(old, keyword), number(new, keyword));
            let (coming, expected) = match side {
                Side::Taken => (before, after),
                Side::Answered => (after, before),
            };
            let breaks = match (coming, expected) {
                (_, None) => false,
                (None, Some(_)) => true,
                (Some(coming), Some(expected)) => {
                    if is_lower {
                        coming < expected
                    } else {
                        coming > expected
                    }
                }
            };
            if breaks {
                found.push(changed(keyword, old.get(*keyword), new.get(*keyword)));
            }
        }
    }
    for keyword in exact {
        let (before, after) = (old.get(*keyword), new.get(*keyword));
        let (coming, expected) = match side {
            Side::Taken => (before, after),
            Side::Answered => (after, before),
        };
        let demands = expected.is_some_and(|value| *value != Value::Bool(false));
        if demands && coming != expected && !is_narrower(coming, expected) {
            found.push(changed(keyword, before, after));
        }
    }
    found
}

/// Whether all numbers of the one format are numbers of the other.
fn is_narrower(coming: Option<&Value>, expected: Option<&Value>) -> bool {
    let name = |format: Option<&Value>| format.and_then(Value::as_str).map(str::to_owned);
    matches!(
        (name(coming).as_deref(), name(expected).as_deref()),
        (Some("int32"), Some("int64")) | (Some("float"), Some("double"))
    )
}

/// The keywords that differ, but for those that are judged elsewhere and those that demand nothing. A value is what it comes
/// to in its own document, with references followed.
pub(super) fn differing(
    (old, old_document): (&Map<String, Value>, &Value),
    (new, new_document): (&Map<String, Value>, &Value),
    judged: &[&str],
) -> Vec<String> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut found = Vec::new();
    for name in names {
        let word = name.as_str();
        if judged.contains(&word) || ANNOTATIONS.contains(&word) {
            continue;
        }
        let settled = |value: Option<&Value>, document| {
            value.map(|value| settled_value(word, value, document, 0))
        };
        let (before, after) = (
            settled(old.get(name), old_document),
            settled(new.get(name), new_document),
        );
        if before != after {
            found.push(changed(word, before.as_ref(), after.as_ref()));
        }
    }
    found
}

/// A schema's keywords with each reference in them followed, and without the words about it.
fn settled(keywords: &Map<String, Value>, document: &Value, depth: usize) -> Map<String, Value> {
    let mut settled = Map::new();
    for (name, value) in keywords {
        // A text: a property may be called so too, and that is a schema.
        let is_word =
            matches!(name.as_str(), "title" | "description" | "$comment") && value.is_string();
        if !is_word {
            settled.insert(name.clone(), settled_value(name, value, document, depth));
        }
    }
    settled
}

fn settled_value(name: &str, value: &Value, document: &Value, depth: usize) -> Value {
    if depth == DEEPEST || matches!(name, "const" | "enum") {
        return value.clone();
    }
    match value {
        Value::Object(keywords) => {
            Value::Object(settled(&followed(keywords, document), document, depth + 1))
        }
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| settled_value("", item, document, depth + 1))
                .collect(),
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// A reference with what it leads to in its place, where it leads somewhere.
fn followed(keywords: &Map<String, Value>, document: &Value) -> Map<String, Value> {
    let target = keywords
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|reference| reference.strip_prefix('#'))
        .and_then(|pointer| document.pointer(pointer))
        .and_then(Value::as_object);
    let Some(target) = target else {
        return keywords.clone();
    };
    let mut whole = target.clone();
    let beside = keywords.iter().filter(|(name, _)| *name != "$ref");
    whole.extend(beside.map(|(name, value)| (name.clone(), value.clone())));
    whole
}

fn number(schema: &Map<String, Value>, keyword: &str) -> Option<f64> {
    schema.get(keyword).and_then(Value::as_f64)
}

fn changed(keyword: &str, old: Option<&Value>, new: Option<&Value>) -> String {
    let text = |value: Option<&Value>| value.map_or("none".to_owned(), Value::to_string);
    format!(
        "has another `{keyword}`: {} became {}",
        text(old),
        text(new)
    )
}
