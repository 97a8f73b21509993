//! The Parameter Store of Systems Manager, for what functions read at their start: secrets, each under the name that the
//! template's functions have in their variables. Owns `GetParameter` and `GetParameters`; nothing can be put here.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use sam_template::Template;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::parameters::{GUEST_SECRET, PROVIDER_KEY, WEBHOOK_SECRET};

/// How every action of the service begins.
const TARGET: &str = "AmazonSSM.";

/// The variables that name a secret, and its value on this machine.
const SECRETS: [(&str, &str); 3] = [
    ("GUEST_TOKEN_SECRET_NAME", GUEST_SECRET),
    ("PAYMENT_PROVIDER_SECRET_KEY_NAME", PROVIDER_KEY),
    ("PAYMENT_WEBHOOK_SECRETS_NAME", WEBHOOK_SECRET),
];

/// The parameters that the functions of one template read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ParameterStore {
    values: BTreeMap<String, &'static str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wanted {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    names: Vec<String>,
}

impl ParameterStore {
    /// The local values of what the template's functions name.
    pub(crate) fn of(template: &Template) -> Self {
        let mut values = BTreeMap::new();
        for function in &template.functions {
            for (variable, value) in SECRETS {
                if let Some(name) = function.environment.get(variable) {
                    values.insert(name.clone(), value);
                }
            }
        }
        Self { values }
    }

    /// Whether a request is for this service.
    pub(crate) fn handles(headers: &HeaderMap) -> bool {
        target(headers).is_some()
    }

    /// Answers one request.
    pub(crate) fn handle(&self, headers: &HeaderMap, body: &[u8]) -> Response<Full<Bytes>> {
        let action = target(headers).unwrap_or_default();
        let Ok(wanted) = serde_json::from_slice::<Wanted>(body) else {
            return refused("SerializationException", "the request is not readable JSON");
        };
        match (action, wanted.name) {
            ("GetParameters", None) if !wanted.names.is_empty() => {
                let (known, unknown): (Vec<_>, Vec<_>) = wanted
                    .names
                    .into_iter()
                    .partition(|name| self.values.contains_key(name));
                let found: Vec<_> = known
                    .iter()
                    .filter_map(|name| self.parameter(name))
                    .collect();
                let answer = json!({ "Parameters": found, "InvalidParameters": unknown });
                answered(StatusCode::OK, &answer)
            }
            ("GetParameter", Some(name)) => match self.parameter(&name) {
                Some(found) => answered(StatusCode::OK, &json!({ "Parameter": found })),
                None => refused("ParameterNotFound", &name),
            },
            ("GetParameters" | "GetParameter", _) => {
                refused("ValidationException", "a name is missing, or one too many")
            }
            _ => refused(
                "UnknownOperationException",
                &format!("{TARGET}{action} is not run locally"),
            ),
        }
    }

    fn parameter(&self, name: &str) -> Option<Value> {
        let value = self.values.get(name)?;
        Some(json!({ "Name": name, "Type": "SecureString", "Value": value, "Version": 1 }))
    }
}

fn target(headers: &HeaderMap) -> Option<&str> {
    let target = headers.get("x-amz-target")?.to_str().ok()?;
    target.strip_prefix(TARGET)
}

fn refused(kind: &str, message: &str) -> Response<Full<Bytes>> {
    let body = json!({ "__type": kind, "message": message });
    answered(StatusCode::BAD_REQUEST, &body)
}

fn answered(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("application/x-amz-json-1.1");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    const NAME: &str = "/shop/key";

    async fn ask(action: &str, body: Value) -> (StatusCode, Value) {
        let store = ParameterStore {
            values: BTreeMap::from([(NAME.to_owned(), "sk_test")]),
        };
        let mut headers = HeaderMap::new();
        let target = HeaderValue::from_str(&format!("{TARGET}{action}")).unwrap();
        headers.insert("x-amz-target", target);
        assert!(ParameterStore::handles(&headers));
        let response = store.handle(&headers, body.to_string().as_bytes());
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn what_is_there_is_told_and_what_is_not_is_named() {
        let (status, answer) = ask("GetParameters", json!({ "Names": [NAME, "/other"] })).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(answer["Parameters"][0]["Value"], "sk_test");
        assert_eq!(answer["InvalidParameters"], json!(["/other"]));
        let (status, answer) = ask("GetParameter", json!({ "Name": NAME })).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(answer["Parameter"]["Name"], NAME);
    }

    #[tokio::test]
    async fn what_cannot_be_answered_is_refused() {
        for (action, body, kind) in [
            (
                "GetParameter",
                json!({ "Name": "/other" }),
                "ParameterNotFound",
            ),
            ("GetParameter", json!({}), "ValidationException"),
            (
                "GetParameters",
                json!({ "Name": NAME }),
                "ValidationException",
            ),
            ("GetParameters", json!("text"), "SerializationException"),
            (
                "PutParameter",
                json!({ "Name": NAME }),
                "UnknownOperationException",
            ),
        ] {
            let (status, answer) = ask(action, body).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{action}");
            assert_eq!(answer["__type"], kind, "{action}");
        }
    }
}
