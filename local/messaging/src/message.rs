//! A message: what its sender wrote, and where it stands in its queue. Also the digests SQS computes over both.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::rejection::Rejection;

/// Names to values of a message's attributes.
pub type MessageAttributes = BTreeMap<String, MessageAttribute>;

/// One attribute of a message. A binary value is kept in Base64, as both wire protocols carry it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct MessageAttribute {
    /// `String`, `Number` or `Binary`, with an optional label after a dot (`String.Array`, `Number.int`).
    #[serde(default)]
    pub data_type: String,
    /// The value of a `String` or `Number`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub string_value: Option<String>,
    /// The value of a `Binary`, in Base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binary_value: Option<String>,
}

impl MessageAttribute {
    /// An attribute of type `String`.
    pub fn string(value: impl Into<String>) -> Self {
        Self {
            data_type: "String".to_owned(),
            string_value: Some(value.into()),
            binary_value: None,
        }
    }

    /// The value's text: of a binary value, its Base64.
    pub fn text(&self) -> &str {
        self.string_value
            .as_deref()
            .or(self.binary_value.as_deref())
            .unwrap_or_default()
    }

    fn is_binary(&self) -> bool {
        self.data_type.starts_with("Binary")
    }

    fn decoded(&self) -> Vec<u8> {
        STANDARD
            .decode(self.binary_value.as_deref().unwrap_or_default())
            .unwrap_or_default()
    }

    /// Bytes that count towards the message's size: type and value (the name is counted by the caller).
    fn size(&self) -> usize {
        let value = if self.is_binary() {
            self.decoded().len()
        } else {
            self.text().len()
        };
        self.data_type.len() + value
    }
}

/// What the sender wrote. Shared between the copies that a topic makes for its subscribers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Content {
    pub body: String,
    pub md5_of_body: String,
    pub attributes: MessageAttributes,
    pub md5_of_attributes: Option<String>,
    /// X-Ray's trace header, the one system attribute that a sender can set.
    pub trace_header: Option<String>,
    /// Group for fair queues; a standard queue only carries it along.
    pub group_id: Option<String>,
}

impl Content {
    pub fn new(body: String, attributes: MessageAttributes) -> Self {
        Self {
            md5_of_body: hex::encode(Md5::digest(body.as_bytes())),
            md5_of_attributes: md5_of_attributes(attributes.iter()),
            body,
            attributes,
            trace_header: None,
            group_id: None,
        }
    }

    /// Bytes that count towards the queue's size limit: the body and each attribute's name, type and value.
    pub fn size(&self) -> usize {
        size(&self.body, &self.attributes)
    }
}

/// Bytes of a message that count towards a size limit.
pub(crate) fn size(body: &str, attributes: &MessageAttributes) -> usize {
    body.len()
        + attributes
            .iter()
            .map(|(name, attribute)| name.len() + attribute.size())
            .sum::<usize>()
}

/// A message in a queue.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// Row in the journal and, being handed out in order of arrival, rank in the queue.
    pub sequence: u64,
    pub message_id: Uuid,
    pub content: Arc<Content>,
    /// When it was first sent. A dead letter keeps it, so its retention runs on.
    pub sent_ms: i64,
    /// Before this moment it is not delivered.
    pub delayed_until_ms: i64,
    /// Receives across all queues: what `ApproximateReceiveCount` shows.
    pub receive_count: u32,
    /// Receives in this queue: what its redrive policy counts.
    pub receives_here: u32,
    pub first_received_ms: Option<i64>,
    /// Queue that gave it up, of a dead letter.
    pub dead_letter_source: Option<Arc<str>>,
}

/// MD5 over the attributes in the order of their names, in the encoding that SQS's developer guide describes:
/// each part preceded by its length in four bytes, the value also by a byte for its transport type.
pub(crate) fn md5_of_attributes<'a>(
    attributes: impl Iterator<Item = (&'a String, &'a MessageAttribute)>,
) -> Option<String> {
    let mut digest = Md5::new();
    let mut any = false;
    let part = |digest: &mut Md5, bytes: &[u8]| {
        digest.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        digest.update(bytes);
    };
    for (name, attribute) in attributes {
        any = true;
        part(&mut digest, name.as_bytes());
        part(&mut digest, attribute.data_type.as_bytes());
        if attribute.is_binary() {
            digest.update([2]);
            part(&mut digest, &attribute.decoded());
        } else {
            digest.update([1]);
            part(&mut digest, attribute.text().as_bytes());
        }
    }
    any.then(|| hex::encode(digest.finalize()))
}

/// SQS's rules for message attributes: at most ten, named and typed as the developer guide says, none empty.
pub(crate) fn check_attributes(attributes: &MessageAttributes) -> Result<(), Rejection> {
    if attributes.len() > 10 {
        return Err(Rejection::invalid_parameter_value(format!(
            "Number of message attributes [{}] exceeds the allowed maximum [10].",
            attributes.len()
        )));
    }
    attributes.iter().try_for_each(|(name, attribute)| {
        check_attribute(name, attribute).map_err(Rejection::invalid_parameter_value)
    })
}

/// What is wrong with one attribute, as a sentence. SNS and SQS share the rules.
pub(crate) fn check_attribute(name: &str, attribute: &MessageAttribute) -> Result<(), String> {
    let plain = name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    if name.is_empty()
        || name.len() > 256
        || !plain
        || name.starts_with('.')
        || name.ends_with('.')
        || name.contains("..")
    {
        return Err(format!("The message attribute name '{name}' is invalid."));
    }
    let lower = name.to_ascii_lowercase();
    if lower.starts_with("aws.") || lower.starts_with("amazon.") {
        return Err(format!(
            "Message attribute name '{name}' starts with a reserved prefix (AWS. or Amazon.)."
        ));
    }
    let logical = attribute.data_type.split('.').next().unwrap_or_default();
    let value = match logical {
        "String" | "Number" => attribute.string_value.as_deref(),
        "Binary" => attribute.binary_value.as_deref(),
        "" => {
            return Err(format!(
                "The message attribute '{name}' must contain a non-empty data type."
            ));
        }
        _ => {
            return Err(format!(
                "The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."
            ));
        }
    };
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return Err(format!(
            "The message attribute '{name}' must contain a non-empty message attribute value for message attribute type '{logical}'."
        ));
    };
    if logical == "Number" && value.parse::<f64>().is_err() {
        return Err(format!(
            "Could not cast message attribute '{name}' value to number."
        ));
    }
    if logical == "Binary" && STANDARD.decode(value).is_err() {
        return Err(format!(
            "The message attribute '{name}' holds a binary value that is not Base64."
        ));
    }
    Ok(())
}

/// SQS takes the characters of XML 1.0 and no others.
pub(crate) fn has_only_xml_characters(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_match_those_that_aws_publishes() {
        let content = Content::new(
            "This is a test message".to_owned(),
            MessageAttributes::new(),
        );
        assert_eq!(content.md5_of_body, "fafb00f5732ab283681e124bf8747ed1");
        assert_eq!(content.md5_of_attributes, None);
    }

    #[test]
    fn attribute_digest_counts_name_type_and_value() {
        let one = [("a".to_owned(), MessageAttribute::string("x"))];
        let expected = hex::encode(Md5::digest(b"\0\0\0\x01a\0\0\0\x06String\x01\0\0\0\x01x"));
        assert_eq!(
            md5_of_attributes(one.iter().map(|(n, a)| (n, a))),
            Some(expected)
        );
    }

    #[test]
    fn attribute_rules() {
        let attribute = |kind: &str, value: &str| MessageAttribute {
            data_type: kind.to_owned(),
            string_value: Some(value.to_owned()),
            binary_value: None,
        };
        assert!(check_attribute("type", &attribute("String", "a")).is_ok());
        assert!(check_attribute("type", &attribute("Number.int", "1")).is_ok());
        for (name, kind, value) in [
            ("aws.type", "String", "a"),
            ("a b", "String", "a"),
            (".a", "String", "a"),
            ("a", "Text", "a"),
            ("a", "", "a"),
            ("a", "String", ""),
            ("a", "Number", "one"),
            ("a", "Binary", "YQ=="),
        ] {
            assert!(
                check_attribute(name, &attribute(kind, value)).is_err(),
                "{name} {kind} {value}"
            );
        }
    }
}
