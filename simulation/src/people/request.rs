//! An HTTP request as the gateway hands it to a function, and the answer.

use std::fmt::Write as _;

use crate::site::Site;

/// Whose tokens the world's doors believe, and for whom.
const ISSUER: &str = "https://issuer.example.com";
const CLIENT: &str = "world";
/// No token of the world expires: far behind the end of every world.
const EXPIRES_SECONDS: u64 = 1_000_000_000_000;

/// Believes the tokens of the world's people.
pub fn callers() -> door::Callers {
    door::Callers::of(ISSUER, [CLIENT.to_owned()])
}

/// Who sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// A customer, by number.
    Customer(u32),
    /// An operator.
    Operator,
    /// Nobody that has a token.
    Nobody,
}

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    /// The context that has the route.
    pub site: Site,
    /// The method.
    pub method: &'static str,
    /// The path.
    pub path: String,
    /// Who sends it.
    pub caller: Caller,
    /// The idempotency key, if it has one.
    pub key: Option<String>,
    /// The body's media type.
    pub media_type: &'static str,
    /// Another header, if it has one.
    pub header: Option<(&'static str, String)>,
    /// The body, if it has one.
    pub body: Option<String>,
}

/// A customer's name in tokens.
pub fn customer_name(number: u32) -> String {
    format!("customer-{number}")
}

impl Request {
    /// A request with nothing but a route and a caller.
    pub fn new(site: Site, method: &'static str, path: impl Into<String>, caller: Caller) -> Self {
        Self {
            site,
            method,
            path: path.into(),
            caller,
            key: None,
            media_type: "application/json",
            header: None,
            body: None,
        }
    }

    /// With an idempotency key.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// With a JSON body.
    #[must_use]
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// With another header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.header = Some((name, value.into()));
        self
    }

    /// Lambda's payload of the request. The serial tells one sending from another.
    pub fn payload(&self, serial: u64) -> String {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let mut payload =
            String::with_capacity(600 + self.body.as_ref().map_or(0, |body| body.len() * 5 / 4));
        let _ = write!(
            payload,
            "{{\"version\":\"2.0\",\"routeKey\":\"$default\",\"rawPath\":\"{path}\",\"rawQueryString\":\"{query}\",\
             \"headers\":{{\"content-type\":\"{}\"",
            self.media_type
        );
        if let Some(key) = &self.key {
            let _ = write!(payload, ",\"idempotency-key\":\"{key}\"");
        }
        if let Some((name, value)) = &self.header {
            let _ = write!(payload, ",\"{name}\":\"{value}\"");
        }
        let _ = write!(
            payload,
            "}},\"requestContext\":{{\"accountId\":\"000000000000\",\"apiId\":\"world\",\"http\":{{\
             \"method\":\"{}\",\"path\":\"{path}\",\"protocol\":\"HTTP/1.1\",\"sourceIp\":\"127.0.0.1\",\
             \"userAgent\":\"simulation\"}},\"requestId\":\"request-{serial}\",\"routeKey\":\"$default\",\
             \"stage\":\"$default\",\"timeEpoch\":0",
            self.method
        );
        let token = match self.caller {
            Caller::Customer(number) => Some((customer_name(number), door::SHOP_SCOPE)),
            Caller::Operator => Some(("operator-1".to_owned(), door::OPERATE_SCOPE)),
            Caller::Nobody => None,
        };
        if let Some((subject, scope)) = token {
            let groups = match self.caller {
                Caller::Operator => "[operators]",
                Caller::Customer(_) | Caller::Nobody => "[]",
            };
            let _ = write!(
                payload,
                ",\"authorizer\":{{\"jwt\":{{\"claims\":{{\"iss\":\"{ISSUER}\",\"client_id\":\"{CLIENT}\",\
                 \"sub\":\"{subject}\",\"scope\":\"{scope}\",\"token_use\":\"access\",\
                 \"exp\":\"{EXPIRES_SECONDS}\",\"cognito:groups\":\"{groups}\"}},\"scopes\":[\"{scope}\"]}}}}"
            );
        }
        payload.push_str("},\"isBase64Encoded\":false");
        if let Some(body) = &self.body {
            payload.push_str(",\"body\":");
            payload.push_str(&serde_json::to_string(body).expect("a text is JSON"));
        }
        payload.push('}');
        payload
    }
}

/// An answer over HTTP.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, as it came.
    pub body: String,
}

#[derive(serde::Deserialize)]
struct Raw<'a> {
    #[serde(rename = "statusCode")]
    status_code: u16,
    #[serde(borrow)]
    body: Option<std::borrow::Cow<'a, str>>,
}

impl Answer {
    /// Reads what a function answered; none if it is not an answer.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let raw: Raw<'_> = serde_json::from_slice(bytes).ok()?;
        Some(Self {
            status: raw.status_code,
            body: raw.body.map(Into::into).unwrap_or_default(),
        })
    }
}
