//! Bringing the store's tables in line with their declarations.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::DynamoDb;
use crate::operation::Operation;
use crate::specification::{TableSpecification, index_json, key_json};
use crate::wire::Refusal;

/// A table as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDescription {
    /// The table's name.
    pub name: String,
    /// The table's ARN, in the configured region and account.
    pub arn: String,
    /// The stream's ARN, if the table has a stream.
    pub stream_arn: Option<String>,
}

/// Why a table could not be brought in line with its declaration.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The declaration cannot be read.
    #[error("the table's declaration cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// The table exists and differs in something that cannot be changed.
    #[error("table {table} exists and differs: {difference}")]
    Differs {
        /// The table.
        table: String,
        /// What differs, with both values.
        difference: String,
    },
    /// The store refused.
    #[error("table {table} could not be made: {reason}")]
    Refused {
        /// The table.
        table: String,
        /// What the store said.
        reason: String,
    },
}

/// An index's key and projection as the store describes them, comparable with a declaration's.
fn existing_index(index: &Value) -> Value {
    let mut attributes: Vec<&str> = index["Projection"]["NonKeyAttributes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    attributes.sort_unstable();
    json!({
        "KeySchema": index["KeySchema"],
        "ProjectionType": index["Projection"]["ProjectionType"],
        "NonKeyAttributes": attributes,
    })
}

impl DynamoDb {
    /// Makes a table as declared. An existing one is left as it is, gaining at most what `UpdateTable` and
    /// `UpdateTimeToLive` can add: an index, a stream, a time to live.
    ///
    /// # Errors
    ///
    /// When the existing table differs in anything else (the error says in what), or the store refuses.
    pub async fn ensure_table(
        &self,
        specification: &TableSpecification,
    ) -> Result<TableDescription, TableError> {
        let table = &specification.name;
        let existing = match self
            .control(
                table,
                Operation::DescribeTable,
                &json!({ "TableName": table }),
            )
            .await
        {
            Ok(answer) => Some(answer["Table"].clone()),
            Err(refusal) if refusal.is("ResourceNotFoundException") => None,
            Err(refusal) => return Err(refused(table, &refusal)),
        };
        match existing {
            None => {
                self.change(
                    table,
                    Operation::CreateTable,
                    &specification.create_request(),
                )
                .await?;
            }
            Some(existing) => self.adapt(specification, &existing).await?,
        }
        self.adapt_time_to_live(specification).await?;
        let answer = self
            .change(
                table,
                Operation::DescribeTable,
                &json!({ "TableName": table }),
            )
            .await?;
        let text = |name: &str| answer["Table"][name].as_str().map(str::to_owned);
        Ok(TableDescription {
            name: table.clone(),
            arn: text("TableArn").unwrap_or_else(|| self.names().table_arn(table)),
            stream_arn: specification
                .stream_view_type()
                .and_then(|_| text("LatestStreamArn")),
        })
    }

    async fn adapt(
        &self,
        specification: &TableSpecification,
        existing: &Value,
    ) -> Result<(), TableError> {
        let table = &specification.name;
        let differs = |what: &str, is: &Value, wanted: &Value| TableError::Differs {
            table: table.clone(),
            difference: format!("{what} is {is}, and {wanted} is wanted"),
        };
        let key = key_json(&specification.key_schema);
        if existing["KeySchema"] != key {
            return Err(differs("the key", &existing["KeySchema"], &key));
        }
        let types: BTreeMap<&str, &str> = existing["AttributeDefinitions"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|definition| {
                Some((
                    definition["AttributeName"].as_str()?,
                    definition["AttributeType"].as_str()?,
                ))
            })
            .collect();
        for wanted in &specification.attribute_definitions {
            if let Some(is) = types.get(wanted.attribute_name.as_str())
                && *is != wanted.attribute_type
            {
                return Err(differs(
                    &format!("the type of attribute {}", wanted.attribute_name),
                    &json!(is),
                    &json!(wanted.attribute_type),
                ));
            }
        }
        let indexes: BTreeMap<&str, &Value> = existing["GlobalSecondaryIndexes"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|index| Some((index["IndexName"].as_str()?, index)))
            .collect();
        for (name, index) in &indexes {
            let declared = specification
                .global_secondary_indexes
                .iter()
                .find(|declared| declared.index_name == *name);
            let wanted = declared.map_or(Value::Null, |declared| {
                existing_index(&index_json(declared))
            });
            let is = existing_index(index);
            if is != wanted {
                return Err(differs(&format!("index {name}"), &is, &wanted));
            }
        }
        for index in &specification.global_secondary_indexes {
            if !indexes.contains_key(index.index_name.as_str()) {
                let request = json!({
                    "TableName": table,
                    "AttributeDefinitions":
                        specification.definitions(&[&specification.key_schema, &index.key_schema]),
                    "GlobalSecondaryIndexUpdates": [{ "Create": index_json(index) }],
                });
                self.change(table, Operation::UpdateTable, &request).await?;
            }
        }
        self.adapt_stream(specification, existing).await
    }

    async fn adapt_stream(
        &self,
        specification: &TableSpecification,
        existing: &Value,
    ) -> Result<(), TableError> {
        let table = &specification.name;
        let stream = &existing["StreamSpecification"];
        let is = stream["StreamViewType"]
            .as_str()
            .filter(|_| stream["StreamEnabled"] == true);
        let wanted = specification.stream_view_type();
        match (is, wanted) {
            (None, Some(view)) => {
                let request = json!({
                    "TableName": table,
                    "StreamSpecification": { "StreamEnabled": true, "StreamViewType": view },
                });
                self.change(table, Operation::UpdateTable, &request).await?;
                Ok(())
            }
            (is, wanted) if is == wanted => Ok(()),
            (is, wanted) => Err(TableError::Differs {
                table: table.clone(),
                difference: format!(
                    "the stream's view is {}, and {} is wanted",
                    is.unwrap_or("none"),
                    wanted.unwrap_or("none")
                ),
            }),
        }
    }

    async fn adapt_time_to_live(
        &self,
        specification: &TableSpecification,
    ) -> Result<(), TableError> {
        let table = &specification.name;
        let answer = self
            .change(
                table,
                Operation::DescribeTimeToLive,
                &json!({ "TableName": table }),
            )
            .await?;
        let described = &answer["TimeToLiveDescription"];
        let is = described["AttributeName"]
            .as_str()
            .filter(|_| described["TimeToLiveStatus"] == "ENABLED");
        match (is, specification.lapse_attribute()) {
            (None, Some(attribute)) => {
                let request = json!({
                    "TableName": table,
                    "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": true },
                });
                self.change(table, Operation::UpdateTimeToLive, &request)
                    .await?;
                Ok(())
            }
            (is, wanted) if is == wanted => Ok(()),
            (is, wanted) => Err(TableError::Differs {
                table: table.clone(),
                difference: format!(
                    "its time to live is in {}, and {} is wanted",
                    is.unwrap_or("no attribute"),
                    wanted.unwrap_or("no attribute")
                ),
            }),
        }
    }

    async fn change(
        &self,
        table: &str,
        operation: Operation,
        request: &Value,
    ) -> Result<Value, TableError> {
        self.control(table, operation, request)
            .await
            .map_err(|refusal| refused(table, &refusal))
    }

    async fn control(
        &self,
        table: &str,
        operation: Operation,
        request: &Value,
    ) -> Result<Value, Refusal> {
        let answer = self
            .dispatch(operation, request.to_string().as_bytes())
            .await?;
        serde_json::from_str(&answer)
            .map_err(|error| Refusal::failure(&format!("table {table}: {error}")))
    }
}

fn refused(table: &str, refusal: &Refusal) -> TableError {
    TableError::Refused {
        table: table.to_owned(),
        reason: refusal.body.clone(),
    }
}
