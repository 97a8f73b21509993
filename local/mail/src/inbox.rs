//! The mails in SQLite, with an index of who got them.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};
use thiserror::Error;

use crate::message::{Filter, Message};

const FILE_NAME: &str = "mail.sqlite";
const SCHEMA_VERSION: i64 = 1;
const SCHEMA: &str = "
CREATE TABLE messages (seq INTEGER PRIMARY KEY, message_id TEXT NOT NULL UNIQUE, record TEXT NOT NULL);
CREATE TABLE recipients (address TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (address, seq)) WITHOUT ROWID;
";

/// The inbox could not be read or written.
#[derive(Debug, Error)]
pub enum MailError {
    /// SQLite failed.
    #[error("the mail inbox failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A mail in the inbox cannot be understood.
    #[error("a mail in the inbox cannot be read: {0}")]
    Record(#[from] serde_json::Error),
    /// The file is not an inbox of this version.
    #[error("schema version {version}, check: {verdict}")]
    Unusable {
        /// The version that the file names.
        version: i64,
        /// What SQLite's own check says.
        verdict: String,
    },
    /// A task that held the inbox was torn down.
    #[error("the mail inbox is closed")]
    Closed,
}

pub(crate) struct Inbox {
    connection: Connection,
}

/// The inbox's file within a directory.
pub(crate) fn file_in(directory: &Path) -> PathBuf {
    directory.join(FILE_NAME)
}

impl Inbox {
    /// Opens the inbox in `file`, or a temporary one that SQLite spills to disk by itself.
    pub fn open(file: Option<&Path>) -> Result<Self, MailError> {
        let connection = match file {
            Some(file) => Connection::open(file)?,
            None => Connection::open("")?,
        };
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // A crash of the process loses nothing; only a crash of the machine may lose the last moments.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version == 0 {
            connection.execute_batch(&format!(
                "BEGIN; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
            ))?;
        } else {
            let verdict: String =
                connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
            if version != SCHEMA_VERSION || verdict != "ok" {
                return Err(MailError::Unusable { version, verdict });
            }
        }
        Ok(Self { connection })
    }

    pub fn keep(&mut self, message: &Message, recipients: &[String]) -> Result<(), MailError> {
        let record = serde_json::to_string(message)?;
        let transaction = self.connection.transaction()?;
        transaction
            .prepare_cached("INSERT INTO messages (message_id, record) VALUES (?, ?)")?
            .execute(params![message.message_id, record])?;
        let seq = transaction.last_insert_rowid();
        {
            let mut statement = transaction
                .prepare_cached("INSERT OR IGNORE INTO recipients (address, seq) VALUES (?, ?)")?;
            for recipient in recipients {
                statement.execute(params![recipient.to_lowercase(), seq])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    pub fn read(&self, filter: &Filter) -> Result<Vec<Message>, MailError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT record FROM messages
             WHERE (?1 IS NULL OR seq IN (SELECT seq FROM recipients WHERE instr(address, ?1) > 0))
               AND (?2 IS NULL OR seq < coalesce((SELECT seq FROM messages WHERE message_id = ?2), 0))
             ORDER BY seq DESC LIMIT ?3",
        )?;
        let to = filter.to.as_ref().map(|to| to.to_lowercase());
        let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![to, filter.before, limit], |row| {
            row.get::<_, String>(0)
        })?;
        rows.map(|record| Ok(serde_json::from_str(&record?)?))
            .collect()
    }

    pub fn find(&self, message_id: &str) -> Result<Option<Message>, MailError> {
        let record: Option<String> = self
            .connection
            .prepare_cached("SELECT record FROM messages WHERE message_id = ?")?
            .query_row([message_id], |row| row.get(0))
            .optional()?;
        Ok(record
            .map(|record| serde_json::from_str(&record))
            .transpose()?)
    }

    pub fn count(&self) -> Result<usize, MailError> {
        let count: i64 = self
            .connection
            .prepare_cached("SELECT count(*) FROM messages")?
            .query_row([], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }
}
