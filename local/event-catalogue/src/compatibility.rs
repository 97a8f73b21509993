//! Judges a change of a schema: only new, optional properties are compatible, and words that demand nothing.
//!
//! Both sides are strict on purpose. Events wait in queues for up to 14 days and are read by older and newer code alike,
//! and contexts are deployed one by one: whatever an older event lacks, or an older reader refuses, is breaking. That
//! includes a new value of an enumeration, since readers are closed enums. Owns the judgement only; not where schemas
//! stand, nor who reads them.

mod bound;
mod object;
mod values;

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

/// Keywords that say something about a value and demand nothing of it.
const ANNOTATIONS: &[&str] = &[
    "$schema",
    "$id",
    "$comment",
    "title",
    "description",
    "examples",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
];

/// Keywords that are judged together, not one by one.
const JUDGED_TOGETHER: &[&str] = &[
    "properties",
    "required",
    "additionalProperties",
    "type",
    "enum",
    "const",
    "oneOf",
];

/// Who does not survive a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Readers built before it: they refuse or misread events that are said after it.
    OlderReaders,
    /// Events said before it: readers built after it refuse or misread them.
    OlderEvents,
    /// Both of them.
    Both,
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::OlderReaders => "older readers fail on newer events",
            Self::OlderEvents => "newer readers fail on older events",
            Self::Both => "older readers fail on newer events, and newer readers on older events",
        })
    }
}

/// A change that an older event or an older reader does not survive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    /// The property, as a path from the event's data: `lines[].quantity`.
    pub property: String,
    /// What was changed about it.
    pub change: String,
    /// Who does not survive it.
    pub side: Side,
}

impl fmt::Display for Breach {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            property,
            change,
            side,
        } = self;
        write!(formatter, "{property} {change}: {side}")
    }
}

/// The breaking changes from one schema to another. Schemas are self-contained: a `$ref` counts as any other keyword.
pub fn breaches(old: &Value, new: &Value) -> Vec<Breach> {
    let mut comparison = Comparison::default();
    comparison.compare(old, new, "");
    comparison.found
}

#[derive(Default)]
struct Comparison {
    found: Vec<Breach>,
}

impl Comparison {
    fn compare(&mut self, old: &Value, new: &Value, path: &str) {
        let (Some(old), Some(new)) = (constraints(old), constraints(new)) else {
            if old != new {
                self.report(path, "is constrained otherwise", Side::Both);
            }
            return;
        };
        self.compare_properties(&old, &new, path);
        self.compare_additional(&old, &new, path);
        self.compare_values(&old, &new, path);
        let keywords: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for keyword in keywords {
            let name = keyword.as_str();
            if !ANNOTATIONS.contains(&name) && !JUDGED_TOGETHER.contains(&name) {
                self.compare_keyword(name, old.get(name), new.get(name), path);
            }
        }
    }

    /// What a value may be: its type, and its value where these are listed.
    fn compare_values(&mut self, old: &Map<String, Value>, new: &Map<String, Value>, path: &str) {
        let (old_values, new_values) = (values::listed(old), values::listed(new));
        match (&old_values, &new_values) {
            (Some(old), Some(new)) => {
                for value in old.difference(new) {
                    let change = format!("lost the value {value}, which events said before have");
                    self.report(path, &change, Side::OlderEvents);
                }
                for value in new.difference(old) {
                    let change =
                        format!("gained the value {value}, which readers built before refuse");
                    self.report(path, &change, Side::OlderReaders);
                }
                // The values say their type.
                return;
            }
            (None, Some(_)) => self.report(path, "is limited to listed values", Side::OlderEvents),
            (Some(_), None) => self.report(
                path,
                "is no longer limited to listed values",
                Side::OlderReaders,
            ),
            (None, None) => {
                self.compare_alternatives(old.get("oneOf"), new.get("oneOf"), "oneOf", path)
            }
        }
        let (old_types, new_types) = (values::types(old), values::types(new));
        if old_types == new_types {
            return;
        }
        let text = |types: &Option<BTreeSet<String>>| match types {
            Some(types) => types
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(" or "),
            None => "anything".to_owned(),
        };
        let change = format!(
            "has another type: {} became {}",
            text(&old_types),
            text(&new_types)
        );
        let side = match (
            values::admits(&new_types, &old_types),
            values::admits(&old_types, &new_types),
        ) {
            (true, _) => Side::OlderReaders,
            (false, true) => Side::OlderEvents,
            (false, false) => Side::Both,
        };
        self.report(path, &change, side);
    }

    fn compare_keyword(
        &mut self,
        name: &str,
        old: Option<&Value>,
        new: Option<&Value>,
        path: &str,
    ) {
        match (name, old, new) {
            (_, old, new) if old == new => {}
            ("items", Some(old), Some(new)) => self.compare(old, new, &format!("{path}[]")),
            ("anyOf" | "allOf", old, new) => self.compare_alternatives(old, new, name, path),
            (name, old, new) => {
                let text =
                    |value: Option<&Value>| value.map_or("none".to_owned(), Value::to_string);
                let change = format!("has another `{name}`: {} became {}", text(old), text(new));
                self.report(path, &change, bound::side(name, old, new));
            }
        }
    }

    fn compare_alternatives(
        &mut self,
        old: Option<&Value>,
        new: Option<&Value>,
        name: &str,
        path: &str,
    ) {
        match (old, new) {
            (old, new) if old == new => {}
            (Some(Value::Array(old)), Some(Value::Array(new))) if old.len() == new.len() => {
                for (old, new) in old.iter().zip(new) {
                    self.compare(old, new, path);
                }
            }
            (Some(Value::Array(old)), Some(Value::Array(new))) if name != "allOf" => {
                let fewer = old.len() > new.len();
                let side = if fewer {
                    Side::OlderEvents
                } else {
                    Side::OlderReaders
                };
                let change = format!("has {} alternatives instead of {}", new.len(), old.len());
                self.report(path, &change, side);
            }
            _ => self.report(path, &format!("has another `{name}`"), Side::Both),
        }
    }

    fn report(&mut self, path: &str, change: &str, side: Side) {
        let property = if path.is_empty() { "data" } else { path };
        self.found.push(Breach {
            property: property.to_owned(),
            change: change.to_owned(),
            side,
        });
    }
}

/// The keywords of a schema; `true` has none.
fn constraints(schema: &Value) -> Option<Map<String, Value>> {
    match schema {
        Value::Object(keywords) => Some(keywords.clone()),
        Value::Bool(true) => Some(Map::new()),
        Value::Bool(false)
        | Value::Null
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_) => None,
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}
