//! SAM's Globals section: defaults for all functions and all HTTP APIs. Owns how they are merged.

use crate::error::Refusal;
use crate::field::Field;
use crate::identity::Kind;
use crate::node::{Entry, Node, Value};

/// SAM's Globals section, for the two sections that the engine knows.
#[derive(Default)]
pub(crate) struct Globals {
    function: Option<Node>,
    http_api: Option<Node>,
}

impl Globals {
    pub(crate) fn read(node: Option<&Node>) -> Result<Self, Refusal> {
        let Some(node) = node else {
            return Ok(Self::default());
        };
        let mut fields = Field::new(node.clone(), "Globals").fields("Globals")?;
        let function = fields.take("Function").map(|field| field.node);
        let http_api = fields.take("HttpApi").map(|field| field.node);
        fields.finish()?;
        Ok(Self { function, http_api })
    }

    pub(crate) fn merged_into(&self, kind: Kind, properties: Node) -> Node {
        let global = match kind {
            Kind::Function => &self.function,
            Kind::HttpApi => &self.http_api,
            Kind::Table
            | Kind::Topic
            | Kind::Subscription
            | Kind::Queue
            | Kind::QueuePolicy
            | Kind::LogGroup
            | Kind::Role
            | Kind::Alarm
            | Kind::Dashboard => &None,
        };
        match global {
            Some(global) => merged(global.clone(), properties),
            None => properties,
        }
    }
}

/// SAM's rule: maps are merged, lists are put one behind the other, and of anything else the resource's own wins. What
/// has to be worked out counts as one value, though it is written as a map.
fn merged(global: Node, own: Node) -> Node {
    let line = own.line;
    if is_intrinsic(&global) || is_intrinsic(&own) {
        return own;
    }
    let value = match (global.value, own.value) {
        (Value::Map(mut entries), Value::Map(own)) => {
            for entry in own {
                match entries.iter_mut().find(|known| known.key == entry.key) {
                    Some(known) => {
                        let node = merged(known.node.clone(), entry.node);
                        *known = Entry { node, ..entry };
                    }
                    None => entries.push(entry),
                }
            }
            Value::Map(entries)
        }
        (Value::List(mut items), Value::List(own)) => {
            items.extend(own);
            Value::List(items)
        }
        (
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Text(_)
            | Value::List(_)
            | Value::Map(_),
            own,
        ) => own,
    };
    Node { line, value }
}

fn is_intrinsic(node: &Node) -> bool {
    match &node.value {
        Value::Map(entries) => match &entries[..] {
            [one] => one.key == "Ref" || one.key == "Condition" || one.key.starts_with("Fn::"),
            _ => false,
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => false,
    }
}
