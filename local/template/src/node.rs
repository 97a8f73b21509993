//! YAML as a tree that knows its lines. Owns parsing and CloudFormation's short tags; not what any of it means.
//!
//! The parser is saphyr-parser: it gives the line of every scalar and key, which serde_yaml_ng's value does not keep
//! and without which a refusal could not say where. CloudFormation reads YAML 1.1, saphyr 1.2; where the two would
//! read one text differently (`yes`, `on`, `0123`) the text is refused and the author asked for quotes. Anchors and
//! aliases are refused, because the file is meant to be read where it stands.

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::{Number, Value as Json};

use crate::error::TemplateError;

/// A value and the line that it starts on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub line: usize,
    pub value: Value,
}

/// A YAML value. `!Ref X` and its like have become `{Ref: X}`, `{Fn::GetAtt: X}` and so on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// One key of a map with its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub key: String,
    pub line: usize,
    pub node: Node,
}

impl Node {
    pub(crate) fn text(line: usize, text: impl Into<String>) -> Self {
        Self {
            line,
            value: Value::Text(text.into()),
        }
    }

    /// The value under a key, if this is a map that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(entries) => entries
                .iter()
                .find(|entry| entry.key == key)
                .map(|entry| &entry.node),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => {
                None
            }
        }
    }

    /// What kind of value this is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::Text(_) => "a string",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }

    /// The same without lines.
    pub(crate) fn to_json(&self) -> Json {
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(value) => Json::Number(value.clone()),
            Value::Text(value) => Json::String(value.clone()),
            Value::List(items) => Json::Array(items.iter().map(Node::to_json).collect()),
            Value::Map(entries) => Json::Object(
                entries
                    .iter()
                    .map(|entry| (entry.key.clone(), entry.node.to_json()))
                    .collect(),
            ),
        }
    }

    /// Parses one YAML document.
    pub(crate) fn parse(text: &str) -> Result<Node, TemplateError> {
        let mut reader = Reader {
            parser: Parser::new_from_str(text),
            line: 1,
        };
        let mut root = None;
        loop {
            match reader.next()? {
                Event::Nothing
                | Event::StreamStart
                | Event::DocumentStart(_)
                | Event::DocumentEnd => {}
                Event::StreamEnd => break,
                event if root.is_none() => root = Some(reader.node(event)?),
                _ => return Err(reader.refuse("a template is one document")),
            }
        }
        root.ok_or(TemplateError::Yaml {
            line: 1,
            reason: "the file is empty".to_owned(),
        })
    }
}

struct Reader<'text> {
    parser: Parser<'text, saphyr_parser::StrInput<'text>>,
    line: usize,
}

impl<'text> Reader<'text> {
    fn next(&mut self) -> Result<Event<'text>, TemplateError> {
        match self.parser.next() {
            Some(Ok((event, span))) => {
                self.line = span.start.line();
                Ok(event)
            }
            Some(Err(error)) => Err(TemplateError::Yaml {
                line: error.marker().line(),
                reason: error.info().to_owned(),
            }),
            None => Err(self.refuse("the document ends too early")),
        }
    }

    fn refuse(&self, reason: impl Into<String>) -> TemplateError {
        TemplateError::Yaml {
            line: self.line,
            reason: reason.into(),
        }
    }

    fn node(&mut self, event: Event<'text>) -> Result<Node, TemplateError> {
        let line = self.line;
        let (tag, anchor, value) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let value = if plain {
                    self.plain(&text)?
                } else {
                    Value::Text(text.into_owned())
                };
                (tag, anchor, value)
            }
            Event::SequenceStart(anchor, tag) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => break,
                        event => items.push(self.node(event)?),
                    }
                }
                (tag, anchor, Value::List(items))
            }
            Event::MappingStart(anchor, tag) => (tag, anchor, Value::Map(self.entries()?)),
            Event::Alias(_) => {
                return Err(self.refuse("aliases are not used in a template: write the value out"));
            }
            other => return Err(self.refuse(format!("unexpected {other:?}"))),
        };
        let here = |reason: String| TemplateError::Yaml { line, reason };
        if anchor != 0 {
            return Err(here(
                "anchors are not used in a template: write the value out".to_owned(),
            ));
        }
        let node = Node { line, value };
        match tag {
            None => Ok(node),
            Some(tag) => match intrinsic_key(&tag) {
                Some(key) => Ok(Node {
                    line,
                    value: Value::Map(vec![Entry { key, line, node }]),
                }),
                None if tag.is_yaml_core_schema() && tag.suffix == "str" => Ok(node),
                None => Err(here(format!(
                    "the tag {tag} is not one of CloudFormation's"
                ))),
            },
        }
    }

    fn entries(&mut self) -> Result<Vec<Entry>, TemplateError> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let key = match self.next()? {
                Event::MappingEnd => return Ok(entries),
                Event::Scalar(text, _, 0, None) => text.into_owned(),
                _ => return Err(self.refuse("a key is plain text, without anchor or tag")),
            };
            let line = self.line;
            if key == "<<" {
                return Err(
                    self.refuse("merge keys are not used in a template: write the values out")
                );
            }
            if entries.iter().any(|entry| entry.key == key) {
                return Err(self.refuse(format!("the key {key} stands twice in one map")));
            }
            let event = self.next()?;
            let node = self.node(event)?;
            entries.push(Entry { key, line, node });
        }
    }

    /// Types a scalar written without quotes, refusing what YAML 1.1 and 1.2 read differently.
    fn plain(&self, text: &str) -> Result<Value, TemplateError> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let numeric = digits.starts_with(|first: char| first.is_ascii_digit());
        match text {
            "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
            "true" | "True" | "TRUE" => return Ok(Value::Bool(true)),
            "false" | "False" | "FALSE" => return Ok(Value::Bool(false)),
            _ if ["yes", "no", "on", "off"].contains(&text.to_ascii_lowercase().as_str()) => {
                return Err(self.refuse(format!(
                    "{text} is a boolean for CloudFormation: write true, false or quotes"
                )));
            }
            _ => {}
        }
        if numeric
            && digits
                .chars()
                .all(|each| each.is_ascii_digit() || each == '_')
        {
            if digits.len() > 1 && digits.starts_with('0') || digits.contains('_') {
                return Err(self.refuse(format!(
                    "{text} is read as another number by CloudFormation: quote it"
                )));
            }
            if let Ok(number) = text.parse::<i64>() {
                return Ok(Value::Number(number.into()));
            }
        }
        if numeric
            && digits
                .chars()
                .all(|each| each.is_ascii_digit() || each == '.')
            && let Some(number) = text.parse::<f64>().ok().and_then(Number::from_f64)
        {
            return Ok(Value::Number(number));
        }
        Ok(Value::Text(text.to_owned()))
    }
}

/// The key that a short tag stands for. Tags not known are kept, so that the refusal can name the intrinsic.
fn intrinsic_key(tag: &Tag) -> Option<String> {
    if tag.handle != "!" || tag.suffix.is_empty() {
        return None;
    }
    match tag.suffix.as_str() {
        plain @ ("Ref" | "Condition") => Some(plain.to_owned()),
        function => Some(format!("Fn::{function}")),
    }
}
