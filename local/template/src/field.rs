//! A value together with its place, and maps of which every entry must be read. Owns the conversion of values to plain
//! types and the refusal of what nobody asked for.

use std::ops::RangeInclusive;

use serde_json::Value as Json;

use crate::error::Refusal;
use crate::inert;
use crate::node::{Node, Value};

/// A resolved value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub node: Node,
    pub path: String,
}

/// A map whose entries are taken one by one. [`Fields::finish`] refuses those that nobody took.
#[derive(Debug)]
pub(crate) struct Fields {
    /// What the map is, for the list of what has no effect: a resource type, or one with a property behind a dot.
    kind: String,
    path: String,
    line: usize,
    left: Vec<(String, usize, Node)>,
}

impl Field {
    pub(crate) fn new(node: Node, path: impl Into<String>) -> Self {
        Self {
            node,
            path: path.into(),
        }
    }

    pub(crate) fn refuse(&self, reason: impl Into<String>) -> Refusal {
        Refusal::new(&self.path, self.node.line, reason)
    }

    fn wanted<T>(&self, wanted: &str) -> Result<T, Refusal> {
        Err(self.refuse(format!("expected {wanted}, found {}", self.node.kind())))
    }

    /// Text; numbers and booleans become text as CloudFormation does it.
    pub(crate) fn text(self) -> Result<String, Refusal> {
        match self.node.value {
            Value::Text(text) => Ok(text),
            Value::Number(number) => Ok(number.to_string()),
            Value::Bool(value) => Ok(value.to_string()),
            Value::Null | Value::List(_) | Value::Map(_) => self.wanted("a string"),
        }
    }

    pub(crate) fn boolean(self) -> Result<bool, Refusal> {
        match &self.node.value {
            Value::Bool(value) => Ok(*value),
            Value::Text(text) if text == "true" => Ok(true),
            Value::Text(text) if text == "false" => Ok(false),
            Value::Null | Value::Number(_) | Value::Text(_) | Value::List(_) | Value::Map(_) => {
                self.wanted("true or false")
            }
        }
    }

    pub(crate) fn number(self) -> Result<f64, Refusal> {
        match self.clone().text()?.parse() {
            Ok(number) => Ok(number),
            Err(_) => self.wanted("a number"),
        }
    }

    /// A whole number within AWS's limits.
    pub(crate) fn integer(self, allowed: RangeInclusive<u32>) -> Result<u32, Refusal> {
        match self.clone().text()?.parse() {
            Ok(number) if allowed.contains(&number) => Ok(number),
            Ok(number) => Err(self.refuse(format!(
                "{number} is not within {} to {}",
                allowed.start(),
                allowed.end()
            ))),
            Err(_) => self.wanted("a whole number"),
        }
    }

    /// A whole number within AWS's limits, where -1 stands for no limit.
    pub(crate) fn integer_or_infinite(
        self,
        allowed: RangeInclusive<u32>,
    ) -> Result<Option<u32>, Refusal> {
        match self.clone().text()?.as_str() {
            "-1" => Ok(None),
            _ => self.integer(allowed).map(Some),
        }
    }

    /// Text that must be one of these.
    pub(crate) fn one_of(self, allowed: &[&str]) -> Result<String, Refusal> {
        let text = self.clone().text()?;
        match allowed.contains(&text.as_str()) {
            true => Ok(text),
            false => Err(self.refuse(format!(
                "{text} is not run locally: only {}",
                allowed.join(", ")
            ))),
        }
    }

    pub(crate) fn list(self) -> Result<Vec<Field>, Refusal> {
        match self.node.value {
            Value::List(items) => Ok(items
                .into_iter()
                .enumerate()
                .map(|(position, node)| Field {
                    node,
                    path: format!("{}[{position}]", self.path),
                })
                .collect()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Map(_) => {
                self.wanted("a list")
            }
        }
    }

    /// A list of text.
    pub(crate) fn texts(self) -> Result<Vec<String>, Refusal> {
        self.list()?.into_iter().map(Field::text).collect()
    }

    /// One text or a list of text, as policies have it.
    pub(crate) fn one_or_more_texts(self) -> Result<Vec<String>, Refusal> {
        match self.node.value {
            Value::List(_) => self.texts(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Map(_) => {
                Ok(vec![self.text()?])
            }
        }
    }

    pub(crate) fn entries(self) -> Result<Vec<(String, Field)>, Refusal> {
        match self.node.value {
            Value::Map(entries) => Ok(entries
                .into_iter()
                .map(|entry| {
                    let path = format!("{}.{}", self.path, entry.key);
                    (
                        entry.key,
                        Field {
                            node: entry.node,
                            path,
                        },
                    )
                })
                .collect()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => {
                self.wanted("a map")
            }
        }
    }

    /// A map to take from. `kind` is its name in the list of what has no effect.
    pub(crate) fn fields(self, kind: &str) -> Result<Fields, Refusal> {
        let line = self.node.line;
        let path = self.path.clone();
        let Value::Map(entries) = self.node.value else {
            return self.wanted("a map");
        };
        let left = entries
            .into_iter()
            .map(|entry| (entry.key, entry.line, entry.node))
            .collect();
        Ok(Fields {
            kind: kind.to_owned(),
            path,
            line,
            left,
        })
    }

    pub(crate) fn json(&self) -> Json {
        self.node.to_json()
    }
}

impl Fields {
    pub(crate) fn take(&mut self, key: &str) -> Option<Field> {
        let position = self.left.iter().position(|(known, _, _)| known == key)?;
        let (key, _, node) = self.left.swap_remove(position);
        Some(Field {
            node,
            path: format!("{}.{key}", self.path),
        })
    }

    pub(crate) fn need(&mut self, key: &str) -> Result<Field, Refusal> {
        self.take(key)
            .ok_or_else(|| Refusal::new(&self.path, self.line, format!("{key} is missing")))
    }

    /// Refuses what was not taken and is not known to be without effect locally.
    pub(crate) fn finish(self) -> Result<(), Refusal> {
        let unread = self
            .left
            .iter()
            .filter(|(key, _, _)| inert::reason(&self.kind, key).is_none());
        match unread.min_by_key(|(_, line, _)| *line) {
            None => Ok(()),
            Some((key, line, _)) => Err(Refusal::new(
                format!("{}.{key}", self.path),
                *line,
                format!("{key} of {} is not run locally", self.kind),
            )),
        }
    }
}
