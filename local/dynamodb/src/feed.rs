//! The tables' streams: reading, waiting for, and trimming their records.
//!
//! The store writes a record with every change and never deletes one; here they are read in the form that
//! Lambda hands to a function, and deleted when DynamoDB would (after 24 hours) or earlier when every reader
//! has passed them. A table's newest record always stays: the next sequence number continues from it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use dynoxide::DynoxideError;
use rusqlite::params;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::sync::watch;

use crate::action::Outcome;
use crate::engine::Core;
use crate::names::Names;

/// How long DynamoDB keeps a stream record.
pub(crate) const RETENTION: Duration = Duration::from_secs(24 * 60 * 60);

/// Most records deleted in one go, so that trimming never holds requests up for long.
pub(crate) const TRIM_STEP: usize = 2_000;

/// What the public sequence number is above the stored one: it makes them 21 digits, as DynamoDB's are.
const PUBLIC_OFFSET: u128 = 100_000_000_000_000_000_000;

/// A place in a table's stream: that of a record, or the beginning.
///
/// Positions of one table are ordered as its changes were; those of two tables do not compare. Stored
/// sequence numbers are microseconds since 1970 at least, so a position also tells about when it was.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct StreamPosition(i64);

impl StreamPosition {
    /// Before every record.
    pub const BEGINNING: StreamPosition = StreamPosition(0);

    /// The number as AWS shows it.
    #[must_use]
    pub fn sequence_number(self) -> String {
        (PUBLIC_OFFSET + u128::from(self.0.max(0).unsigned_abs())).to_string()
    }

    /// The position a sequence number names; none when it was never given out.
    #[must_use]
    pub fn from_sequence_number(number: &str) -> Option<StreamPosition> {
        let stored = number.parse::<u128>().ok()?.checked_sub(PUBLIC_OFFSET)?;
        i64::try_from(stored).ok().map(StreamPosition)
    }

    pub(crate) fn stored(self) -> i64 {
        self.0
    }

    pub(crate) fn at(stored: i64) -> StreamPosition {
        StreamPosition(stored)
    }

    /// Where the records of `age` ago and older end.
    pub(crate) fn of_age(age: Duration) -> StreamPosition {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let micros = now.saturating_sub(age).as_micros();
        StreamPosition(i64::try_from(micros).unwrap_or(i64::MAX))
    }
}

/// One change of one item.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamRecord {
    /// Where it stands in its table's stream.
    pub position: StreamPosition,
    /// The record as Lambda hands it to a function.
    pub event: Value,
}

/// A stored record, not yet read.
pub(crate) struct StoredRecord {
    pub(crate) position: StreamPosition,
    event_id: Option<String>,
    event_name: String,
    keys: String,
    new_image: Option<String>,
    old_image: Option<String>,
    created_at: i64,
    user_identity: Option<String>,
}

/// What all records of a stream have in common.
pub(crate) struct Stream {
    pub(crate) table: String,
    pub(crate) view_type: String,
    pub(crate) label: String,
    pub(crate) created_at: i64,
    pub(crate) key_schema: String,
}

/// The stream of a table; an error when the table does not exist or has none.
pub(crate) fn stream_of(core: &Core, table: &str) -> Outcome<Stream> {
    let missing = || {
        DynoxideError::ResourceNotFoundException(format!(
            "Requested resource not found: Stream of table {table}"
        ))
    };
    let metadata = core
        .storage
        .get_table_metadata(table)?
        .filter(|metadata| metadata.stream_enabled)
        .ok_or_else(missing)?;
    Ok(Stream {
        table: metadata.table_name,
        view_type: metadata
            .stream_view_type
            .unwrap_or_else(|| "NEW_AND_OLD_IMAGES".to_owned()),
        label: metadata.stream_label.unwrap_or_default(),
        created_at: metadata.created_at,
        key_schema: metadata.key_schema,
    })
}

/// Up to `limit` records after a position, in order.
pub(crate) fn stored_records(
    core: &Core,
    table: &str,
    after: StreamPosition,
    limit: usize,
) -> Outcome<Vec<StoredRecord>> {
    let mut statement = core.storage.conn().prepare_cached(
        "SELECT CAST(sequence_number AS INTEGER), event_id, event_name, keys_json, new_image, old_image,
                created_at, user_identity
         FROM _stream_records
         WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) > ?2
         ORDER BY CAST(sequence_number AS INTEGER) LIMIT ?3",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![table, after.0, limit], |row| {
        Ok(StoredRecord {
            position: StreamPosition(row.get(0)?),
            event_id: row.get(1)?,
            event_name: row.get(2)?,
            keys: row.get(3)?,
            new_image: row.get(4)?,
            old_image: row.get(5)?,
            created_at: row.get(6)?,
            user_identity: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The newest record's position; the beginning when there is none.
pub(crate) fn latest(core: &Core, table: &str) -> Outcome<StreamPosition> {
    let newest: Option<i64> = core
        .storage
        .conn()
        .prepare_cached(
            "SELECT MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records WHERE table_name = ?1",
        )?
        .query_row([table], |row| row.get(0))?;
    Ok(newest.map_or(StreamPosition::BEGINNING, StreamPosition))
}

/// Deletes records up to and including a position, `TRIM_STEP` at most; answers how many.
pub(crate) fn trim(core: &Core, table: &str, through: StreamPosition) -> Outcome<usize> {
    let newest = latest(core, table)?;
    let through = through.0.min(newest.0 - 1);
    let deleted = core
        .storage
        .conn()
        .prepare_cached(
            "DELETE FROM _stream_records WHERE id IN (
                 SELECT id FROM _stream_records
                 WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) <= ?2
                 ORDER BY CAST(sequence_number AS INTEGER) LIMIT ?3)",
        )?
        .execute(params![
            table,
            through,
            i64::try_from(TRIM_STEP).unwrap_or(i64::MAX)
        ])?;
    Ok(deleted)
}

impl StoredRecord {
    /// The record in the form of the streams API, which differs from Lambda's in the user identity's names
    /// and in having no ARN.
    pub(crate) fn api_form(self, stream: &Stream, names: &Names) -> Value {
        let mut record = self.common_form(stream, names);
        if let Some(identity) = record.get_mut("userIdentity") {
            *identity = json!({
                "Type": identity["type"].take(),
                "PrincipalId": identity["principalId"].take(),
            });
        }
        Value::Object(record)
    }

    /// The record in the form that Lambda hands to a function.
    pub(crate) fn lambda_form(self, stream: &Stream, names: &Names) -> StreamRecord {
        let position = self.position;
        let mut record = self.common_form(stream, names);
        record.insert(
            "eventSourceARN".to_owned(),
            Value::String(names.stream_arn(&stream.table, &stream.label)),
        );
        StreamRecord {
            position,
            event: Value::Object(record),
        }
    }

    fn common_form(self, stream: &Stream, names: &Names) -> Map<String, Value> {
        let size = self.keys.len()
            + self.new_image.as_ref().map_or(0, String::len)
            + self.old_image.as_ref().map_or(0, String::len);
        let sequence_number = self.position.sequence_number();
        let mut change = Map::new();
        change.insert(
            "ApproximateCreationDateTime".to_owned(),
            self.created_at.into(),
        );
        change.insert("Keys".to_owned(), parsed(&self.keys));
        if let Some(image) = &self.new_image {
            change.insert("NewImage".to_owned(), parsed(image));
        }
        if let Some(image) = &self.old_image {
            change.insert("OldImage".to_owned(), parsed(image));
        }
        change.insert(
            "SequenceNumber".to_owned(),
            Value::String(sequence_number.clone()),
        );
        change.insert("SizeBytes".to_owned(), size.into());
        change.insert(
            "StreamViewType".to_owned(),
            Value::String(stream.view_type.clone()),
        );
        let mut record = Map::new();
        record.insert(
            "eventID".to_owned(),
            Value::String(self.event_id.unwrap_or(sequence_number)),
        );
        record.insert("eventName".to_owned(), Value::String(self.event_name));
        record.insert("eventVersion".to_owned(), "1.1".into());
        record.insert("eventSource".to_owned(), "aws:dynamodb".into());
        record.insert("awsRegion".to_owned(), Value::String(names.region.clone()));
        record.insert("dynamodb".to_owned(), Value::Object(change));
        if let Some(identity) = &self.user_identity {
            record.insert("userIdentity".to_owned(), parsed(identity));
        }
        record
    }
}

/// JSON that the store itself wrote.
fn parsed(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_else(|error| {
        tracing::error!(%error, "a stored stream record is not JSON");
        Value::Null
    })
}

/// Who waits for which table's stream.
#[derive(Default)]
pub(crate) struct Feeds {
    latest: Mutex<HashMap<String, watch::Sender<StreamPosition>>>,
}

impl Feeds {
    /// Follows a table's newest position. It starts at the beginning, whatever the table holds: the caller
    /// looks once by itself after this.
    pub(crate) fn follow(&self, table: &str) -> watch::Receiver<StreamPosition> {
        self.latest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(table.to_owned())
            .or_insert_with(|| watch::channel(StreamPosition::BEGINNING).0)
            .subscribe()
    }

    /// The tables that are followed.
    pub(crate) fn tables(&self) -> Vec<String> {
        self.latest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .keys()
            .cloned()
            .collect()
    }

    /// Forgets what was announced, because a table went and its positions with it. Those who wait look and
    /// follow again.
    pub(crate) fn forget_all(&self) {
        self.latest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Wakes those who follow the tables that were written. Runs on the store's thread, after the commit.
    pub(crate) fn announce<'a>(&self, core: &Core, written: impl Iterator<Item = &'a String>) {
        let feeds = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if feeds.is_empty() {
            return;
        }
        let mut seen: Vec<&str> = Vec::new();
        for table in written {
            if seen.contains(&table.as_str()) {
                continue;
            }
            seen.push(table);
            if let Some(feed) = feeds.get(table) {
                match latest(core, table) {
                    Ok(position) => {
                        feed.send_replace(position);
                    }
                    Err(error) => tracing::error!(%error, table, "a stream's end was not found"),
                }
            }
        }
    }
}
