//! Requests as an HTTP API hands them to a function, well formed or not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// Whose tokens the doors believe, and for whom.
const ISSUER: &str = "https://issuer.example.com";
const CLIENT: &str = "tester";

/// Believes the tokens of calls.
pub fn callers() -> door::Callers {
    door::Callers::of(ISSUER, [CLIENT.to_owned()]).with_guests(guest_keys())
}

/// The same as the local stack's.
fn guest_keys() -> door::GuestKeys {
    door::GuestKeys::read("noren-local-guest-secret").unwrap()
}

/// The guest who asks in these tests: their token and their customer id.
pub fn guest() -> &'static (String, String) {
    static GUEST: std::sync::LazyLock<(String, String)> = std::sync::LazyLock::new(|| {
        let keys = guest_keys();
        let now = identifiers::Timestamp::from_milliseconds(NOW_MILLISECONDS);
        let token = keys.issue(now).token;
        let id = keys.check(&token, now).unwrap().to_string();
        (token, id)
    });
    &GUEST
}

/// The instant at which the worlds of these tests stand: 24 November 2026, half past nine in the morning (UTC).
pub const NOW_MILLISECONDS: i64 = 1_795_512_600_000;

/// A request. The path is as the gateway hands it on, percent-decoded; the query string as it was sent.
#[derive(Debug, Clone)]
pub struct Call {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    /// The claims of a verified token; none where the request has none.
    pub claims: Option<Map<String, Value>>,
    pub body: Option<Vec<u8>>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub body: Value,
}

impl Call {
    pub fn new(method: &str, path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: Vec::new(),
            claims: None,
            body: None,
        }
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    #[must_use]
    pub fn claims(mut self, subject: &str, scope: &str) -> Self {
        let groups = match scope == door::OPERATE_SCOPE {
            true => "[operators]",
            false => "[]",
        };
        let claims = json!({
            "iss": ISSUER, "client_id": CLIENT, "sub": subject, "scope": scope, "token_use": "access",
            "exp": "4102444800", "cognito:groups": groups,
        });
        self.claims = claims.as_object().cloned();
        self
    }

    #[must_use]
    pub fn customer(self, subject: &str) -> Self {
        self.claims(subject, door::SHOP_SCOPE)
    }

    #[must_use]
    pub fn guest(self) -> Self {
        self.header(door::GUEST_TOKEN, &guest().0)
    }

    #[must_use]
    pub fn operator(self) -> Self {
        self.claims("operator-1", door::OPERATE_SCOPE)
    }

    #[must_use]
    pub fn bytes(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    #[must_use]
    pub fn json(self, body: impl ToString) -> Self {
        self.header("content-type", "application/json")
            .bytes(body.to_string())
    }

    /// Lambda's payload of the request.
    pub fn payload(&self, serial: u64) -> String {
        let headers: Map<String, Value> = self
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
            .collect();
        let authorizer = self
            .claims
            .as_ref()
            .map(|claims| json!({ "jwt": { "claims": claims, "scopes": null } }));
        let (body, is_base64_encoded) = match &self.body {
            None => (Value::Null, false),
            Some(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => (Value::from(text), false),
                Err(_) => (Value::from(STANDARD.encode(bytes)), true),
            },
        };
        json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": self.path,
            "rawQueryString": self.query,
            "headers": headers,
            "requestContext": {
                "accountId": "000000000000",
                "apiId": "api",
                "authorizer": authorizer,
                "domainName": "localhost",
                "domainPrefix": "localhost",
                "http": {
                    "method": self.method, "path": self.path, "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1", "userAgent": "test"
                },
                "requestId": format!("request-{serial}="),
                "routeKey": "$default",
                "stage": "$default",
                "time": "24/Nov/2026:09:30:00 +0000",
                "timeEpoch": NOW_MILLISECONDS,
            },
            "body": body,
            "isBase64Encoded": is_base64_encoded,
        })
        .to_string()
    }
}

impl Answer {
    pub fn read(answer: &[u8]) -> Self {
        let answer: Value = serde_json::from_slice(answer).unwrap();
        let body = answer["body"].as_str().unwrap_or_default();
        let content_type = answer["headers"]["content-type"].as_str();
        Self {
            status: answer["statusCode"].as_u64().unwrap().try_into().unwrap(),
            content_type: content_type.unwrap_or_default().to_owned(),
            body: serde_json::from_str(body).unwrap_or(Value::Null),
        }
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The fields that the problem names.
    pub fn fields(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array();
        let errors = errors.map(Vec::as_slice).unwrap_or_default();
        errors
            .iter()
            .filter_map(|error| error["field"].as_str())
            .collect()
    }

    /// What every answer to anything holds to: no failure, and a refusal is a problem that tells what it is.
    pub fn holds(&self) -> Result<(), String> {
        if self.status >= 500 {
            return Err(format!("a failure: {self:?}"));
        }
        if self.status < 400 {
            return Ok(());
        }
        let names = |field: &str| {
            self.body[field]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        };
        let is_problem = self.content_type == "application/problem+json"
            && self.body["status"] == self.status
            && names("type")
            && names("title")
            && names("detail");
        if !is_problem {
            return Err(format!("no problem+json: {self:?}"));
        }
        if self.body["type"] == "urn:noren:problem:invalid" && self.fields().is_empty() {
            return Err(format!("no field is named: {self:?}"));
        }
        Ok(())
    }
}
