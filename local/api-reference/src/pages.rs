//! The document and its pages, as the local stack serves them. Everything is made on the server; a page needs no script
//! and loads nothing from elsewhere.
//!
//! `GET /api/openapi.json` is the document; `GET /api/docs` lists and searches (`q`, `context`); `GET /api/docs/ID` is
//! one operation. None of them exists on AWS.

use std::sync::LazyLock;

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use minijinja::value::Serde;
use minijinja::{Environment, context};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::command::{curl, plain};
use crate::fields::{Field, fields, kind};
use crate::{CONTEXTS, document_of};

const DOCUMENT: &str = "/api/openapi.json";
const PAGES: &str = "/api/docs";
/// Styles that stand in the page; nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'";

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    for (name, source) in [
        ("layout.html", include_str!("templates/layout.html")),
        ("list.html", include_str!("templates/list.html")),
        ("one.html", include_str!("templates/one.html")),
    ] {
        environment
            .add_template(name, source)
            .expect("the templates are part of the program and tested");
    }
    environment
});

/// Whether a request is for the document or its pages.
pub fn serves(method: &Method, path: &str) -> bool {
    let below = path
        .strip_prefix(PAGES)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    method == Method::GET && (path == DOCUMENT || below)
}

/// The document of some contexts, and its pages.
#[derive(Debug)]
pub struct Pages {
    document: Value,
    text: Bytes,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Search {
    q: String,
    context: String,
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    method: String,
    path: &'a str,
    summary: &'a str,
    context: &'a str,
    who: String,
}

#[derive(Serialize)]
struct Parameter<'a> {
    place: &'a str,
    name: &'a str,
    required: bool,
    kind: String,
    about: &'a str,
    example: String,
}

#[derive(Serialize)]
struct Example {
    summary: String,
    text: String,
}

#[derive(Serialize)]
struct Media {
    media_type: String,
    fields: Vec<Field>,
    examples: Vec<Example>,
}

#[derive(Serialize)]
struct Answer {
    status: String,
    about: String,
    media: Vec<Media>,
}

impl Pages {
    /// Of the contexts whose functions run, by their binaries; none where no context of ours does.
    pub fn of(runs: impl Fn(&str) -> bool) -> Option<Self> {
        CONTEXTS.iter().any(|context| runs(context.name)).then(|| {
            let document = document_of(runs);
            let text = openapi::in_text(&document).into();
            Self { document, text }
        })
    }

    /// Answers a request that [`serves`] is true for. The address is the API's own, for the commands of the pages.
    pub fn answer(&self, path: &str, query: &str, address: &str) -> Response<Bytes> {
        if path == DOCUMENT {
            return response(StatusCode::OK, "application/json", self.text.clone());
        }
        match path
            .strip_prefix(PAGES)
            .unwrap_or_default()
            .trim_matches('/')
        {
            "" => self.list(serde_urlencoded::from_str(query).unwrap_or_default()),
            id => match self.operations().into_iter().find(|(row, _)| row.id == id) {
                Some((row, operation)) => self.one(&row, operation, address),
                None => self.list(Search {
                    q: id.to_owned(),
                    context: String::new(),
                }),
            },
        }
    }

    fn operations(&self) -> Vec<(Row<'_>, &Value)> {
        let mut found = Vec::new();
        for (path, item) in self.document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let row = Row {
                    id: text(&operation["operationId"]),
                    method: method.to_ascii_uppercase(),
                    path,
                    summary: text(&operation["summary"]),
                    context: text(&operation["tags"][0]),
                    who: who(operation),
                };
                found.push((row, operation));
            }
        }
        found.sort_by(|(one, _), (other, _)| {
            (one.context, one.path, &one.method).cmp(&(other.context, other.path, &other.method))
        });
        found
    }

    fn list(&self, search: Search) -> Response<Bytes> {
        let wanted = |row: &Row<'_>| {
            let all =
                format!("{} {} {} {}", row.id, row.method, row.path, row.summary).to_lowercase();
            let words = search.q.to_lowercase();
            words.split_whitespace().all(|word| all.contains(word))
                && (search.context.is_empty() || row.context == search.context)
        };
        let rows: Vec<Row<'_>> = self
            .operations()
            .into_iter()
            .map(|(row, _)| row)
            .filter(wanted)
            .collect();
        let status = if rows.is_empty() {
            StatusCode::NOT_FOUND
        } else {
            StatusCode::OK
        };
        let page = context! {
            base => PAGES, document => DOCUMENT, q => search.q, context => search.context,
            about => text(&self.document["info"]["description"]),
            tags => Serde(&self.document["tags"]), rows => Serde(&rows),
        };
        rendered("list.html", status, page)
    }

    fn one(&self, row: &Row<'_>, operation: &Value, address: &str) -> Response<Bytes> {
        let parameters: Vec<Parameter<'_>> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|parameter| Parameter {
                place: text(&parameter["in"]),
                name: text(&parameter["name"]),
                required: parameter["required"] == true,
                kind: kind(&parameter["schema"], &self.document),
                about: text(&parameter["description"]),
                example: plain(&parameter["example"]),
            })
            .collect();
        let answers: Vec<Answer> = operation["responses"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(status, answer)| Answer {
                status: status.clone(),
                about: text(&answer["description"]).to_owned(),
                media: self.media(&answer["content"]),
            })
            .collect();
        let body = &operation["requestBody"];
        let page = context! {
            base => PAGES, document => DOCUMENT, row => Serde(row), about => text(&operation["description"]),
            curl => curl(&row.method, row.path, &row.who, operation, address), parameters => Serde(&parameters),
            body => Serde(&self.media(&body["content"])), body_required => body["required"] == true,
            answers => Serde(&answers),
        };
        rendered("one.html", StatusCode::OK, page)
    }

    fn media(&self, content: &Value) -> Vec<Media> {
        let media = content.as_object().into_iter().flatten();
        media
            .map(|(media_type, content)| Media {
                media_type: media_type.clone(),
                fields: fields(&content["schema"], &self.document),
                examples: content["examples"]
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(_, example)| Example {
                        summary: text(&example["summary"]).to_owned(),
                        text: shown(&example["value"]),
                    })
                    .collect(),
            })
            .collect()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).expect("a value has text keys only"),
    }
}

fn who(operation: &Value) -> String {
    let schemes = operation["security"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_object);
    let schemes: Vec<&str> = schemes
        .flat_map(|schemes| schemes.keys().map(String::as_str))
        .collect();
    match schemes.is_empty() {
        true => "anybody".to_owned(),
        false => schemes.join(" or "),
    }
}

fn rendered(template: &str, status: StatusCode, page: minijinja::Value) -> Response<Bytes> {
    let page = TEMPLATES
        .get_template(template)
        .and_then(|template| template.render(page));
    match page {
        Ok(page) => response(status, "text/html; charset=utf-8", page.into()),
        Err(error) => {
            tracing::error!(%error, template, "a page could not be made");
            let text = Bytes::from_static(b"The page could not be made.\n");
            response(
                StatusCode::INTERNAL_SERVER_ERROR,
                "text/plain; charset=utf-8",
                text,
            )
        }
    }
}

fn response(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}
