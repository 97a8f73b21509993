//! Filter policies: which messages a subscription wants. Reading a policy checks it; matching never fails.
//!
//! A policy is a conjunction over keys; the rules of one key are alternatives; `$or` offers alternative policies.
//! Array values match where any of their elements does, also with `anything-but`, as SNS's developer guide says.

mod numeric;
mod read;
mod rule;

use std::cell::OnceCell;

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

/// A message as policies look at it. What a policy needs is read when the first one needs it, and once for all.
pub(crate) struct Candidate<'a> {
    body: &'a str,
    attributes: &'a MessageAttributes,
    body_values: OnceCell<Option<Map<String, Value>>>,
    attribute_values: OnceCell<Map<String, Value>>,
}

impl<'a> Candidate<'a> {
    pub fn new(body: &'a str, attributes: &'a MessageAttributes) -> Self {
        Self {
            body,
            attributes,
            body_values: OnceCell::new(),
            attribute_values: OnceCell::new(),
        }
    }
}

impl FilterPolicy {
    /// Whether the subscription wants the message.
    pub fn matches(&self, message: &Candidate<'_>) -> bool {
        match self.scope {
            Scope::MessageAttributes => {
                let values = message
                    .attribute_values
                    .get_or_init(|| attribute_values(message.attributes));
                self.root.holds(values)
            }
            // A body that is no JSON object matches no policy on bodies, not even an empty one.
            Scope::MessageBody => {
                let values = message
                    .body_values
                    .get_or_init(|| serde_json::from_str(message.body).ok());
                values
                    .as_ref()
                    .is_some_and(|values| self.root.holds(values))
            }
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
