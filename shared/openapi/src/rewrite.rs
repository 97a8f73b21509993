//! References inside a document.

use serde_json::Value;

/// Puts another reference in the place of each.
pub(crate) fn references(value: &mut Value, rename: &mut impl FnMut(&str) -> String) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(reference) if name == "$ref" => *reference = rename(reference),
                    _ => references(member, rename),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| references(item, rename)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
