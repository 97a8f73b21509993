//! What a schema says that a value may be: listed values, and types.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// The values that the schema lists, as JSON. `enum`, `const`, and one `const` per alternative, which is how a documented
/// enumeration is written, say the same.
pub(super) fn listed(schema: &Map<String, Value>) -> Option<BTreeSet<String>> {
    if let Some(Value::Array(values)) = schema.get("enum") {
        return Some(values.iter().map(Value::to_string).collect());
    }
    if let Some(value) = schema.get("const") {
        return Some(BTreeSet::from([value.to_string()]));
    }
    let alternatives = schema.get("oneOf")?.as_array()?;
    let listed = alternatives.iter().map(|one| listed(one.as_object()?));
    let listed: Option<Vec<_>> = listed.collect();
    Some(listed?.into_iter().flatten().collect())
}

/// The types that the schema admits; none for any.
pub(super) fn types(schema: &Map<String, Value>) -> Option<BTreeSet<String>> {
    let texts = match schema.get("type")? {
        Value::String(one) => vec![one.clone()],
        Value::Array(several) => several
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return None,
    };
    Some(texts.into_iter().collect())
}

/// Whether all that `narrow` admits is admitted by `wide` too. Every integer is a number.
pub(super) fn admits(wide: &Option<BTreeSet<String>>, narrow: &Option<BTreeSet<String>>) -> bool {
    match (wide, narrow) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(wide), Some(narrow)) => narrow
            .iter()
            .all(|kind| wide.contains(kind) || (kind == "integer" && wide.contains("number"))),
    }
}
