//! Judges a change of a document: what would those who call the API today not survive?
//!
//! What a route takes may only grow, and what it answers may only shrink to what callers know already; with one
//! exception: an object that is answered may gain members, which callers must overlook. What was published as
//! `deprecated` may be removed. A keyword that is not judged by what it means counts as changed where it differs at all.
//! Owns the judgement; not where documents stand.

mod keyword;
mod parameter;
mod schema;
mod shape;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use schema::{Compared, Side};

/// A change that a caller does not survive.
///
/// ```
/// use openapi::{Breach, changes};
/// use serde_json::json;
///
/// let takes = |parameters| json!({ "paths": { "/courses": { "get": { "parameters": parameters } } } });
/// let limit = json!({ "in": "query", "name": "limit", "schema": { "type": "integer" } });
/// let breaches: Vec<Breach> = changes(&takes(json!([limit])), &takes(json!([])));
/// assert_eq!(
///     (&*breaches[0].operation, &*breaches[0].place, &*breaches[0].change),
///     ("GET /courses", "query limit", "was removed")
/// );
/// assert_eq!(breaches[0].to_string(), "GET /courses: query limit was removed");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The operation, as `POST /api/orders`.
    pub operation: String,
    /// Where: `request lines[].quantity`, `answer 200 status`, `query limit`; empty for the operation as a whole.
    pub place: String,
    /// What was changed.
    pub change: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place.as_str() {
            "" => write!(f, "{}: {}", self.operation, self.change),
            place => write!(f, "{}: {place} {}", self.operation, self.change),
        }
    }
}

const METHODS: &[&str] = &[
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// What of a body of one media type is judged by its meaning, or demands nothing.
const MEDIA: &[&str] = &["schema", "example", "examples"];

/// The breaking changes from one document to another, operation by operation.
///
/// ```
/// use openapi::changes;
/// use serde_json::{Value, json};
///
/// let answers = |members: Value| {
///     let schema = json!({ "type": "object", "properties": members });
///     let content = json!({ "application/json": { "schema": schema } });
///     json!({ "paths": { "/courses": { "get": { "responses": { "200": { "content": content } } } } } })
/// };
/// let title = answers(json!({ "title": { "type": "string" } }));
/// let more = answers(json!({ "title": { "type": "string" }, "seats": { "type": "integer" } }));
/// // Callers overlook a member that they do not know, and miss one that they do.
/// assert_eq!(changes(&title, &more), []);
/// assert_eq!(changes(&more, &title)[0].to_string(), "GET /courses: answer 200 seats was removed");
/// ```
pub fn changes(old: &Value, new: &Value) -> Vec<Breach> {
    let after: BTreeMap<String, (&Value, String)> = operations(new)
        .into_iter()
        .map(|(key, shown, operation)| (key, (operation, shown)))
        .collect();
    let mut found = Vec::new();
    for (key, shown, operation) in operations(old) {
        match after.get(&key) {
            Some((changed, _)) => {
                let mut judge = Judge {
                    old,
                    new,
                    operation: shown,
                    found: Vec::new(),
                };
                judge.compare(operation, changed);
                found.append(&mut judge.found);
            }
            None if operation["deprecated"] == true => {}
            None => found.push(Breach {
                operation: shown,
                place: String::new(),
                change: "was removed".to_owned(),
            }),
        }
    }
    found
}

/// Each operation with the key that it is known by whatever its path's variables are called.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                let shown = format!("{} {path}", method.to_ascii_uppercase());
                found.push((format!("{method} {}", nameless(path)), shown, operation));
            }
        }
    }
    found
}

fn nameless(path: &str) -> String {
    let nameless = |segment: &str| {
        if segment.starts_with('{') {
            "{}".to_owned()
        } else {
            segment.to_owned()
        }
    };
    path.split('/').map(nameless).collect::<Vec<_>>().join("/")
}

struct Judge<'a> {
    old: &'a Value,
    new: &'a Value,
    operation: String,
    found: Vec<Breach>,
}

impl Judge<'_> {
    fn report(&mut self, place: &str, change: impl Into<String>) {
        let (operation, place) = (self.operation.clone(), place.to_owned());
        self.found.push(Breach {
            operation,
            place,
            change: change.into(),
        });
    }

    fn compare(&mut self, old: &Value, new: &Value) {
        self.compare_security(old, new);
        self.compare_parameters(old, new);
        self.compare_bodies(&old["requestBody"], &new["requestBody"]);
        self.compare_answers(&old["responses"], &new["responses"]);
    }

    /// Each of the old ways to be let in must still be one.
    fn compare_security(&mut self, old: &Value, new: &Value) {
        let (old, new) = (ways_in(old), ways_in(new));
        for way in &old {
            if !new.iter().any(|needed| needed.is_subset(way)) {
                let shown = match way.is_empty() {
                    true => "nobody's token".to_owned(),
                    false => way.iter().cloned().collect::<Vec<_>>().join(" and "),
                };
                self.report("security", format!("no longer lets in {shown}"));
            }
        }
    }

    fn compare_bodies(&mut self, old: &Value, new: &Value) {
        match (old.is_null(), new.is_null()) {
            (true, true) => {}
            (false, true) => self.report("request", "is no longer taken"),
            (true, false) if new["required"] == true => {
                self.report("request", "is new and required")
            }
            (true, false) => {}
            (false, false) => {
                if new["required"] == true && old["required"] != true {
                    self.report("request", "became required");
                }
                self.compare_contents(&old["content"], &new["content"], Side::Taken, "request");
            }
        }
    }

    fn compare_answers(&mut self, old: &Value, new: &Value) {
        let empty = serde_json::Map::new();
        let (old, new) = (
            old.as_object().unwrap_or(&empty),
            new.as_object().unwrap_or(&empty),
        );
        let succeeds = |status: &str| status.starts_with('2');
        for (status, answer) in old {
            let place = format!("answer {status}");
            match new.get(status) {
                Some(changed) => {
                    self.compare_contents(
                        &answer["content"],
                        &changed["content"],
                        Side::Answered,
                        &place,
                    );
                    self.compare_headers(&answer["headers"], &changed["headers"], &place);
                }
                None if succeeds(status) => self.report(&place, "is no longer given"),
                // A refusal that is not given any more hurts nobody.
                None => {}
            }
        }
        for status in new.keys() {
            if succeeds(status) && !old.contains_key(status) {
                self.report(
                    &format!("answer {status}"),
                    "is new, and callers do not know it",
                );
            }
        }
    }

    /// Headers of an answer may come, as members may.
    fn compare_headers(&mut self, old: &Value, new: &Value, place: &str) {
        for (name, header) in old.as_object().into_iter().flatten() {
            let place = format!("{place} header {name}");
            match new.get(name) {
                Some(changed) => {
                    let (old, new) = (&header["schema"], &changed["schema"]);
                    self.compare_schemas(old, new, Side::Answered, &place);
                }
                None if header["deprecated"] == true => {}
                None => self.report(&place, "is no longer given"),
            }
        }
    }

    fn compare_contents(&mut self, old: &Value, new: &Value, side: Side, place: &str) {
        for (media_type, content) in old.as_object().into_iter().flatten() {
            match new.get(media_type) {
                None => {
                    let verb = match side {
                        Side::Taken => "is no longer taken as",
                        Side::Answered => "is no longer given as",
                    };
                    self.report(place, format!("{verb} {media_type}"));
                }
                Some(changed) => {
                    self.compare_schemas(&content["schema"], &changed["schema"], side, place);
                    self.compare_others(content, changed, MEDIA, place);
                }
            }
        }
    }

    /// What a parameter or a body has beside what is judged by its meaning.
    fn compare_others(&mut self, old: &Value, new: &Value, judged: &[&str], place: &str) {
        let empty = serde_json::Map::new();
        let (before, after) = (
            old.as_object().unwrap_or(&empty),
            new.as_object().unwrap_or(&empty),
        );
        for change in keyword::differing((before, self.old), (after, self.new), judged) {
            self.report(place, change);
        }
    }

    fn compare_schemas(&mut self, old: &Value, new: &Value, side: Side, place: &str) {
        let mut compared = Compared::new(self.old, self.new, side);
        compared.compare(old, new);
        for (member, change) in compared.found {
            let place = match member.as_str() {
                "" => place.to_owned(),
                member => format!("{place} {member}"),
            };
            self.report(&place, change);
        }
    }
}

/// The sets of scheme and scope of which one is enough; one that is empty for anybody.
fn ways_in(operation: &Value) -> Vec<BTreeSet<String>> {
    let ways: Vec<BTreeSet<String>> = operation["security"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|way| {
            let schemes = way.as_object().into_iter().flatten();
            schemes
                .flat_map(|(scheme, scopes)| {
                    let scopes = scopes
                        .as_array()
                        .into_iter()
                        .flatten()
                        .filter_map(Value::as_str);
                    let with_scope: Vec<String> =
                        scopes.map(|scope| format!("{scheme} {scope}")).collect();
                    match with_scope.is_empty() {
                        true => vec![scheme.clone()],
                        false => with_scope,
                    }
                })
                .collect()
        })
        .collect();
    match ways.is_empty() {
        true => vec![BTreeSet::new()],
        false => ways,
    }
}
