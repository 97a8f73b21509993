//! Conditions: `Fn::Equals`, `Fn::And`, `Fn::Or`, `Fn::Not` and conditions named by others. Owns their evaluation.

use crate::error::Refusal;
use crate::intrinsic::Scope;
use crate::node::{Node, Value};

/// CloudFormation allows conditions to name each other, not in a circle.
const DEEPEST: usize = 16;

impl Scope<'_> {
    /// Whether the named condition holds.
    pub(crate) fn condition(&self, name: &str, path: &str, line: usize) -> Result<bool, Refusal> {
        self.named(name, path, line, 0)
    }

    fn named(&self, name: &str, path: &str, line: usize, depth: usize) -> Result<bool, Refusal> {
        let found = self.conditions.and_then(|conditions| conditions.get(name));
        let node = found.ok_or_else(|| {
            Refusal::new(path, line, format!("the template has no condition {name}"))
        })?;
        if depth > DEEPEST {
            return Err(Refusal::new(
                path,
                line,
                format!("the condition {name} goes round in a circle"),
            ));
        }
        self.evaluate(node, &format!("Conditions.{name}"), depth)
    }

    fn evaluate(&self, node: &Node, path: &str, depth: usize) -> Result<bool, Refusal> {
        let refuse = |reason: String| Refusal::new(path, node.line, reason);
        let Value::Map(entries) = &node.value else {
            return Err(refuse(format!(
                "expected a condition function, found {}",
                node.kind()
            )));
        };
        let [entry] = entries.as_slice() else {
            return Err(refuse("a condition is one function".to_owned()));
        };
        let operands = |count: std::ops::RangeInclusive<usize>| match &entry.node.value {
            Value::List(items) if count.contains(&items.len()) => Ok(items),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Text(_)
            | Value::List(_)
            | Value::Map(_) => Err(refuse(format!(
                "{} takes {} to {} values",
                entry.key,
                count.start(),
                count.end()
            ))),
        };
        let each = |items: &[Node]| {
            items
                .iter()
                .map(|item| self.evaluate(item, path, depth))
                .collect::<Result<Vec<bool>, Refusal>>()
        };
        match entry.key.as_str() {
            "Condition" => match &entry.node.value {
                Value::Text(name) => self.named(name, path, node.line, depth + 1),
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::List(_)
                | Value::Map(_) => Err(refuse("Condition takes a name".to_owned())),
            },
            "Fn::Equals" => {
                let items = operands(2..=2)?;
                Ok(self.text(&items[0], path)? == self.text(&items[1], path)?)
            }
            "Fn::Not" => Ok(!each(operands(1..=1)?)?[0]),
            "Fn::And" => Ok(each(operands(2..=10)?)?.into_iter().all(|holds| holds)),
            "Fn::Or" => Ok(each(operands(2..=10)?)?.into_iter().any(|holds| holds)),
            other => Err(refuse(format!(
                "{other} is not a condition function that is run locally"
            ))),
        }
    }
}
