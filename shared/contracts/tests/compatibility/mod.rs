//! Judges a change of an event's schema: only new, optional properties are compatible.
//!
//! Both sides are strict on purpose. Events wait in queues and are read by older and newer code alike, so whatever an
//! old event lacks or an old reader refuses is breaking. That includes a new value of an enumeration: readers are
//! closed enums. Owns the judgement only; not where schemas stand, nor how they are made.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Keywords that say something about a value and demand nothing of it.
const ANNOTATIONS: &[&str] = &[
    "$schema",
    "$id",
    "title",
    "description",
    "examples",
    "default",
];

/// A change that an older event or an older reader does not survive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The property, as a path from the event's data: `lines[].quantity`.
    pub property: String,
    /// What was changed about it.
    pub change: String,
}

/// The breaking changes from one schema to another. Schemas are self-contained: a `$ref` counts as any other keyword.
pub fn breaches(old: &Value, new: &Value) -> Vec<Breach> {
    let mut found = Vec::new();
    compare(old, new, "", &mut found);
    found
}

fn compare(old: &Value, new: &Value, path: &str, found: &mut Vec<Breach>) {
    let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else {
        if old != new {
            report(found, path, "is constrained otherwise".to_owned());
        }
        return;
    };
    compare_properties(old, new, path, found);
    compare_values(old, new, path, found);
    let keywords: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for keyword in keywords {
        let name = keyword.as_str();
        if ANNOTATIONS.contains(&name) || ["properties", "required", "enum"].contains(&name) {
            continue;
        }
        match (old.get(name), new.get(name)) {
            (Some(old), Some(new)) if name == "items" => {
                compare(old, new, &format!("{path}[]"), found);
            }
            (Some(Value::Array(old)), Some(Value::Array(new)))
                if matches!(name, "oneOf" | "anyOf" | "allOf") && old.len() == new.len() =>
            {
                for (old, new) in old.iter().zip(new) {
                    compare(old, new, path, found);
                }
            }
            (Some(Value::Array(old)), Some(Value::Array(new))) if name == "oneOf" => {
                compare_alternatives(old, new, path, found);
            }
            (old, new) if old != new => {
                let text =
                    |value: Option<&Value>| value.map_or("none".to_owned(), Value::to_string);
                report(
                    found,
                    path,
                    format!("has another `{name}`: {} became {}", text(old), text(new)),
                );
            }
            _ => {}
        }
    }
}

fn compare_properties(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    path: &str,
    found: &mut Vec<Breach>,
) {
    let empty = Map::new();
    let properties = |schema: &Map<String, Value>| {
        schema
            .get("properties")
            .and_then(Value::as_object)
            .unwrap_or(&empty)
            .clone()
    };
    let (old_properties, new_properties) = (properties(old), properties(new));
    let (old_required, new_required) = (texts(old, "required"), texts(new, "required"));
    for (name, old_schema) in &old_properties {
        let path = join(path, name);
        match new_properties.get(name) {
            None => report(found, &path, "was removed".to_owned()),
            Some(new_schema) => compare(old_schema, new_schema, &path, found),
        }
    }
    for name in new_required.difference(&old_required) {
        report(
            found,
            &join(path, name),
            "is required, and older events may lack it".to_owned(),
        );
    }
    for name in old_required.difference(&new_required) {
        if new_properties.contains_key(name) {
            report(
                found,
                &join(path, name),
                "is no longer required, and older readers demand it".to_owned(),
            );
        }
    }
}

fn compare_values(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    path: &str,
    found: &mut Vec<Breach>,
) {
    if old.contains_key("enum") != new.contains_key("enum") {
        report(found, path, "is constrained otherwise".to_owned());
        return;
    }
    compare_sets(&texts(old, "enum"), &texts(new, "enum"), path, found);
}

/// Documented enumerations are written as one `const` per alternative.
fn compare_alternatives(old: &[Value], new: &[Value], path: &str, found: &mut Vec<Breach>) {
    let values = |alternatives: &[Value]| -> BTreeSet<String> {
        alternatives
            .iter()
            .map(|one| one.get("const").unwrap_or(one))
            .map(|value| value.as_str().map_or(value.to_string(), str::to_owned))
            .collect()
    };
    compare_sets(&values(old), &values(new), path, found);
}

fn compare_sets(
    old: &BTreeSet<String>,
    new: &BTreeSet<String>,
    path: &str,
    found: &mut Vec<Breach>,
) {
    for value in old.difference(new) {
        report(
            found,
            path,
            format!("lost the value \"{value}\", which older events have"),
        );
    }
    for value in new.difference(old) {
        report(
            found,
            path,
            format!("gained the value \"{value}\", which older readers refuse"),
        );
    }
}

fn texts(schema: &Map<String, Value>, keyword: &str) -> BTreeSet<String> {
    let values = schema.get(keyword).and_then(Value::as_array);
    values
        .into_iter()
        .flatten()
        .map(|value| value.as_str().map_or(value.to_string(), str::to_owned))
        .collect()
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn report(found: &mut Vec<Breach>, path: &str, change: String) {
    let property = if path.is_empty() { "data" } else { path };
    found.push(Breach {
        property: property.to_owned(),
        change,
    });
}
