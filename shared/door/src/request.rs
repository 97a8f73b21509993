//! What a handler needs to know of a request beside its body.

use axum::extract::FromRequestParts;
use contracts::Cause;
use http::request::Parts;
use identifiers::{CorrelationId, MessageId, Timestamp};

use crate::Problem;

/// The gateway's id of the request.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub String);

/// When the function got the request: the time, for a route that changes nothing and needs no cause.
#[derive(Debug, Clone, Copy)]
pub struct Arrival(pub Timestamp);

impl<S: Send + Sync> FromRequestParts<S> for Arrival {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let arrival = parts.extensions.get::<Self>().copied();
        Ok(arrival.unwrap_or(Self(Timestamp::default())))
    }
}

/// The longest idempotency key, in characters.
pub(crate) const MAX_KEY_CHARACTERS: usize = 255;

/// The header `Idempotency-Key`, where the client sent one: the same key is the same wish.
#[derive(Debug, Clone)]
pub struct IdempotencyKey(pub Option<String>);

impl IdempotencyKey {
    /// The key, for routes that demand one.
    ///
    /// # Errors
    /// When the client sent none.
    pub fn required(self) -> Result<String, Problem> {
        self.0.ok_or_else(|| {
            Problem::field(
                "Idempotency-Key",
                "send the header, with a new value for each new wish, such as a UUID",
            )
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get("idempotency-key") else {
            return Ok(Self(None));
        };
        match value.to_str() {
            Ok(key) if !key.trim().is_empty() && key.len() <= MAX_KEY_CHARACTERS => {
                Ok(Self(Some(key.to_owned())))
            }
            Ok(_) | Err(_) => Err(Problem::field(
                "Idempotency-Key",
                format!("must be 1 to {MAX_KEY_CHARACTERS} printable ASCII characters"),
            )),
        }
    }
}

/// The request as the cause of what it leads to. Its message id is made from the idempotency key where there is one,
/// so that a repeat of the request is a repeat of the message; from the gateway's request id otherwise.
#[derive(Debug, Clone)]
pub struct RequestCause(pub Cause);

impl<S: Send + Sync> FromRequestParts<S> for RequestCause {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let IdempotencyKey(key) = IdempotencyKey::from_request_parts(parts, state).await?;
        let request_id = parts
            .extensions
            .get::<RequestId>()
            .map_or("", |id| id.0.as_str());
        let now = parts
            .extensions
            .get::<Arrival>()
            .map_or(Timestamp::default(), |arrival| arrival.0);
        let message_id = match &key {
            Some(key) => MessageId::new(format!("key:{}", hex::encode(&sha256(key)[..16]))),
            None => MessageId::new(format!("http:{request_id}")),
        };
        let message_id = message_id.unwrap_or_else(|_| MessageId::generate());
        let correlation_id = CorrelationId::new(request_id)
            .or_else(|_| CorrelationId::new(message_id.as_str()))
            .expect("a message id is a correlation id too: the two kinds take the same texts");
        let traceparent = parts
            .headers
            .get("traceparent")
            .and_then(|value| value.to_str().ok());
        let traceparent = traceparent
            .filter(|text| is_traceparent(text))
            .map(str::to_owned);
        Ok(Self(Cause {
            message_id,
            correlation_id,
            traceparent,
            now,
        }))
    }
}

fn sha256(text: &str) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(text.as_bytes()).into()
}

/// W3C Trace Context, version 00: four lower-case hexadecimal fields of fixed length.
fn is_traceparent(text: &str) -> bool {
    let fields: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = fields.iter().map(|field| field.len()).collect();
    let hexadecimal = |field: &&str| {
        field
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    lengths == [2, 32, 16, 2] && fields.iter().all(hexadecimal)
}
