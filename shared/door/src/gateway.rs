//! An HTTP API request (payload format 2.0) to the router and back.

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body as LambdaBody;
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use identifiers::Clock;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use publisher::Publisher;
use tower::ServiceExt as _;
use trace::{Kind, Span, SpanId, TraceContext};

use crate::function::InvocationError;
use crate::problem::ProblemName;
use crate::request::{Arrival, Asked, Place, RequestId};
use crate::telemetry::UNHANDLED;
use crate::{Caller, Callers, Context, DeadLetters, Door, Problem};

pub(crate) async fn answer<C, P, D, K>(
    door: &Door<C, P, D, K>,
    request: ApiGatewayV2httpRequest,
) -> Result<Bytes, InvocationError>
where
    C: Context,
    P: Publisher,
    D: DeadLetters,
    K: Clock,
{
    let began = door.clock.now();
    let route = request.route_key.clone();
    let (place, parent) = place(&request);
    let request_id = request.request_context.request_id.clone();
    let work = async {
        match to_http(request, place, &door.callers, began) {
            Ok(request) => match door.router.clone().oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            },
            Err(problem) => axum::response::IntoResponse::into_response(problem),
        }
    };
    let work = logs::correlated(request_id.unwrap_or_default(), work);
    let response = trace::within(place, work).await;
    let has_failed = response.status().is_server_error();
    let problem = response.extensions().get::<ProblemName>();
    match (has_failed, problem.map(ProblemName::as_str)) {
        (true, problem) => {
            // An answer with 5xx is a failure, whether or not somebody has worded it.
            metrics::tally("Failed", problem.unwrap_or("unnamed"));
            metrics::count(UNHANDLED, 1);
        }
        (false, Some(problem)) => metrics::tally("Rejected", problem),
        (false, None) => {}
    }
    trace::record(|| {
        let (began, ended) = (began.milliseconds(), door.clock.now().milliseconds());
        let name = route.unwrap_or_else(|| "request".to_owned());
        let status = response.status().as_u16().to_string();
        Span::new(place, parent, Kind::Server, name, began, ended)
            .with("http.response.status_code", status)
            .failed_if(has_failed)
    });
    let response = to_lambda(response).await?;
    Ok(serde_json::to_vec(&response)
        .map_err(InvocationError::Answer)?
        .into())
}

/// Where in which trace the request is, and the span that it is a child of.
fn place(request: &ApiGatewayV2httpRequest) -> (TraceContext, Option<SpanId>) {
    let header = |name: &str| {
        let value = request.headers.get(name);
        value.and_then(|value| value.to_str().ok())
    };
    let request_id = request.request_context.request_id.as_deref();
    let seed = format!("request:{}", request_id.unwrap_or_default());
    TraceContext::of_request(header("traceparent"), header("x-amzn-trace-id"), &seed)
}

fn to_http(
    request: ApiGatewayV2httpRequest,
    place: TraceContext,
    callers: &Callers,
    now: identifiers::Timestamp,
) -> Result<Request<Body>, Problem> {
    let caller = Caller::from_authorizer(&request, callers, now);
    let uri = uri(
        request.raw_path.as_deref().unwrap_or_default(),
        request.raw_query_string.as_deref().unwrap_or_default(),
    );
    let body = match request.body {
        None => Bytes::new(),
        Some(text) if request.is_base64_encoded => match STANDARD.decode(text) {
            Ok(bytes) => bytes.into(),
            Err(_) => {
                return Err(Problem::bad_request(
                    "the body is marked as base64 and is not",
                ));
            }
        },
        Some(text) => text.into(),
    };
    let mut built = Request::builder()
        .method(&request.request_context.http.method)
        .uri(&uri);
    for (name, value) in &request.headers {
        built = built.header(name, value);
    }
    // The gateway's ids end in base64 padding, which identifiers do not take and which tells nothing apart.
    let request_id = request.request_context.request_id.unwrap_or_default();
    let request_id = request_id.trim_end_matches('=').to_owned();
    let built = built
        .extension(caller)
        .extension(callers.clone())
        .extension(RequestId(request_id))
        .extension(Place(place))
        .extension(Arrival(now));
    let key = request.headers.get("idempotency-key");
    let asked = key.map(|key| {
        let method = request.request_context.http.method.as_str();
        Asked::of(key.as_bytes(), method, &uri, &body)
    });
    let built = match asked {
        Some(asked) => built.extension(asked),
        None => built,
    };
    built
        .body(Body::from(body))
        .map_err(|error| Problem::bad_request(format!("the request is malformed: {error}")))
}

/// What stands in a path as it is (RFC 3986, section 3.3): unreserved characters, sub-delimiters, `:`, `@`, and `/`.
const ENCODED_IN_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@')
    .remove(b'/');
/// What cannot stand in a query string. A `%` can: the query string comes encoded.
const ENCODED_IN_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

/// The request's target. An HTTP API hands `rawPath` on percent-decoded, whatever its name says, and
/// `rawQueryString` as it was sent. The path is encoded again, all of it: a `%` in it was sent as `%25`, and a `?` or
/// `#` belongs to the path. Routes and their variables then read what the client wrote.
fn uri(path: &str, query: &str) -> String {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = utf8_percent_encode(path, ENCODED_IN_PATH);
    if query.is_empty() {
        format!("/{path}")
    } else {
        let query = utf8_percent_encode(query, ENCODED_IN_QUERY);
        format!("/{path}?{query}")
    }
}

async fn to_lambda(response: Response<Body>) -> Result<ApiGatewayV2httpResponse, InvocationError> {
    let (parts, body) = response.into_parts();
    let bytes = body
        .collect()
        .await
        .map_err(|error| InvocationError::Body(error.to_string()))?
        .to_bytes();
    let mut answer = ApiGatewayV2httpResponse::default();
    answer.status_code = i64::from(parts.status.as_u16());
    answer.headers = parts.headers;
    match String::from_utf8(bytes.to_vec()) {
        Ok(text) => answer.body = Some(LambdaBody::Text(text)),
        Err(error) => {
            answer.body = Some(LambdaBody::Text(STANDARD.encode(error.into_bytes())));
            answer.is_base64_encoded = true;
        }
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decoded_path_is_encoded_again_and_a_query_stays_as_it_was_sent() {
        for (path, query, expected) in [
            ("/api/products", "", "/api/products"),
            ("", "", "/"),
            ("/a b/茶", "q=%E8%8C%B6+x", "/a%20b/%E8%8C%B6?q=%E8%8C%B6+x"),
            // Sent as `%2520`, `%3F` and `%23`.
            ("/a%20b", "", "/a%2520b"),
            ("/a?b#c", "d=e", "/a%3Fb%23c?d=e"),
            ("/a.b_c-d:e~f@g", "", "/a.b_c-d:e~f@g"),
            (
                "/\u{0}\n\\\"<>[]{}|^`",
                "",
                "/%00%0A%5C%22%3C%3E%5B%5D%7B%7D%7C%5E%60",
            ),
            ("/x", "q=茶 \"<>#", "/x?q=%E8%8C%B6%20%22%3C%3E%23"),
        ] {
            let made = uri(path, query);
            assert_eq!(made, expected);
            let read: http::Uri = made.parse().unwrap();
            let decoded = percent_encoding::percent_decode_str(read.path()).decode_utf8();
            assert_eq!(decoded.unwrap(), if path.is_empty() { "/" } else { path });
        }
    }

    #[test]
    fn the_gateways_request_id_is_taken_without_its_padding() {
        let payload = r#"{
            "version": "2.0", "rawPath": "/api/orders", "headers": {}, "isBase64Encoded": false,
            "requestContext": { "requestId": "JKJaXmPLvHcESHA=", "http": { "method": "GET" } }
        }"#;
        let request: ApiGatewayV2httpRequest = serde_json::from_str(payload).unwrap();
        let request = to_http(
            request,
            TraceContext::begin("r"),
            &Callers::nobody(),
            identifiers::Timestamp::default(),
        )
        .unwrap();
        assert_eq!(
            request.extensions().get::<RequestId>().unwrap().0,
            "JKJaXmPLvHcESHA"
        );
    }
}
