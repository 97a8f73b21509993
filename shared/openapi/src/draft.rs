//! An operation as it is gathered, and as it stands in a document.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) id: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) about: &'static str,
    pub(crate) security: Vec<Value>,
    pub(crate) parameters: Vec<Value>,
    pub(crate) body: Option<Body>,
    pub(crate) returns: Option<Value>,
    pub(crate) answers: BTreeMap<u16, Answer>,
}

pub(crate) struct Body {
    pub(crate) required: bool,
    pub(crate) content: BTreeMap<&'static str, Media>,
}

#[derive(Default)]
pub(crate) struct Media {
    pub(crate) schema: Value,
    pub(crate) examples: Map<String, Value>,
}

#[derive(Default)]
pub(crate) struct Answer {
    pub(crate) about: String,
    pub(crate) content: BTreeMap<&'static str, Media>,
}

impl Media {
    pub(crate) fn of(schema: Value) -> Self {
        let examples = Map::new();
        Self { schema, examples }
    }

    pub(crate) fn add(&mut self, name: &str, summary: &str, value: Value) {
        let example = json!({ "summary": summary, "value": value });
        self.examples.insert(name.to_owned(), example);
    }

    fn finish(self) -> Value {
        json!({ "schema": self.schema, "examples": self.examples })
    }
}

fn content(media: BTreeMap<&'static str, Media>) -> Value {
    media
        .into_iter()
        .map(|(kind, media)| (kind.to_owned(), media.finish()))
        .collect::<Map<_, _>>()
        .into()
}

impl Draft {
    pub(crate) fn new(method: &'static str, path: &'static str, id: &'static str) -> Self {
        Self {
            method,
            path,
            id,
            ..Self::default()
        }
    }

    pub(crate) fn finish(
        mut self,
        tag: &str,
        before_the_function: &BTreeMap<u16, &'static str>,
    ) -> Value {
        let id = self.id;
        for variable in variables(self.path) {
            let told = self
                .parameters
                .iter()
                .any(|parameter| parameter["in"] == "path" && parameter["name"] == variable);
            assert!(told, "{id} does not say what {{{variable}}} is");
        }
        let succeeds = self
            .answers
            .keys()
            .any(|status| (200..300).contains(status));
        assert!(
            succeeds && !self.summary.is_empty(),
            "{id} does not say what it does and answers"
        );
        for (status, message) in before_the_function {
            // Too many requests, and no answer in time, befall any route.
            if self.answers.contains_key(status) || matches!(status, 429 | 503) {
                let answer = self.answers.entry(*status).or_default();
                let mut media = Media::of(json!({ "$ref": "#/components/schemas/GatewayMessage" }));
                media.add("gateway", "From the gateway", json!({ "message": message }));
                answer.content.insert("application/json", media);
                if answer.about.is_empty() {
                    answer.about = (*message).to_owned();
                }
            }
        }
        let answers: Map<String, Value> = self
            .answers
            .into_iter()
            .map(|(status, answer)| {
                let value =
                    json!({ "description": answer.about, "content": content(answer.content) });
                (status.to_string(), value)
            })
            .collect();
        let mut operation = json!({
            "operationId": id,
            "tags": [tag],
            "summary": self.summary,
            "description": self.about,
            "security": self.security,
            "parameters": self.parameters,
            "responses": answers,
        });
        if let Some(body) = self.body {
            let examples = body
                .content
                .values()
                .all(|media| !media.examples.is_empty());
            assert!(examples, "{id} gives no example of its body");
            operation["requestBody"] =
                json!({ "required": body.required, "content": content(body.content) });
        }
        operation
    }
}

/// The names in braces.
fn variables(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}
