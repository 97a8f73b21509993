//! From the text of a pattern to its tests. Refuses what Lambda would refuse.

use std::str::FromStr;

use serde_json::{Map, Value};

use super::{Clause, Comparison, Group, Pattern, Test};

/// Lambda's limit for the text of one pattern.
const PATTERN_LIMIT: usize = 4_096;

/// Why a text is not a pattern that Lambda would take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a filter pattern: {at}: {reason}")]
pub struct PatternError {
    at: String,
    reason: String,
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        if text.len() > PATTERN_LIMIT {
            return Err(refuse(
                "pattern",
                format!("longer than {PATTERN_LIMIT} bytes"),
            ));
        }
        let source =
            serde_json::from_str(text).map_err(|error| refuse("pattern", error.to_string()))?;
        let Value::Object(object) = &source else {
            return Err(refuse("pattern", "must be an object"));
        };
        let root = group(object, "pattern")?;
        Ok(Self { source, root })
    }
}

impl Comparison {
    fn parse(sign: &str) -> Option<Self> {
        Some(match sign {
            "=" => Self::Equal,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }
}

fn refuse(at: impl Into<String>, reason: impl Into<String>) -> PatternError {
    PatternError {
        at: at.into(),
        reason: reason.into(),
    }
}

fn group(object: &Map<String, Value>, at: &str) -> Result<Group, PatternError> {
    if object.is_empty() {
        return Err(refuse(at, "an empty object matches nothing"));
    }
    let mut group = Group::default();
    for (key, value) in object {
        let at = format!("{at}.{key}");
        match value {
            Value::Array(items) if key == "$or" => {
                group.alternatives.push(alternatives(items, &at)?)
            }
            Value::Array(items) if items.is_empty() => {
                return Err(refuse(at, "an empty list matches nothing"));
            }
            Value::Array(items) => {
                let tests = items
                    .iter()
                    .map(|item| test(item, &at))
                    .collect::<Result<_, _>>()?;
                group.fields.push((key.clone(), Clause::Leaf(tests)));
            }
            Value::Object(inner) => group
                .fields
                .push((key.clone(), Clause::Object(self::group(inner, &at)?))),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                return Err(refuse(at, "a value to match stands in a list"));
            }
        }
    }
    Ok(group)
}

fn alternatives(items: &[Value], at: &str) -> Result<Vec<Group>, PatternError> {
    if items.len() < 2 {
        return Err(refuse(at, "takes two or more objects"));
    }
    let each = items.iter().map(|item| match item {
        Value::Object(object) => group(object, at),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(refuse(at, "takes objects"))
        }
    });
    each.collect()
}

fn test(item: &Value, at: &str) -> Result<Test, PatternError> {
    let object = match item {
        Value::Object(object) => object,
        Value::Array(_) => return Err(refuse(at, "a list within a list")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            return Ok(Test::Equals(item.clone()));
        }
    };
    let mut entries = object.iter();
    let (Some((operator, operand)), None) = (entries.next(), entries.next()) else {
        return Err(refuse(at, "a comparison is one operator"));
    };
    let text = || {
        operand
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| refuse(at, format!("{operator} takes a string")))
    };
    match operator.as_str() {
        "prefix" => Ok(Test::Prefix(text()?)),
        "suffix" => Ok(Test::Suffix(text()?)),
        "equals-ignore-case" => Ok(Test::EqualsIgnoreCase(text()?)),
        "exists" => match operand {
            Value::Bool(wanted) => Ok(Test::Exists(*wanted)),
            Value::Null
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => Err(refuse(at, "exists takes true or false")),
        },
        "anything-but" => anything_but(operand, at),
        "numeric" => numeric(operand, at),
        other => Err(refuse(at, format!("Lambda documents no operator {other}"))),
    }
}

fn anything_but(operand: &Value, at: &str) -> Result<Test, PatternError> {
    let scalar = |value: &Value| value.is_string() || value.is_number();
    let unwanted = match operand {
        Value::Array(items) => items.clone(),
        single => vec![single.clone()],
    };
    match !unwanted.is_empty() && unwanted.iter().all(scalar) {
        true => Ok(Test::AnythingBut(unwanted)),
        false => Err(refuse(at, "anything-but takes strings or numbers")),
    }
}

fn numeric(operand: &Value, at: &str) -> Result<Test, PatternError> {
    let items = operand
        .as_array()
        .filter(|items| [2, 4].contains(&items.len()));
    let items = items.ok_or_else(|| refuse(at, "numeric takes one or two comparisons"))?;
    let pairs = items.chunks_exact(2).map(|pair| {
        let how = pair[0].as_str().and_then(Comparison::parse);
        how.zip(pair[1].as_f64())
            .ok_or_else(|| refuse(at, "numeric takes a comparison and a number"))
    });
    Ok(Test::Numeric(pairs.collect::<Result<_, _>>()?))
}
