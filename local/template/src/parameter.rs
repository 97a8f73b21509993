//! What the caller gives a stack, and the template's parameters checked and bound. Owns parameters and pseudo
//! parameters; not their use.

use std::collections::BTreeMap;

use regex_lite::Regex;

use crate::error::{Refusal, TemplateError};
use crate::field::Field;
use crate::node::{Node, Value};

/// What a stack is made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameters {
    /// Values for the template's parameters, as text; lists are separated by commas.
    pub overrides: BTreeMap<String, String>,
    /// `AWS::Region`, and the region in every ARN.
    pub region: String,
    /// `AWS::AccountId`, twelve digits.
    pub account_id: String,
    /// `AWS::StackName`, and the beginning of every generated name.
    pub stack_name: String,
    /// Base of the queues' URLs.
    pub queue_endpoint: String,
    /// Base URL of the HTTP API.
    pub api_endpoint: String,
}

impl Default for Parameters {
    /// A stack `noren` in account 000000000000, on the engine's usual ports.
    fn default() -> Self {
        Self {
            overrides: BTreeMap::new(),
            region: "ap-northeast-1".to_owned(),
            account_id: "000000000000".to_owned(),
            stack_name: "noren".to_owned(),
            queue_endpoint: "http://127.0.0.1:4566".to_owned(),
            api_endpoint: "http://127.0.0.1:8080".to_owned(),
        }
    }
}

impl Parameters {
    /// That stack with values of its own for some of the template's parameters.
    pub fn overriding<N, V>(overrides: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: Into<String>,
    {
        let overrides = overrides.into_iter();
        Self {
            overrides: overrides
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            ..Self::default()
        }
    }
}

/// The value of a parameter or pseudo parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Bound {
    Text(String),
    List(Vec<String>),
    NoValue,
}

/// Binds every declared parameter, and the pseudo parameters.
pub(crate) fn bind(
    declared: Option<&Node>,
    given: &Parameters,
) -> Result<BTreeMap<String, Bound>, TemplateError> {
    let mut bound = BTreeMap::from([
        (
            "AWS::AccountId".to_owned(),
            Bound::Text(given.account_id.clone()),
        ),
        ("AWS::NoValue".to_owned(), Bound::NoValue),
        ("AWS::Partition".to_owned(), Bound::Text("aws".to_owned())),
        ("AWS::Region".to_owned(), Bound::Text(given.region.clone())),
        (
            "AWS::StackName".to_owned(),
            Bound::Text(given.stack_name.clone()),
        ),
        (
            "AWS::URLSuffix".to_owned(),
            Bound::Text("amazonaws.com".to_owned()),
        ),
        (
            "AWS::StackId".to_owned(),
            Bound::Text(format!(
                "arn:aws:cloudformation:{}:{}:stack/{}/local",
                given.region, given.account_id, given.stack_name
            )),
        ),
    ]);
    let mut names = Vec::new();
    if let Some(node) = declared {
        for (name, field) in Field::new(node.clone(), "Parameters").entries()? {
            let value = declaration(&name, field, given.overrides.get(&name))?;
            bound.insert(name.clone(), value);
            names.push(name);
        }
    }
    match given.overrides.keys().find(|name| !names.contains(name)) {
        Some(unknown) => Err(TemplateError::Parameter {
            name: unknown.clone(),
            reason: "the template declares no parameter of this name".to_owned(),
        }),
        None => Ok(bound),
    }
}

fn declaration(name: &str, field: Field, given: Option<&String>) -> Result<Bound, TemplateError> {
    let refuse = |reason: String| TemplateError::Parameter {
        name: name.to_owned(),
        reason,
    };
    let mut fields = field.fields("a parameter")?;
    let kind = fields.need("Type")?;
    let type_name = kind.clone().text()?;
    if !["String", "Number", "CommaDelimitedList"].contains(&type_name.as_str()) {
        return Err(kind
            .refuse(format!(
                "parameters of type {type_name} are not run locally"
            ))
            .into());
    }
    let default = fields.take("Default").map(Field::text).transpose()?;
    let allowed = fields.take("AllowedValues").map(Field::texts).transpose()?;
    let pattern = fields
        .take("AllowedPattern")
        .map(|field| anchored(&field))
        .transpose()?;
    let bounds = [
        (
            "MinValue",
            fields.take("MinValue").map(Field::number).transpose()?,
        ),
        (
            "MaxValue",
            fields.take("MaxValue").map(Field::number).transpose()?,
        ),
        (
            "MinLength",
            fields.take("MinLength").map(Field::number).transpose()?,
        ),
        (
            "MaxLength",
            fields.take("MaxLength").map(Field::number).transpose()?,
        ),
    ];
    fields.finish()?;

    let value = given
        .cloned()
        .or(default)
        .ok_or_else(|| refuse("it has no default and no value was given".into()))?;
    if allowed.is_some_and(|allowed| !allowed.contains(&value)) {
        return Err(refuse("the value is not one of AllowedValues".to_owned()));
    }
    if pattern.is_some_and(|pattern| !pattern.is_match(&value)) {
        return Err(refuse("the value does not match AllowedPattern".to_owned()));
    }
    let number = value.parse::<f64>().ok();
    if type_name == "Number" && number.is_none() {
        return Err(refuse("the value is not a number".to_owned()));
    }
    for (constraint, bound) in bounds {
        let Some(bound) = bound else { continue };
        let length = value.chars().count() as f64;
        let kept = match constraint {
            "MinValue" => number.is_some_and(|number| number >= bound),
            "MaxValue" => number.is_some_and(|number| number <= bound),
            "MinLength" => length >= bound,
            _ => length <= bound,
        };
        if !kept {
            return Err(refuse(format!("the value breaks {constraint} {bound}")));
        }
    }
    Ok(match type_name.as_str() {
        "CommaDelimitedList" => Bound::List(
            value
                .split(',')
                .map(|item| item.trim().to_owned())
                .collect(),
        ),
        _ => Bound::Text(value),
    })
}

/// CloudFormation matches the whole value.
fn anchored(field: &Field) -> Result<Regex, Refusal> {
    let pattern = field.clone().text()?;
    Regex::new(&format!("^(?:{pattern})$"))
        .map_err(|error| field.refuse(format!("not a regular expression: {error}")))
}

impl Bound {
    /// As a node at the line of the reference; `None` for `AWS::NoValue`.
    pub(crate) fn to_node(&self, line: usize) -> Option<Node> {
        match self {
            Bound::Text(text) => Some(Node::text(line, text)),
            Bound::List(items) => Some(Node {
                line,
                value: Value::List(items.iter().map(|item| Node::text(line, item)).collect()),
            }),
            Bound::NoValue => None,
        }
    }
}
