//! Whether all values of one schema are values of another, and if not, where and why.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::keyword;
use super::shape::{Shape, gathered, shapes};

/// Which way a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// From the caller: what was taken must still be taken.
    Taken,
    /// To the caller: what is answered must have been possible before.
    Answered,
}

/// How deep schemas are looked into; more is a schema that contains itself, which no route here has.
pub(super) const DEEPEST: usize = 32;

/// A comparison of two schemas. `found` has what breaks: the member, and the change.
pub(super) struct Compared<'a> {
    old: &'a Value,
    new: &'a Value,
    side: Side,
    depth: usize,
    pub(super) found: Vec<(String, String)>,
}

impl<'a> Compared<'a> {
    pub(super) fn new(old: &'a Value, new: &'a Value, side: Side) -> Self {
        Self {
            old,
            new,
            side,
            depth: 0,
            found: Vec::new(),
        }
    }

    pub(super) fn compare(&mut self, old: &Value, new: &Value) {
        self.compare_at(old, new, "");
    }

    fn report(&mut self, path: &str, change: impl Into<String>) {
        let breach = (path.to_owned(), change.into());
        if !self.found.contains(&breach) {
            self.found.push(breach);
        }
    }

    fn compare_at(&mut self, old: &Value, new: &Value, path: &str) {
        if self.depth == DEEPEST {
            return;
        }
        self.depth += 1;
        let old = gathered(shapes(old, self.old));
        let new = gathered(shapes(new, self.new));
        // What comes must be covered by what is expected.
        let (coming, expected) = match self.side {
            Side::Taken => (&old, &new),
            Side::Answered => (&new, &old),
        };
        for shape in coming {
            let alike: Vec<&Shape> = expected
                .iter()
                .filter(|other| covers_kind(other.kind, shape.kind))
                .collect();
            if alike.is_empty() {
                let change = match self.side {
                    Side::Taken => format!("is no longer taken as {}", article(shape.kind)),
                    Side::Answered => format!("may now be {}", article(shape.kind)),
                };
                self.report(path, change);
                continue;
            }
            // Of several alternatives of a type, the one that fits best is the one that is meant.
            let attempts = alike.into_iter().map(|other| {
                let mut attempt = Compared {
                    old: self.old,
                    new: self.new,
                    side: self.side,
                    depth: self.depth,
                    found: Vec::new(),
                };
                match self.side {
                    Side::Taken => attempt.compare_shapes(shape, other, path),
                    Side::Answered => attempt.compare_shapes(other, shape, path),
                }
                attempt.found
            });
            let best = attempts.min_by_key(Vec::len).unwrap_or_default();
            for (path, change) in best {
                self.report(&path, change);
            }
        }
        self.depth -= 1;
    }

    fn compare_shapes(&mut self, old: &Shape, new: &Shape, path: &str) {
        self.compare_values(old, new, path);
        for change in keyword::bounds(&old.keywords, &new.keywords, old.kind, self.side) {
            self.report(path, change);
        }
        self.compare_unjudged(&old.keywords, &new.keywords, path);
        match old.kind {
            "object" => self.compare_objects(&old.keywords, &new.keywords, path),
            "array" => {
                let any = Value::Bool(true);
                let items = |shape: &Shape| shape.keywords.get("items").unwrap_or(&any).clone();
                self.compare_at(&items(old), &items(new), &format!("{path}[]"));
            }
            _ => {}
        }
    }

    fn compare_values(&mut self, old: &Shape, new: &Shape, path: &str) {
        match (&old.values, &new.values, self.side) {
            (Some(old), Some(new), Side::Taken) => {
                for value in old.difference(new) {
                    self.report(path, format!("no longer takes the value {value}"));
                }
            }
            (Some(old), Some(new), Side::Answered) => {
                for value in new.difference(old) {
                    self.report(path, format!("may now be the value {value}"));
                }
            }
            (None, Some(_), Side::Taken) => self.report(path, "takes only certain values now"),
            (Some(_), None, Side::Answered) => {
                self.report(path, "is no longer one of certain values")
            }
            (None, None, _) | (None, Some(_), Side::Answered) | (Some(_), None, Side::Taken) => {}
        }
    }

    /// Keywords that are not judged by what they demand: any difference may be one that callers do not survive.
    fn compare_unjudged(&mut self, old: &Map<String, Value>, new: &Map<String, Value>, path: &str) {
        for change in keyword::differing((old, self.old), (new, self.new), keyword::JUDGED) {
            self.report(path, change);
        }
    }

    fn compare_objects(&mut self, old: &Map<String, Value>, new: &Map<String, Value>, path: &str) {
        let empty = Map::new();
        let members = |schema: &'_ Map<String, Value>| {
            schema
                .get("properties")
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_else(|| empty.clone())
        };
        let (old_members, new_members) = (members(old), members(new));
        let (old_required, new_required) = (names(old, "required"), names(new, "required"));
        for (name, member) in &old_members {
            let path = join(path, name);
            match new_members.get(name) {
                Some(changed) => {
                    self.compare_at(member, changed, &path);
                    let (before, after) =
                        (old_required.contains(name), new_required.contains(name));
                    match (before, after, self.side) {
                        (false, true, Side::Taken) => self.report(&path, "became required"),
                        (true, false, Side::Answered) => self.report(&path, "may now be left out"),
                        (_, _, Side::Taken | Side::Answered) => {}
                    }
                }
                None if member["deprecated"] == true => {}
                None => self.report(&path, "was removed"),
            }
        }
        if self.side == Side::Taken {
            for name in new_required
                .iter()
                .filter(|name| !old_members.contains_key(*name))
            {
                self.report(&join(path, name), "is new and required");
            }
        }
        self.compare_others(
            old.get("additionalProperties"),
            new.get("additionalProperties"),
            path,
        );
    }

    /// Members with names of the caller's choice, as in texts by language.
    fn compare_others(&mut self, old: Option<&Value>, new: Option<&Value>, path: &str) {
        let any = Value::Bool(true);
        let (old, new) = (old.unwrap_or(&any), new.unwrap_or(&any));
        match (self.side, old, new) {
            (Side::Taken, Value::Bool(false), _) | (_, Value::Bool(true), Value::Bool(true)) => {}
            (Side::Taken, _, Value::Bool(false)) => {
                self.report(path, "no longer takes members of other names")
            }
            // Callers overlook members that they do not know, but read those that they were told of.
            (Side::Answered, Value::Bool(_), _) | (Side::Answered, _, Value::Bool(false)) => {}
            (Side::Taken | Side::Answered, old, new) => {
                self.compare_at(old, new, &format!("{path}.*"))
            }
        }
    }
}

fn covers_kind(expected: &str, coming: &str) -> bool {
    expected == coming || (expected == "number" && coming == "integer")
}

fn names(schema: &Map<String, Value>, keyword: &str) -> BTreeSet<String> {
    let names = schema
        .get(keyword)
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}

fn article(kind: &str) -> String {
    match kind {
        "null" => "null".to_owned(),
        "integer" | "array" | "object" => format!("an {kind}"),
        kind => format!("a {kind}"),
    }
}
