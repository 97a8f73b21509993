//! Functions, what invokes them, and what they may do.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::pattern::FilterCriteria;

/// A Lambda function built by cargo-lambda.
#[derive(Debug, Clone)]
pub struct Function {
    /// Name in the template.
    pub logical_id: String,
    /// Physical name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// The cargo binary.
    pub binary: String,
    /// Folder of its package, relative to the template.
    pub code_uri: String,
    /// Time that one invocation may take.
    pub timeout: Duration,
    /// Memory in MiB.
    pub memory_mb: u32,
    /// Environment variables, resolved.
    pub environment: BTreeMap<String, String>,
    /// ARN of the execution role, where the template writes one out.
    pub role_arn: Option<String>,
    /// Name of the log group, where the template names one.
    pub log_group: Option<String>,
    /// Names of the alarms that call a new version back while it takes over. Nothing does on a laptop: they are read so that
    /// the project's rules about them can be checked.
    pub rollback_alarms: Vec<String>,
    /// What invokes it.
    pub event_sources: Vec<EventSource>,
}

/// What invokes a function.
#[derive(Debug, Clone)]
pub enum EventSource {
    /// Messages of a queue.
    Queue {
        /// Name of the event in the template.
        name: String,
        /// ARN of the queue.
        queue_arn: String,
        /// Messages in one invocation, at most.
        batch_size: u32,
        /// Seconds to wait for a fuller batch.
        window_seconds: u32,
        /// Whether the function names the messages that failed.
        report_failures: bool,
        /// Concurrent invocations, at most (2 to 1,000); none means no limit of the mapping's own.
        max_concurrency: Option<u32>,
        /// Which messages are wanted; the others are deleted.
        filters: FilterCriteria,
    },
    /// Records of a table's stream.
    Stream {
        /// Name of the event in the template.
        name: String,
        /// Physical name of the table.
        table: String,
        /// Records in one invocation, at most.
        batch_size: u32,
        /// Seconds to wait for a fuller batch.
        window_seconds: u32,
        /// Which records are wanted; the others are skipped.
        filters: FilterCriteria,
        /// Whether a failing batch is split in two.
        bisect: bool,
        /// Tries after the first; none means until the record expires.
        max_retries: Option<u32>,
        /// Age after which a record is given up; none means as long as the stream keeps it.
        max_age_seconds: Option<u32>,
        /// Whether the function names the record from which to try again.
        report_failures: bool,
        /// ARN of the queue that is told of records given up.
        on_failure_queue_arn: Option<String>,
        /// Where reading starts.
        starting_position: StartingPosition,
        /// Batches of one shard handled at once (1 to 10).
        parallelization: u32,
    },
    /// EventBridge Scheduler, at a fixed rate.
    Schedule {
        /// Name of the event in the template.
        name: String,
        /// Time between two invocations.
        rate: Duration,
        /// The JSON text that the function receives; none means Scheduler's own event.
        input: Option<String>,
    },
    /// A route of the HTTP API.
    Http {
        /// Name of the event in the template.
        name: String,
        /// Method in capitals.
        method: String,
        /// Path with `{name}` for a variable segment.
        path: String,
        /// Name of the authoriser; none means that anybody may call.
        authorizer: Option<String>,
        /// Scopes of which the token must hold at least one; empty means any valid token.
        scopes: Vec<String>,
    },
}

/// Where a stream's reader starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartingPosition {
    /// At the oldest record kept.
    TrimHorizon,
    /// After the newest.
    Latest,
}

/// A log group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogGroup {
    /// Name in the template.
    pub logical_id: String,
    /// Physical name.
    pub name: String,
    /// Days for which it keeps a line; none means for ever.
    pub retention_days: Option<u32>,
}

/// An execution role and what it allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Name in the template.
    pub logical_id: String,
    /// ARN.
    pub arn: String,
    /// What is allowed; nothing else is.
    pub permissions: Vec<Permission>,
}

/// One `Allow` statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// Actions, such as `sns:Publish`.
    pub actions: Vec<String>,
    /// ARNs.
    pub resources: Vec<String>,
}
