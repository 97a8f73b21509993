//! The query protocol's parameters: a form with dotted keys (`Entries.member.1.Id`), read into the JSON that the same
//! operation has in the JSON protocol, so that each operation reads one shape only.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

pub(crate) struct Form {
    root: Map<String, Value>,
}

/// How SQS, whose lists are flattened, calls its lists and maps in the query protocol, and in JSON.
const SQS_LISTS: [(&str, &str); 7] = [
    ("AttributeName", "AttributeNames"),
    ("MessageAttributeName", "MessageAttributeNames"),
    ("MessageSystemAttributeName", "MessageSystemAttributeNames"),
    ("TagKey", "TagKeys"),
    ("SendMessageBatchRequestEntry", "Entries"),
    ("DeleteMessageBatchRequestEntry", "Entries"),
    ("ChangeMessageVisibilityBatchRequestEntry", "Entries"),
];
const SQS_MAPS: [(&str, &str); 4] = [
    ("Attribute", "Attributes"),
    ("MessageAttribute", "MessageAttributes"),
    ("MessageSystemAttribute", "MessageSystemAttributes"),
    ("Tag", "Tags"),
];

const SNS_COLLECTIONS: [&str; 5] = [
    "Attributes",
    "MessageAttributes",
    "PublishBatchRequestEntries",
    "TagKeys",
    "Tags",
];

impl Form {
    pub fn read(encoded: &[u8]) -> Self {
        let pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> =
            serde_urlencoded::from_bytes(encoded).unwrap_or_default();
        let mut root = Map::new();
        for (key, value) in pairs {
            place(&mut root, &key, value.into_owned());
        }
        Self { root }
    }

    /// One parameter of an encoded form, without reading the rest.
    pub fn peek(encoded: &[u8], name: &str) -> Option<String> {
        let pair = encoded.split(|byte| *byte == b'&').find(|pair| {
            pair.strip_prefix(name.as_bytes())
                .is_some_and(|rest| rest.first() == Some(&b'='))
        })?;
        String::from_utf8(pair[name.len() + 1..].to_vec()).ok()
    }

    pub fn take(&mut self, name: &str) -> Option<String> {
        match self.root.remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    pub fn set_missing(&mut self, name: &str, value: &str) {
        // The bare root path names no queue.
        if value.len() > 1 && !self.root.contains_key(name) {
            self.root
                .insert(name.to_owned(), Value::String(value.to_owned()));
        }
    }

    /// SNS: `X.member.N` is a list, `X.entry.N` a map.
    pub fn into_sns(mut self) -> Value {
        // A list or map with nothing in it is written as an empty text.
        self.root
            .retain(|name, value| !(SNS_COLLECTIONS.contains(&name.as_str()) && value == ""));
        Value::Object(
            self.root
                .into_iter()
                .map(|(key, value)| (key, sns_value(value)))
                .collect(),
        )
    }

    /// SQS: `X.N` is a list or a map, by its name.
    pub fn into_sqs(self) -> Value {
        sqs_value(self.root)
    }
}

fn place(root: &mut Map<String, Value>, key: &str, value: String) {
    let mut at = root;
    let mut rest = key;
    while let Some((step, further)) = rest.split_once('.') {
        if !at.contains_key(step) {
            at.insert(step.to_owned(), Value::Object(Map::new()));
        }
        // A key that is both a value and a prefix of another makes no sense; the first one stands.
        let Some(Value::Object(next)) = at.get_mut(step) else {
            return;
        };
        at = next;
        rest = further;
    }
    at.insert(rest.to_owned(), Value::String(value));
}

fn sns_value(value: Value) -> Value {
    let Value::Object(mut object) = value else {
        return value;
    };
    if let Some(Value::Object(members)) = object.remove("member") {
        return Value::Array(in_order(members).map(sns_value).collect());
    }
    if let Some(Value::Object(entries)) = object.remove("entry") {
        return Value::Object(
            in_order(entries)
                .filter_map(entry)
                .map(|(key, value)| (key, sns_value(value)))
                .collect(),
        );
    }
    Value::Object(
        object
            .into_iter()
            .map(|(key, value)| (key, sns_value(value)))
            .collect(),
    )
}

fn sqs_value(object: Map<String, Value>) -> Value {
    let mut read = Map::new();
    for (key, value) in object {
        let list = SQS_LISTS.iter().find(|(name, _)| *name == key);
        let map = SQS_MAPS.iter().find(|(name, _)| *name == key);
        match (value, list, map) {
            (Value::Object(items), Some((_, name)), _) => {
                let items = in_order(items).map(|item| match item {
                    Value::Object(item) => sqs_value(item),
                    item => item,
                });
                read.insert((*name).to_owned(), Value::Array(items.collect()));
            }
            (Value::Object(items), _, Some((_, name))) => {
                read.insert(
                    (*name).to_owned(),
                    Value::Object(in_order(items).filter_map(entry).collect()),
                );
            }
            (value, _, _) => {
                read.insert(key, value);
            }
        }
    }
    Value::Object(read)
}

/// A map's entry: `{Name, Value}` in some operations, `{key, value}` or `{Key, Value}` in others.
fn entry(item: Value) -> Option<(String, Value)> {
    let Value::Object(mut item) = item else {
        return None;
    };
    let key = ["Name", "key", "Key"]
        .iter()
        .find_map(|name| item.remove(*name));
    let value = ["Value", "value"]
        .iter()
        .find_map(|name| item.remove(*name));
    match key {
        Some(Value::String(key)) => Some((key, value.unwrap_or(Value::String(String::new())))),
        _ => None,
    }
}

/// Numbered items in the order of their numbers.
fn in_order(items: Map<String, Value>) -> impl Iterator<Item = Value> {
    let mut items: Vec<(u64, Value)> = items
        .into_iter()
        .filter_map(|(number, item)| Some((number.parse().ok()?, item)))
        .collect();
    items.sort_by_key(|(number, _)| *number);
    items.into_iter().map(|(_, item)| item)
}

/// An integer that the JSON protocol writes as a number and the query protocol as text.
pub(crate) fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(i64),
        Text(String),
    }
    match Option::<Written>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Written::Number(number)) => Ok(Some(number)),
        Some(Written::Text(text)) => text.parse().map(Some).map_err(serde::de::Error::custom),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sns_lists_and_maps() {
        let form = Form::read(
            b"TopicArn=t&PublishBatchRequestEntries.member.10.Id=ten&PublishBatchRequestEntries.member.2.Id=two\
              &PublishBatchRequestEntries.member.2.MessageAttributes.entry.1.Name=type\
              &PublishBatchRequestEntries.member.2.MessageAttributes.entry.1.Value.StringValue=a%20b",
        );
        assert_eq!(
            form.into_sns(),
            json!({"TopicArn": "t", "PublishBatchRequestEntries": [
                {"Id": "two", "MessageAttributes": {"type": {"StringValue": "a b"}}}, {"Id": "ten"}]})
        );
    }

    #[test]
    fn sqs_lists_and_maps() {
        let form = Form::read(
            b"SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=n\
              &SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType=String&Attribute.1.Name=DelaySeconds\
              &Attribute.1.Value=3&AttributeName.1=All",
        );
        assert_eq!(
            form.into_sqs(),
            json!({"Entries": [{"Id": "a", "MessageAttributes": {"n": {"DataType": "String"}}}],
                "Attributes": {"DelaySeconds": "3"}, "AttributeNames": ["All"]})
        );
    }
}
