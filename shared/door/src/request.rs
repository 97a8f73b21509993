//! What a handler needs to know of a request beside its body.

use axum::extract::FromRequestParts;
use contracts::{Cause, RequestDigest};
use http::request::Parts;
use identifiers::{CorrelationId, MessageId, Timestamp};
use sha2::{Digest as _, Sha256};
use trace::TraceContext;

use crate::Problem;

/// The gateway's id of the request.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub String);

/// Where in which trace the request is: a span of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place(pub TraceContext);

/// What a request with an idempotency key asks for, in short. The key is in it, so that nobody can try bodies on it.
#[derive(Debug, Clone)]
pub(crate) struct Asked(pub RequestDigest);

impl Asked {
    /// A JSON body is read as JSON: blanks and the order of fields are not what is asked for.
    pub fn of(key: &[u8], method: &str, target: &str, body: &[u8]) -> Self {
        let json = serde_json::from_slice::<serde_json::Value>(body).ok();
        let json = json.map(|value| value.to_string());
        let body = json.as_ref().map_or(body, String::as_bytes);
        let mut digest = Sha256::new();
        for part in [key, method.as_bytes(), target.as_bytes(), body] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let digest: [u8; 32] = digest.finalize().into();
        Self(RequestDigest::new(&hex::encode(&digest[..4])))
    }
}

/// When the function got the request: the time, for a route that changes nothing and needs no cause.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use axum::extract::FromRequestParts as _;
/// use door::Arrival;
/// use identifiers::Timestamp;
///
/// // The door puts it beside each request.
/// let now = Timestamp::from_milliseconds(1_795_512_600_000);
/// let mut parts = http::Request::builder().extension(Arrival(now)).body(()).unwrap().into_parts().0;
/// assert_eq!(Arrival::from_request_parts(&mut parts, &()).await.unwrap().0, now);
/// # });
/// ```
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
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use axum::extract::FromRequestParts as _;
/// use door::IdempotencyKey;
///
/// let request = http::Request::post("/courses").header("Idempotency-Key", "a-wish-of-mine");
/// let mut parts = request.body(()).unwrap().into_parts().0;
/// let IdempotencyKey(key) = IdempotencyKey::from_request_parts(&mut parts, &()).await.unwrap();
/// assert_eq!(key.as_deref(), Some("a-wish-of-mine"));
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct IdempotencyKey(pub Option<String>);

impl IdempotencyKey {
    /// The key, for routes that demand one.
    ///
    /// # Errors
    /// When the client sent none.
    ///
    /// ```
    /// use door::IdempotencyKey;
    ///
    /// assert_eq!(IdempotencyKey(Some("a-wish-of-mine".to_owned())).required().unwrap(), "a-wish-of-mine");
    /// assert_eq!(IdempotencyKey(None).required().unwrap_err().status, 400);
    /// ```
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
            // A header may have tabs inside, and a key none.
            Ok(key)
                if !key.trim().is_empty()
                    && key.len() <= MAX_KEY_CHARACTERS
                    && !key.contains('\t') =>
            {
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
/// so that a repeat of the request is a repeat of the message; from the gateway's request id otherwise. With a key it also
/// says in short what was asked for, so that the same key with another request is refused where the message is recorded.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use axum::extract::FromRequestParts as _;
/// use door::RequestCause;
///
/// let with_key = |key: &str| {
///     let request = http::Request::post("/courses").header("Idempotency-Key", key);
///     request.body(()).unwrap().into_parts().0
/// };
/// let RequestCause(first) = RequestCause::from_request_parts(&mut with_key("k-1"), &()).await.unwrap();
/// let RequestCause(again) = RequestCause::from_request_parts(&mut with_key("k-1"), &()).await.unwrap();
/// let RequestCause(other) = RequestCause::from_request_parts(&mut with_key("k-2"), &()).await.unwrap();
/// assert_eq!(again.message_id, first.message_id);
/// assert_ne!(other.message_id, first.message_id);
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct RequestCause(pub Cause);

impl<S: Send + Sync> FromRequestParts<S> for RequestCause {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let IdempotencyKey(key) = IdempotencyKey::from_request_parts(parts, state).await?;
        Ok(Self(cause_of(parts, key)))
    }
}

/// The request as the cause of what it leads to, where those who call send no idempotency key, as with a webhook: what comes
/// twice is told by what is in it. The header is not read.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use axum::extract::FromRequestParts as _;
/// use door::UnkeyedCause;
///
/// let with_key = |key: &str| {
///     let request = http::Request::post("/payments/webhook").header("Idempotency-Key", key);
///     request.body(()).unwrap().into_parts().0
/// };
/// let Ok(UnkeyedCause(cause)) = UnkeyedCause::from_request_parts(&mut with_key("k-1"), &()).await;
/// assert!(cause.message_id.as_str().starts_with("http:"));
/// assert_eq!(cause.request, None);
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct UnkeyedCause(pub Cause);

impl<S: Send + Sync> FromRequestParts<S> for UnkeyedCause {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(cause_of(parts, None)))
    }
}

fn cause_of(parts: &Parts, key: Option<String>) -> Cause {
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
    let place = parts.extensions.get::<Place>();
    let request = key.and_then(|_| parts.extensions.get::<Asked>());
    Cause {
        message_id,
        correlation_id,
        traceparent: place.map(|place| place.0.to_string()),
        request: request.map(|asked| asked.0.clone()),
        now,
    }
}

fn sha256(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_key(key: &[u8]) -> Parts {
        let request = http::Request::builder().header("idempotency-key", key);
        request.body(()).expect("it is a request").into_parts().0
    }

    #[tokio::test]
    async fn a_key_is_printable_ascii_and_nothing_else() {
        let read = async |key: &[u8]| {
            let read = IdempotencyKey::from_request_parts(&mut with_key(key), &()).await;
            read.map(|IdempotencyKey(key)| key)
        };
        for good in ["k", "8e03978e-40d5-43e8-bc93-6894a57f9324", "a b", "~"] {
            let key = read(good.as_bytes()).await.expect(good);
            assert_eq!(key.as_deref(), Some(good));
        }
        for bad in ["", "  ", "a\tb", "ключ", &"k".repeat(256)] {
            assert!(read(bad.as_bytes()).await.is_err(), "{bad:?}");
        }
    }

    #[tokio::test]
    async fn where_no_key_is_taken_none_is_looked_at() {
        let mut parts = with_key(b"a\tb");
        parts.extensions.insert(RequestId("r-1".to_owned()));
        parts.extensions.insert(Asked::of(b"k", "POST", "/a", b""));
        let Ok(UnkeyedCause(cause)) = UnkeyedCause::from_request_parts(&mut parts, &()).await;
        assert_eq!(cause.message_id.as_str(), "http:r-1");
        assert_eq!(cause.request, None);
    }

    #[test]
    fn what_is_asked_for_is_told_apart_by_each_of_its_parts_and_not_by_blanks() {
        let of = |key: &str, method: &str, target: &str, body: &str| {
            Asked::of(key.as_bytes(), method, target, body.as_bytes()).0
        };
        let one = of("k", "POST", "/a", r#"{"b":1,"c":2}"#);
        assert_eq!(one, of("k", "POST", "/a", r#" { "c": 2, "b": 1 } "#));
        for other in [
            of("l", "POST", "/a", r#"{"b":1,"c":2}"#),
            of("k", "PUT", "/a", r#"{"b":1,"c":2}"#),
            of("k", "POST", "/b", r#"{"b":1,"c":2}"#),
            of("k", "POST", "/a", r#"{"b":1,"c":3}"#),
            of("k", "POST", "/a", r#"{"b":1}"#),
            of("k", "POST", "/a", ""),
            of("k", "POST", "/a{", r#""b":1,"c":2}"#),
        ] {
            assert_ne!(one, other);
        }
    }
}
