//! Opening the file: its format, its checks, and everything it holds.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, Row};
use uuid::Uuid;

use super::OpenError;
use crate::message::{Content, Message, MessageAttributes};
use crate::queue_settings::Attributes;

/// Number of the format below. A change of the tables raises it.
const FORMAT: i64 = 1;

const TABLES: &str = "
    CREATE TABLE queues (id INTEGER PRIMARY KEY, name TEXT NOT NULL, attributes TEXT NOT NULL, tags TEXT NOT NULL,
      created_ms INTEGER NOT NULL, modified_ms INTEGER NOT NULL);
    CREATE TABLE topics (name TEXT PRIMARY KEY, attributes TEXT NOT NULL, tags TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE subscriptions (arn TEXT PRIMARY KEY, topic TEXT NOT NULL, endpoint TEXT NOT NULL,
      attributes TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE messages (sequence INTEGER PRIMARY KEY, queue INTEGER NOT NULL, message_id BLOB NOT NULL,
      body TEXT NOT NULL, attributes TEXT, trace_header TEXT, group_id TEXT, sent_ms INTEGER NOT NULL,
      delayed_until_ms INTEGER NOT NULL, receive_count INTEGER NOT NULL, receives_here INTEGER NOT NULL,
      first_received_ms INTEGER, dead_letter_source TEXT);";

/// Everything that a file holds.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub queues: Vec<LoadedQueue>,
    pub topics: Vec<LoadedTopic>,
    pub subscriptions: Vec<LoadedSubscription>,
    /// By queue id, in the order in which they arrived.
    pub messages: Vec<(i64, Message)>,
}

#[derive(Debug)]
pub(crate) struct LoadedQueue {
    pub id: i64,
    pub name: String,
    pub attributes: Attributes,
    pub tags: Attributes,
    pub created_ms: i64,
    pub modified_ms: i64,
}

#[derive(Debug)]
pub(crate) struct LoadedTopic {
    pub name: String,
    pub attributes: Attributes,
    pub tags: Attributes,
}

#[derive(Debug)]
pub(crate) struct LoadedSubscription {
    pub arn: String,
    pub topic: String,
    pub endpoint: String,
    pub attributes: Attributes,
}

pub(super) fn open(path: &Path) -> Result<(Connection, Loaded), OpenError> {
    let name = || path.display().to_string();
    let unreadable = |source: rusqlite::Error| match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            OpenError::InUse { path: name() }
        }
        _ => OpenError::Unreadable {
            path: name(),
            source,
        },
    };
    let connection = Connection::open(path).map_err(unreadable)?;
    prepare(&connection).map_err(unreadable)?;
    let found: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(unreadable)?;
    match found {
        0 => create(&connection).map_err(unreadable)?,
        FORMAT => {}
        _ => {
            return Err(OpenError::Format {
                path: name(),
                found,
                known: FORMAT,
            });
        }
    }
    let verdict: String = connection
        .pragma_query_value(None, "quick_check", |row| row.get(0))
        .map_err(unreadable)?;
    if verdict != "ok" {
        return Err(OpenError::Damaged {
            path: name(),
            detail: verdict,
        });
    }
    // A queue's deletion can overtake a message on its way to it, and the queue's number may be given again.
    connection
        .execute(
            "DELETE FROM messages WHERE queue NOT IN (SELECT id FROM queues)",
            [],
        )
        .map_err(unreadable)?;
    let loaded = load(&connection).map_err(unreadable)?;
    Ok((connection, loaded))
}

/// WAL without a sync per commit: a commit survives the death of the process, not that of the machine,
/// which is what a local stack needs at the speed that it needs.
///
/// The file is locked for as long as it is open: memory is what serves, and two processes would each serve their own.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_millis(500))?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 8_000)?;
    connection.pragma_update(None, "cache_size", -32_000)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(())
}

fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {FORMAT}; COMMIT;"
    ))
}

fn load(connection: &Connection) -> rusqlite::Result<Loaded> {
    Ok(Loaded {
        queues: rows(connection, "SELECT id, name, attributes, tags, created_ms, modified_ms FROM queues", |row| {
            Ok(LoadedQueue {
                id: row.get(0)?,
                name: row.get(1)?,
                attributes: json(row, 2)?,
                tags: json(row, 3)?,
                created_ms: row.get(4)?,
                modified_ms: row.get(5)?,
            })
        })?,
        topics: rows(connection, "SELECT name, attributes, tags FROM topics", |row| {
            Ok(LoadedTopic { name: row.get(0)?, attributes: json(row, 1)?, tags: json(row, 2)? })
        })?,
        subscriptions: rows(connection, "SELECT arn, topic, endpoint, attributes FROM subscriptions", |row| {
            Ok(LoadedSubscription {
                arn: row.get(0)?,
                topic: row.get(1)?,
                endpoint: row.get(2)?,
                attributes: json(row, 3)?,
            })
        })?,
        messages: rows(
            connection,
            "SELECT sequence, queue, message_id, body, attributes, trace_header, group_id, sent_ms, delayed_until_ms,
               receive_count, receives_here, first_received_ms, dead_letter_source FROM messages ORDER BY sequence",
            |row| Ok((row.get(1)?, message(row)?)),
        )?,
    })
}

fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    let attributes: MessageAttributes = if row.get_ref(4)? == rusqlite::types::ValueRef::Null {
        MessageAttributes::new()
    } else {
        json(row, 4)?
    };
    let mut content = Content::new(row.get(3)?, attributes);
    content.trace_header = row.get(5)?;
    content.group_id = row.get(6)?;
    let id: Vec<u8> = row.get(2)?;
    // The last receive may have been under way when the process ended, and so have come to nothing through no fault of the
    // message's. A stack that is killed again and again must not make dead letters of what it was never let finish.
    let receives_here: u32 = row.get(10)?;
    let receives_here = receives_here.saturating_sub(1);
    Ok(Message {
        sequence: row.get::<_, i64>(0)?.cast_unsigned(),
        message_id: Uuid::from_slice(&id).map_err(|error| unfit(2, error))?,
        content: Arc::new(content),
        sent_ms: row.get(7)?,
        delayed_until_ms: row.get(8)?,
        receive_count: row.get(9)?,
        receives_here,
        first_received_ms: row.get(11)?,
        dead_letter_source: row.get::<_, Option<String>>(12)?.map(Arc::from),
    })
}

fn rows<T>(
    connection: &Connection,
    sql: &str,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection.prepare(sql)?.query_map([], read)?.collect()
}

fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| unfit(column, error))
}

fn unfit(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
}
