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
use publisher::Publisher;
use tower::ServiceExt as _;

use crate::function::InvocationError;
use crate::request::{Arrival, RequestId};
use crate::{Caller, Context, DeadLetters, Door, Problem};

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
    let response = match to_http(request, door.clock.now()) {
        Ok(request) => match door.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        },
        Err(problem) => axum::response::IntoResponse::into_response(problem),
    };
    let response = to_lambda(response).await?;
    Ok(serde_json::to_vec(&response)
        .map_err(InvocationError::Answer)?
        .into())
}

fn to_http(
    request: ApiGatewayV2httpRequest,
    now: identifiers::Timestamp,
) -> Result<Request<Body>, Problem> {
    let caller = Caller::from_authorizer(&request);
    let path = request.raw_path.as_deref().unwrap_or("/");
    let uri = match request.raw_query_string.as_deref() {
        Some(query) if !query.is_empty() => format!("{path}?{query}"),
        Some(_) | None => path.to_owned(),
    };
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
        .method(request.request_context.http.method)
        .uri(uri);
    for (name, value) in &request.headers {
        built = built.header(name, value);
    }
    // The gateway's ids end in base64 padding, which identifiers do not take and which tells nothing apart.
    let request_id = request.request_context.request_id.unwrap_or_default();
    let request_id = request_id.trim_end_matches('=').to_owned();
    let built = built
        .extension(caller)
        .extension(RequestId(request_id))
        .extension(Arrival(now));
    built
        .body(Body::from(body))
        .map_err(|error| Problem::bad_request(format!("the request is malformed: {error}")))
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
    fn the_gateways_request_id_is_taken_without_its_padding() {
        let payload = r#"{
            "version": "2.0", "rawPath": "/api/orders", "headers": {}, "isBase64Encoded": false,
            "requestContext": { "requestId": "JKJaXmPLvHcESHA=", "http": { "method": "GET" } }
        }"#;
        let request: ApiGatewayV2httpRequest = serde_json::from_str(payload).unwrap();
        let request = to_http(request, identifiers::Timestamp::default()).unwrap();
        assert_eq!(
            request.extensions().get::<RequestId>().unwrap().0,
            "JKJaXmPLvHcESHA"
        );
    }
}
