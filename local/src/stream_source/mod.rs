//! The event source mapping of a table's stream: reads in order, filters, batches, invokes, and tries again what failed,
//! split if the mapping says so, until it succeeds or is given up and the on-failure queue is told. Owns the reader's
//! place; the stream itself is the table's.
//!
//! One shard, so one batch at a time. A split does not count as a retry, and a report of partial failure splits at the
//! reported record (<https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html>).

mod delivery;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use local_dynamodb::{DynamoDb, StreamPosition, StreamRecord};
use local_messaging::Messaging;
use sam_template::FilterCriteria;
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::checkpoint::Checkpoint;
use crate::hops::Waits;
use crate::invoke::{Lambda, PAYLOAD_LIMIT_BYTES};
use crate::pause::RetryPause;

/// Records read in one go.
const READ_LIMIT: usize = 1000;

/// Handled records that may pile up before they are deleted.
const TRIM_EVERY: usize = 500;

/// What a record holds beside keys and images, at most.
const RECORD_OVERHEAD_BYTES: usize = 1024;

/// One mapping.
pub(crate) struct StreamSource {
    pub(crate) lambda: Arc<Lambda>,
    pub(crate) dynamodb: DynamoDb,
    pub(crate) messaging: Messaging,
    pub(crate) table: String,
    /// Records in one invocation, at most.
    pub(crate) batch_size: usize,
    /// How long to wait for a fuller batch.
    pub(crate) window: Duration,
    pub(crate) filters: FilterCriteria,
    /// Whether a failing batch is split in two.
    pub(crate) bisect: bool,
    /// Tries after the first; none for as many as the record's age allows.
    pub(crate) max_retries: Option<u32>,
    /// Age after which a record is given up.
    pub(crate) max_age: Option<Duration>,
    /// Whether the function names the record from which to try again.
    pub(crate) report_failures: bool,
    /// Who is told of records given up.
    pub(crate) on_failure_queue_arn: Option<String>,
    pub(crate) checkpoint: Arc<Checkpoint>,
    /// Whether this is the stream's only reader, which may delete what it has passed.
    pub(crate) trims: bool,
    pub(crate) pause: RetryPause,
    /// How long a batch is on its way, if it shall be.
    pub(crate) waits: Option<Waits>,
}

/// Why reading ended.
enum Ended {
    Stopped,
    Failed(String),
}

impl<E: std::error::Error> From<E> for Ended {
    fn from(error: E) -> Self {
        Self::Failed(error.to_string())
    }
}

impl StreamSource {
    /// Runs the mapping until told to stop. What is under way is finished or tried again after the next start.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut failures = 0;
        while let Err(Ended::Failed(reason)) = self.read_on(&stop).await {
            failures += 1;
            tracing::error!(table = self.table, reason, "a stream could not be read");
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(self.pause.after(failures)) => {}
            }
        }
    }

    /// Reads and handles; returns without an error only when told to stop.
    async fn read_on(&self, stop: &CancellationToken) -> Result<(), Ended> {
        let mut waiting: VecDeque<StreamRecord> = VecDeque::new();
        let mut read = self.checkpoint.position().unwrap_or_default();
        let mut passed_since_trim = 0;
        loop {
            let next = self.fill(&mut waiting, &mut read);
            let passed = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                passed = next => passed?,
            };
            passed_since_trim += passed;
            let batch = self.take_batch(&mut waiting);
            let last = batch.last().map(|record| record.position);
            if !batch.is_empty() {
                if let Some(waits) = &self.waits {
                    tokio::time::sleep(waits.next()).await;
                }
                match self.deliver(batch, stop).await {
                    Ok(()) => {}
                    Err(Ended::Stopped) => return Ok(()),
                    Err(failed) => return Err(failed),
                }
            }
            // What was filtered out behind the batch is passed too, unless something wanted stands before it.
            let reached = match waiting.is_empty() {
                true => read,
                false => last.unwrap_or(read),
            };
            match last {
                Some(_) => self.checkpoint.keep(reached)?,
                None => self.checkpoint.pass(reached),
            }
            if self.trims && passed_since_trim >= TRIM_EVERY {
                self.dynamodb.trim(&self.table, reached).await?;
                passed_since_trim = 0;
            }
        }
    }

    /// Reads until something wanted waits and the batch is full or its window over, or until all that there is was
    /// unwanted. Answers how many records it read. Can be dropped at any time: then all is read again.
    async fn fill(
        &self,
        waiting: &mut VecDeque<StreamRecord>,
        read: &mut StreamPosition,
    ) -> Result<usize, Ended> {
        let mut passed = 0;
        let mut end = (!waiting.is_empty()).then(|| Instant::now() + self.window);
        while waiting.len() < self.batch_size {
            let records = self
                .dynamodb
                .read_stream(&self.table, Some(*read), READ_LIMIT)
                .await?;
            if let Some(last) = records.last() {
                *read = last.position;
                passed += records.len();
                let wanted = |record: &StreamRecord| self.filters.matches(&record.event);
                waiting.extend(records.into_iter().filter(wanted));
                if waiting.is_empty() {
                    return Ok(passed);
                }
                end.get_or_insert_with(|| Instant::now() + self.window);
                continue;
            }
            match end {
                None => {
                    self.dynamodb.changed(&self.table, Some(*read)).await?;
                }
                Some(end) => {
                    let more = self.dynamodb.changed(&self.table, Some(*read));
                    match tokio::time::timeout_at(end, more).await {
                        Ok(more) => drop(more?),
                        Err(_) => break,
                    }
                }
            }
        }
        Ok(passed)
    }

    /// Takes as many records as one invocation may have, by number and by size.
    fn take_batch(&self, waiting: &mut VecDeque<StreamRecord>) -> Vec<StreamRecord> {
        let mut bytes = 0;
        let mut count = 0;
        for record in waiting.iter().take(self.batch_size) {
            bytes += payload_bytes(&record.event);
            if count > 0 && bytes > PAYLOAD_LIMIT_BYTES {
                break;
            }
            count += 1;
        }
        waiting.drain(..count).collect()
    }
}

/// About how much of a payload a record takes: keys and images are written with type names and quotes around them.
fn payload_bytes(event: &Value) -> usize {
    let size = event["dynamodb"]["SizeBytes"].as_u64().unwrap_or_default();
    usize::try_from(size)
        .unwrap_or(usize::MAX)
        .saturating_mul(2)
        + RECORD_OVERHEAD_BYTES
}

/// When the change was made, in seconds since 1970.
pub(crate) fn created_seconds(event: &Value) -> i64 {
    let created = &event["dynamodb"]["ApproximateCreationDateTime"];
    // Whole seconds, though Lambda writes them as a floating-point number now and then.
    created
        .as_i64()
        .or_else(|| created.as_f64().map(|seconds| seconds as i64))
        .unwrap_or_default()
}
