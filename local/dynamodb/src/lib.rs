//! DynamoDB and its streams on this machine.
//!
//! The table engine is `dynoxide-rs` (SQLite): it owns items, indexes, expressions, transactions, and the
//! wording of errors. This crate owns everything around it: the thread it runs on and the sharing of
//! commits, the wire, its file and settings, streams in the form that Lambda hands to functions, their
//! trimming, time to live, metering, and faults on demand.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use local_dynamodb::{DynamoDb, Options, StreamPosition};
//!
//! let engine = DynamoDb::open(Options::in_directory("data"))?;
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
//! axum::serve(listener, engine.router()).await?;
//! # Ok(()) }
//! ```

mod action;
mod control;
mod engine;
mod expiry;
mod fault;
mod feed;
mod file;
mod idempotency;
mod lookup;
mod metering;
mod names;
mod operation;
mod reader;
mod refused;
mod specification;
mod statement;
mod table;
mod transaction;
mod wire;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use dynoxide::DynoxideError;

pub use crate::fault::{FaultHook, RequestInfo, Verdict};
pub use crate::feed::{StreamPosition, StreamRecord};
pub use crate::file::OpenError;
pub use crate::metering::Usage;
pub use crate::operation::Operation;
pub use crate::specification::{
    AttributeDefinition, GlobalSecondaryIndex, KeyElement, Projection, StreamSpecification,
    TableSpecification, TimeToLiveSpecification,
};
pub use crate::table::{TableDescription, TableError};

use crate::engine::{Access, Engine};
use crate::fault::Faults;
use crate::feed::Feeds;
use crate::metering::Meter;
use crate::names::Names;

/// Where the tables live and what place their names tell.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the tables' file is kept; none for tables in memory, lost with the process.
    pub directory: Option<PathBuf>,
    /// The region in ARNs and stream records.
    pub region: String,
    /// The account in ARNs.
    pub account_id: String,
}

impl Options {
    /// Tables in memory, in `us-east-1` and account `000000000000`.
    #[must_use]
    pub fn in_memory() -> Options {
        Options {
            directory: None,
            region: "us-east-1".to_owned(),
            account_id: "000000000000".to_owned(),
        }
    }

    /// Tables in a file in `directory`, which is made if need be.
    #[must_use]
    pub fn in_directory(directory: impl Into<PathBuf>) -> Options {
        Options {
            directory: Some(directory.into()),
            ..Options::in_memory()
        }
    }
}

/// The engine. Clones are handles of the same one; the file is closed when the last goes.
#[derive(Clone)]
pub struct DynamoDb {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for DynamoDb {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("DynamoDb")
            .field("names", self.names())
            .finish_non_exhaustive()
    }
}

struct Shared {
    engine: Engine,
    feeds: Arc<Feeds>,
    meter: Meter,
    faults: Faults,
    names: Names,
}

/// Why a stream could not be read, waited for or trimmed, or a sweep not done.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The table does not exist or has no stream.
    #[error("{0}")]
    NoStream(String),
    /// The store failed.
    #[error("the table store failed: {0}")]
    Store(String),
}

impl From<DynoxideError> for EngineError {
    fn from(error: DynoxideError) -> EngineError {
        match error {
            DynoxideError::ResourceNotFoundException(reason) => EngineError::NoStream(reason),
            error => EngineError::Store(error.to_string()),
        }
    }
}

impl DynamoDb {
    /// Opens the tables. What was committed before is there, however the process that did it ended.
    ///
    /// # Errors
    ///
    /// When the directory cannot be used, another process has it, or the file is damaged or of another
    /// program; the error names the file.
    pub fn open(options: Options) -> Result<DynamoDb, OpenError> {
        let opened = file::open(options.directory.as_deref())?;
        let feeds = Arc::new(Feeds::default());
        let engine = Engine::start(opened.storage, Arc::clone(&feeds), opened.lock)
            .map_err(|error| OpenError::Start(error.to_string()))?;
        Ok(DynamoDb {
            shared: Arc::new(Shared {
                engine,
                feeds,
                meter: Meter::default(),
                faults: Faults::default(),
                names: Names::new(options.region, options.account_id),
            }),
        })
    }

    /// Requests and units since the start or the last reset, by table and operation.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<(String, String), Usage> {
        self.meter().counts()
    }

    /// Starts counting afresh.
    pub fn reset_counts(&self) {
        self.meter().reset();
    }

    /// Asks `hook` about every item request from now on. It runs on the request's task: it must not block.
    pub fn on_request(&self, hook: FaultHook) {
        self.faults().set(Some(hook));
    }

    /// Lets every request proceed again.
    pub fn clear_request_hook(&self) {
        self.faults().set(None);
    }

    /// Up to `limit` records of a table's stream after a position (from the beginning without one), in
    /// order. Empty when there are none yet.
    ///
    /// # Errors
    ///
    /// When the table has no stream, or the store fails.
    pub async fn read_stream(
        &self,
        table: &str,
        after: Option<StreamPosition>,
        limit: usize,
    ) -> Result<Vec<StreamRecord>, EngineError> {
        let name = table.to_owned();
        let after = after.unwrap_or(StreamPosition::BEGINNING);
        let (stream, records) = self
            .engine()
            .run(Access::Read, Vec::new(), move |core| {
                Ok((
                    feed::stream_of(core, &name)?,
                    feed::stored_records(core, &name, after, limit)?,
                ))
            })
            .await?;
        Ok(records
            .into_iter()
            .map(|record| record.lambda_form(&stream, self.names()))
            .collect())
    }

    /// The position of a table's newest stream record; the beginning when there is none.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn latest_position(&self, table: &str) -> Result<StreamPosition, EngineError> {
        let table = table.to_owned();
        Ok(self
            .engine()
            .run(Access::Read, Vec::new(), move |core| {
                feed::latest(core, &table)
            })
            .await?)
    }

    /// Waits until a table's stream has a record after a position (after the beginning without one), and
    /// answers the newest position. Can be dropped at any time.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn changed(
        &self,
        table: &str,
        after: Option<StreamPosition>,
    ) -> Result<StreamPosition, EngineError> {
        let after = after.unwrap_or(StreamPosition::BEGINNING);
        loop {
            // Followed before it is looked at, so that a change in between is not missed.
            let mut feed = self.feeds().follow(table);
            let latest = self.latest_position(table).await?;
            if latest > after {
                return Ok(latest);
            }
            // The feed ends when a table is deleted: then it is looked at afresh.
            if let Ok(latest) = feed.wait_for(|latest| *latest > after).await {
                return Ok(*latest);
            }
        }
    }

    /// Deletes a table's stream records up to and including a position that every reader has passed. The
    /// newest record always stays. Answers how many went.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn trim(&self, table: &str, through: StreamPosition) -> Result<usize, EngineError> {
        let mut trimmed = 0;
        loop {
            let table = table.to_owned();
            let step = self
                .engine()
                .run(Access::Write, Vec::new(), move |core| {
                    feed::trim(core, &table, through)
                })
                .await?;
            trimmed += step;
            if step < feed::TRIM_STEP {
                return Ok(trimmed);
            }
        }
    }

    /// Deletes the stream records of every table that are older than the 24 hours DynamoDB keeps them. To be
    /// called now and then.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn trim_expired(&self) -> Result<usize, EngineError> {
        let tables = self
            .engine()
            .run(Access::Read, Vec::new(), |core| {
                core.storage.list_stream_enabled_tables()
            })
            .await?;
        let mut trimmed = 0;
        for table in tables {
            trimmed += self
                .trim(&table.table_name, StreamPosition::of_age(feed::RETENTION))
                .await?;
        }
        Ok(trimmed)
    }

    /// Deletes the items whose time to live has passed, with a stream record that names the service. To be
    /// called on a timer; free of charge, as on AWS. Answers how many went.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn sweep_ttl(&self) -> Result<usize, EngineError> {
        let sweeps = self
            .engine()
            .run(Access::Read, Vec::new(), expiry::sweeps)
            .await?;
        let mut deleted = 0;
        for mut sweep in sweeps {
            loop {
                let (back, lapsed) = self
                    .engine()
                    .run(Access::Read, Vec::new(), move |core| {
                        let lapsed = sweep.step(core)?;
                        Ok((sweep, lapsed))
                    })
                    .await?;
                sweep = back;
                let Some(lapsed) = lapsed else { break };
                if lapsed.is_empty() {
                    continue;
                }
                let table = vec![sweep.table().to_owned()];
                let (back, gone) = self
                    .engine()
                    .run(Access::Write, table, move |core| {
                        let mut gone = 0;
                        for item in &lapsed {
                            gone += usize::from(sweep.delete(core, item)?);
                        }
                        Ok((sweep, gone))
                    })
                    .await?;
                sweep = back;
                deleted += gone;
            }
        }
        Ok(deleted)
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.shared.engine
    }

    pub(crate) fn feeds(&self) -> &Feeds {
        &self.shared.feeds
    }

    pub(crate) fn meter(&self) -> &Meter {
        &self.shared.meter
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    pub(crate) fn names(&self) -> &Names {
        &self.shared.names
    }
}
