//! Filter patterns of event source mappings, as Lambda documents them ("filter rule syntax"). Owns parsing and
//! matching; the caller builds the event (for a queue, with a JSON body already parsed).

use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value};

/// Lambda's limit for the text of one pattern.
const PATTERN_LIMIT: usize = 4_096;

/// The filters of one mapping: an event passes when any of them matches, or when there are none.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FilterCriteria {
    patterns: Vec<Pattern>,
}

impl FilterCriteria {
    /// Criteria of these patterns.
    pub fn new(patterns: Vec<Pattern>) -> Self {
        Self { patterns }
    }

    /// Whether the event is wanted.
    pub fn matches(&self, event: &Value) -> bool {
        self.patterns.is_empty() || self.patterns.iter().any(|pattern| pattern.matches(event))
    }

    /// The patterns.
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }
}

/// One pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    source: Value,
    root: Group,
}

/// Why a text is not a pattern that Lambda would take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a filter pattern: {at}: {reason}")]
pub struct PatternError {
    at: String,
    reason: String,
}

/// Fields of one object: all must match, and one of the alternatives of each `$or`.
#[derive(Debug, Clone, PartialEq, Default)]
struct Group {
    fields: Vec<(String, Clause)>,
    alternatives: Vec<Vec<Group>>,
}

#[derive(Debug, Clone, PartialEq)]
enum Clause {
    Object(Group),
    /// Any of the tests.
    Leaf(Vec<Test>),
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    Equals(Value),
    EqualsIgnoreCase(String),
    AnythingBut(Vec<Value>),
    Numeric(Vec<(Comparison, f64)>),
    Exists(bool),
    Prefix(String),
    Suffix(String),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
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

impl Pattern {
    /// Whether the event matches. Arrays in the event match when one of their elements does.
    pub fn matches(&self, event: &Value) -> bool {
        self.root.matches(Some(event))
    }

    /// The pattern as it was written.
    pub fn source(&self) -> &Value {
        &self.source
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl Group {
    fn matches(&self, value: Option<&Value>) -> bool {
        match value {
            Some(Value::Array(items)) if !items.is_empty() => {
                items.iter().any(|item| self.matches(Some(item)))
            }
            other => {
                let object = other.and_then(Value::as_object);
                self.fields
                    .iter()
                    .all(|(key, clause)| clause.matches(object.and_then(|object| object.get(key))))
                    && self
                        .alternatives
                        .iter()
                        .all(|groups| groups.iter().any(|group| group.matches(other)))
            }
        }
    }
}

impl Clause {
    fn matches(&self, value: Option<&Value>) -> bool {
        match self {
            Clause::Object(group) => group.matches(value),
            Clause::Leaf(tests) => {
                let mut leaves = Vec::new();
                if let Some(value) = value {
                    collect(value, &mut leaves);
                }
                tests.iter().any(|test| match test {
                    Test::Exists(wanted) => *wanted != leaves.is_empty(),
                    Test::Equals(_)
                    | Test::EqualsIgnoreCase(_)
                    | Test::AnythingBut(_)
                    | Test::Numeric(_)
                    | Test::Prefix(_)
                    | Test::Suffix(_) => leaves.iter().any(|leaf| test.holds(leaf)),
                })
            }
        }
    }
}

/// The values that count as leaves: an object is none, and an array is its elements.
fn collect<'event>(value: &'event Value, leaves: &mut Vec<&'event Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, leaves)),
        Value::Object(_) => {}
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => leaves.push(value),
    }
}

impl Test {
    fn holds(&self, leaf: &Value) -> bool {
        let text = leaf.as_str();
        match self {
            Test::Equals(wanted) => same(wanted, leaf),
            Test::EqualsIgnoreCase(wanted) => {
                text.is_some_and(|text| text.to_lowercase() == wanted.to_lowercase())
            }
            Test::AnythingBut(unwanted) => !unwanted.iter().any(|each| same(each, leaf)),
            Test::Numeric(comparisons) => leaf.as_f64().is_some_and(|number| {
                comparisons
                    .iter()
                    .all(|(how, bound)| how.holds(number, *bound))
            }),
            Test::Exists(wanted) => *wanted,
            Test::Prefix(prefix) => text.is_some_and(|text| text.starts_with(prefix.as_str())),
            Test::Suffix(suffix) => text.is_some_and(|text| text.ends_with(suffix.as_str())),
        }
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

    fn holds(self, number: f64, bound: f64) -> bool {
        match self {
            Self::Equal => number == bound,
            Self::Less => number < bound,
            Self::LessOrEqual => number <= bound,
            Self::Greater => number > bound,
            Self::GreaterOrEqual => number >= bound,
        }
    }
}

/// Equality of scalars; 300, 300.0 and 3.0e2 are one number.
fn same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
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
