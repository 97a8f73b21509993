//! Refusals over HTTP: RFC 9457 problem+json.

mod by_status;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

/// A problem, in a form that a program can tell apart by `type` and a person can read by `detail`.
///
/// ```
/// use axum::response::IntoResponse as _;
/// use door::Problem;
///
/// let problem = Problem::not_found("this course");
/// assert_eq!(problem.problem_type, "urn:noren:problem:not-found");
/// assert_eq!(problem.detail, "this course is not known");
/// assert_eq!(problem.into_response().headers()["content-type"], "application/problem+json");
/// ```
// The API's description is for those who call it, whom an example in Rust tells nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(
    description = "A problem, in a form that a program can tell apart by `type` and a person can read by `detail`."
)]
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
///
/// ```
/// use door::{FieldProblem, Problem};
///
/// let errors = vec![FieldProblem {
///     field: "lines[0].quantity".to_owned(),
///     message: "must be at least 1".to_owned(),
/// }];
/// assert_eq!(Problem::fields(errors).detail, "lines[0].quantity: must be at least 1");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(description = "What is wrong with one field.")]
pub struct FieldProblem {
    /// The field, as a path into the body (`lines[0].quantity`), or a header's or parameter's name.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

impl Problem {
    /// A problem of a kind of the caller's own.
    ///
    /// ```
    /// use door::Problem;
    /// use http::StatusCode;
    ///
    /// let problem = Problem::new(StatusCode::PAYMENT_REQUIRED, "unpaid", "It is not paid for", "pay first");
    /// assert_eq!((problem.status, problem.problem_type.as_str()), (402, "urn:noren:problem:unpaid"));
    /// ```
    pub fn new(status: StatusCode, name: &str, title: &str, detail: impl Into<String>) -> Self {
        Self {
            problem_type: format!("urn:noren:problem:{name}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
        }
    }

    /// 400: one field is wrong.
    ///
    /// ```
    /// let problem = door::Problem::field("note", "must be 1 to 500 characters");
    /// assert_eq!((problem.status, problem.errors.len()), (400, 1));
    /// ```
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::fields(vec![FieldProblem {
            field: field.into(),
            message: message.into(),
        }])
    }

    /// 400: fields are wrong.
    ///
    /// ```
    /// let problem = door::Problem::fields(Vec::new());
    /// assert_eq!((problem.status, problem.title.as_str()), (400, "The request has invalid fields"));
    /// ```
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

    /// Whether it is a failure on our side rather than a refusal, so that the same request may succeed later.
    ///
    /// ```
    /// use door::Problem;
    ///
    /// assert!(Problem::failed(&std::fmt::Error).is_failure());
    /// assert!(!Problem::not_found("this course").is_failure());
    /// ```
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
