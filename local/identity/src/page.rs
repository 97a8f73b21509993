//! Pages: rendered, never stored, and allowed nothing but their own style and form.

use std::sync::LazyLock;

use axum::response::{Html, IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};

use crate::language::Words;

/// The form's answer leads on to the application, which `form-action` would forbid: it holds for redirects too.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

/// Nobody else learns where a visitor came from. Not `no-referrer`: under that, a browser sends our own forms with
/// `Origin: null` (Fetch, "append a request Origin header"), by which they could not be told from others'.
const REFERRER: &str = "same-origin";

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    for (name, source) in [
        ("layout.html", include_str!("templates/layout.html")),
        ("login.html", include_str!("templates/login.html")),
        ("register.html", include_str!("templates/register.html")),
        ("notice.html", include_str!("templates/notice.html")),
    ] {
        environment
            .add_template(name, source)
            .expect("the templates are part of the program and tested");
    }
    environment
});

pub(crate) fn page(status: StatusCode, template: &str, words: &Words, values: Value) -> Response {
    let rendered = TEMPLATES
        .get_template(template)
        .and_then(|template| template.render(context! { words => Serde(words), ..values }));
    match rendered {
        Ok(html) => {
            let mut response = (status, Html(html)).into_response();
            for (name, value) in [
                (header::CONTENT_SECURITY_POLICY, POLICY),
                (header::CACHE_CONTROL, "no-store"),
                (header::REFERRER_POLICY, REFERRER),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ] {
                response
                    .headers_mut()
                    .insert(name, HeaderValue::from_static(value));
            }
            response
        }
        Err(error) => {
            tracing::error!(%error, "a page of the issuer could not be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A page that says one thing.
pub(crate) fn notice(status: StatusCode, words: &Words, notice: &str, detail: &str) -> Response {
    page(status, "notice.html", words, context! { notice, detail })
}

/// Says that something failed here, and logs what.
pub(crate) fn failed(words: &Words, error: &dyn std::error::Error) -> Response {
    tracing::error!(%error, "the issuer could not answer");
    notice(StatusCode::INTERNAL_SERVER_ERROR, words, words.failed, "")
}
