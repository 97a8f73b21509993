//! The triggers a function can have, told apart by their shape.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::dynamodb::Event as DynamoDbEvent;
use aws_lambda_events::sqs::SqsEvent;
use http::{HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::PublishAgain;
use crate::sign::Sign;

/// What a function was invoked by. Closed: anything else is an error, never ignored.
///
/// ```
/// use door::Trigger;
///
/// let payload = br#"{"Records":[{"eventSource":"aws:sqs","messageId":"m-1","body":"{}"}]}"#;
/// match Trigger::read(payload).unwrap() {
///     Trigger::Queue(batch) => assert_eq!(batch.records.len(), 1),
///     Trigger::Http(_) | Trigger::Stream(_) | Trigger::Schedule | Trigger::PublishAgain(_) => panic!("it is a batch"),
/// }
/// ```
#[derive(Debug)]
pub enum Trigger {
    /// An HTTP API request, payload format 2.0.
    Http(Box<ApiGatewayV2httpRequest>),
    /// A batch from the context's queue.
    Queue(SqsEvent),
    /// A batch from the table's stream.
    Stream(DynamoDbEvent),
    /// A tick of the deadlines' schedule.
    Schedule,
    /// An operator's wish to have published again what a stream may have lost.
    PublishAgain(PublishAgain),
}

/// A payload that is none of the triggers.
///
/// ```
/// use door::{Trigger, UnknownTrigger};
///
/// let unknown: UnknownTrigger = Trigger::read(br#"{"schedule":"tea"}"#).unwrap_err();
/// assert_eq!(unknown.to_string(), "the payload is no trigger that this function has: schedule \"tea\"");
/// ```
#[derive(Debug, thiserror::Error)]
pub enum UnknownTrigger {
    /// The payload looks like a trigger and cannot be read as it.
    #[error("the payload looks like {trigger} and is not: {source}")]
    Unreadable {
        /// What it looks like.
        trigger: &'static str,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// The payload looks like none.
    #[error("the payload is no trigger that this function has: {0}")]
    Unknown(String),
}

/// As much of a payload as tells the small triggers apart.
#[derive(Deserialize)]
struct Shape<'a> {
    #[serde(borrow)]
    schedule: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow)]
    publish_again: Option<&'a RawValue>,
}

impl Trigger {
    /// Reads a payload.
    ///
    /// # Errors
    /// When it is none of the triggers.
    ///
    /// ```
    /// use door::Trigger;
    ///
    /// assert!(matches!(Trigger::read(br#"{"schedule":"deadlines"}"#), Ok(Trigger::Schedule)));
    /// assert!(Trigger::read(br#"{"Records":[{"eventSource":"aws:s3"}]}"#).is_err());
    /// ```
    pub fn read(payload: &[u8]) -> Result<Self, UnknownTrigger> {
        match Sign::in_payload(payload) {
            Some(Sign::RequestContext) => {
                return read_request(payload).map(|request| Self::Http(Box::new(request)));
            }
            Some(Sign::RecordsFrom(source)) => {
                return match source.as_deref() {
                    Some("aws:sqs") => read_as("a batch from a queue", payload).map(Self::Queue),
                    Some("aws:dynamodb") => {
                        read_as("a batch from a table's stream", payload).map(Self::Stream)
                    }
                    Some(other) => Err(UnknownTrigger::Unknown(format!("records from {other}"))),
                    None => Err(UnknownTrigger::Unknown("records from nowhere".to_owned())),
                };
            }
            None => {}
        }
        let shape: Shape<'_> = serde_json::from_slice(payload)
            .map_err(|error| UnknownTrigger::Unknown(error.to_string()))?;
        if let Some(wanted) = shape.publish_again {
            return read_as("a wish to publish again", wanted.get().as_bytes())
                .map(Self::PublishAgain);
        }
        match shape.schedule.as_deref() {
            Some("deadlines") => Ok(Self::Schedule),
            Some(other) => Err(UnknownTrigger::Unknown(format!("schedule \"{other}\""))),
            None => Err(UnknownTrigger::Unknown(
                "neither requestContext, Records, schedule nor publish_again".to_owned(),
            )),
        }
    }
}

/// Reads an HTTP request, also one with headers that are not ASCII: anybody can send those, and the event's own type
/// refuses the whole payload for them, which would answer 500. Such values are kept as opaque bytes (RFC 9110, section
/// 5.5); what cannot be a header at all is left out.
fn read_request(payload: &[u8]) -> Result<ApiGatewayV2httpRequest, UnknownTrigger> {
    let refused = match read_as("an HTTP API request", payload) {
        Ok(request) => return Ok(request),
        Err(refused) => refused,
    };
    let Ok(mut value) = serde_json::from_slice::<Value>(payload) else {
        return Err(refused);
    };
    let headers = value.get_mut("headers").map(Value::take);
    let (Some(Value::Object(headers)), Ok(mut request)) = (
        headers,
        serde_json::from_value::<ApiGatewayV2httpRequest>(value),
    ) else {
        return Err(refused);
    };
    for (name, value) in headers {
        let Value::String(value) = value else {
            return Err(refused);
        };
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            request.headers.insert(name, value);
        }
    }
    Ok(request)
}

fn read_as<T: serde::de::DeserializeOwned>(
    trigger: &'static str,
    payload: &[u8],
) -> Result<T, UnknownTrigger> {
    serde_json::from_slice(payload).map_err(|source| UnknownTrigger::Unreadable { trigger, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_is_not_ascii_spoils_no_request() {
        let payload = r#"{
            "rawPath": "/", "isBase64Encoded": false, "requestContext": { "http": { "method": "GET" } },
            "headers": { "accept": "*/*", "x-name": "茶", "x-\u0000": "a", "x-break": "a\nb" }
        }"#;
        let Ok(Trigger::Http(request)) = Trigger::read(payload.as_bytes()) else {
            panic!("it was not read");
        };
        assert_eq!(request.headers.len(), 2, "{:?}", request.headers);
        assert_eq!(request.headers["accept"], "*/*");
        assert_eq!(request.headers["x-name"].as_bytes(), "茶".as_bytes());
        let number = payload.replace(r#""a""#, "7");
        assert!(Trigger::read(number.as_bytes()).is_err());
    }

    #[test]
    fn a_tick_is_read_and_anything_else_refused_by_name() {
        assert!(matches!(
            Trigger::read(br#"{"schedule":"deadlines"}"#),
            Ok(Trigger::Schedule)
        ));
        let refused = [
            (&br#"{"schedule":"tea"}"#[..], "tea"),
            (br#"{"Records":[{"eventSource":"aws:s3"}]}"#, "aws:s3"),
            (br#"{"Records":[]}"#, "nowhere"),
            (b"{}", "neither"),
            (b"not json", "expected"),
            (br#"{"requestContext":{},"headers":7}"#, "HTTP API"),
            (br#"{"publish_again":{}}"#, "since"),
            (br#"{"publish_again":{"since":"yesterday"}}"#, "RFC 3339"),
            (
                br#"{"publish_again":{"since":"2026-11-24T09:30:00Z","until":"2026-11-25T09:30:00Z"}}"#,
                "until",
            ),
        ];
        for (payload, word) in refused {
            let error = Trigger::read(payload).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
