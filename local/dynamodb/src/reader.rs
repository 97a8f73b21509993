//! Reading the common writes straight into the store's types.
//!
//! The store reads each attribute value by way of a JSON tree that it copies at every level of nesting, in
//! order to word every possible mistake as DynamoDB does. Here a right request is read in one pass; anything
//! that is not plainly right is none of this module's business and goes the store's way.

use std::collections::HashMap;
use std::fmt;

use dynoxide::AttributeValue;
use dynoxide::actions::put_item::PutItemRequest;
use dynoxide::actions::transact_write_items::{
    TransactConditionCheck, TransactDelete, TransactPut, TransactUpdate, TransactWriteItem,
    TransactWriteItemsRequest,
};
use dynoxide::actions::update_item::UpdateItemRequest;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

/// Most significant digits of a number, by DynamoDB's limits.
const NUMBER_DIGITS: usize = 38;

type Names = Option<HashMap<String, String>>;

/// One attribute value in plain form.
struct Plain(AttributeValue);

/// Attributes by name.
struct Attributes(HashMap<String, AttributeValue>);

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AttributesVisitor;

        impl<'de> Visitor<'de> for AttributesVisitor {
            type Value = Attributes;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("attributes by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attributes, A::Error> {
                let mut attributes = HashMap::with_capacity(8);
                while let Some((name, Plain(value))) = map.next_entry::<String, Plain>()? {
                    attributes.insert(name, value);
                }
                Ok(Attributes(attributes))
            }
        }

        deserializer.deserialize_map(AttributesVisitor)
    }
}

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PlainVisitor;

        impl<'de> Visitor<'de> for PlainVisitor {
            type Value = Plain;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an attribute value")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Plain, A::Error> {
                let unplain = |what: &str| A::Error::custom(format!("not plain: {what}"));
                let value = match map.next_key::<Type>()?.ok_or_else(|| unplain("empty"))? {
                    Type::S => AttributeValue::S(map.next_value()?),
                    Type::N => AttributeValue::N(number(map.next_value()?)?),
                    Type::Bool => AttributeValue::BOOL(map.next_value()?),
                    Type::Null => match map.next_value()? {
                        true => AttributeValue::NULL(true),
                        false => return Err(unplain("NULL")),
                    },
                    Type::L => AttributeValue::L(
                        map.next_value::<Vec<Plain>>()?
                            .into_iter()
                            .map(|Plain(value)| value)
                            .collect(),
                    ),
                    Type::M => AttributeValue::M(map.next_value::<Attributes>()?.0),
                };
                match map.next_key::<Type>()? {
                    None => Ok(Plain(value)),
                    Some(_) => Err(unplain("two types")),
                }
            }
        }

        deserializer.deserialize_map(PlainVisitor)
    }
}

/// The types read here; sets and binaries are left to the store.
#[derive(Deserialize)]
enum Type {
    S,
    N,
    #[serde(rename = "BOOL")]
    Bool,
    #[serde(rename = "NULL")]
    Null,
    L,
    M,
}

fn number<E: Error>(text: String) -> Result<String, E> {
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = [whole, fraction]
        .iter()
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    if plain && whole.len() + fraction.len() <= NUMBER_DIGITS {
        Ok(text)
    } else {
        Err(E::custom("not a plain number"))
    }
}

fn plain_table(name: &str) -> bool {
    (3..=255).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

fn one_of(value: &Option<String>, allowed: &[&str]) -> bool {
    value
        .as_deref()
        .is_none_or(|value| allowed.contains(&value))
}

const CAPACITY_MODES: [&str; 3] = ["NONE", "TOTAL", "INDEXES"];
const REFUSING_ITEM_MODES: [&str; 2] = ["NONE", "ALL_OLD"];

/// What PutItem and UpdateItem have in common. Unknown members are left to the store with the whole request,
/// the older forms of conditions among them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PlainWrite {
    table_name: String,
    item: Option<Attributes>,
    key: Option<Attributes>,
    update_expression: Option<String>,
    condition_expression: Option<String>,
    expression_attribute_names: Names,
    expression_attribute_values: Option<Attributes>,
    return_values: Option<String>,
    return_consumed_capacity: Option<String>,
    return_values_on_condition_check_failure: Option<String>,
}

impl PlainWrite {
    fn read(body: &[u8]) -> Option<PlainWrite> {
        let write: PlainWrite = serde_json::from_slice(body).ok()?;
        let plain = plain_table(&write.table_name)
            && one_of(&write.return_consumed_capacity, &CAPACITY_MODES)
            && one_of(
                &write.return_values_on_condition_check_failure,
                &REFUSING_ITEM_MODES,
            )
            && one_of(
                &write.return_values,
                &["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"],
            );
        plain.then_some(write)
    }
}

/// A plain PutItem.
pub(crate) fn put_item(body: &[u8]) -> Option<PutItemRequest> {
    let write = PlainWrite::read(body)?;
    if write.key.is_some() || write.update_expression.is_some() {
        return None;
    }
    Some(PutItemRequest {
        table_name: write.table_name,
        item: write.item?.0,
        return_values: write.return_values,
        condition_expression: write.condition_expression,
        expression_attribute_names: write.expression_attribute_names,
        expression_attribute_values: write.expression_attribute_values.map(|values| values.0),
        return_consumed_capacity: write.return_consumed_capacity,
        return_values_on_condition_check_failure: write.return_values_on_condition_check_failure,
        ..PutItemRequest::default()
    })
}

/// A plain UpdateItem.
pub(crate) fn update_item(body: &[u8]) -> Option<UpdateItemRequest> {
    let write = PlainWrite::read(body)?;
    if write.item.is_some() {
        return None;
    }
    Some(UpdateItemRequest {
        table_name: write.table_name,
        key: write.key?.0,
        update_expression: Some(write.update_expression?),
        return_values: write.return_values,
        condition_expression: write.condition_expression,
        expression_attribute_names: write.expression_attribute_names,
        expression_attribute_values: write.expression_attribute_values.map(|values| values.0),
        return_consumed_capacity: write.return_consumed_capacity,
        return_values_on_condition_check_failure: write.return_values_on_condition_check_failure,
        ..UpdateItemRequest::default()
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PlainTransaction {
    transact_items: Vec<PlainTransactItem>,
    client_request_token: Option<String>,
    return_consumed_capacity: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
enum PlainTransactItem {
    Put(PlainWrite),
    Update(PlainWrite),
    Delete(PlainWrite),
    ConditionCheck(PlainWrite),
}

impl PlainTransactItem {
    fn into_store(self) -> Option<TransactWriteItem> {
        let mut item = TransactWriteItem::default();
        match self {
            PlainTransactItem::Put(write) => {
                item.put = Some(TransactPut {
                    table_name: write.table_name,
                    item: write.item?.0,
                    condition_expression: write.condition_expression,
                    expression_attribute_names: write.expression_attribute_names,
                    expression_attribute_values: write
                        .expression_attribute_values
                        .map(|values| values.0),
                    return_values_on_condition_check_failure: write
                        .return_values_on_condition_check_failure,
                });
            }
            PlainTransactItem::Update(write) => {
                item.update = Some(TransactUpdate {
                    table_name: write.table_name,
                    key: write.key?.0,
                    update_expression: write.update_expression?,
                    condition_expression: write.condition_expression,
                    expression_attribute_names: write.expression_attribute_names,
                    expression_attribute_values: write
                        .expression_attribute_values
                        .map(|values| values.0),
                    return_values_on_condition_check_failure: write
                        .return_values_on_condition_check_failure,
                });
            }
            PlainTransactItem::Delete(write) => {
                item.delete = Some(TransactDelete {
                    table_name: write.table_name,
                    key: write.key?.0,
                    condition_expression: write.condition_expression,
                    expression_attribute_names: write.expression_attribute_names,
                    expression_attribute_values: write
                        .expression_attribute_values
                        .map(|values| values.0),
                    return_values_on_condition_check_failure: write
                        .return_values_on_condition_check_failure,
                });
            }
            PlainTransactItem::ConditionCheck(write) => {
                item.condition_check = Some(TransactConditionCheck {
                    table_name: write.table_name,
                    key: write.key?.0,
                    condition_expression: write.condition_expression?,
                    expression_attribute_names: write.expression_attribute_names,
                    expression_attribute_values: write
                        .expression_attribute_values
                        .map(|values| values.0),
                    return_values_on_condition_check_failure: write
                        .return_values_on_condition_check_failure,
                });
            }
        }
        Some(item)
    }
}

/// A plain TransactWriteItems.
pub(crate) fn transact_write_items(body: &[u8]) -> Option<TransactWriteItemsRequest> {
    let plain: PlainTransaction = serde_json::from_slice(body).ok()?;
    let transact_items = plain
        .transact_items
        .into_iter()
        .map(PlainTransactItem::into_store)
        .collect::<Option<_>>()?;
    Some(TransactWriteItemsRequest {
        transact_items,
        client_request_token: plain.client_request_token,
        return_consumed_capacity: plain.return_consumed_capacity,
        return_item_collection_metrics: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_put_is_read_as_the_store_reads_it() {
        let body = r##"{
            "TableName": "orders", "Item": {
                "pk": {"S": "a\u00e9\"b"}, "n": {"N": "-12.50"}, "yes": {"BOOL": false}, "no": {"NULL": true},
                "list": {"L": [{"M": {"x": {"N": "1"}}}, {"S": ""}]}, "map": {"M": {}}
            },
            "ConditionExpression": "#v = :v",
            "ExpressionAttributeNames": {"#v": "version"},
            "ExpressionAttributeValues": {":v": {"N": "1"}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD"
        }"##;
        let ours = put_item(body.as_bytes()).unwrap();
        let theirs: PutItemRequest = serde_json::from_str(body).unwrap();
        assert_eq!(
            format!("{:?}", ours.table_name),
            format!("{:?}", theirs.table_name)
        );
        assert_eq!(ours.item, theirs.item);
        assert_eq!(ours.condition_expression, theirs.condition_expression);
        assert_eq!(
            ours.expression_attribute_names,
            theirs.expression_attribute_names
        );
        assert_eq!(
            ours.expression_attribute_values,
            theirs.expression_attribute_values
        );
        assert_eq!(
            ours.return_values_on_condition_check_failure,
            theirs.return_values_on_condition_check_failure
        );
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_store() {
        let with = |value: &str| {
            put_item(format!(r#"{{"TableName":"orders","Item":{{"pk":{value}}}}}"#).as_bytes())
        };
        assert!(with(r#"{"S":"a"}"#).is_some());
        for unplain in [
            r#"{}"#,
            r#"{"S":"a","N":"1"}"#,
            r#"{"S":3}"#,
            r#"{"S":null}"#,
            r#"{"N":"1e5"}"#,
            r#"{"N":""}"#,
            r#"{"N":"."}"#,
            r#"{"N":"--1"}"#,
            r#"{"N":"123456789012345678901234567890123456789"}"#,
            r#"{"NULL":false}"#,
            r#"{"SS":["a"]}"#,
            r#"{"B":"YQ=="}"#,
            r#"{"X":"a"}"#,
        ] {
            assert!(with(unplain).is_none(), "{unplain}");
        }
        assert!(put_item(br#"{"TableName":"o","Item":{}}"#).is_none());
        assert!(put_item(br#"{"TableName":"orders"}"#).is_none());
        assert!(
            put_item(br#"{"TableName":"orders","Item":{},"Expected":{}}"#).is_none(),
            "the older form of conditions"
        );
    }
}
