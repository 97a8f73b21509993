//! A mail that SES refuses, in its error shape: the name in `x-amzn-ErrorType`, the reason in the body's `message`
//! (<https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors>).

use bytes::Bytes;
use http::{Response, StatusCode, header};

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub status: StatusCode,
    pub name: &'static str,
    pub message: String,
}

impl Refusal {
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            name: "BadRequestException",
            message: message.into(),
        }
    }

    pub fn rejected(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            name: "MessageRejected",
            message: message.into(),
        }
    }

    pub fn throttled() -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            name: "TooManyRequestsException",
            message: "Maximum sending rate exceeded.".to_owned(),
        }
    }

    pub fn unknown_operation(method: &str, path: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            name: "UnknownOperationException",
            message: format!("This mail server only knows SendEmail, not {method} {path}."),
        }
    }

    pub fn internal(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            name: "InternalFailure",
            message: message.into(),
        }
    }

    pub fn response(&self) -> Response<Bytes> {
        let body = serde_json::json!({ "message": self.message }).to_string();
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            header::HeaderValue::from_static("application/json"),
        );
        headers.insert(
            "x-amzn-errortype",
            header::HeaderValue::from_static(self.name),
        );
        response
    }
}
