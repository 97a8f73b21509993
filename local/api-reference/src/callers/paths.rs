//! Calls by path: texts in a source that are the path of an operation.

use std::collections::BTreeSet;

use regex_lite::Regex;
use serde_json::Value;

/// The operations of a document.
pub(super) struct Routes {
    routes: Vec<Route>,
    text: Regex,
    method: Regex,
}

struct Route {
    /// As `POST /api/orders`.
    operation: String,
    method: String,
    segments: Vec<String>,
    id: String,
}

impl Routes {
    pub(super) fn of(document: &Value) -> Self {
        let mut routes = Vec::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let method = method.to_ascii_uppercase();
                routes.push(Route {
                    operation: format!("{method} {path}"),
                    segments: segments(path),
                    id: operation["operationId"]
                        .as_str()
                        .unwrap_or_default()
                        .to_owned(),
                    method,
                });
            }
        }
        Self {
            routes,
            // A dot before it is of a module's path in an import.
            text: Regex::new(r#"["'`](?:[^"'`\s]*?[^"'`\s.])?(/api/[^"'`\s?]*)"#)
                .expect("it is an expression"),
            method: Regex::new(r"\b(GET|POST|PUT|DELETE|PATCH)\b").expect("it is an expression"),
        }
    }

    /// Each operation with its `operationId`.
    pub(super) fn ids(&self) -> impl Iterator<Item = (&str, &str)> {
        let named = self.routes.iter().filter(|route| !route.id.is_empty());
        named.map(|route| (route.operation.as_str(), route.id.as_str()))
    }

    /// The operations whose paths stand in a text of the source. Of a line that names a method, those of that method; of
    /// another, those of any: rather one named too many than one too few.
    pub(super) fn called_in(&self, source: &str) -> BTreeSet<&str> {
        let mut called = BTreeSet::new();
        for line in source.lines().filter(|line| !is_comment(line)) {
            let methods: Vec<&str> = self
                .method
                .find_iter(line)
                .map(|one| one.as_str())
                .collect();
            for text in self.text.captures_iter(line) {
                let path = segments(&text[1]);
                let fit = |route: &&Route| route.looseness(&path);
                let best = self.routes.iter().filter_map(|route| fit(&route)).min();
                let meant = self.routes.iter().filter(|route| {
                    best.is_some()
                        && fit(route) == best
                        && (methods.is_empty() || methods.contains(&route.method.as_str()))
                });
                called.extend(meant.map(|route| route.operation.as_str()));
            }
        }
        called
    }
}

impl Route {
    /// How many variables of this path stand for a word of the text; none where the text is another path.
    fn looseness(&self, text: &[String]) -> Option<usize> {
        if text.len() != self.segments.len() {
            return None;
        }
        let mut loose = 0;
        for (own, written) in self.segments.iter().zip(text) {
            match (is_variable(own), is_variable(written)) {
                (_, true) => {}
                (true, false) => loose += 1,
                (false, false) if own == written => {}
                (false, false) => return None,
            }
        }
        Some(loose)
    }
}

fn segments(path: &str) -> Vec<String> {
    let segments = path.trim_end_matches(['/', '\\']).split('/');
    segments.map(str::to_owned).collect()
}

/// Something is put in its place: `{order_id}` of a path, a Rust or a Python text, `${order}` of a TypeScript one.
fn is_variable(segment: &str) -> bool {
    segment.contains('{')
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    ["//", "/*", "* ", "# "]
        .iter()
        .any(|mark| line.starts_with(mark))
}
