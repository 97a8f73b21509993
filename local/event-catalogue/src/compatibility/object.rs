//! What an object holds: its properties, which of them must be there, and what else it may have.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Comparison, Side, join};

impl Comparison {
    pub(super) fn compare_properties(
        &mut self,
        old: &Map<String, Value>,
        new: &Map<String, Value>,
        path: &str,
    ) {
        let (old_properties, new_properties) = (properties(old), properties(new));
        let (old_required, new_required) = (required(old), required(new));
        for (name, old_schema) in &old_properties {
            let path = join(path, name);
            match new_properties.get(name) {
                Some(new_schema) => self.compare(old_schema, new_schema, &path),
                None if is_closed(new) => self.report(&path, "was removed", Side::Both),
                None => self.report(&path, "was removed", Side::OlderReaders),
            }
        }
        for name in new_required.difference(&old_required) {
            let change = "is required, and events said before may lack it";
            self.report(&join(path, name), change, Side::OlderEvents);
        }
        for name in old_required.difference(&new_required) {
            if new_properties.contains_key(name) {
                let change = "is no longer required, and readers built before demand it";
                self.report(&join(path, name), change, Side::OlderReaders);
            }
        }
        for name in new_properties.keys() {
            if is_closed(old) && !old_properties.contains_key(name) {
                let change = "is new in an object that readers built before hold to be complete";
                self.report(&join(path, name), change, Side::OlderReaders);
            }
        }
    }

    pub(super) fn compare_additional(
        &mut self,
        old: &Map<String, Value>,
        new: &Map<String, Value>,
        path: &str,
    ) {
        let keyword = "additionalProperties";
        let of =
            |schema: &Map<String, Value>| schema.get(keyword).cloned().unwrap_or(Value::Bool(true));
        match (of(old), of(new)) {
            (old, new) if old == new => {}
            (Value::Bool(true), _) => {
                self.report(
                    path,
                    "no longer takes unknown properties",
                    Side::OlderEvents,
                );
            }
            (_, Value::Bool(true)) => {
                self.report(path, "takes unknown properties now", Side::OlderReaders);
            }
            (Value::Object(old), Value::Object(new)) => {
                let path = join(path, "*");
                self.compare(&old.into(), &new.into(), &path);
            }
            _ => self.report(path, "takes other unknown properties", Side::Both),
        }
    }
}

fn properties(schema: &Map<String, Value>) -> Map<String, Value> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.cloned().unwrap_or_default()
}

fn required(schema: &Map<String, Value>) -> BTreeSet<String> {
    let required = schema.get("required").and_then(Value::as_array);
    let names = required.into_iter().flatten().filter_map(Value::as_str);
    names.map(str::to_owned).collect()
}

/// Whether an unknown property is refused.
fn is_closed(schema: &Map<String, Value>) -> bool {
    schema.get("additionalProperties") == Some(&Value::Bool(false))
}
