//! How records, keys and cursors stand in the SDK's terms.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::attribute::size_bytes;
use crate::cursor::CursorValue;
use crate::{
    Attribute, Cursor, Indexed, Key, MAX_ITEM_BYTES, Page, Record, StoreFailure, from_attributes,
    to_attributes,
};

pub(super) type Item = HashMap<String, AttributeValue>;

pub(super) fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(super) fn key_item(key: &Key) -> Item {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(key.pk.clone())),
        ("sk".to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}

pub(super) fn indexed_value(value: &Indexed) -> AttributeValue {
    match value {
        Indexed::Number(value) => number(*value),
        Indexed::Text(text) => AttributeValue::S(text.clone()),
    }
}

/// The item, or its size where that is over the limit.
pub(super) fn write_item(record: &Record) -> Result<Item, usize> {
    let attributes = to_attributes(record);
    let bytes = size_bytes(&attributes);
    if bytes > MAX_ITEM_BYTES {
        return Err(bytes);
    }
    Ok(attributes
        .into_iter()
        .map(|(name, value)| {
            let value = match value {
                Attribute::S(text) => AttributeValue::S(text),
                Attribute::N(value) => number(value),
                Attribute::B(bytes) => AttributeValue::B(bytes.into()),
            };
            (name, value)
        })
        .collect())
}

pub(super) fn read_page(
    items: Option<Vec<HashMap<String, AttributeValue>>>,
    last_key: Option<HashMap<String, AttributeValue>>,
    operation: &'static str,
) -> Result<Page, StoreFailure> {
    let items = items.unwrap_or_default().into_iter();
    let records = items.map(|item| read_item(item, operation));
    Ok(Page {
        records: records.collect::<Result<_, _>>()?,
        next: last_key.filter(|key| !key.is_empty()).map(read_cursor),
    })
}

pub(super) fn read_item(item: Item, operation: &'static str) -> Result<Record, StoreFailure> {
    let subject = match item.get("pk") {
        Some(AttributeValue::S(pk)) => pk.clone(),
        Some(_) | None => String::new(),
    };
    let failure = |message: String| StoreFailure {
        operation,
        subject: subject.clone(),
        message,
        outcome_unknown: false,
    };
    let mut attributes = Vec::with_capacity(item.len());
    for (name, value) in item {
        let value = match value {
            AttributeValue::S(text) => Attribute::S(text),
            AttributeValue::B(bytes) => Attribute::B(bytes.into_inner()),
            AttributeValue::N(text) => match text.parse() {
                Ok(value) => Attribute::N(value),
                Err(_) => return Err(failure(format!("attribute {name} is not a whole number"))),
            },
            _ => {
                return Err(failure(format!(
                    "attribute {name} is of a kind that records do not use"
                )));
            }
        };
        attributes.push((name, value));
    }
    from_attributes(attributes).map_err(|error| failure(error.to_string()))
}

fn read_cursor(key: Item) -> Cursor {
    let values = key.into_iter().filter_map(|(name, value)| match value {
        AttributeValue::S(text) => Some((name, CursorValue::S(text))),
        AttributeValue::N(text) => text.parse().ok().map(|value| (name, CursorValue::N(value))),
        _ => None,
    });
    Cursor(values.collect())
}

pub(super) fn cursor_item(cursor: &Cursor) -> Item {
    let value = |value: &CursorValue| match value {
        CursorValue::S(text) => AttributeValue::S(text.clone()),
        CursorValue::N(value) => number(*value),
    };
    cursor
        .0
        .iter()
        .map(|(name, entry)| (name.clone(), value(entry)))
        .collect()
}
