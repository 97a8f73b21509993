//! The catalogue as pages for people, and as JSON for programs. Everything is made on the server; a page needs no script.
//!
//! `/` lists and searches (`q`, `context`), `/<type>` shows one event type; `lang=en|ja` chooses the language. For programs:
//! `/catalogue.json`, `/asyncapi.json`, `/<type>/schema.json`, `/<type>/example.json`. Paths are relative to where the
//! pages are served.

mod field;

use std::sync::LazyLock;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use crate::asyncapi;
use crate::catalogue::{Catalogue, Event};
use crate::language::Language;
use crate::schema;

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'";

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    for (name, source) in [
        ("layout.html", include_str!("templates/layout.html")),
        ("list.html", include_str!("templates/list.html")),
        ("one.html", include_str!("templates/one.html")),
        ("notice.html", include_str!("templates/notice.html")),
    ] {
        environment
            .add_template(name, source)
            .expect("the templates are part of the program and tested");
    }
    environment
});

/// What a list is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Query {
    q: String,
    context: String,
    lang: Option<String>,
}

/// The pages of one catalogue.
#[derive(Debug)]
pub struct Pages {
    catalogue: Catalogue,
    /// Where they are served, without a slash at the end.
    base: String,
}

/// An event in the list, without what only its own page shows.
#[derive(Serialize)]
struct Row<'a> {
    event_type: &'a str,
    producer: &'a str,
    description: &'a str,
    consumers: Vec<&'a str>,
}

impl Pages {
    /// Pages that are served at the given path, such as `/_noren/events`.
    pub fn new(catalogue: Catalogue, base: &str) -> Self {
        Self {
            catalogue,
            base: base.to_owned(),
        }
    }

    /// Answers a `GET` of a path below the base; `accepted` is the request's `Accept-Language`.
    pub fn answer(&self, path: &str, query: &str, accepted: &str) -> Response<Bytes> {
        let query: Query = serde_urlencoded::from_str(query).unwrap_or_default();
        let language = Language::of(query.lang.as_deref(), accepted);
        let path = percent_decode_str(path.trim_matches('/')).decode_utf8_lossy();
        match path.as_ref() {
            "" => self.list(&query, language),
            "catalogue.json" => json(&self.catalogue.events),
            "asyncapi.json" => json(&asyncapi::document(&self.catalogue)),
            "envelope.json" => json(&schema::envelope()),
            path => self.below_an_event(path, language),
        }
    }

    fn below_an_event(&self, path: &str, language: Language) -> Response<Bytes> {
        let (event_type, rest) = path.split_once('/').unwrap_or((path, ""));
        match (self.catalogue.event(event_type), rest) {
            (Some(event), "") => self.one(event, language),
            (Some(event), "schema.json") => json(&event.schema),
            (Some(event), "example.json") => json(&event.example),
            (Some(_) | None, _) => {
                let words = Serde(language.words());
                let here = self.base.as_str();
                let values = context! { words, base => self.base.as_str(), here };
                page(StatusCode::NOT_FOUND, "notice.html", values)
            }
        }
    }

    fn list(&self, query: &Query, language: Language) -> Response<Bytes> {
        let wanted = query.q.trim().to_lowercase();
        let found = self.catalogue.events.iter();
        let found = found.filter(|event| {
            (query.context.is_empty() || event.is_of(&query.context)) && says(event, &wanted)
        });
        let rows: Vec<Row<'_>> = found.map(row).collect();
        let values = context! {
            words => Serde(language.words()),
            base => self.base.as_str(),
            here => self.base.as_str(),
            rows => Serde(rows),
            contexts => Serde(self.catalogue.context_names()),
            q => query.q.trim(),
            context => query.context.as_str(),
        };
        page(StatusCode::OK, "list.html", values)
    }

    fn one(&self, event: &Event, language: Language) -> Response<Bytes> {
        let here = format!("{}/{}", self.base, event.event_type);
        let subscriptions = self.catalogue.subscriptions.iter();
        let filters: Vec<_> = subscriptions
            .filter(|one| one.event_types.contains(&event.event_type))
            .map(|one| one.declared.filter_policy.as_ref().map(ToString::to_string))
            .collect();
        let hearings: Vec<_> = event.consumers.iter().zip(filters).collect();
        let values = context! {
            words => Serde(language.words()),
            base => self.base.as_str(),
            here,
            name => event.name(),
            event => Serde(event),
            hearings => Serde(hearings),
            fields => Serde(field::all(&event.schema)),
            example => event.example_text.trim_end(),
            schema => format!("{:#}", event.schema),
        };
        page(StatusCode::OK, "one.html", values)
    }
}

fn row(event: &Event) -> Row<'_> {
    Row {
        event_type: &event.event_type,
        producer: &event.producer,
        description: &event.description,
        consumers: event
            .consumers
            .iter()
            .map(|one| one.context.as_str())
            .collect(),
    }
}

/// Whether the name, the meaning or a field holds the text, which is in lower case.
fn says(event: &Event, text: &str) -> bool {
    let holds = |part: &str| part.to_lowercase().contains(text);
    holds(&event.event_type)
        || holds(&event.description)
        || field::all(&event.schema)
            .iter()
            .any(|field| holds(&field.path) || holds(&field.description))
}

fn page(status: StatusCode, template: &str, values: Value) -> Response<Bytes> {
    let rendered = TEMPLATES
        .get_template(template)
        .and_then(|template| template.render(values));
    match rendered {
        Ok(html) => respond(status, "text/html; charset=utf-8", html),
        Err(error) => {
            tracing::error!(%error, "a page of the event catalogue could not be made");
            let plain = "text/plain; charset=utf-8";
            respond(StatusCode::INTERNAL_SERVER_ERROR, plain, error.to_string())
        }
    }
}

fn json(value: &impl Serialize) -> Response<Bytes> {
    let text = serde_json::to_string_pretty(value)
        .expect("the catalogue is structures with text keys, which serde_json can always write");
    respond(StatusCode::OK, "application/json", text)
}

fn respond(status: StatusCode, content_type: &'static str, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, content_type),
        (header::VARY, "Accept-Language"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
