//! Tables as a template declares them.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::table::TableError;

/// A table as it is to be, in the terms of `CreateTable` and of CloudFormation's `AWS::DynamoDB::Table`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TableSpecification {
    /// The table's name.
    #[serde(rename = "TableName")]
    pub name: String,
    /// The key: the partition attribute, and the sort attribute if there is one.
    pub key_schema: Vec<KeyElement>,
    /// The types of all attributes used in keys.
    pub attribute_definitions: Vec<AttributeDefinition>,
    /// Global secondary indexes.
    #[serde(default)]
    pub global_secondary_indexes: Vec<GlobalSecondaryIndex>,
    /// The stream, if the table has one.
    #[serde(default)]
    pub stream_specification: Option<StreamSpecification>,
    /// The attribute that says when an item lapses, in seconds since 1970.
    #[serde(default)]
    pub time_to_live_specification: Option<TimeToLiveSpecification>,
}

/// Settings of a table that concern price, recovery and encryption on AWS: accepted, without effect here.
const OF_THE_CLOUD_ONLY: [&str; 8] = [
    "BillingMode",
    "ContributorInsightsSpecification",
    "DeletionProtectionEnabled",
    "OnDemandThroughput",
    "PointInTimeRecoverySpecification",
    "SSESpecification",
    "TableClass",
    "Tags",
];

/// One attribute of a key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct KeyElement {
    /// The attribute.
    pub attribute_name: String,
    /// `HASH` or `RANGE`.
    pub key_type: String,
}

/// The type of a key attribute.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AttributeDefinition {
    /// The attribute.
    pub attribute_name: String,
    /// `S`, `N` or `B`.
    pub attribute_type: String,
}

/// A global secondary index.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GlobalSecondaryIndex {
    /// The index's name.
    pub index_name: String,
    /// Its key.
    pub key_schema: Vec<KeyElement>,
    /// What it holds besides the keys.
    pub projection: Projection,
    /// Accepted; no effect here.
    #[serde(default)]
    pub on_demand_throughput: Option<Value>,
}

/// What an index holds besides the keys.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Projection {
    /// `KEYS_ONLY`, `INCLUDE` or `ALL`.
    pub projection_type: String,
    /// The attributes of an `INCLUDE` projection.
    #[serde(default)]
    pub non_key_attributes: Vec<String>,
}

/// A table's stream.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct StreamSpecification {
    /// `NEW_IMAGE`, `OLD_IMAGE`, `NEW_AND_OLD_IMAGES` or `KEYS_ONLY`.
    pub stream_view_type: String,
    /// CloudFormation leaves this out; `CreateTable` demands it.
    #[serde(default = "enabled")]
    pub stream_enabled: bool,
}

/// A table's time to live.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TimeToLiveSpecification {
    /// The attribute that holds the time.
    pub attribute_name: String,
    /// Whether it is on.
    pub enabled: bool,
}

fn enabled() -> bool {
    true
}

impl TableSpecification {
    /// Reads a declaration: the JSON of a `CreateTable` request or the properties of an
    /// `AWS::DynamoDB::Table`, resolved.
    ///
    /// # Errors
    ///
    /// When it is not in that form or names a setting this engine does not have; the message names it.
    pub fn from_json(mut declaration: Value) -> Result<TableSpecification, TableError> {
        if let Some(settings) = declaration.as_object_mut() {
            settings.retain(|name, _| !OF_THE_CLOUD_ONLY.contains(&name.as_str()));
        }
        Ok(serde_json::from_value(declaration)?)
    }

    pub(crate) fn stream_view_type(&self) -> Option<&str> {
        self.stream_specification
            .as_ref()
            .filter(|stream| stream.stream_enabled)
            .map(|stream| stream.stream_view_type.as_str())
    }

    pub(crate) fn lapse_attribute(&self) -> Option<&str> {
        self.time_to_live_specification
            .as_ref()
            .filter(|time_to_live| time_to_live.enabled)
            .map(|time_to_live| time_to_live.attribute_name.as_str())
    }

    pub(crate) fn definitions(&self, of: &[&[KeyElement]]) -> Value {
        self.attribute_definitions
            .iter()
            .filter(|definition| {
                of.iter()
                    .copied()
                    .flatten()
                    .any(|element| element.attribute_name == definition.attribute_name)
            })
            .map(|definition| {
                json!({
                    "AttributeName": definition.attribute_name,
                    "AttributeType": definition.attribute_type,
                })
            })
            .collect()
    }

    pub(crate) fn create_request(&self) -> Value {
        let mut request = json!({
            "TableName": self.name,
            "KeySchema": key_json(&self.key_schema),
            "AttributeDefinitions": self.attribute_definitions.iter().map(|definition| json!({
                "AttributeName": definition.attribute_name,
                "AttributeType": definition.attribute_type,
            })).collect::<Value>(),
            "BillingMode": "PAY_PER_REQUEST",
        });
        if !self.global_secondary_indexes.is_empty() {
            request["GlobalSecondaryIndexes"] = self
                .global_secondary_indexes
                .iter()
                .map(index_json)
                .collect();
        }
        if let Some(view) = self.stream_view_type() {
            request["StreamSpecification"] =
                json!({ "StreamEnabled": true, "StreamViewType": view });
        }
        request
    }
}

pub(crate) fn key_json(key: &[KeyElement]) -> Value {
    key.iter()
        .map(|element| {
            json!({ "AttributeName": element.attribute_name, "KeyType": element.key_type })
        })
        .collect()
}

pub(crate) fn index_json(index: &GlobalSecondaryIndex) -> Value {
    let mut projection = Map::new();
    projection.insert(
        "ProjectionType".to_owned(),
        index.projection.projection_type.clone().into(),
    );
    if !index.projection.non_key_attributes.is_empty() {
        projection.insert(
            "NonKeyAttributes".to_owned(),
            index.projection.non_key_attributes.clone().into(),
        );
    }
    json!({
        "IndexName": index.index_name,
        "KeySchema": key_json(&index.key_schema),
        "Projection": projection,
    })
}
