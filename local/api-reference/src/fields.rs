//! A schema as a table for people: one row a member, as deep as it goes.

use serde::Serialize;
use serde_json::Value;

/// A member of what is taken or answered.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub(crate) struct Field {
    /// Its place: `lines[].sku`.
    path: String,
    /// Its type, with what bounds it.
    kind: String,
    required: bool,
    about: String,
}

/// How deep a table goes.
const DEEPEST: usize = 8;

/// The members of a schema of the document.
pub(crate) fn fields(schema: &Value, document: &Value) -> Vec<Field> {
    let mut rows = Vec::new();
    members(schema, document, "", 0, &mut rows);
    rows
}

/// The type of a schema in words, with what bounds it.
pub(crate) fn kind(schema: &Value, document: &Value) -> String {
    let schema = resolved(schema, document);
    let mut words = Vec::new();
    match &schema["type"] {
        Value::String(kind) if kind == "array" => {
            words.push(format!("array of {}", kind_of_items(schema, document)))
        }
        Value::String(kind) => words.push(kind.clone()),
        Value::Array(kinds) => words.push(
            kinds
                .iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join(" or "),
        ),
        _ => {}
    }
    for several in ["oneOf", "anyOf"] {
        if let Some(alternatives) = schema[several].as_array() {
            let constants: Option<Vec<String>> = alternatives
                .iter()
                .map(|one| one.get("const").map(Value::to_string))
                .collect();
            words.push(match constants {
                Some(constants) => constants.join(" | "),
                None => alternatives
                    .iter()
                    .map(|one| kind(one, document))
                    .collect::<Vec<_>>()
                    .join(" or "),
            });
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        words.push(
            values
                .iter()
                .map(Value::to_string)
                .collect::<Vec<_>>()
                .join(" | "),
        );
    }
    let bounds = [
        ("minimum", "at least "),
        ("maximum", "at most "),
        ("minLength", "at least "),
        ("maxLength", "at most "),
        ("minItems", "at least "),
        ("maxItems", "at most "),
        ("pattern", ""),
        ("format", ""),
    ];
    for (keyword, words_before) in bounds {
        let unit = match keyword {
            "minLength" | "maxLength" => " characters",
            "minItems" | "maxItems" => " items",
            _ => "",
        };
        match &schema[keyword] {
            Value::Null => {}
            Value::String(text) => words.push(text.clone()),
            bound => words.push(format!("{words_before}{bound}{unit}")),
        }
    }
    match words.is_empty() {
        true => "anything".to_owned(),
        false => words.join(", "),
    }
}

fn kind_of_items(schema: &Value, document: &Value) -> String {
    let items = resolved(&schema["items"], document);
    match items["type"].as_str() {
        Some("object") => "objects".to_owned(),
        Some(_) => kind(items, document),
        None => "values".to_owned(),
    }
}

fn members(schema: &Value, document: &Value, path: &str, depth: usize, rows: &mut Vec<Field>) {
    let schema = resolved(schema, document);
    if depth == DEEPEST {
        return;
    }
    if let Some(items) = schema.get("items") {
        return members(items, document, &format!("{path}[]"), depth + 1, rows);
    }
    for one in schema["anyOf"].as_array().into_iter().flatten() {
        members(one, document, path, depth + 1, rows);
    }
    if let Some(others) = schema
        .get("additionalProperties")
        .filter(|others| others.is_object())
    {
        rows.push(row(
            format!("{path}.*").trim_start_matches('.'),
            others,
            document,
            false,
        ));
    }
    let required: Vec<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let path = match path {
            "" => name.clone(),
            path => format!("{path}.{name}"),
        };
        rows.push(row(
            &path,
            member,
            document,
            required.contains(&name.as_str()),
        ));
        members(member, document, &path, depth + 1, rows);
    }
}

fn row(path: &str, schema: &Value, document: &Value, required: bool) -> Field {
    let about = schema
        .get("description")
        .or_else(|| resolved(schema, document).get("description"));
    Field {
        path: path.to_owned(),
        kind: kind(schema, document),
        required,
        about: about.and_then(Value::as_str).unwrap_or_default().to_owned(),
    }
}

/// The schema that a reference names, or the schema itself.
pub(crate) fn resolved<'a>(schema: &'a Value, document: &'a Value) -> &'a Value {
    let reference = schema.get("$ref").and_then(Value::as_str);
    let target = reference.and_then(|reference| document.pointer(reference.strip_prefix('#')?));
    target.unwrap_or(schema)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_listed_as_deep_as_they_go() {
        let document = json!({ "components": { "schemas": { "Line": {
            "type": "object", "required": ["sku"],
            "properties": { "sku": { "type": "string", "maxLength": 64, "description": "What." } },
        } } } });
        let schema = json!({
            "type": "object",
            "properties": {
                "lines": { "type": "array", "minItems": 1, "items": { "$ref": "#/components/schemas/Line" } },
                "status": { "oneOf": [{ "const": "a" }, { "const": "b" }] },
                "texts": { "type": "object", "additionalProperties": { "type": "string" } },
            },
        });
        let rows: Vec<(String, String)> = fields(&schema, &document)
            .into_iter()
            .map(|field| (field.path, field.kind))
            .collect();
        let row = |path: &str, kind: &str| (path.to_owned(), kind.to_owned());
        assert_eq!(
            rows,
            [
                row("lines", "array of objects, at least 1 items"),
                row("lines[].sku", "string, at most 64 characters"),
                row("status", "\"a\" | \"b\""),
                row("texts", "object"),
                row("texts.*", "string"),
            ]
        );
    }
}
