//! Refusals over HTTP: RFC 9457 problem+json.

use std::fmt;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode, header};
use serde::Serialize;

/// A problem, in a form that a program can tell apart by `type` and a person can read by `detail`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Problem {
    /// `urn:noren:problem:<name>`: the same for every problem of the kind.
    #[serde(rename = "type")]
    pub problem_type: String,
    /// What kind of problem it is.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong in this case.
    pub detail: String,
    /// Where it is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct FieldProblem {
    /// The field, as a path into the body (`lines[0].quantity`), or a header's or parameter's name.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

impl Problem {
    /// A problem of a kind of the caller's own.
    pub fn new(status: StatusCode, name: &str, title: &str, detail: impl Into<String>) -> Self {
        Self {
            problem_type: format!("urn:noren:problem:{name}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
        }
    }

    /// 400: the request cannot be understood.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad-request",
            "The request cannot be understood",
            detail,
        )
    }

    /// 400: one field is wrong.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::fields(vec![FieldProblem {
            field: field.into(),
            message: message.into(),
        }])
    }

    /// 400: fields are wrong.
    pub fn fields(errors: Vec<FieldProblem>) -> Self {
        let each: Vec<String> = errors
            .iter()
            .map(|error| format!("{}: {}", error.field, error.message))
            .collect();
        let mut problem = Self::new(
            StatusCode::BAD_REQUEST,
            "invalid",
            "The request has invalid fields",
            each.join("; "),
        );
        problem.errors = errors;
        problem
    }

    /// 401: nobody has signed in.
    pub fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "Sign in first",
            "the request has no valid token",
        )
    }

    /// 403: the token lacks the scope.
    pub fn forbidden(scope: &str) -> Self {
        let detail = format!("the token does not have the scope {scope}");
        Self::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "This token may not do that",
            detail,
        )
    }

    /// 403: the token's holder is not in the group.
    pub fn not_in_group(group: &str) -> Self {
        let detail = format!("the token's holder is not in the group {group}");
        Self {
            detail,
            ..Self::forbidden("")
        }
    }

    /// 404: no such thing, or none that the caller may see.
    pub fn not_found(what: impl fmt::Display) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            "There is no such thing",
            format!("{what} is not known"),
        )
    }

    /// 405: the path is known, and not by this method.
    pub fn method_not_allowed(method: &Method) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "The path is not called by this method",
            format!("{method} is not a method of this path"),
        )
    }

    /// 409: not in the state that the thing is in.
    pub fn conflict(name: &str, detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            name,
            "Not possible in the present state",
            detail,
        )
    }

    /// 410: it was there, and never will be again.
    pub fn gone(name: &str, detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::GONE,
            name,
            "It is gone, and does not come back",
            detail,
        )
    }

    /// 413: the body is too long.
    pub fn body_too_large(limit_bytes: usize) -> Self {
        let detail = format!("the body is over {limit_bytes} bytes");
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body-too-large",
            "The body is too long",
            detail,
        )
    }

    /// 415: the body is in a form that the route does not read.
    pub fn unsupported_media_type(expected: &str) -> Self {
        let detail = format!("send the body as {expected}");
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "media-type",
            "The body is of another kind",
            detail,
        )
    }

    /// 422: understood, and refused by a rule.
    pub fn unprocessable(name: &str, detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            name,
            "The request breaks a rule",
            detail,
        )
    }

    /// 422: the request's idempotency key was used for another request.
    pub fn key_reused() -> Self {
        let detail = decider::Failure::KeyReused.to_string();
        Self::unprocessable("idempotency-key-reused", detail)
    }

    /// 503: something failed. The caller learns no more than that; the cause is logged here, once.
    pub fn failed(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %error, "a request failed");
        Self::unavailable()
    }

    /// 503, of a failure that is logged elsewhere or not at all.
    pub(crate) fn unavailable() -> Self {
        let detail = "something failed on our side; the same request may succeed later";
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "Try again later",
            detail,
        )
    }
}

impl Problem {
    /// Whether it is a failure on our side rather than a refusal, so that the same request may succeed later.
    pub fn is_failure(&self) -> bool {
        self.status >= StatusCode::INTERNAL_SERVER_ERROR.as_u16()
    }
}

impl From<decider::Failure> for Problem {
    fn from(failure: decider::Failure) -> Self {
        match &failure {
            decider::Failure::TooLarge { .. } | decider::Failure::EventTooLarge { .. } => {
                Self::unprocessable("too-large", failure.to_string())
            }
            decider::Failure::KeyReused => Self::key_reused(),
            decider::Failure::Store(_)
            | decider::Failure::Unreadable(_)
            | decider::Failure::Contended { .. } => Self::failed(&failure),
        }
    }
}

impl From<store::StoreFailure> for Problem {
    fn from(failure: store::StoreFailure) -> Self {
        Self::failed(&failure)
    }
}

impl From<store::InvalidCursor> for Problem {
    fn from(error: store::InvalidCursor) -> Self {
        Self::field("cursor", error.to_string())
    }
}

/// Which problem an answer tells of, for those who count them.
#[derive(Debug, Clone)]
pub(crate) struct ProblemName(String);

impl ProblemName {
    /// The last part of the problem's type.
    pub fn as_str(&self) -> &str {
        self.0.rsplit(':').next().unwrap_or_default()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let name = ProblemName(self.problem_type.clone());
        let mut response = (status, axum::Json(self)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response.extensions_mut().insert(name);
        response
    }
}
