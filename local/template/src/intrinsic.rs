//! Intrinsic functions. Owns turning a tree with references into one without; not what the values mean.

use std::collections::BTreeMap;

use crate::error::Refusal;
use crate::field::Field;
use crate::identity::Identity;
use crate::node::{Entry, Node, Value};
use crate::parameter::Bound;

/// Everything that an intrinsic may refer to.
pub(crate) struct Scope<'template> {
    pub values: BTreeMap<String, Bound>,
    pub mappings: Option<&'template Node>,
    pub conditions: Option<&'template Node>,
    pub identities: BTreeMap<String, Identity>,
}

impl Scope<'_> {
    /// The tree with every intrinsic evaluated; `None` where it comes to `AWS::NoValue`.
    pub(crate) fn resolve(&self, node: &Node, path: &str) -> Result<Option<Node>, Refusal> {
        let line = node.line;
        let value = match &node.value {
            Value::Text(text) if text.contains("{{resolve:") => {
                let reason =
                    "dynamic references are not run locally: pass the value as a parameter";
                return Err(Refusal::new(path, line, reason));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => node.value.clone(),
            Value::List(items) => {
                let mut resolved = Vec::with_capacity(items.len());
                for (position, item) in items.iter().enumerate() {
                    resolved.extend(self.resolve(item, &format!("{path}[{position}]"))?);
                }
                Value::List(resolved)
            }
            Value::Map(entries) => {
                if let [
                    Entry {
                        key,
                        node: argument,
                        ..
                    },
                ] = entries.as_slice()
                    && (key == "Ref" || key.starts_with("Fn::"))
                {
                    return self.call(key, argument, path, line);
                }
                let mut resolved = Vec::with_capacity(entries.len());
                for entry in entries {
                    if entry.key == "Ref" || entry.key.starts_with("Fn::") {
                        let reason = format!("{} stands beside other keys", entry.key);
                        return Err(Refusal::new(path, entry.line, reason));
                    }
                    if let Some(node) =
                        self.resolve(&entry.node, &format!("{path}.{}", entry.key))?
                    {
                        resolved.push(Entry {
                            key: entry.key.clone(),
                            line: entry.line,
                            node,
                        });
                    }
                }
                Value::Map(resolved)
            }
        };
        Ok(Some(Node { line, value }))
    }

    /// A value that must come to text.
    pub(crate) fn text(&self, node: &Node, path: &str) -> Result<String, Refusal> {
        self.field(node, path)?.text()
    }

    fn field(&self, node: &Node, path: &str) -> Result<Field, Refusal> {
        self.resolve(node, path)?
            .map(|resolved| Field::new(resolved, path))
            .ok_or_else(|| Refusal::new(path, node.line, "AWS::NoValue is no value here"))
    }

    fn call(
        &self,
        function: &str,
        argument: &Node,
        path: &str,
        line: usize,
    ) -> Result<Option<Node>, Refusal> {
        let refuse = |reason: &str| Refusal::new(path, line, format!("{function} {reason}"));
        let arguments = |count: usize| match &argument.value {
            Value::List(items) if items.len() == count => Ok(items.as_slice()),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Text(_)
            | Value::List(_)
            | Value::Map(_) => Err(refuse(&format!("takes a list of {count} values"))),
        };
        let text = match function {
            "Ref" => return self.reference(&plain(argument, path)?, path, line),
            "Fn::GetAtt" => {
                let (resource, attribute) = match &argument.value {
                    Value::List(items) if items.len() == 2 => {
                        (plain(&items[0], path)?, self.text(&items[1], path)?)
                    }
                    Value::Null
                    | Value::Bool(_)
                    | Value::Number(_)
                    | Value::Text(_)
                    | Value::List(_)
                    | Value::Map(_) => {
                        let text = plain(argument, path)?;
                        let (resource, attribute) = text
                            .split_once('.')
                            .ok_or_else(|| refuse("takes Resource.Attribute"))?;
                        (resource.to_owned(), attribute.to_owned())
                    }
                };
                self.attribute(&resource, &attribute, path, line)?
            }
            "Fn::Sub" => match &argument.value {
                Value::List(_) => {
                    let items = arguments(2)?;
                    let mut extra = BTreeMap::new();
                    for (name, field) in Field::new(items[1].clone(), path).entries()? {
                        extra.insert(name, self.text(&field.node, path)?);
                    }
                    self.substitute(&plain(&items[0], path)?, &extra, path, line)?
                }
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Text(_)
                | Value::Map(_) => {
                    self.substitute(&plain(argument, path)?, &BTreeMap::new(), path, line)?
                }
            },
            "Fn::Join" => {
                let items = arguments(2)?;
                self.field(&items[1], path)?
                    .texts()?
                    .join(&self.text(&items[0], path)?)
            }
            "Fn::Split" => {
                let items = arguments(2)?;
                let (delimiter, text) = (self.text(&items[0], path)?, self.text(&items[1], path)?);
                if delimiter.is_empty() {
                    return Err(refuse("needs a delimiter"));
                }
                let parts = text
                    .split(delimiter.as_str())
                    .map(|part| Node::text(line, part))
                    .collect();
                return Ok(Some(Node {
                    line,
                    value: Value::List(parts),
                }));
            }
            "Fn::Select" => {
                let items = arguments(2)?;
                let index = self.field(&items[0], path)?.integer(0..=u32::MAX)? as usize;
                let mut list = self.field(&items[1], path)?.list()?;
                if index >= list.len() {
                    return Err(refuse(&format!(
                        "asks for number {index} of a list of {}",
                        list.len()
                    )));
                }
                return Ok(Some(list.swap_remove(index).node));
            }
            "Fn::FindInMap" => {
                let items = arguments(3)?;
                let keys = items
                    .iter()
                    .map(|item| self.text(item, path))
                    .collect::<Result<Vec<_>, _>>()?;
                let found = self
                    .mappings
                    .and_then(|all| keys.iter().try_fold(all, |node, key| node.get(key)));
                let node = found.ok_or_else(|| refuse(&format!("finds no {}", keys.join("."))))?;
                return Ok(Some(Node {
                    line,
                    value: node.value.clone(),
                }));
            }
            "Fn::If" => {
                let items = arguments(3)?;
                let holds = self.condition(&plain(&items[0], path)?, path, line)?;
                return self.resolve(&items[if holds { 1 } else { 2 }], path);
            }
            _ => return Err(refuse("is not an intrinsic that is run locally")),
        };
        Ok(Some(Node::text(line, text)))
    }

    fn reference(&self, name: &str, path: &str, line: usize) -> Result<Option<Node>, Refusal> {
        if let Some(bound) = self.values.get(name) {
            return Ok(bound.to_node(line));
        }
        Ok(Some(Node::text(
            line,
            self.identity(name, path, line)?.reference(path, line)?,
        )))
    }

    fn attribute(
        &self,
        resource: &str,
        attribute: &str,
        path: &str,
        line: usize,
    ) -> Result<String, Refusal> {
        Ok(self
            .identity(resource, path, line)?
            .attribute(attribute, path, line)?
            .to_owned())
    }

    fn identity(&self, name: &str, path: &str, line: usize) -> Result<&Identity, Refusal> {
        self.identities.get(name).ok_or_else(|| {
            Refusal::new(
                path,
                line,
                format!("{name} is no parameter, pseudo parameter or resource that exists here"),
            )
        })
    }

    /// `${Name}`, `${Resource.Attribute}`, and `${!Literal}`, which stays without its exclamation mark.
    fn substitute(
        &self,
        template: &str,
        extra: &BTreeMap<String, String>,
        path: &str,
        line: usize,
    ) -> Result<String, Refusal> {
        let mut text = String::new();
        let mut rest = template;
        while let Some(start) = rest.find("${") {
            text.push_str(&rest[..start]);
            let Some(length) = rest[start..].find('}') else {
                return Err(Refusal::new(path, line, "Fn::Sub has a ${ without its }"));
            };
            let name = &rest[start + 2..start + length];
            rest = &rest[start + length + 1..];
            if let Some(literal) = name.strip_prefix('!') {
                text.push_str(&format!("${{{literal}}}"));
            } else if let Some(value) = extra.get(name) {
                text.push_str(value);
            } else if let Some((resource, attribute)) = name.split_once('.') {
                text.push_str(&self.attribute(resource, attribute, path, line)?);
            } else {
                let node = self.reference(name, path, line)?;
                let node = node.ok_or_else(|| {
                    Refusal::new(path, line, format!("Fn::Sub: {name} is no value"))
                })?;
                text.push_str(&Field::new(node, path).text()?);
            }
        }
        text.push_str(rest);
        Ok(text)
    }
}

/// Text that may not be computed: names in `Ref`, `Fn::GetAtt`, `Fn::Sub` and `Fn::If`.
fn plain(node: &Node, path: &str) -> Result<String, Refusal> {
    match &node.value {
        Value::Text(text) => Ok(text.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Map(_) => {
            Err(Refusal::new(
                path,
                node.line,
                format!("expected a name, found {}", node.kind()),
            ))
        }
    }
}
