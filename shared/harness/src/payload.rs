//! The payloads that Lambda brings: HTTP API requests (format 2.0), batches of a queue and of a table's stream.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use door::{Callers, GUEST_TOKEN, GuestKeys, OPERATE_SCOPE, OPERATORS, SHOP_SCOPE};
use identifiers::Timestamp;
use serde_json::{Map, Value, json};
use store::{Attribute, Record, to_attributes};

/// The issuer, and the client, of every token in tests and in `events/`.
const ISSUER: &str = "https://issuer.example.com";
const CLIENT: &str = "noren-storefront";
const GUEST_SECRET: &str = "a secret for tests only";
/// The first second of 2100: tokens in samples are good whatever the clock says.
const EXPIRES: &str = "4102444800";

/// Believes the tokens of [`claims`], and guests' tokens of [`Request::by_guest`].
pub fn callers() -> Callers {
    Callers::of(ISSUER, [CLIENT.to_owned()]).with_guests(guest_keys())
}

pub(crate) fn guest_keys() -> GuestKeys {
    GuestKeys::read(GUEST_SECRET).expect("the secret is long enough")
}

/// The claims of an access token, as the gateway hands them on; an operator is in the operators' group.
pub fn claims(subject: &str, scope: &str) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "client_id": CLIENT, "sub": subject, "scope": scope, "token_use": "access", "exp": EXPIRES,
    });
    if scope == OPERATE_SCOPE {
        claims["cognito:groups"] = Value::from(format!("[{OPERATORS}]"));
    }
    claims
}

/// An HTTP request to be made.
#[derive(Debug, Clone)]
pub struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    subject: Option<String>,
    scopes: Vec<&'static str>,
    body: Option<String>,
}

impl Request {
    /// A request that nobody has signed. The path may have a query.
    pub fn new(method: &str, path: &str) -> Self {
        let (method, path) = (method.to_owned(), path.to_owned());
        Self {
            method,
            path,
            headers: Vec::new(),
            subject: None,
            scopes: Vec::new(),
            body: None,
        }
    }

    /// Made by a customer.
    #[must_use]
    pub fn by_customer(mut self, customer_id: &str) -> Self {
        self.subject = Some(customer_id.to_owned());
        self.scopes = vec![SHOP_SCOPE];
        self
    }

    /// Made by an operator.
    #[must_use]
    pub fn by_operator(mut self, name: &str) -> Self {
        self.subject = Some(name.to_owned());
        self.scopes = vec![OPERATE_SCOPE];
        self
    }

    /// Made by the bearer of a guest's token.
    #[must_use]
    pub fn by_guest(self, token: &str) -> Self {
        self.header(GUEST_TOKEN, token)
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json")
            .text(body.to_string())
    }

    /// With a body as it stands.
    #[must_use]
    pub fn text(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// With what must not be logged; what the request has of its own stays.
    pub(crate) fn with_canaries(&self) -> Self {
        let canaries = crate::log::CANARIES.into_iter();
        let canaries = canaries.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut request = self.clone();
        request.headers.splice(0..0, canaries);
        request
    }

    pub(crate) fn has_body(&self) -> bool {
        self.body.is_some()
    }

    /// Lambda's payload of the request. The serial tells requests of the same instant apart.
    pub fn payload(&self, now: Timestamp, serial: u64) -> String {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let headers: Map<String, Value> = self
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
            .collect();
        let mut context = json!({
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "localhost",
            "domainPrefix": "localhost",
            "http": {
                "method": self.method, "path": path, "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1", "userAgent": "harness"
            },
            "requestId": format!("request-{serial}"),
            "routeKey": "$default",
            "stage": "$default",
            "time": "24/Nov/2026:09:30:00 +0000",
            "timeEpoch": now.milliseconds(),
        });
        if let Some(subject) = &self.subject {
            let claims = claims(subject, &self.scopes.join(" "));
            context["authorizer"] = json!({ "jwt": { "claims": claims, "scopes": self.scopes } });
        }
        text(&json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": query,
            "headers": headers,
            "requestContext": context,
            "body": self.body,
            "isBase64Encoded": false,
        }))
    }
}

/// A batch of the queue. The message at position n has the id `message-n`.
pub fn queue_batch(bodies: &[String]) -> String {
    let record = |(position, body): (usize, &String)| {
        json!({
            "messageId": format!("message-{position}"),
            "receiptHandle": format!("receipt-{position}"),
            "body": body,
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1795512600000",
                "SenderId": "000000000000",
                "ApproximateFirstReceiveTimestamp": "1795512600001"
            },
            "messageAttributes": {},
            "md5OfBody": "",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:ap-northeast-1:000000000000:queue",
            "awsRegion": "ap-northeast-1"
        })
    };
    let records: Vec<Value> = bodies.iter().enumerate().map(record).collect();
    text(&json!({ "Records": records }))
}

/// A batch of the table's stream, in the view `NEW_IMAGE`. The record at position n has the sequence number `record-n`.
pub fn stream_batch(records: &[Record]) -> String {
    let record = |(position, record): (usize, &Record)| {
        json!({
            "eventID": format!("event-{position}"),
            "eventName": if record.version == 1 { "INSERT" } else { "MODIFY" },
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "ap-northeast-1",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_795_512_600,
                "Keys": { "pk": { "S": record.key.pk }, "sk": { "S": record.key.sk } },
                "NewImage": image(record),
                "SequenceNumber": format!("record-{position}"),
                "SizeBytes": 100,
                "StreamViewType": "NEW_IMAGE"
            },
            "eventSourceARN": "arn:aws:dynamodb:ap-northeast-1:000000000000:table/table/stream/2026-11-24"
        })
    };
    let records: Vec<Value> = records.iter().enumerate().map(record).collect();
    text(&json!({ "Records": records }))
}

/// A value's `Display` writes through a formatter, at twice the work.
fn text(value: &Value) -> String {
    serde_json::to_string(value).expect("a value's keys are texts, which JSON can hold")
}

fn image(record: &Record) -> Value {
    let value = |attribute: Attribute| match attribute {
        Attribute::S(text) => json!({ "S": text }),
        Attribute::N(number) => json!({ "N": number.to_string() }),
        Attribute::B(bytes) => json!({ "B": STANDARD.encode(bytes) }),
    };
    to_attributes(record)
        .into_iter()
        .map(|(name, attribute)| (name, value(attribute)))
        .collect()
}
