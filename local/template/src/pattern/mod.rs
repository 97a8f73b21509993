//! Filter patterns of event source mappings, as Lambda documents them ("filter rule syntax"). Owns parsing and
//! matching; the caller builds the event (for a queue, with a JSON body already parsed).

mod parse;

use std::fmt;

pub use parse::PatternError;
use serde_json::Value;

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
