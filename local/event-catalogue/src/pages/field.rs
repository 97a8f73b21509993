//! A schema's fields as a table's rows.

use serde::Serialize;
use serde_json::Value;

/// One field, however deep it lies.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Field {
    /// From the event's data: `lines[].quantity`.
    pub path: String,
    /// Its type, or the values that it may have.
    pub kind: String,
    /// Whether it is always there, where the object is that holds it.
    pub is_required: bool,
    /// What it means.
    pub description: String,
}

/// All fields of an event's data, each object before what it holds.
pub(super) fn all(schema: &Value) -> Vec<Field> {
    let mut fields = Vec::new();
    collect(schema, "", &mut fields);
    fields
}

fn collect(schema: &Value, path: &str, fields: &mut Vec<Field>) {
    let properties = schema["properties"].as_object();
    let required = schema["required"].as_array();
    for (name, property) in properties.into_iter().flatten() {
        let path = match path {
            "" => name.clone(),
            path => format!("{path}.{name}"),
        };
        fields.push(Field {
            kind: kind(property),
            is_required: required.is_some_and(|required| required.iter().any(|one| one == name)),
            description: description(property),
            path: path.clone(),
        });
        collect(property, &path, fields);
        collect(&property["items"], &format!("{path}[]"), fields);
    }
}

/// A property's meaning, and that of each of its values.
fn description(property: &Value) -> String {
    let text = |schema: &Value| {
        schema["description"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let values = alternatives(property);
    let values = values.map(|one| format!("{}: {}", plain(&one["const"]), text(one)));
    std::iter::once(text(property))
        .chain(values)
        .collect::<Vec<_>>()
        .join("\n")
}

fn kind(property: &Value) -> String {
    let listed = property["enum"].as_array().into_iter().flatten();
    let listed = listed.chain(alternatives(property).map(|one| &one["const"]));
    let listed: Vec<String> = listed.map(plain).collect();
    if !listed.is_empty() {
        return listed.join(" | ");
    }
    let kind = match &property["type"] {
        Value::Array(several) => several.iter().map(plain).collect::<Vec<_>>().join(" | "),
        one => plain(one),
    };
    match property["format"].as_str() {
        Some(format) => format!("{kind} ({format})"),
        None => kind,
    }
}

fn alternatives(property: &Value) -> impl Iterator<Item = &Value> {
    let alternatives = property["oneOf"].as_array().into_iter().flatten();
    alternatives.filter(|one| one.get("const").is_some())
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}
