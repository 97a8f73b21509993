//! The provider's books in SQLite: schema, reading and writing of each kind of record. It knows no HTTP and decides
//! nothing; [`crate::clerk`] owns the one connection and its transactions.

use std::path::{Path, PathBuf};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rusqlite::{Connection, OptionalExtension, Row, params};
use thiserror::Error;

use crate::intent::Intent;
use crate::options::WebhookDelivery;
use crate::refund::Refund;

const FILE_NAME: &str = "payments.sqlite";
const SCHEMA_VERSION: i64 = 1;
const SCHEMA: &str = "
CREATE TABLE intents (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, created_ms INTEGER NOT NULL, created_seconds INTEGER NOT NULL,
    status TEXT NOT NULL, currency TEXT NOT NULL, amount_minor INTEGER NOT NULL, due_ms INTEGER, record TEXT NOT NULL
);
CREATE INDEX intents_due ON intents (due_ms) WHERE due_ms IS NOT NULL;
CREATE TABLE metadata (
    key TEXT NOT NULL, value TEXT NOT NULL, intent_seq INTEGER NOT NULL, PRIMARY KEY (key, value, intent_seq)
) WITHOUT ROWID;
CREATE INDEX metadata_by_intent ON metadata (intent_seq);
CREATE TABLE refunds (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, intent_id TEXT NOT NULL, record TEXT NOT NULL);
CREATE INDEX refunds_by_intent ON refunds (intent_id);
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, created_ms INTEGER NOT NULL, body TEXT NOT NULL
);
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY, event_seq INTEGER NOT NULL, first_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL
);
CREATE INDEX deliveries_due ON deliveries (due_ms);
CREATE INDEX deliveries_by_event ON deliveries (event_seq);
CREATE TABLE idempotency (
    key TEXT PRIMARY KEY, path TEXT NOT NULL, fingerprint BLOB NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX idempotency_by_time ON idempotency (created_ms);
";

/// The books could not be read or written. It is the machine's failure, not the caller's.
#[derive(Debug, Error)]
pub enum BookError {
    /// SQLite failed.
    #[error("the payment stand-in's ledger failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A record in the ledger cannot be understood.
    #[error("a record in the payment stand-in's ledger cannot be read: {0}")]
    Record(#[from] serde_json::Error),
    /// The thread that keeps the books has ended.
    #[error("the payment stand-in's ledger is closed")]
    Closed,
    /// The transaction that held this request's work could not be committed.
    #[error("the payment stand-in's ledger could not commit: {0}")]
    Commit(String),
}

/// Which events go to the endpoint, and with what disorder.
#[derive(Clone, Debug)]
pub(crate) struct WebhookPlan {
    pub enabled_events: Vec<String>,
    pub delivery: WebhookDelivery,
}

impl WebhookPlan {
    fn wants(&self, event_type: &str) -> bool {
        self.enabled_events
            .iter()
            .any(|enabled| enabled == "*" || enabled == event_type)
    }
}

pub(crate) struct Book {
    pub connection: Connection,
    webhooks: Option<WebhookPlan>,
    rng: StdRng,
}

/// An answer kept under an idempotency key.
pub(crate) struct StoredAnswer {
    pub path: String,
    pub fingerprint: Vec<u8>,
    pub status: u16,
    pub body: String,
    pub created_ms: i64,
}

/// A webhook that waits to be sent.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub id: i64,
    pub body: String,
    pub first_ms: i64,
    pub attempts: u32,
}

/// The ledger's file within a directory.
pub(crate) fn file_in(directory: &Path) -> PathBuf {
    directory.join(FILE_NAME)
}

impl Book {
    /// Opens the books in `file`, or temporary ones that SQLite spills to disk by itself.
    pub fn open(
        file: Option<&Path>,
        webhooks: Option<WebhookPlan>,
        seed: Option<u64>,
    ) -> Result<Self, BookError> {
        let connection = match file {
            Some(file) => Connection::open(file)?,
            None => Connection::open("")?,
        };
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // A crash of the process loses nothing; only a crash of the machine may lose the last moments.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "cache_size", -16_000)?;
        connection.set_prepared_statement_cache_capacity(64);
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version == 0 {
            connection.execute_batch(&format!(
                "BEGIN; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
            ))?;
        } else {
            let verdict: String =
                connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
            if version != SCHEMA_VERSION || verdict != "ok" {
                return Err(BookError::Commit(format!(
                    "schema version {version}, check: {verdict}"
                )));
            }
        }
        let rng = match seed {
            Some(seed) => StdRng::seed_from_u64(seed),
            None => rand::make_rng(),
        };
        Ok(Self {
            connection,
            webhooks,
            rng,
        })
    }

    /// An id in Stripe's manner, such as `pi_` and 24 letters and digits.
    pub fn new_id(&mut self, prefix: &str) -> String {
        let mut id = String::with_capacity(prefix.len() + 24);
        id.push_str(prefix);
        id.extend((0..24).map(|_| char::from(self.rng.sample(rand::distr::Alphanumeric))));
        id
    }

    pub fn insert_intent(&mut self, intent: &Intent, now_ms: i64) -> Result<(), BookError> {
        self.connection
            .prepare_cached(
                "INSERT INTO intents (id, created_ms, created_seconds, status, currency, amount_minor, due_ms, record)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                intent.id,
                now_ms,
                intent.created_seconds,
                intent.status.as_str(),
                intent.currency,
                intent.amount_minor,
                intent.due_ms,
                serde_json::to_string(intent)?
            ])?;
        let seq = self.connection.last_insert_rowid();
        self.index_metadata(seq, intent)
    }

    fn index_metadata(&self, seq: i64, intent: &Intent) -> Result<(), BookError> {
        let mut statement = self
            .connection
            .prepare_cached("INSERT INTO metadata (key, value, intent_seq) VALUES (?, ?, ?)")?;
        for (key, value) in &intent.metadata {
            statement.execute(params![key, value, seq])?;
        }
        Ok(())
    }

    /// Writes an intent back; `metadata_changed` also its index.
    pub fn update_intent(
        &mut self,
        intent: &Intent,
        metadata_changed: bool,
    ) -> Result<(), BookError> {
        self.connection
            .prepare_cached("UPDATE intents SET status = ?, amount_minor = ?, due_ms = ?, record = ? WHERE id = ?")?
            .execute(params![
                intent.status.as_str(),
                intent.amount_minor,
                intent.due_ms,
                serde_json::to_string(intent)?,
                intent.id
            ])?;
        if metadata_changed {
            let seq: i64 = self
                .connection
                .prepare_cached("SELECT seq FROM intents WHERE id = ?")?
                .query_row([&intent.id], |row| row.get(0))?;
            self.connection
                .prepare_cached("DELETE FROM metadata WHERE intent_seq = ?")?
                .execute([seq])?;
            self.index_metadata(seq, intent)?;
        }
        Ok(())
    }

    pub fn intent(&self, id: &str) -> Result<Option<Intent>, BookError> {
        let record: Option<String> = self
            .connection
            .prepare_cached("SELECT record FROM intents WHERE id = ?")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        Ok(record
            .map(|record| serde_json::from_str(&record))
            .transpose()?)
    }

    /// Intents that an SQL condition with its order and limit selects, with their place in the book.
    pub fn intents_where(
        &self,
        condition: &str,
        values: &[rusqlite::types::Value],
    ) -> Result<Vec<(i64, Intent)>, BookError> {
        let sql = format!("SELECT seq, record FROM intents WHERE {condition}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(rusqlite::params_from_iter(values), numbered_record)?;
        rows.map(|row| {
            let (seq, record) = row?;
            Ok((seq, serde_json::from_str(&record)?))
        })
        .collect()
    }

    /// The place of an object in its table, by id.
    pub fn seq_of(&self, table: &'static str, id: &str) -> Result<Option<i64>, BookError> {
        let sql = format!("SELECT seq FROM {table} WHERE id = ?");
        Ok(self
            .connection
            .prepare_cached(&sql)?
            .query_row([id], |row| row.get(0))
            .optional()?)
    }

    pub fn insert_refund(&mut self, refund: &Refund) -> Result<(), BookError> {
        self.connection
            .prepare_cached("INSERT INTO refunds (id, intent_id, record) VALUES (?, ?, ?)")?
            .execute(params![
                refund.id,
                refund.intent_id,
                serde_json::to_string(refund)?
            ])?;
        Ok(())
    }

    pub fn refunds_where(
        &self,
        condition: &str,
        values: &[rusqlite::types::Value],
    ) -> Result<Vec<Refund>, BookError> {
        let sql = format!("SELECT seq, record FROM refunds WHERE {condition}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(rusqlite::params_from_iter(values), numbered_record)?;
        rows.map(|row| Ok(serde_json::from_str(&row?.1)?)).collect()
    }

    /// Whether an event of this type would be sent to an endpoint.
    pub fn sends(&self, event_type: &str) -> bool {
        self.webhooks
            .as_ref()
            .is_some_and(|plan| plan.wants(event_type))
    }

    /// Records an event and, if the endpoint wants it, what is to be sent.
    pub fn insert_event(
        &mut self,
        id: &str,
        event_type: &str,
        body: &str,
        now_ms: i64,
    ) -> Result<(), BookError> {
        self.connection
            .prepare_cached("INSERT INTO events (id, type, created_ms, body) VALUES (?, ?, ?, ?)")?
            .execute(params![id, event_type, now_ms, body])?;
        let event_seq = self.connection.last_insert_rowid();
        let Some(plan) = self.webhooks.as_ref().filter(|plan| plan.wants(event_type)) else {
            return Ok(());
        };
        let plan = plan.delivery;
        let delay_ms = i64::try_from(plan.delay.as_millis()).unwrap_or(i64::MAX / 2);
        let copies = if self.rng.random_range(0..100) < plan.duplicate_percent {
            2
        } else {
            1
        };
        for _ in 0..copies {
            let disorder_ms = if plan.shuffle {
                self.rng.random_range(0..500)
            } else {
                0
            };
            self.connection
                .prepare_cached("INSERT INTO deliveries (event_seq, first_ms, due_ms, attempts) VALUES (?, ?, ?, 0)")?
                .execute(params![event_seq, now_ms, now_ms.saturating_add(delay_ms).saturating_add(disorder_ms)])?;
        }
        Ok(())
    }

    /// Event bodies that an SQL condition with its order and limit selects, with the number of deliveries still to be made.
    pub fn events_where(
        &self,
        condition: &str,
        values: &[rusqlite::types::Value],
    ) -> Result<Vec<(String, i64)>, BookError> {
        let sql = format!(
            "SELECT body, (SELECT count(*) FROM deliveries WHERE event_seq = events.seq)
             FROM events WHERE {condition}"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(rusqlite::params_from_iter(values), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Up to `limit` webhooks that are due, mixed if the plan says so.
    pub fn due_deliveries(
        &mut self,
        now_ms: i64,
        limit: usize,
    ) -> Result<Vec<Delivery>, BookError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT d.id, e.body, d.first_ms, d.attempts FROM deliveries d JOIN events e ON e.seq = d.event_seq
             WHERE d.due_ms <= ? ORDER BY d.due_ms, d.id LIMIT ?",
        )?;
        let rows = statement.query_map(
            params![now_ms, i64::try_from(limit).unwrap_or(i64::MAX)],
            |row| {
                Ok(Delivery {
                    id: row.get(0)?,
                    body: row.get(1)?,
                    first_ms: row.get(2)?,
                    attempts: row.get(3)?,
                })
            },
        )?;
        let mut due: Vec<Delivery> = rows.collect::<Result<_, _>>()?;
        if self
            .webhooks
            .as_ref()
            .is_some_and(|plan| plan.delivery.shuffle)
        {
            rand::seq::SliceRandom::shuffle(due.as_mut_slice(), &mut self.rng);
        }
        Ok(due)
    }

    /// When the next webhook is due.
    pub fn next_delivery_ms(&self) -> Result<Option<i64>, BookError> {
        Ok(self
            .connection
            .prepare_cached("SELECT min(due_ms) FROM deliveries")?
            .query_row([], |row| row.get(0))?)
    }

    pub fn remove_delivery(&mut self, id: i64) -> Result<(), BookError> {
        self.connection
            .prepare_cached("DELETE FROM deliveries WHERE id = ?")?
            .execute([id])?;
        Ok(())
    }

    pub fn postpone_delivery(&mut self, id: i64, due_ms: i64) -> Result<(), BookError> {
        self.connection
            .prepare_cached(
                "UPDATE deliveries SET due_ms = ?, attempts = attempts + 1 WHERE id = ?",
            )?
            .execute(params![due_ms, id])?;
        Ok(())
    }

    pub fn stored_answer(&self, key: &str) -> Result<Option<StoredAnswer>, BookError> {
        Ok(self
            .connection
            .prepare_cached(
                "SELECT path, fingerprint, status, body, created_ms FROM idempotency WHERE key = ?",
            )?
            .query_row([key], |row| {
                Ok(StoredAnswer {
                    path: row.get(0)?,
                    fingerprint: row.get(1)?,
                    status: row.get(2)?,
                    body: row.get(3)?,
                    created_ms: row.get(4)?,
                })
            })
            .optional()?)
    }

    pub fn store_answer(&mut self, key: &str, answer: &StoredAnswer) -> Result<(), BookError> {
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO idempotency (key, path, fingerprint, status, body, created_ms)
                 VALUES (?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![key, answer.path, answer.fingerprint, answer.status, answer.body, answer.created_ms])?;
        Ok(())
    }

    /// Forgets keys and events that are past their time.
    pub fn forget(&mut self, keys_before_ms: i64, events_before_ms: i64) -> Result<(), BookError> {
        self.connection
            .prepare_cached("DELETE FROM idempotency WHERE created_ms < ?")?
            .execute([keys_before_ms])?;
        // Events are in order of time, so the oldest by number are the oldest by time.
        self.connection
            .prepare_cached(
                "DELETE FROM events WHERE seq <= coalesce(
                    (SELECT max(seq) FROM (SELECT seq, created_ms FROM events ORDER BY seq LIMIT 1000)
                     WHERE created_ms < ?), -1)
                 AND NOT EXISTS (SELECT 1 FROM deliveries WHERE event_seq = events.seq)",
            )?
            .execute([events_before_ms])?;
        Ok(())
    }
}

fn numbered_record(row: &Row<'_>) -> rusqlite::Result<(i64, String)> {
    Ok((row.get(0)?, row.get(1)?))
}
