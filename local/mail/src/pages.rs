//! The inbox as pages and as JSON. What others wrote is escaped; a mail's HTML is shown in a frame that may do nothing.

use std::sync::LazyLock;

use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use serde::Deserialize;
use serde_json::json;

use crate::inbox::MailError;
use crate::language::Language;
use crate::mail::Mail;
use crate::message::{Filter, Message};

const SHOWN: usize = 50;
const JSON_DEFAULT: usize = 100;
const JSON_MAXIMUM: usize = 1_000;
/// A mail's own HTML may style itself and show inline pictures; it may not run scripts, load anything, or submit forms.
const FRAME_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";
const PAGE_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'";

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

#[derive(Deserialize)]
pub(crate) struct ListQuery {
    to: Option<String>,
    before: Option<String>,
    limit: Option<usize>,
}

fn page(status: StatusCode, template: &str, values: Value) -> Response {
    let rendered = TEMPLATES
        .get_template(template)
        .and_then(|template| template.render(values));
    match rendered {
        Ok(html) => {
            let mut response = (status, Html(html)).into_response();
            let headers = response.headers_mut();
            headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
            headers.insert(
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static(PAGE_POLICY),
            );
            response
        }
        Err(error) => {
            tracing::error!(%error, "a page of the inbox could not be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn failed(error: &MailError, language: Language) -> Response {
    tracing::error!(%error, "the inbox could not be read");
    let words = language.words();
    page(
        StatusCode::INTERNAL_SERVER_ERROR,
        "notice.html",
        context! { words => Serde(words), notice => words.failed },
    )
}

fn not_found(language: Language) -> Response {
    let words = language.words();
    page(
        StatusCode::NOT_FOUND,
        "notice.html",
        context! { words => Serde(words), notice => words.not_found },
    )
}

/// The text that was searched for; an empty field searches for nothing.
fn searched(to: Option<String>) -> Option<String> {
    to.map(|to| to.trim().to_owned())
        .filter(|to| !to.is_empty())
}

/// `/inbox`: the mails, newest first.
pub(crate) async fn list(
    State(mail): State<Mail>,
    Query(query): Query<ListQuery>,
    headers: HeaderMap,
) -> Response {
    let language = Language::of(&headers);
    let to = searched(query.to);
    let filter = Filter {
        to: to.clone(),
        before: query.before,
        limit: SHOWN + 1,
    };
    let read = mail
        .messages(&filter)
        .and_then(|messages| Ok((messages, mail.count()?)));
    match read {
        Ok((mut messages, count)) => {
            let has_older = messages.len() > SHOWN;
            messages.truncate(SHOWN);
            let older = messages
                .last()
                .filter(|_| has_older)
                .map(|message| message.message_id.clone());
            let values = context! {
                words => Serde(language.words()), messages => Serde(messages), count,
                to => to.unwrap_or_default(), older,
            };
            page(StatusCode::OK, "list.html", values)
        }
        Err(error) => failed(&error, language),
    }
}

/// `/inbox/{id}`: one mail.
pub(crate) async fn one(
    State(mail): State<Mail>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let language = Language::of(&headers);
    match mail.message(&id) {
        Ok(Some(message)) => {
            let words = Serde(language.words());
            page(
                StatusCode::OK,
                "one.html",
                context! { words, message => Serde(message) },
            )
        }
        Ok(None) => not_found(language),
        Err(error) => failed(&error, language),
    }
}

/// `/inbox/{id}/html`: a mail's HTML part alone, for the frame.
pub(crate) async fn html_part(
    State(mail): State<Mail>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let language = Language::of(&headers);
    match mail.message(&id) {
        Ok(Some(Message {
            html: Some(html), ..
        })) => {
            let mut response = Html(html).into_response();
            let headers = response.headers_mut();
            headers.insert(
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static(FRAME_POLICY),
            );
            headers.insert(
                header::X_CONTENT_TYPE_OPTIONS,
                HeaderValue::from_static("nosniff"),
            );
            response
        }
        Ok(_) => not_found(language),
        Err(error) => failed(&error, language),
    }
}

/// `/inbox.json`: the mails for a program, paged by `before`.
pub(crate) async fn list_as_json(
    State(mail): State<Mail>,
    Query(query): Query<ListQuery>,
) -> Response {
    let limit = query.limit.unwrap_or(JSON_DEFAULT).clamp(1, JSON_MAXIMUM);
    let filter = Filter {
        to: searched(query.to),
        before: query.before,
        limit: limit + 1,
    };
    match mail
        .messages(&filter)
        .and_then(|messages| Ok((messages, mail.count()?)))
    {
        Ok((mut messages, count)) => {
            let has_more = messages.len() > limit;
            messages.truncate(limit);
            let before = messages
                .last()
                .filter(|_| has_more)
                .map(|message| message.message_id.clone());
            axum::Json(json!({ "messages": messages, "count": count, "has_more": has_more, "before": before }))
                .into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the inbox could not be read");
            let body = json!({ "message": error.to_string() });
            (StatusCode::INTERNAL_SERVER_ERROR, axum::Json(body)).into_response()
        }
    }
}
