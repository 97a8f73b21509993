//! The storage trait on DynamoDB, by the AWS SDK.

mod item;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, Put, TransactWriteItem, Update};

use crate::attribute::counter_attribute;
use crate::{
    Adjustment, CommitFailure, Consistency, Cursor, Expected, Key, Page, Query, Record, Refusal,
    SortCondition, Store, StoreFailure, TransactFailure, Write, scan,
};
use item::{Item, cursor_item, indexed_value, key_item, number, read_item, read_page, write_item};

/// `BatchGetItem` takes at most this many keys.
const MAX_BATCH_GET_KEYS: usize = 100;
/// How often keys that a `BatchGetItem` left unprocessed are asked for again.
const MAX_BATCH_GET_ROUNDS: usize = 5;

/// A context's table in DynamoDB.
///
/// ```
/// // A context's code asks for a `Store`, and only what starts the function names this one.
/// struct Courses<S> {
///     table: S,
/// }
/// type Deployed = Courses<store::DynamoDbStore>;
/// type Tested = Courses<store::MemoryStore>;
/// ```
#[derive(Debug, Clone)]
pub struct DynamoDbStore {
    client: Client,
    table: String,
}

impl DynamoDbStore {
    /// The table of that name, reached by the client.
    ///
    /// ```
    /// use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
    ///
    /// let config = aws_sdk_dynamodb::Config::builder()
    ///     .behavior_version(BehaviorVersion::latest())
    ///     .region(Region::new("eu-central-1"))
    ///     .build();
    /// let table = store::DynamoDbStore::new(aws_sdk_dynamodb::Client::from_conf(config), "courses");
    /// # drop(table);
    /// ```
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self {
            client,
            table: table.into(),
        }
    }

    async fn batch_get(&self, keys: &[Key]) -> Result<Vec<Record>, StoreFailure> {
        let failure = |message: String| StoreFailure {
            operation: "BatchGetItem",
            subject: keys.first().map(Key::to_string).unwrap_or_default(),
            message,
            outcome_unknown: false,
        };
        let mut records = Vec::with_capacity(keys.len());
        let mut wanted: Vec<Item> = keys.iter().map(key_item).collect();
        for _ in 0..MAX_BATCH_GET_ROUNDS {
            let request = KeysAndAttributes::builder()
                .set_keys(Some(std::mem::take(&mut wanted)))
                .build()
                .map_err(|error| failure(error.to_string()))?;
            let answer = self
                .client
                .batch_get_item()
                .request_items(&self.table, request)
                .send()
                .await
                .map_err(|error| failure(describe(&error)))?;
            for item in answer
                .responses
                .unwrap_or_default()
                .remove(&self.table)
                .unwrap_or_default()
            {
                records.push(read_item(item, "BatchGetItem")?);
            }
            match answer
                .unprocessed_keys
                .unwrap_or_default()
                .remove(&self.table)
            {
                Some(rest) if !rest.keys.is_empty() => wanted = rest.keys,
                Some(_) | None => return Ok(records),
            }
        }
        Err(failure(
            "some keys stayed unprocessed: the table is throttled".to_owned(),
        ))
    }
}

impl Store for DynamoDbStore {
    async fn load(
        &self,
        key: &Key,
        consistency: Consistency,
    ) -> Result<Option<Record>, StoreFailure> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key_item(key)))
            .consistent_read(consistency == Consistency::Strong)
            .send()
            .await
            .map_err(|error| StoreFailure {
                operation: "GetItem",
                subject: key.to_string(),
                message: describe(&error),
                outcome_unknown: false,
            })?;
        answer
            .item
            .map(|item| read_item(item, "GetItem"))
            .transpose()
    }

    async fn load_many(&self, keys: &[Key]) -> Result<Vec<Record>, StoreFailure> {
        let mut keys = keys.to_vec();
        keys.sort();
        keys.dedup();
        let mut records = Vec::with_capacity(keys.len());
        for chunk in keys.chunks(MAX_BATCH_GET_KEYS) {
            records.extend(self.batch_get(chunk).await?);
        }
        Ok(records)
    }

    async fn commit(&self, record: &Record, expected: Expected) -> Result<(), CommitFailure> {
        let item = write_item(record).map_err(|bytes| CommitFailure::TooLarge { bytes })?;
        let (condition, values) = put_condition(record, expected);
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(values);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(error))
                if matches!(
                    error.err(),
                    PutItemError::ConditionalCheckFailedException(_)
                ) =>
            {
                Err(CommitFailure::Conflict)
            }
            Err(error) => Err(CommitFailure::Store(StoreFailure {
                operation: "PutItem",
                subject: record.key.to_string(),
                message: describe(&error),
                outcome_unknown: outcome_unknown(&error),
            })),
        }
    }

    async fn transact(&self, writes: &[Write]) -> Result<(), TransactFailure> {
        let subject = writes
            .first()
            .map(|write| write.key().to_string())
            .unwrap_or_default();
        let failure = |message: String, outcome_unknown: bool| {
            TransactFailure::Store(StoreFailure {
                operation: "TransactWriteItems",
                subject: subject.clone(),
                message,
                outcome_unknown,
            })
        };
        let mut items = Vec::with_capacity(writes.len());
        for write in writes {
            let item = match write {
                Write::Put { record, expected } => self.put(record, *expected)?,
                Write::Adjust(adjustment) => self.update(adjustment),
            };
            items.push(item.map_err(|message| failure(message, false))?);
        }
        match self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .send()
            .await
        {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(error)) => {
                if let TransactWriteItemsError::TransactionCanceledException(cancelled) =
                    error.err()
                {
                    let refusals: Vec<_> = cancelled
                        .cancellation_reasons()
                        .iter()
                        .map(|reason| refusal(reason.code()))
                        .collect();
                    if refusals.iter().any(|refusal| *refusal != Refusal::None) {
                        return Err(TransactFailure::Refused(refusals));
                    }
                }
                Err(failure(describe(&SdkError::ServiceError(error)), false))
            }
            Err(error) => Err(failure(describe(&error), outcome_unknown(&error))),
        }
    }

    async fn query(&self, query: &Query) -> Result<Page, StoreFailure> {
        query.check()?;
        let (partition, sort) = query
            .index
            .map_or(("pk", "sk"), |index| (index.partition, index.sort));
        let mut condition = "#partition = :partition".to_owned();
        let mut request = self
            .client
            .query()
            .table_name(&self.table)
            .expression_attribute_names("#partition", partition)
            .expression_attribute_values(":partition", AttributeValue::S(query.partition.clone()))
            .scan_index_forward(!query.descending)
            .limit(i32::try_from(query.limit).unwrap_or(i32::MAX));
        if let Some(index) = query.index {
            request = request.index_name(index.name);
        }
        if let Some(sort_condition) = &query.sort {
            let (text, value) = match sort_condition {
                SortCondition::AtMost(value) => (" AND #sort <= :sort", indexed_value(value)),
                SortCondition::AtLeast(value) => (" AND #sort >= :sort", indexed_value(value)),
                SortCondition::BeginsWith(prefix) => (
                    " AND begins_with(#sort, :sort)",
                    AttributeValue::S(prefix.clone()),
                ),
            };
            condition.push_str(text);
            request = request
                .expression_attribute_names("#sort", sort)
                .expression_attribute_values(":sort", value);
        }
        if let Some(cursor) = &query.after {
            request = request.set_exclusive_start_key(Some(cursor_item(cursor)));
        }
        let answer = request
            .key_condition_expression(condition)
            .send()
            .await
            .map_err(|error| StoreFailure {
                operation: "Query",
                subject: query.partition.clone(),
                message: describe(&error),
                outcome_unknown: false,
            })?;
        read_page(answer.items, answer.last_evaluated_key, "Query")
    }

    async fn scan(&self, after: Option<&Cursor>, limit: usize) -> Result<Page, StoreFailure> {
        let start = scan::start(after)?;
        let answer = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start.as_ref().map(key_item))
            .send()
            .await
            .map_err(|error| StoreFailure {
                operation: "Scan",
                subject: "the table".to_owned(),
                message: describe(&error),
                outcome_unknown: false,
            })?;
        read_page(answer.items, answer.last_evaluated_key, "Scan")
    }
}

impl DynamoDbStore {
    fn put(
        &self,
        record: &Record,
        expected: Expected,
    ) -> Result<Result<TransactWriteItem, String>, TransactFailure> {
        let item = write_item(record).map_err(|bytes| TransactFailure::TooLarge { bytes })?;
        let (condition, values) = put_condition(record, expected);
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(values)
            .build();
        Ok(put
            .map(|put| TransactWriteItem::builder().put(put).build())
            .map_err(|error| error.to_string()))
    }

    fn update(&self, adjustment: &Adjustment) -> Result<TransactWriteItem, String> {
        let mut update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key_item(&adjustment.key)))
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()));
        let mut add = "ADD #version :one".to_owned();
        let mut conditions = Vec::new();
        for (position, change) in adjustment.changes.iter().enumerate() {
            add.push_str(&format!(", #c{position} :by{position}"));
            update = update
                .expression_attribute_names(
                    format!("#c{position}"),
                    counter_attribute(&change.counter),
                )
                .expression_attribute_values(format!(":by{position}"), number(change.by));
            if let Some(before) = &change.before {
                conditions.push(format!(
                    "#c{position} BETWEEN :lo{position} AND :hi{position}"
                ));
                update = update
                    .expression_attribute_values(format!(":lo{position}"), number(*before.start()))
                    .expression_attribute_values(format!(":hi{position}"), number(*before.end()));
            }
        }
        if !conditions.is_empty() {
            update = update.condition_expression(conditions.join(" AND "));
        }
        let update = update
            .update_expression(add)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

fn put_condition(record: &Record, expected: Expected) -> (&'static str, Option<Item>) {
    let version = |value: u64| {
        Some(HashMap::from([(
            ":v".to_owned(),
            AttributeValue::N(value.to_string()),
        )]))
    };
    match expected {
        Expected::Absent => ("attribute_not_exists(pk)", None),
        Expected::Version(expected) => ("version = :v", version(expected)),
        Expected::AbsentOrOlder => (
            "attribute_not_exists(pk) OR version < :v",
            version(record.version),
        ),
    }
}

fn refusal(code: Option<&str>) -> Refusal {
    match code {
        Some("ConditionalCheckFailed") => Refusal::ConditionFailed,
        Some("None") | None => Refusal::None,
        // TransactionConflict, and throttling of a single item: both pass by themselves.
        Some(_) => Refusal::Conflict,
    }
}

/// Whether the request may have reached the table: it was sent, and no answer that refuses it came back.
fn outcome_unknown<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    match error {
        SdkError::ConstructionFailure(_) => false,
        SdkError::ServiceError(context) => {
            matches!(
                context.err().code(),
                Some("InternalServerError" | "ServiceUnavailable") | None
            )
        }
        _ => true,
    }
}

fn describe<E>(error: &SdkError<E>) -> String
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    aws_sdk_dynamodb::error::DisplayErrorContext(error).to_string()
}
