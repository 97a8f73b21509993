//! From a function's answer to the HTTP response, and the answers that the gateway gives by itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::Full;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Refusal;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An answer in format 2.0. Header values may be numbers or booleans too.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: Option<Value>,
    #[serde(default)]
    headers: Option<Map<String, Value>>,
    #[serde(default)]
    multi_value_headers: Option<Map<String, Value>>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: Option<bool>,
}

/// Builds the response; the error says why the gateway could not.
///
/// An answer without a status code is the body itself: API Gateway's inferred response format.
pub(super) fn from_function(answer: &[u8]) -> Result<Response<Full<Bytes>>, String> {
    let inferred = || {
        let mut response = Response::new(Full::new(Bytes::copy_from_slice(answer)));
        response.headers_mut().insert(header::CONTENT_TYPE, JSON);
        response
    };
    let is_object = answer.trim_ascii_start().first() == Some(&b'{');
    let answer = match serde_json::from_slice::<Answer>(answer) {
        Ok(_) if !is_object => return Ok(inferred()),
        Ok(answer) => answer,
        Err(error) if error.is_data() && !names_status(answer) => return Ok(inferred()),
        Err(error) => return Err(error.to_string()),
    };
    let Some(status) = answer.status_code else {
        return Ok(inferred());
    };
    let status = match &status {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let status = status
        .and_then(|status| u16::try_from(status).ok())
        .and_then(|status| StatusCode::from_u16(status).ok())
        .ok_or("statusCode is no HTTP status")?;
    let text = answer.body.unwrap_or_default();
    let body = if answer.is_base64_encoded.unwrap_or_default() {
        let decoded = STANDARD.decode(text);
        Bytes::from(decoded.map_err(|error| format!("the body is not Base64: {error}"))?)
    } else {
        Bytes::from(text)
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in answer.headers.into_iter().flatten() {
        headers.insert(name_of(&name)?, value_of(&name, &value)?);
    }
    for (name, values) in answer.multi_value_headers.into_iter().flatten() {
        for value in values.as_array().into_iter().flatten() {
            let value = value_of(&name, value)?;
            headers.append(name_of(&name)?, value);
        }
    }
    for cookie in answer.cookies.into_iter().flatten() {
        let cookie = HeaderValue::try_from(cookie);
        headers.append(
            header::SET_COOKIE,
            cookie.map_err(|_| "a cookie is no header value")?,
        );
    }
    // What the server itself writes; a function's own would contradict it.
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::TRANSFER_ENCODING);
    headers.remove(header::CONNECTION);
    headers
        .entry(header::CONTENT_TYPE)
        .or_insert(HeaderValue::from_static("text/plain; charset=utf-8"));
    Ok(response)
}

fn names_status(answer: &[u8]) -> bool {
    let object = serde_json::from_slice::<Map<String, Value>>(answer);
    object.is_ok_and(|object| object.contains_key("statusCode"))
}

fn name_of(name: &str) -> Result<HeaderName, String> {
    HeaderName::try_from(name).map_err(|_| format!("{name:?} is no header name"))
}

fn value_of(name: &str, value: &Value) -> Result<HeaderValue, String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            return Err(format!("the header {name} has no single value"));
        }
    };
    HeaderValue::try_from(text).map_err(|_| format!("the header {name} has a forbidden character"))
}

/// An answer of the gateway's own.
pub(super) fn refusal(refusal: Refusal, challenge: Option<String>) -> Response<Full<Bytes>> {
    let (status, message) = refusal.status_and_message();
    let body = format!(r#"{{"message":"{message}"}}"#);
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    if let Some(challenge) = challenge.and_then(|text| HeaderValue::try_from(text).ok()) {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// Puts the request's id on the response, as the gateway does.
pub(super) fn sign(response: &mut Response<Full<Bytes>>, request_id: &str) {
    if let Ok(id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("apigw-requestid", id);
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    fn body(response: Response<Full<Bytes>>) -> Bytes {
        let body = response.into_body().collect();
        let mut body = std::pin::pin!(body);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match body.as_mut().poll(&mut context) {
            std::task::Poll::Ready(Ok(body)) => body.to_bytes(),
            other => panic!("a full body is ready: {other:?}"),
        }
    }

    #[test]
    fn status_headers_cookies_and_binary_bodies_arrive() {
        let answer = br#"{"statusCode":201,"headers":{"X-Number":7,"content-type":"image/png","content-length":"99"},
            "cookies":["a=1","b=2; Secure"],"body":"/w==","isBase64Encoded":true}"#;
        let response = from_function(answer).unwrap();
        assert_eq!(response.status(), StatusCode::CREATED);
        assert_eq!(response.headers()["x-number"], "7");
        assert_eq!(response.headers()["content-type"], "image/png");
        assert!(!response.headers().contains_key("content-length"));
        let cookies = response.headers().get_all("set-cookie");
        assert_eq!(cookies.iter().collect::<Vec<_>>(), ["a=1", "b=2; Secure"]);
        assert_eq!(&body(response)[..], b"\xff");
    }

    #[test]
    fn an_answer_without_a_status_is_the_body() {
        for answer in [&br#"{"ok":true}"#[..], b"[1,2]", b"7", br#"{"body":3}"#] {
            let response = from_function(answer).unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.headers()["content-type"], "application/json");
            assert_eq!(&body(response)[..], answer);
        }
    }

    #[test]
    fn a_senseless_answer_is_refused_with_the_reason() {
        for (answer, word) in [
            (&br#"{"statusCode":"soon"}"#[..], "statusCode"),
            (br#"{"statusCode":9}"#, "statusCode"),
            (br#"{"statusCode":200,"body":3}"#, "string"),
            (
                br#"{"statusCode":200,"headers":{"a b":"c"}}"#,
                "header name",
            ),
            (
                br#"{"statusCode":200,"body":"?","isBase64Encoded":true}"#,
                "Base64",
            ),
            (b"not json", "expected"),
        ] {
            let reason = from_function(answer).unwrap_err();
            assert!(reason.contains(word), "{reason}");
        }
    }
}
