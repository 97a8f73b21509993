//! One operation: what its handler's types say, and what is added by hand.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::Description;
use crate::draft::{Answer, Body, Draft, Media};

/// A refusal that a route gives, with its own text as the example.
pub trait Refusal: Serialize + JsonSchema {
    /// The HTTP status.
    fn status(&self) -> u16;
    /// What tells refusals of one status apart: a name of letters, digits, hyphens, dots and underscores.
    fn name(&self) -> String;
    /// What the refusal is about, in a few words.
    fn title(&self) -> &str;
}

/// The media type of refusals (RFC 9457).
const PROBLEM: &str = "application/problem+json";

/// An operation that is being described. Methods that take `&mut self` are for [`crate::Input`]s; those that take
/// `self` are chained behind the handler.
pub struct Route<'a> {
    description: &'a mut Description,
}

impl<'a> Route<'a> {
    pub(crate) fn last_of(description: &'a mut Description) -> Self {
        Self { description }
    }

    fn draft(&mut self) -> &mut Draft {
        self.description
            .drafts
            .last_mut()
            .expect("a route is made with its draft")
    }

    /// Demands a token of that security scheme with one of the scopes.
    pub fn secured(&mut self, scheme: &'static str, definition: Value, scopes: &[&str]) {
        self.description.security.insert(scheme, definition);
        self.draft().security.push(json!({ scheme: scopes }));
    }

    /// Takes a JSON body, read as `T`.
    pub fn takes<T: JsonSchema>(&mut self, required: bool) {
        let schema = self.description.schemas.request::<T>();
        let content = BTreeMap::from([("application/json", Media::of(schema))]);
        self.draft().body = Some(Body { required, content });
    }

    /// Takes the members of `T` from the query string.
    pub fn takes_query<T: JsonSchema>(&mut self) {
        let schema = self.description.schemas.request_inline::<T>();
        let required: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let properties = schema["properties"].as_object();
        for (name, schema) in properties.into_iter().flatten() {
            let mut parameter = json!({ "in": "query", "name": name, "required": required.contains(&name.as_str()) });
            let mut schema = without_null(schema.clone());
            if let Some(about) = schema
                .as_object_mut()
                .and_then(|schema| schema.remove("description"))
            {
                parameter["description"] = about;
            }
            parameter["schema"] = schema;
            self.draft().parameters.push(parameter);
        }
    }

    /// Takes a header. A second call for the same header takes the place of the first.
    pub fn takes_header(
        &mut self,
        name: &str,
        required: bool,
        about: &str,
        schema: Value,
        example: &str,
    ) {
        let parameter = json!({
            "in": "header", "name": name, "required": required, "description": about, "schema": schema,
            "example": example,
        });
        let parameters = &mut self.draft().parameters;
        parameters.retain(|known| known["name"] != name || known["in"] != "header");
        parameters.push(parameter);
    }

    /// Notes what the handler's own type says that it answers.
    pub fn returns<T: JsonSchema>(&mut self) {
        let schema = self.description.schemas.answer::<T>();
        self.draft().returns = Some(schema);
    }

    /// Gives a refusal.
    pub fn can_refuse<R: Refusal>(&mut self, refusal: &R) {
        let schema = self.description.schemas.answer::<R>();
        let value = serde_json::to_value(refusal).expect("a refusal is an object");
        let answer = self.draft().answers.entry(refusal.status()).or_default();
        let media = answer
            .content
            .entry(PROBLEM)
            .or_insert_with(|| Media::of(schema));
        media.add(&refusal.name(), refusal.title(), value);
        let titles: Vec<&str> = media
            .examples
            .values()
            .filter_map(|example| example["summary"].as_str())
            .collect();
        let mut distinct: Vec<&str> = Vec::new();
        titles.iter().for_each(|title| {
            if !distinct.contains(title) {
                distinct.push(title)
            }
        });
        answer.about = distinct.join("; ");
    }

    /// What it does, in a few words; and in full.
    #[must_use]
    pub fn says(mut self, summary: &'static str, about: &'static str) -> Self {
        let draft = self.draft();
        (draft.summary, draft.about) = (summary, about);
        self
    }

    /// What a variable of the path is.
    #[must_use]
    pub fn path<T: JsonSchema>(mut self, name: &str, about: &str, example: &str) -> Self {
        let schema = self.description.schemas.request::<T>();
        let parameter = json!({
            "in": "path", "name": name, "required": true, "description": about, "schema": schema, "example": example,
        });
        let draft = self.draft();
        assert!(
            draft.path.contains(&format!("{{{name}}}")),
            "{} has no {{{name}}}",
            draft.path
        );
        // Variables stand first, as they do in the address.
        draft.parameters.insert(0, parameter);
        self
    }

    /// A header that the handler reads by hand, or one that an extractor takes and this route demands.
    #[must_use]
    pub fn header(
        mut self,
        name: &str,
        required: bool,
        about: &str,
        schema: Value,
        example: &str,
    ) -> Self {
        self.takes_header(name, required, about, schema, example);
        self
    }

    /// A header that was described once and is not read. It is published as deprecated, so that it may go with the next
    /// change: callers who send it are told first.
    #[must_use]
    pub fn no_longer_reads(mut self, name: &str, about: &str) -> Self {
        self.draft().parameters.push(json!({
            "in": "header", "name": name, "required": false, "deprecated": true, "description": about,
            "schema": { "type": "string" }, "example": "none",
        }));
        self
    }

    /// Demands a header that an extractor takes where it is sent.
    #[must_use]
    pub fn demands_header(mut self, name: &str) -> Self {
        let draft = self.draft();
        let header = draft
            .parameters
            .iter_mut()
            .find(|parameter| parameter["name"] == name);
        header.unwrap_or_else(|| panic!("no extractor of {} takes {name}", draft.id))["required"] =
            true.into();
        self
    }

    /// An example of a parameter of the query string.
    #[must_use]
    pub fn query_example(mut self, name: &str, example: impl Into<Value>) -> Self {
        let draft = self.draft();
        let parameter = draft
            .parameters
            .iter_mut()
            .find(|parameter| parameter["name"] == name);
        parameter.unwrap_or_else(|| panic!("{} takes no {name}", draft.id))["example"] =
            example.into();
        self
    }

    /// An example of the JSON body.
    #[must_use]
    pub fn body_example(mut self, name: &str, summary: &str, value: Value) -> Self {
        let draft = self.draft();
        let body = draft
            .body
            .as_mut()
            .and_then(|body| body.content.get_mut("application/json"));
        body.unwrap_or_else(|| panic!("{} takes no JSON", draft.id))
            .add(name, summary, value);
        self
    }

    /// A body that the handler reads by hand, of that media type.
    #[must_use]
    pub fn raw_body(
        mut self,
        media_type: &'static str,
        schema: Value,
        summary: &str,
        example: Value,
    ) -> Self {
        let mut media = Media::of(schema);
        media.add("usual", summary, example);
        let body = self.draft().body.get_or_insert_with(|| Body {
            required: true,
            content: BTreeMap::new(),
        });
        body.content.insert(media_type, media);
        self
    }

    /// The answer whose type the handler's signature tells: 200, with an example.
    #[must_use]
    pub fn ok(mut self, about: &str, example: Value) -> Self {
        let draft = self.draft();
        let schema = draft.returns.clone();
        let schema =
            schema.unwrap_or_else(|| panic!("the type of {} does not tell its answer", draft.id));
        self.answer(200, about, schema, example)
    }

    /// An answer whose type the signature does not tell.
    #[must_use]
    pub fn answers<T: JsonSchema>(self, status: u16, about: &str, example: Value) -> Self {
        let schema = self.description.schemas.answer::<T>();
        self.answer(status, about, schema, example)
    }

    fn answer(mut self, status: u16, about: &str, schema: Value, example: Value) -> Self {
        let mut media = Media::of(schema);
        media.add("usual", about, example);
        let content = BTreeMap::from([("application/json", media)]);
        let answer = Answer {
            about: about.to_owned(),
            content,
        };
        self.draft().answers.insert(status, answer);
        self
    }

    /// A refusal by a rule of the context's own.
    #[must_use]
    pub fn refuses<R: Refusal>(mut self, refusal: &R) -> Self {
        self.can_refuse(refusal);
        self
    }
}

/// A parameter that may be left out is not null when it is there.
fn without_null(mut schema: Value) -> Value {
    if let Some(types) = schema.get("type").and_then(Value::as_array) {
        let types: Vec<Value> = types
            .iter()
            .filter(|kind| *kind != "null")
            .cloned()
            .collect();
        if let [kind] = types.as_slice() {
            schema["type"] = kind.clone();
        }
    }
    if let Some(alternatives) = schema.get("anyOf").and_then(Value::as_array) {
        let present: Vec<Value> = alternatives
            .iter()
            .filter(|one| one["type"] != "null")
            .cloned()
            .collect();
        if let ([one], Some(object)) = (present.as_slice(), schema.as_object_mut()) {
            object.remove("anyOf");
            object.extend(one.as_object().cloned().unwrap_or_default());
        }
    }
    schema
}
