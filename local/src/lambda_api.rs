//! As much of Lambda's API as an operator needs beside the triggers: the list of functions, and one invocation that is
//! waited for. What `aws lambda list-functions` and `aws lambda invoke` ask works against it.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode, header};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::invoke::{Lambda, PAYLOAD_LIMIT_BYTES, Trigger};

/// Where its paths begin: the API's version.
pub(crate) const PREFIX: &str = "/2015-03-31/functions/";

/// Answers a request of this API. `lambdas` are there once the stack has started.
pub(crate) async fn handle(
    lambdas: Option<&BTreeMap<String, Arc<Lambda>>>,
    head: &Parts,
    body: Bytes,
) -> Response<Full<Bytes>> {
    let Some(lambdas) = lambdas else {
        let message = "the functions have not started yet";
        return refusal(StatusCode::SERVICE_UNAVAILABLE, "ServiceException", message);
    };
    let path = head.uri.path().strip_prefix(PREFIX).unwrap_or_default();
    match (&head.method, path, path.strip_suffix("/invocations")) {
        (&Method::GET, "", _) => {
            let function = |lambda: &Arc<Lambda>| json!({ "FunctionName": name(lambda), "FunctionArn": lambda.arn });
            let functions: Vec<Value> = lambdas.values().map(function).collect();
            answer(
                StatusCode::OK,
                json!({ "Functions": functions }).to_string().into(),
            )
        }
        (&Method::POST, _, Some(wanted)) => {
            match lambdas.values().find(|lambda| name(lambda) == wanted) {
                Some(lambda) => invoke(lambda, head, body).await,
                None => {
                    let message = format!("Function not found: {wanted}");
                    refusal(StatusCode::NOT_FOUND, "ResourceNotFoundException", &message)
                }
            }
        }
        _ => {
            let message = "of Lambda, this endpoint answers ListFunctions and Invoke only";
            refusal(StatusCode::NOT_FOUND, "ResourceNotFoundException", message)
        }
    }
}

/// A function's own name, the last part of its ARN.
fn name(lambda: &Lambda) -> &str {
    lambda.arn.rsplit(':').next().unwrap_or_default()
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
