//! The Lambda Runtime API of one process (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>).

use std::sync::Arc;

use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use serde::Deserialize;

use super::sandbox::Sandbox;
use crate::gateway::new_trace_id;
use crate::invoke::{FunctionError, PAYLOAD_LIMIT_BYTES};

const VERSION: &str = "/2018-06-01/runtime/";

/// Room for an answer that is over the limit, so that it is told from a broken connection.
const BODY_LIMIT_BYTES: usize = PAYLOAD_LIMIT_BYTES + 1024;

/// What a function says about its own failure.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    #[serde(default)]
    error_type: String,
    #[serde(default)]
    error_message: String,
}

pub(super) async fn handle(
    sandbox: Arc<Sandbox>,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().strip_prefix(VERSION).unwrap_or_default();
    let steps: Vec<&str> = path.split('/').collect();
    match (&head.method, steps.as_slice()) {
        (&Method::GET, ["invocation", "next"]) => next(&sandbox).await,
        (&Method::POST, ["invocation", id, "response"]) => {
            let answer = match Limited::new(body, BODY_LIMIT_BYTES).collect().await {
                Ok(answer) => Ok(answer.to_bytes()),
                Err(_) => Err(FunctionError::AnswerTooLarge(BODY_LIMIT_BYTES)),
            };
            let status = match &answer {
                Ok(_) => StatusCode::ACCEPTED,
                Err(_) => StatusCode::PAYLOAD_TOO_LARGE,
            };
            settled(sandbox.settle(id, answer), status)
        }
        (&Method::POST, ["invocation", id, "error"]) => {
            let error = FunctionError::Returned(failure(body).await);
            settled(sandbox.settle(id, Err(error)), StatusCode::ACCEPTED)
        }
        (&Method::POST, ["init", "error"]) => {
            sandbox.fail_init(failure(body).await);
            status(StatusCode::ACCEPTED, "OK")
        }
        _ => status(StatusCode::NOT_FOUND, "no such path"),
    }
}

async fn next(sandbox: &Arc<Sandbox>) -> Response<Full<Bytes>> {
    let Some(handed) = sandbox.take().await else {
        // The function is being stopped, and its process about to be ended. Any answer would be one that no runtime
        // expects here, and would be complained about on the way out.
        return std::future::pending().await;
    };
    let mut response = Response::new(Full::new(handed.payload));
    let mut set = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::try_from(value) {
            let name = HeaderName::from_static(name);
            response.headers_mut().insert(name, value);
        }
    };
    set("lambda-runtime-aws-request-id", handed.id);
    set("lambda-runtime-deadline-ms", handed.deadline_ms.to_string());
    set(
        "lambda-runtime-invoked-function-arn",
        sandbox.arn().to_owned(),
    );
    set("lambda-runtime-trace-id", new_trace_id());
    set("content-type", "application/json".to_owned());
    response
}

async fn failure(body: Incoming) -> String {
    let body = match Limited::new(body, BODY_LIMIT_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return error.to_string(),
    };
    match serde_json::from_slice::<Failure>(&body) {
        Ok(failure) => format!("{}: {}", failure.error_type, failure.error_message),
        Err(_) => String::from_utf8_lossy(&body).into_owned(),
    }
}

fn settled(known: bool, when_known: StatusCode) -> Response<Full<Bytes>> {
    match known {
        true => status(when_known, "OK"),
        false => status(StatusCode::BAD_REQUEST, "InvalidRequestID"),
    }
}

fn status(code: StatusCode, text: &str) -> Response<Full<Bytes>> {
    let body = format!(r#"{{"status":"{text}"}}"#);
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = code;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
