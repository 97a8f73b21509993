//! From an HTTP request to the payload (format 2.0) that API Gateway invokes a function with.
//!
//! Field by field after
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>; what the
//! document leaves open follows what is seen on AWS: paths arrive percent-decoded, query strings as they were sent.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, header};
use percent_encoding::percent_decode_str;
use serde::Serialize;

use super::authoriser::Claims;
use super::route::Route;

/// Where the API says that it is deployed.
pub(super) struct Stage {
    pub(super) account_id: String,
    pub(super) api_id: String,
}

/// All that a payload is made of.
pub(super) struct Payload<'a> {
    pub(super) stage: &'a Stage,
    pub(super) head: &'a Parts,
    /// Percent-decoded.
    pub(super) path: &'a str,
    pub(super) body: &'a Bytes,
    pub(super) route: &'a Route,
    pub(super) path_parameters: Vec<(&'a str, String)>,
    pub(super) claims: Option<&'a Claims>,
    pub(super) request_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    version: &'static str,
    route_key: &'a str,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<&'a str>,
    headers: BTreeMap<&'a str, Cow<'a, str>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query_string_parameters: BTreeMap<String, String>,
    request_context: RequestContext<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    path_parameters: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    account_id: &'a str,
    api_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<Authorizer<'a>>,
    domain_name: &'a str,
    domain_prefix: &'a str,
    http: Http<'a>,
    request_id: &'a str,
    route_key: &'a str,
    stage: &'static str,
    time: String,
    time_epoch: i64,
}

#[derive(Serialize)]
struct Authorizer<'a> {
    jwt: Jwt<'a>,
}

#[derive(Serialize)]
struct Jwt<'a> {
    claims: &'a BTreeMap<String, String>,
    /// The scopes that the route demands; null where it demands none.
    scopes: Option<&'a [String]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'a str,
    path: &'a str,
    protocol: &'static str,
    source_ip: &'static str,
    user_agent: &'a str,
}

impl Payload<'_> {
    pub(super) fn to_json(&self) -> Bytes {
        let head = self.head;
        let query = head.uri.query().unwrap_or_default();
        let host = text(&head.headers, header::HOST);
        let domain = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let (body, is_base64_encoded) = encoded_body(&head.headers, self.body);
        let scopes = &self.route.scopes;
        let now = jiff::Timestamp::now();
        let event = Event {
            version: "2.0",
            route_key: &self.route.key,
            raw_path: self.path,
            raw_query_string: query,
            cookies: cookies(&head.headers),
            headers: self.headers(),
            query_string_parameters: query_parameters(query),
            request_context: RequestContext {
                account_id: &self.stage.account_id,
                api_id: &self.stage.api_id,
                authorizer: self.claims.map(|claims| Authorizer {
                    jwt: Jwt {
                        claims: &claims.0,
                        scopes: (!scopes.is_empty()).then_some(scopes),
                    },
                }),
                domain_name: domain,
                domain_prefix: domain.split('.').next().unwrap_or_default(),
                http: Http {
                    method: head.method.as_str(),
                    path: self.path,
                    protocol: "HTTP/1.1",
                    source_ip: "127.0.0.1",
                    user_agent: text(&head.headers, header::USER_AGENT),
                },
                request_id: self.request_id,
                route_key: &self.route.key,
                stage: "$default",
                time: now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
                time_epoch: now.as_millisecond(),
            },
            path_parameters: self
                .path_parameters
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect(),
            body,
            is_base64_encoded,
        };
        let json = serde_json::to_vec(&event).expect("the payload is made of texts and numbers");
        json.into()
    }

    /// Names in lower case (`http` has them so already), values of one name joined by commas, cookies left out, and
    /// what the gateway adds.
    fn headers(&self) -> BTreeMap<&str, Cow<'_, str>> {
        let mut headers: BTreeMap<&str, Cow<'_, str>> = BTreeMap::new();
        for (name, value) in &self.head.headers {
            if *name == header::COOKIE || *name == header::CONNECTION {
                continue;
            }
            let value = String::from_utf8_lossy(value.as_bytes());
            match headers.get_mut(name.as_str()) {
                Some(known) => *known = Cow::Owned(format!("{known},{value}")),
                None => {
                    headers.insert(name.as_str(), value);
                }
            }
        }
        headers
            .entry("content-length")
            .or_insert_with(|| Cow::Owned(self.body.len().to_string()));
        headers.insert("x-forwarded-for", Cow::Borrowed("127.0.0.1"));
        headers.insert("x-forwarded-proto", Cow::Borrowed("http"));
        headers
            .entry("x-amzn-trace-id")
            .or_insert_with(|| Cow::Owned(new_trace_id()));
        headers
    }
}

/// A path without its percent-encoding; none if that is no UTF-8.
pub(super) fn decoded(path: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(path).decode_utf8().ok()
}

/// In the form of API Gateway's ids: fifteen characters of Base64 and a `=`.
pub(super) fn new_request_id() -> String {
    let bytes: [u8; 11] = rand::random();
    let mut id = URL_SAFE_NO_PAD.encode(bytes);
    id.push('=');
    id
}

/// A trace header in X-Ray's form.
pub(crate) fn new_trace_id() -> String {
    let seconds = jiff::Timestamp::now().as_second();
    let unique: u128 = rand::random();
    format!("Root=1-{seconds:08x}-{:024x}", unique >> 32)
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

fn cookies(headers: &HeaderMap) -> Vec<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split("; "))
        .filter(|cookie| !cookie.is_empty())
        .collect()
}

/// Decoded, values of one name joined by commas.
fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decode = |text: &str| {
            let spaced = text.replace('+', " ");
            percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
        };
        let value = decode(value);
        parameters
            .entry(decode(name))
            .and_modify(|known| {
                known.push(',');
                known.push_str(&value);
            })
            .or_insert(value);
    }
    parameters
}

/// Text stays as it is; anything else goes in Base64. The gateway takes these media types for text.
fn encoded_body<'a>(headers: &HeaderMap, body: &'a Bytes) -> (Option<Cow<'a, str>>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    let media_type = text(headers, header::CONTENT_TYPE);
    let media_type = media_type.split(';').next().unwrap_or_default();
    let media_type = media_type.trim().to_ascii_lowercase();
    let is_text = media_type.starts_with("text/")
        || media_type == "application/json"
        || media_type == "application/javascript"
        || media_type == "application/xml"
        || media_type.ends_with("+json")
        || media_type.ends_with("+xml");
    let packed = headers.contains_key(header::CONTENT_ENCODING);
    match std::str::from_utf8(body) {
        Ok(text) if is_text && !packed => (Some(Cow::Borrowed(text)), false),
        Ok(_) | Err(_) => (Some(Cow::Owned(STANDARD.encode(body))), true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text_and_the_rest_goes_in_base64() {
        let cases: [(&str, &[u8], &str, bool); 6] = [
            ("application/json; charset=utf-8", b"{}", "{}", false),
            ("application/problem+json", b"{}", "{}", false),
            ("text/csv", "値".as_bytes(), "値", false),
            ("application/x-ndjson", b"{}", "e30=", true),
            ("application/json", b"\xff", "/w==", true),
            ("", b"{}", "e30=", true),
        ];
        for (media_type, body, expected, base64) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, media_type.parse().unwrap());
            let body = Bytes::copy_from_slice(body);
            let (text, is_base64) = encoded_body(&headers, &body);
            assert_eq!(text.as_deref(), Some(expected), "{media_type}");
            assert_eq!(is_base64, base64, "{media_type}");
        }
    }

    #[test]
    fn query_parameters_are_decoded_and_joined() {
        let parameters = query_parameters("a=1&a=2%2C3&b=%E5%80%A4+x&c&&d=");
        let expected = [("a", "1,2,3"), ("b", "値 x"), ("c", ""), ("d", "")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(parameters, BTreeMap::from(expected));
    }

    #[test]
    fn ids_have_the_gateways_form() {
        let id = new_request_id();
        assert_eq!((id.len(), id.ends_with('=')), (16, true), "{id}");
        assert_ne!(id, new_request_id());
    }
}
