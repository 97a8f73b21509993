//! One failed message, read.

use std::collections::BTreeMap;

use aws_sdk_sqs::types::{Message, MessageAttributeValue, MessageSystemAttributeName};
use identifiers::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{FailedQueue, Kind};

/// Attributes that say why a message failed, and are not the message's own.
const ABOUT_THE_FAILURE: &[&str] = &[
    "reason",
    "original_message_id",
    "RequestID",
    "ERROR_CODE",
    "ERROR_MESSAGE",
];

/// A failed message. Written as JSON it is what the message says and where it lies, not how it is taken out.
///
/// ```
/// # mod failed { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/failed.rs")); }
/// # use failed::failed_order;
/// use dead_letters::{Bounds, Letter, Look};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let (sqs, all) = failed_order().await;
/// let queues: Vec<_> = dead_letters::among(&all).collect();
/// let letters: Vec<Letter> = Look::at(sqs, &queues, Bounds::NONE).await.unwrap().end().await;
/// assert_eq!((letters[0].reason.as_str(), letters[0].body.as_str()), ("no such order", "an order"));
/// // It is no event, so there is none to name.
/// assert_eq!((letters[0].received, &letters[0].event_type), (1, &None));
/// # });
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct Letter {
    /// SQS's id of the message.
    pub id: String,
    /// The queue that it lies in, by its name in the template.
    pub queue: String,
    /// Why it is there.
    pub reason: String,
    /// When it was first sent.
    pub since: Option<Timestamp>,
    /// How often it was received so far, looks included.
    pub received: u32,
    /// The event's type and subject, where it is an event.
    #[serde(rename = "type")]
    pub event_type: Option<String>,
    /// What the event is about.
    pub subject: Option<String>,
    /// The event's id.
    pub event_id: Option<String>,
    /// All that was sent with it in texts, what says why it failed among it.
    pub attributes: BTreeMap<String, String>,
    /// As it was sent.
    pub body: String,
    #[serde(skip)]
    pub(crate) source_url: Option<String>,
    #[serde(skip)]
    pub(crate) queue_url: String,
    #[serde(skip)]
    pub(crate) receipt_handle: String,
    #[serde(skip)]
    pub(crate) kind_is_stream: bool,
    /// The message's own attributes, as they are sent again.
    #[serde(skip)]
    pub(crate) own_attributes: Vec<(String, MessageAttributeValue)>,
}

impl Letter {
    /// Whether it is a message, which can be sent again, and no place in a stream.
    ///
    /// ```
    /// # mod failed { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/failed.rs")); }
    /// # use failed::failed_order;
    /// use dead_letters::{Bounds, Look};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let (sqs, all) = failed_order().await;
    /// let queues: Vec<_> = dead_letters::among(&all).collect();
    /// let letters = Look::at(sqs, &queues, Bounds::NONE).await.unwrap().end().await;
    /// assert!(letters[0].can_be_sent_again());
    /// # });
    /// ```
    pub fn can_be_sent_again(&self) -> bool {
        !self.kind_is_stream && self.source_url.is_some()
    }

    pub(crate) fn read(queue: &FailedQueue, message: Message) -> Self {
        let body = message.body.unwrap_or_default();
        let event: Value = serde_json::from_str(&body).unwrap_or_default();
        let text = |key: &str| event[key].as_str().map(str::to_owned);
        let system = message.attributes.unwrap_or_default();
        let number = |name: MessageSystemAttributeName| -> Option<i64> {
            system.get(&name).and_then(|value| value.parse().ok())
        };
        let sent = message.message_attributes.unwrap_or_default();
        let attributes: BTreeMap<String, String> = sent
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.string_value.clone()?)))
            .collect();
        let is_event = event["specversion"].is_string();
        Self {
            id: message.message_id.unwrap_or_default(),
            queue: queue.logical_id.clone(),
            reason: reason(queue.kind, &attributes, &event),
            since: number(MessageSystemAttributeName::SentTimestamp)
                .map(Timestamp::from_milliseconds),
            received: number(MessageSystemAttributeName::ApproximateReceiveCount)
                .and_then(|count| u32::try_from(count).ok())
                .unwrap_or_default(),
            event_type: text("type").filter(|_| is_event),
            subject: text("subject").filter(|_| is_event),
            event_id: text("id").filter(|_| is_event),
            own_attributes: sent
                .into_iter()
                .filter(|(name, _)| !ABOUT_THE_FAILURE.contains(&name.as_str()))
                .collect(),
            attributes,
            body,
            source_url: queue.source_url.clone(),
            queue_url: queue.url.clone(),
            receipt_handle: message.receipt_handle.unwrap_or_default(),
            kind_is_stream: queue.kind == Kind::StreamFailures,
        }
    }
}

/// In plain words, by what each of the three put with the message: the function (`reason`), SNS (`ERROR_CODE`,
/// `ERROR_MESSAGE`), or the stream's mapping (the record of what it gave up).
fn reason(kind: Kind, attributes: &BTreeMap<String, String>, event: &Value) -> String {
    let attribute = |name: &str| attributes.get(name).cloned();
    match kind {
        Kind::DeadLetters => attribute("reason").unwrap_or_else(|| {
            "failed as often as its queue allows; the function's log says each time why".to_owned()
        }),
        Kind::Undelivered => {
            let said = [attribute("ERROR_CODE"), attribute("ERROR_MESSAGE")];
            let said: Vec<String> = said.into_iter().flatten().collect();
            match said.is_empty() {
                true => "the topic could not hand it to the queue".to_owned(),
                false => format!(
                    "the topic could not hand it to the queue: {}",
                    said.join(" ")
                ),
            }
        }
        Kind::StreamFailures => {
            let condition = event["requestContext"]["condition"].as_str();
            let batch = &event["DDBStreamBatchInfo"];
            format!(
                "commits could not be published ({}): {} from sequence number {} to {}",
                condition.unwrap_or("no condition is given"),
                batch["batchSize"],
                batch["startSequenceNumber"].as_str().unwrap_or("?"),
                batch["endSequenceNumber"].as_str().unwrap_or("?"),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn queue(kind: Kind) -> FailedQueue {
        FailedQueue {
            logical_id: "OrdersDeadLetters".to_owned(),
            url: "http://q/dead".to_owned(),
            kind,
            source_url: Some("http://q/orders".to_owned()),
        }
    }

    fn attribute(value: &str) -> MessageAttributeValue {
        MessageAttributeValue::builder()
            .data_type("String")
            .string_value(value)
            .build()
            .unwrap()
    }

    #[test]
    fn what_says_why_is_read_and_not_sent_again() {
        let message = Message::builder()
            .message_id("m-1")
            .body(r#"{"specversion":"1.0","id":"e-1","type":"a.B.v1","subject":"o-1"}"#)
            .attributes(MessageSystemAttributeName::SentTimestamp, "1700000000000")
            .attributes(MessageSystemAttributeName::ApproximateReceiveCount, "9")
            .message_attributes("reason", attribute("no such order"))
            .message_attributes("type", attribute("a.B.v1"))
            .build();
        let letter = Letter::read(&queue(Kind::DeadLetters), message);
        assert_eq!(letter.reason, "no such order");
        assert_eq!(letter.received, 9);
        assert_eq!(letter.since.unwrap().seconds(), 1_700_000_000);
        assert_eq!(letter.event_type.as_deref(), Some("a.B.v1"));
        let own: Vec<&str> = letter
            .own_attributes
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(own, ["type"]);
    }

    #[test]
    fn each_kind_says_why_in_words() {
        let none = BTreeMap::new();
        assert!(
            reason(Kind::DeadLetters, &none, &Value::Null).contains("as often as its queue allows")
        );
        let code = BTreeMap::from([("ERROR_CODE".to_owned(), "AccessDenied".to_owned())]);
        assert!(reason(Kind::Undelivered, &code, &Value::Null).ends_with(": AccessDenied"));
        let place = json!({
            "requestContext": { "condition": "RetryAttemptsExhausted" },
            "DDBStreamBatchInfo": { "batchSize": 2, "startSequenceNumber": "5", "endSequenceNumber": "9" },
        });
        let said = reason(Kind::StreamFailures, &none, &place);
        assert_eq!(
            said,
            "commits could not be published (RetryAttemptsExhausted): 2 from sequence number 5 to 9"
        );
    }
}
