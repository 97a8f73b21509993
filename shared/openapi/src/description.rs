//! A context's routes, described.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::draft::Draft;
use crate::schemas::Schemas;
use crate::{Handler, Route};

/// The routes of one context. Made by a generator or a test; never by a deployed function.
pub struct Description {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) schemas: Schemas,
    pub(crate) drafts: Vec<Draft>,
    pub(crate) security: BTreeMap<&'static str, Value>,
    pub(crate) before_the_function: BTreeMap<u16, &'static str>,
    always: fn(&mut Route<'_>),
}

/// An operation, by its method and its path as a template has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    /// The HTTP method, in capitals.
    pub method: String,
    /// The path, with variables in braces.
    pub path: String,
}

/// A description with its schemas settled: what documents are joined from.
pub(crate) struct Finished {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) paths: Value,
    pub(crate) schemas: Map<String, Value>,
    pub(crate) security: BTreeMap<&'static str, Value>,
}

impl Description {
    /// No routes yet. The name is the tag of all operations; `about` says what the context owns.
    pub fn new(name: &'static str, about: &'static str) -> Self {
        Self {
            name,
            about,
            schemas: Schemas::new(),
            drafts: Vec::new(),
            security: BTreeMap::new(),
            before_the_function: BTreeMap::new(),
            always: |_| {},
        }
    }

    /// What holds for every route, such as the refusal of one whose store fails.
    #[must_use]
    pub fn always(mut self, always: fn(&mut Route<'_>)) -> Self {
        self.always = always;
        self
    }

    /// Has a gateway that answers by itself, before the function is asked: `{"message": ...}` with that status. Where an
    /// operation has the status too, it has both forms.
    #[must_use]
    pub fn behind_gateway(mut self, answers: &[(u16, &'static str)]) -> Self {
        self.before_the_function.extend(answers.iter().copied());
        self
    }

    /// A route that reads.
    pub fn get<A, H: Handler<A>>(
        &mut self,
        path: &'static str,
        id: &'static str,
        handler: H,
    ) -> Route<'_> {
        self.route("get", path, id, handler)
    }

    /// A route that does something.
    pub fn post<A, H: Handler<A>>(
        &mut self,
        path: &'static str,
        id: &'static str,
        handler: H,
    ) -> Route<'_> {
        self.route("post", path, id, handler)
    }

    /// A route that sets something.
    pub fn delete<A, H: Handler<A>>(
        &mut self,
        path: &'static str,
        id: &'static str,
        handler: H,
    ) -> Route<'_> {
        self.route("delete", path, id, handler)
    }

    /// Describes a `PUT`.
    pub fn put<A, H: Handler<A>>(
        &mut self,
        path: &'static str,
        id: &'static str,
        handler: H,
    ) -> Route<'_> {
        self.route("put", path, id, handler)
    }

    fn route<A, H: Handler<A>>(
        &mut self,
        method: &'static str,
        path: &'static str,
        id: &'static str,
        _: H,
    ) -> Route<'_> {
        let always = self.always;
        self.drafts.push(Draft::new(method, path, id));
        let mut route = Route::last_of(self);
        always(&mut route);
        H::describe(&mut route);
        route
    }

    /// The operations described.
    pub fn operations(&self) -> Vec<Operation> {
        let operation = |draft: &Draft| Operation {
            method: draft.method.to_ascii_uppercase(),
            path: draft.path.to_owned(),
        };
        self.drafts.iter().map(operation).collect()
    }

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
