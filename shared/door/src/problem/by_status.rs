//! Problems of the kinds that every context has, by their HTTP status.

use std::fmt;

use http::{Method, StatusCode};

use crate::Problem;

impl Problem {
    /// 400: the request cannot be understood.
    ///
    /// ```
    /// assert_eq!(door::Problem::bad_request("the body is marked as base64 and is not").status, 400);
    /// ```
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad-request",
            "The request cannot be understood",
            detail,
        )
    }

    /// 401: nobody has signed in.
    ///
    /// ```
    /// assert_eq!(door::Problem::unauthenticated().status, 401);
    /// ```
    pub fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "Sign in first",
            "the request has no valid token",
        )
    }

    /// 403: the token lacks the scope.
    ///
    /// ```
    /// let problem = door::Problem::forbidden("noren/operate");
    /// assert_eq!((problem.status, problem.detail.as_str()), (403, "the token does not have the scope noren/operate"));
    /// ```
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
    ///
    /// ```
    /// assert_eq!(door::Problem::not_in_group("operators").status, 403);
    /// ```
    pub fn not_in_group(group: &str) -> Self {
        let detail = format!("the token's holder is not in the group {group}");
        Self {
            detail,
            ..Self::forbidden("")
        }
    }

    /// 404: no such thing, or none that the caller may see.
    ///
    /// ```
    /// let problem = door::Problem::not_found("this course");
    /// assert_eq!((problem.status, problem.detail.as_str()), (404, "this course is not known"));
    /// ```
    pub fn not_found(what: impl fmt::Display) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            "There is no such thing",
            format!("{what} is not known"),
        )
    }

    /// 405: the path is known, and not by this method.
    ///
    /// ```
    /// assert_eq!(door::Problem::method_not_allowed(&http::Method::PATCH).status, 405);
    /// ```
    pub fn method_not_allowed(method: &Method) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "The path is not called by this method",
            format!("{method} is not a method of this path"),
        )
    }

    /// 409: not in the state that the thing is in.
    ///
    /// ```
    /// let problem = door::Problem::conflict("course-full", "each seat is taken");
    /// assert_eq!((problem.status, problem.problem_type.as_str()), (409, "urn:noren:problem:course-full"));
    /// ```
    pub fn conflict(name: &str, detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            name,
            "Not possible in the present state",
            detail,
        )
    }

    /// 410: it was there, and never will be again.
    ///
    /// ```
    /// assert_eq!(door::Problem::gone("course-over", "the course was given in March").status, 410);
    /// ```
    pub fn gone(name: &str, detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::GONE,
            name,
            "It is gone, and does not come back",
            detail,
        )
    }

    /// 413: the body is too long.
    ///
    /// ```
    /// assert_eq!(door::Problem::body_too_large(door::MAX_BODY_BYTES).status, 413);
    /// ```
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
    ///
    /// ```
    /// assert_eq!(door::Problem::unsupported_media_type("application/json").status, 415);
    /// ```
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
    ///
    /// ```
    /// assert_eq!(door::Problem::unprocessable("too-young", "a student is at least 16").status, 422);
    /// ```
    pub fn unprocessable(name: &str, detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            name,
            "The request breaks a rule",
            detail,
        )
    }

    /// 422: the request's idempotency key was used for another request.
    ///
    /// ```
    /// let problem = door::Problem::key_reused();
    /// assert_eq!((problem.status, problem.problem_type.as_str()), (422, "urn:noren:problem:idempotency-key-reused"));
    /// ```
    pub fn key_reused() -> Self {
        let detail = decider::Failure::KeyReused.to_string();
        Self::unprocessable("idempotency-key-reused", detail)
    }

    /// 503: something failed. The caller learns no more than that; the cause is logged here, once.
    ///
    /// ```
    /// let problem = door::Problem::failed(&std::io::Error::other("the table does not answer"));
    /// assert_eq!(problem.status, 503);
    /// assert!(!problem.detail.contains("table"));
    /// ```
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
