//! As much of Lambda's API as an operator needs beside the triggers: the list of functions, the list of what brings them
//! messages and commits, and one invocation that is waited for. What `aws lambda list-functions`,
//! `list-event-source-mappings` and `invoke` ask works against it.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode, header};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::control::Hands;
use crate::invoke::{Lambda, PAYLOAD_LIMIT_BYTES, Trigger};
use crate::triggers::Taking;

// Each path begins with the API's version.
const FUNCTIONS: &str = "/2015-03-31/functions/";
const MAPPINGS: &str = "/2015-03-31/event-source-mappings";

/// Whether the path is of this API.
pub(crate) fn handles(path: &str) -> bool {
    path.starts_with(FUNCTIONS) || is_of_mappings(path)
}

fn is_of_mappings(path: &str) -> bool {
    path.trim_end_matches('/') == MAPPINGS
}

/// Answers a request of this API. `hands` are there once the stack has started.
pub(crate) async fn handle(
    hands: Option<&Hands>,
    head: &Parts,
    body: Bytes,
) -> Response<Full<Bytes>> {
    let Some(hands) = hands else {
        let message = "the functions have not started yet";
        return refusal(StatusCode::SERVICE_UNAVAILABLE, "ServiceException", message);
    };
    let lambdas = &hands.lambdas;
    let path = head.uri.path();
    if is_of_mappings(path) && head.method == Method::GET {
        return list_mappings(&hands.takings, head.uri.query().unwrap_or_default());
    }
    let path = path.strip_prefix(FUNCTIONS).unwrap_or(path);
    match (&head.method, path, path.strip_suffix("/invocations")) {
        (&Method::GET, "", _) => {
            let function = |lambda: &Arc<Lambda>| json!({ "FunctionName": name(&lambda.arn), "FunctionArn": lambda.arn });
            let functions: Vec<Value> = lambdas.values().map(function).collect();
            answer(
                StatusCode::OK,
                json!({ "Functions": functions }).to_string().into(),
            )
        }
        (&Method::POST, _, Some(wanted)) => {
            match lambdas.values().find(|lambda| name(&lambda.arn) == wanted) {
                Some(lambda) => invoke(lambda, head, body).await,
                None => {
                    let message = format!("Function not found: {wanted}");
                    refusal(StatusCode::NOT_FOUND, "ResourceNotFoundException", &message)
                }
            }
        }
        _ => {
            let message = "of Lambda, this endpoint answers ListFunctions, ListEventSourceMappings and Invoke only";
            refusal(StatusCode::NOT_FOUND, "ResourceNotFoundException", message)
        }
    }
}

/// All of them, or a function's or a source's: there are fewer than a page of Lambda's holds. None is ever switched off
/// here.
fn list_mappings(takings: &[Taking], query: &str) -> Response<Full<Bytes>> {
    let asked = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value)
    };
    let (function, source) = (asked("FunctionName"), asked("EventSourceArn"));
    let mappings: Vec<Value> = takings
        .iter()
        .filter(|taking| {
            let arn = &taking.function_arn;
            function
                .as_deref()
                .is_none_or(|asked| asked == arn || asked == name(arn))
        })
        .filter(|taking| source.as_deref().is_none_or(|arn| arn == taking.source_arn))
        .map(|taking| {
            json!({
                "EventSourceArn": taking.source_arn,
                "FunctionArn": taking.function_arn,
                "State": "Enabled",
                "StateTransitionReason": "USER_INITIATED",
            })
        })
        .collect();
    let body = json!({ "EventSourceMappings": mappings });
    answer(StatusCode::OK, body.to_string().into())
}

/// A function's own name, the last part of its ARN.
fn name(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or_default()
}

async fn invoke(lambda: &Lambda, head: &Parts, body: Bytes) -> Response<Full<Bytes>> {
    let kind = head.headers.get("x-amz-invocation-type");
    if kind.is_some_and(|kind| kind != "RequestResponse") {
        let message = "an invocation that is not waited for is not run locally";
        return refusal(
            StatusCode::BAD_REQUEST,
            "InvalidParameterValueException",
            message,
        );
    }
    if body.len() > PAYLOAD_LIMIT_BYTES {
        let message = format!("the payload is over {PAYLOAD_LIMIT_BYTES} bytes");
        return refusal(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestTooLargeException",
            &message,
        );
    }
    match lambda.invoke(Trigger::Direct, body).await {
        Ok(body) => answer(StatusCode::OK, body),
        Err(error) => {
            let body = json!({ "errorType": error.kind(), "errorMessage": error.to_string() });
            let mut response = answer(StatusCode::OK, body.to_string().into());
            let kind = HeaderValue::from_static(error.kind());
            response.headers_mut().insert("x-amz-function-error", kind);
            response
        }
    }
}

fn refusal(status: StatusCode, kind: &'static str, message: &str) -> Response<Full<Bytes>> {
    let body = json!({ "Type": "User", "message": message });
    let mut response = answer(status, body.to_string().into());
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert("x-amzn-errortype", kind);
    response
}

fn answer(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
