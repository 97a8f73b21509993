//! Holds what a context answers against what it says in its API description: the status, the media type, the schema. And
//! what it accepts against what it says that it takes: a description must not forbid what works.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use door::Context;
use jsonschema::Validator;
use serde_json::{Value, json};

/// A context's description, ready to be asked.
pub(crate) struct Conformance {
    document: Value,
    /// Compiled as they are asked for, by the pointer to each in the document.
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

static KNOWN: LazyLock<Mutex<HashMap<TypeId, Arc<Conformance>>>> = LazyLock::new(Mutex::default);

/// What the context says of itself. Made once for all tests of a process.
pub(crate) fn of<C: Context>() -> Arc<Conformance> {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let conformance = known.entry(TypeId::of::<C>()).or_insert_with(|| {
        Arc::new(Conformance {
            document: openapi::document("A context", "Under test", "0", [C::description()]),
            validators: Mutex::default(),
        })
    });
    Arc::clone(conformance)
}

impl Conformance {
    /// # Panics
    /// When the answer, or a body that was accepted, is not as described. A request to no route is nobody's.
    pub(crate) fn check(&self, payload: &[u8], answer: &Value) {
        let Ok(request) = serde_json::from_slice::<Value>(payload) else {
            return;
        };
        let method = request["requestContext"]["http"]["method"].as_str();
        let (Some(method), Some(path)) = (method, request["rawPath"].as_str()) else {
            return;
        };
        let Some(operation) = self.operation(&method.to_ascii_lowercase(), path) else {
            return;
        };
        let status = answer["statusCode"].to_string();
        let shown = format!("{method} {path} answered {status}");
        let content = format!("{operation}/responses/{status}/content");
        assert!(
            self.document.pointer(&content).is_some(),
            "{shown}, which is not described: {answer}"
        );
        let headers = answer["headers"]
            .as_object()
            .or(answer["multiValueHeaders"].as_object());
        let media_type = headers.into_iter().flatten().find_map(|(name, value)| {
            let value = value.as_str().or_else(|| value[0].as_str());
            name.eq_ignore_ascii_case("content-type").then_some(value?)
        });
        let media_type = media_type.unwrap_or_default();
        let schema = format!("{content}/{}/schema", escaped(media_type));
        assert!(
            self.document.pointer(&schema).is_some(),
            "{shown} as {media_type:?}, which is not described"
        );
        self.hold(&schema, answer["body"].as_str().unwrap_or_default(), &shown);
        let taken = format!("{operation}/requestBody/content/application~1json/schema");
        if status.starts_with('2')
            && self.document.pointer(&taken).is_some()
            && let Some(body) = request["body"].as_str().filter(|body| !body.is_empty())
            && request["isBase64Encoded"] == false
        {
            self.hold(&taken, body, &format!("{method} {path} accepted"));
        }
    }

    /// The pointer to the operation that takes a request. A literal path hides one with variables from every method, as
    /// it does in the router.
    fn operation(&self, method: &str, path: &str) -> Option<String> {
        let matches = |template: &str| {
            let (template, path) = (template.split('/'), path.split('/'));
            template.clone().count() == path.clone().count()
                && template
                    .zip(path)
                    .all(|(segment, text)| segment == text || segment.starts_with('{'))
        };
        let paths = self.document["paths"].as_object()?;
        let found = paths.iter().filter(|(template, _)| matches(template));
        let (template, item) = found.min_by_key(|(template, _)| template.matches('{').count())?;
        item.get(method)?;
        Some(format!("/paths/{}/{method}", escaped(template)))
    }

    fn hold(&self, schema: &str, body: &str, shown: &str) {
        let Ok(value) = serde_json::from_str::<Value>(body) else {
            panic!("{shown} what is no JSON: {body}");
        };
        let validator = {
            let mut validators = self
                .validators
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let compile = || {
                let mut whole = json!({ "components": self.document["components"] });
                whole["allOf"] = json!([self.document.pointer(schema)]);
                Arc::new(jsonschema::validator_for(&whole).expect("a described schema is one"))
            };
            Arc::clone(validators.entry(schema.to_owned()).or_insert_with(compile))
        };
        let wrong: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(
            wrong.is_empty(),
            "{shown}, and not as described: {wrong:?}: {body}"
        );
    }
}

/// A name inside a JSON pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
