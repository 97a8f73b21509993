//! Filter policies: which messages a subscription wants. Reading a policy checks it; matching never fails.
//!
//! A policy is a conjunction over keys; the rules of one key are alternatives; `$or` offers alternative policies.
//! Array values match where any of their elements does, also with `anything-but`, as SNS's developer guide says.

mod numeric;
mod read;
mod rule;

use serde_json::{Map, Value};

use crate::message::MessageAttributes;
use rule::Rule;

/// What a policy looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    MessageAttributes,
    MessageBody,
}

/// A filter policy, checked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FilterPolicy {
    scope: Scope,
    root: Clause,
}

/// Everything in it must hold.
#[derive(Debug, Clone, PartialEq, Default)]
struct Clause {
    keys: Vec<(String, Condition)>,
    /// Of each list, one must hold.
    alternatives: Vec<Vec<Clause>>,
}

#[derive(Debug, Clone, PartialEq)]
enum Condition {
    /// One of the rules must hold of the value.
    Rules(Vec<Rule>),
    /// The value is an object of which this holds.
    Nested(Clause),
}

impl FilterPolicy {
    /// Whether the subscription wants the message.
    pub fn matches(&self, body: &str, attributes: &MessageAttributes) -> bool {
        match self.scope {
            Scope::MessageAttributes => self.root.holds(&attribute_values(attributes)),
            // A body that is no JSON object matches no policy on bodies, not even an empty one.
            Scope::MessageBody => serde_json::from_str::<Map<String, Value>>(body)
                .is_ok_and(|body| self.root.holds(&body)),
        }
    }
}

impl Clause {
    fn holds(&self, object: &Map<String, Value>) -> bool {
        self.keys
            .iter()
            .all(|(key, condition)| condition.holds(object.get(key)))
            && self
                .alternatives
                .iter()
                .all(|clauses| clauses.iter().any(|clause| clause.holds(object)))
    }
}

impl Condition {
    fn holds(&self, value: Option<&Value>) -> bool {
        match self {
            Self::Rules(rules) => rules.iter().any(|rule| rule.holds(value)),
            Self::Nested(clause) => match value {
                Some(Value::Object(object)) => clause.holds(object),
                Some(Value::Array(elements)) => {
                    elements.iter().any(|element| self.holds(Some(element)))
                }
                // Nothing is there, which `exists: false` further in may be asking for.
                Some(_) | None => clause.holds(&Map::new()),
            },
        }
    }
}

/// Attributes as values. SNS compares text, numbers and arrays; of a binary attribute only its being there counts.
fn attribute_values(attributes: &MessageAttributes) -> Map<String, Value> {
    attributes
        .iter()
        .map(|(name, attribute)| {
            let text = attribute.text();
            let value = match attribute.data_type.as_str() {
                "String.Array" => {
                    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
                }
                kind if kind.starts_with("Number") => {
                    serde_json::from_str(text).unwrap_or(Value::Bool(false))
                }
                kind if kind.starts_with("Binary") => Value::Object(Map::new()),
                _ => Value::String(text.to_owned()),
            };
            (name.clone(), value)
        })
        .collect()
}

#[cfg(test)]
mod tests;
