//! Reading filter policies, with the refusals that SNS gives.

use serde_json::{Map, Value};

use super::numeric::Range;
use super::rule::{Network, Rule};
use super::{Clause, Condition, FilterPolicy, Scope};
use crate::rejection::Rejection;

/// Bytes of a policy's text, keys in it, and the product of the numbers of its rules (SNS: filter policy constraints).
const MOST_BYTES: usize = 262_144;
const MOST_KEYS: usize = 5;
const MOST_COMBINATIONS: usize = 150;

impl FilterPolicy {
    /// Reads and checks a policy.
    pub fn read(text: &str, scope: Scope) -> Result<Self, Rejection> {
        if text.len() > MOST_BYTES {
            return Err(invalid("Filter policy is too large"));
        }
        let policy: Value =
            serde_json::from_str(text).map_err(|_| invalid("failed to parse JSON."))?;
        let policy = policy
            .as_object()
            .ok_or_else(|| invalid("Filter policy must be a JSON object"))?;
        let root = read_clause(policy, scope).map_err(invalid)?;
        let (mut keys, mut combinations) = (0, 1);
        measure(&root, 1, &mut keys, &mut combinations);
        if keys > MOST_KEYS {
            return Err(invalid(format!(
                "Filter policy can not have more than {MOST_KEYS} keys"
            )));
        }
        if combinations > MOST_COMBINATIONS {
            return Err(invalid("Filter policy is too complex"));
        }
        Ok(Self { scope, root })
    }
}

fn invalid(reason: impl std::fmt::Display) -> Rejection {
    Rejection::sns_invalid_parameter(format!("Invalid parameter: FilterPolicy: {reason}"))
}

/// Counts keys that hold rules and multiplies the numbers of their rules, a nested key's by its depth.
fn measure(clause: &Clause, depth: usize, keys: &mut usize, combinations: &mut usize) {
    for (_, condition) in &clause.keys {
        match condition {
            Condition::Rules(rules) => {
                *keys += 1;
                *combinations = combinations.saturating_mul(rules.len() * depth);
            }
            Condition::Nested(clause) => measure(clause, depth + 1, keys, combinations),
        }
    }
    for clause in clause.alternatives.iter().flatten() {
        measure(clause, depth, keys, combinations);
    }
}

fn read_clause(policy: &Map<String, Value>, scope: Scope) -> Result<Clause, String> {
    let mut clause = Clause::default();
    for (key, value) in policy {
        match (key.as_str(), value) {
            ("$or", Value::Array(alternatives)) => {
                if alternatives.len() < 2 {
                    return Err("There must have at least 2 Objects in $or relationship".to_owned());
                }
                let alternatives = alternatives.iter().map(|alternative| match alternative.as_object() {
                    Some(policy) if !policy.is_empty() => read_clause(policy, scope),
                    _ => Err("Only Object that has at least one Key-Value pair is allowed in $or relationship".to_owned()),
                });
                clause
                    .alternatives
                    .push(alternatives.collect::<Result<_, _>>()?);
            }
            (_, Value::Array(rules)) => {
                if rules.is_empty() {
                    return Err(format!("Empty arrays are not allowed: \"{key}\""));
                }
                let rules = rules.iter().map(read_rule).collect::<Result<_, _>>()?;
                clause.keys.push((key.clone(), Condition::Rules(rules)));
            }
            (_, Value::Object(nested)) if scope == Scope::MessageBody => {
                if nested.is_empty() {
                    return Err(format!("Empty objects are not allowed: \"{key}\""));
                }
                clause
                    .keys
                    .push((key.clone(), Condition::Nested(read_clause(nested, scope)?)));
            }
            (_, Value::Object(_)) => {
                return Err(
                    "Filter policy scope MessageAttributes does not support nested filter policy"
                        .to_owned(),
                );
            }
            (_, Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
                return Err(format!("\"{key}\" must be an object or an array"));
            }
        }
    }
    Ok(clause)
}

fn read_rule(rule: &Value) -> Result<Rule, String> {
    let operator = match rule {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            return Ok(Rule::Equals(rule.clone()));
        }
        Value::Array(_) => {
            return Err("Match value must be String, number, true, false, or null".to_owned());
        }
        Value::Object(operator) => operator,
    };
    let mut entries = operator.iter();
    let (Some((name, operand)), None) = (entries.next(), entries.next()) else {
        return Err("Only one key allowed in match expression".to_owned());
    };
    match (name.as_str(), operand) {
        ("exists", Value::Bool(wanted)) => Ok(Rule::Exists(*wanted)),
        ("exists", _) => Err("exists match pattern must be either true or false".to_owned()),
        ("numeric", Value::Array(parts)) => Range::read(parts).map(Rule::Numeric),
        ("numeric", _) => Err("Value of numeric must be an array".to_owned()),
        ("cidr", Value::String(text)) => Network::read(text)
            .map(Rule::Cidr)
            .ok_or_else(|| format!("Malformed CIDR, one '/' required: {text}")),
        ("anything-but", operand) => read_anything_but(operand),
        (name, Value::String(text)) => read_text_rule(name, text),
        ("prefix" | "suffix" | "equals-ignore-case" | "wildcard" | "cidr", _) => {
            Err(format!("{name} match pattern must be a string"))
        }
        _ => Err(format!("Unrecognized match type {name}")),
    }
}

fn read_text_rule(name: &str, text: &str) -> Result<Rule, String> {
    match name {
        "prefix" | "suffix" if text.is_empty() => Err(format!("Null {name} not allowed")),
        "prefix" => Ok(Rule::Prefix(text.to_owned())),
        "suffix" => Ok(Rule::Suffix(text.to_owned())),
        "equals-ignore-case" => Ok(Rule::EqualsIgnoreCase(text.to_owned())),
        "wildcard" if text.contains("**") => {
            Err("Consecutive wildcard characters are not allowed".to_owned())
        }
        "wildcard" if text.bytes().filter(|byte| *byte == b'*').count() > 3 => {
            Err("At most three wildcard characters are allowed".to_owned())
        }
        "wildcard" => Ok(Rule::Wildcard(text.to_owned())),
        _ => Err(format!("Unrecognized match type {name}")),
    }
}

/// A value, a list of values, or one of the text operators with a text or a list of them.
fn read_anything_but(operand: &Value) -> Result<Rule, String> {
    let rules = match operand {
        Value::Array(values) if values.is_empty() => {
            return Err("Empty arrays are not allowed in anything-but".to_owned());
        }
        Value::Array(values) => values.iter().map(read_excluded).collect::<Result<_, _>>()?,
        Value::Object(operator) => {
            let mut entries = operator.iter();
            let (Some((name, operand)), None) = (entries.next(), entries.next()) else {
                return Err("Only one key allowed in anything-but match expression".to_owned());
            };
            let texts: Option<Vec<&str>> = match operand {
                Value::String(text) => Some(vec![text]),
                Value::Array(texts) if !texts.is_empty() => {
                    texts.iter().map(Value::as_str).collect()
                }
                _ => None,
            };
            let texts = texts.ok_or_else(|| {
                format!("anything-but {name} must be a string or a list of strings")
            })?;
            texts
                .into_iter()
                .map(|text| read_text_rule(name, text))
                .collect::<Result<_, _>>()?
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            vec![read_excluded(operand)?]
        }
    };
    Ok(Rule::AnythingBut(rules))
}

fn read_excluded(value: &Value) -> Result<Rule, String> {
    match value {
        Value::String(_) | Value::Number(_) => Ok(Rule::Equals(value.clone())),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            Err("Inside anything-but list, either all values are number or string".to_owned())
        }
    }
}
