//! Deleting items whose time to live has passed.
//!
//! DynamoDB deletes them within days and charges nothing; the stream record names the service as the one who
//! did it. The store's own sweep would run in one go, so this one reads a table in steps and deletes what it
//! found with the store's DeleteItem, on the condition that the item still says the same.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use dynoxide::actions::delete_item::{self, DeleteItemRequest};
use dynoxide::types::KeySchemaElement;
use dynoxide::{AttributeValue, DynoxideError, Item};
use rusqlite::params;

use crate::action::{Outcome, ready};
use crate::engine::Core;

/// Rows looked at in one go: some milliseconds.
const STEP: i64 = 500;

/// DynamoDB leaves alone what lapsed more than five years ago.
const OLDEST_LAPSE_SECONDS: i64 = 5 * 365 * 24 * 60 * 60;

const IDENTITY: &str = r#"{"type":"Service","principalId":"dynamodb.amazonaws.com"}"#;

/// A sweep through one table.
pub(crate) struct Sweep {
    table: String,
    attribute: String,
    now_seconds: i64,
    /// The rows of the table when the sweep began: what is written meanwhile is for the next one.
    last_row: i64,
    after_row: i64,
}

/// An item that has lapsed: its stored keys and the time it lapsed at, as written.
pub(crate) struct Lapsed {
    json: String,
    at: String,
}

/// A sweep for each table with a time to live.
pub(crate) fn sweeps(core: &Core) -> Outcome<Vec<Sweep>> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let now_seconds = i64::try_from(now).unwrap_or(i64::MAX);
    core.storage
        .list_ttl_enabled_tables()?
        .into_iter()
        .filter_map(|table| Some((table.table_name, table.ttl_attribute?)))
        .map(|(table, attribute)| {
            let last_row: Option<i64> = core.storage.conn().query_row(
                &format!("SELECT MAX(rowid) FROM {}", quoted(&table)),
                [],
                |row| row.get(0),
            )?;
            Ok(Sweep {
                table,
                attribute,
                now_seconds,
                last_row: last_row.unwrap_or(0),
                after_row: 0,
            })
        })
        .collect()
}

impl Sweep {
    pub(crate) fn table(&self) -> &str {
        &self.table
    }

    /// Looks at the next rows; none when the sweep is through.
    pub(crate) fn step(&mut self, core: &Core) -> Outcome<Option<Vec<Lapsed>>> {
        if self.after_row >= self.last_row || !core.storage.table_exists(&self.table)? {
            return Ok(None);
        }
        let mut statement = core.storage.conn().prepare_cached(&format!(
            "SELECT rowid, item_json, json_extract(item_json, ?1) FROM {}
             WHERE rowid > ?2 AND rowid <= ?3 ORDER BY rowid LIMIT ?4",
            quoted(&self.table)
        ))?;
        let path = format!("$.\"{}\".N", self.attribute);
        let rows =
            statement.query_map(params![path, self.after_row, self.last_row, STEP], |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get_ref(1)?.as_str()?.to_owned(),
                    row.get::<_, Option<String>>(2)?,
                ))
            })?;
        let mut seen = false;
        let mut lapsed = Vec::new();
        for row in rows {
            let (id, json, at) = row?;
            seen = true;
            self.after_row = id;
            if let Some(at) = at
                && self.has_lapsed(&at)
            {
                lapsed.push(Lapsed { json, at });
            }
        }
        Ok(seen.then_some(lapsed))
    }

    fn has_lapsed(&self, at: &str) -> bool {
        at.parse::<i64>().is_ok_and(|at| {
            at < self.now_seconds && at > self.now_seconds.saturating_sub(OLDEST_LAPSE_SECONDS)
        })
    }

    /// Deletes an item unless it has changed since it was found; answers whether it did.
    pub(crate) fn delete(&self, core: &Core, lapsed: &Lapsed) -> Outcome<bool> {
        let Some(metadata) = core.storage.get_table_metadata(&self.table)? else {
            return Ok(false);
        };
        let unreadable =
            |error: serde_json::Error| DynoxideError::InternalServerError(error.to_string());
        let schema: Vec<KeySchemaElement> =
            serde_json::from_str(&metadata.key_schema).map_err(unreadable)?;
        let item: Item = serde_json::from_str(&lapsed.json).map_err(unreadable)?;
        let key: Item = item
            .into_iter()
            .filter(|(name, _)| schema.iter().any(|element| element.attribute_name == *name))
            .collect();
        let request = DeleteItemRequest {
            table_name: self.table.clone(),
            key,
            condition_expression: Some("#lapse = :lapse".to_owned()),
            expression_attribute_names: Some(HashMap::from([(
                "#lapse".to_owned(),
                self.attribute.clone(),
            )])),
            expression_attribute_values: Some(HashMap::from([(
                ":lapse".to_owned(),
                AttributeValue::N(lapsed.at.clone()),
            )])),
            ..DeleteItemRequest::default()
        };
        match ready(delete_item::execute(&core.storage, request)) {
            Ok(_) => {}
            Err(DynoxideError::ConditionalCheckFailedException(..)) => return Ok(false),
            Err(error) => return Err(error),
        }
        if metadata.stream_enabled {
            let connection = core.storage.conn();
            connection
                .prepare_cached(
                    "UPDATE _stream_records SET user_identity = ?1
                     WHERE id = ?2 AND table_name = ?3 AND event_name = 'REMOVE'",
                )?
                .execute(params![
                    IDENTITY,
                    connection.last_insert_rowid(),
                    self.table
                ])?;
        }
        Ok(true)
    }
}

fn quoted(table: &str) -> String {
    format!("\"{}\"", table.replace('"', "\"\""))
}
