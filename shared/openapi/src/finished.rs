//! What documents are joined from.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::Description;

/// A description with its schemas settled.
pub(crate) struct Finished {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) paths: Value,
    pub(crate) schemas: Map<String, Value>,
    pub(crate) security: BTreeMap<&'static str, Value>,
}

impl Description {
    /// Refuses, by a panic, what is not described in full.
    pub(crate) fn finish(mut self) -> Finished {
        let mut paths: Map<String, Value> = Map::new();
        if !self.before_the_function.is_empty() {
            self.schemas.answer::<GatewayMessage>();
        }
        for draft in self.drafts {
            let (path, method) = (draft.path, draft.method);
            let operation = draft.finish(self.name, &self.before_the_function);
            let place = paths.entry(path).or_insert_with(|| json!({}));
            assert!(
                place.get(method).is_none(),
                "{method} {path} is described twice"
            );
            place[method] = operation;
        }
        let mut paths = Value::Object(paths);
        Finished {
            name: self.name,
            about: self.about,
            schemas: self.schemas.finish(&mut paths),
            paths,
            security: self.security,
        }
    }
}

/// An answer of the gateway itself, given before the function was asked.
#[derive(schemars::JsonSchema)]
#[expect(dead_code, reason = "it is only described: the gateway writes it")]
struct GatewayMessage {
    /// What is wrong, in the gateway's words.
    message: String,
}
