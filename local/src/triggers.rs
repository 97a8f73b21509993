//! From the template's event sources to running mappings and schedules, and to what stillness watches.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use local_dynamodb::DynamoDb;
use local_messaging::Messaging;
use sam_template::{EventSource, Function, StartingPosition, Template};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::data_directory::DataDirectory;
use crate::hops::Waits;
use crate::invoke::Lambda;
use crate::options::StackOptions;
use crate::queue_source::QueueSource;
use crate::quiet::{WatchedQueue, WatchedStream};
use crate::schedule::Schedule;
use crate::start_error::StartError;
use crate::stream_source::StreamSource;

/// Refuses what the mappings here do not do.
pub(crate) fn check(template: &Template) -> Result<(), StartError> {
    for function in &template.functions {
        for source in &function.event_sources {
            let refusal = match source {
                EventSource::Stream {
                    name,
                    parallelization,
                    ..
                } if *parallelization > 1 => Some((
                    name,
                    format!("ParallelizationFactor {parallelization} is not run locally, only 1"),
                )),
                EventSource::Stream { name, table, .. }
                    if !template
                        .tables
                        .iter()
                        .any(|it| it.name == *table && it.stream_view.is_some()) =>
                {
                    Some((name, format!("the table {table} has no stream")))
                }
                EventSource::Queue {
                    name, queue_arn, ..
                } if template.queue_by_arn(queue_arn).is_none() => Some((
                    name,
                    format!("the queue {queue_arn} is not of this template"),
                )),
                EventSource::Stream { .. }
                | EventSource::Queue { .. }
                | EventSource::Schedule { .. }
                | EventSource::Http { .. } => None,
            };
            if let Some((event, reason)) = refusal {
                return Err(StartError::Mapping {
                    logical_id: function.logical_id.clone(),
                    event: event.clone(),
                    reason,
                });
            }
        }
    }
    Ok(())
}

/// A stream's reader and its place, by function and event.
pub(crate) type Checkpoints = BTreeMap<(String, String), (String, Arc<Checkpoint>)>;

/// Opens the place of every stream's reader.
pub(crate) fn open_checkpoints(
    template: &Template,
    directory: Option<&DataDirectory>,
) -> Result<Checkpoints, CheckpointError> {
    let mut checkpoints = Checkpoints::new();
    for function in &template.functions {
        for source in &function.event_sources {
            if let EventSource::Stream { name, table, .. } = source {
                let reader = format!("{}-{name}", function.logical_id);
                let directory = directory.map(DataDirectory::path);
                let checkpoint = Arc::new(Checkpoint::open(directory, &reader, table)?);
                let key = (function.logical_id.clone(), name.clone());
                checkpoints.insert(key, (table.clone(), checkpoint));
            }
        }
    }
    Ok(checkpoints)
}

pub(crate) fn watched_streams(checkpoints: &Checkpoints) -> Vec<WatchedStream> {
    checkpoints
        .values()
        .map(|(table, checkpoint)| WatchedStream {
            table: table.clone(),
            checkpoint: Arc::clone(checkpoint),
        })
        .collect()
}

pub(crate) fn watched_queues(template: &Template) -> Vec<WatchedQueue> {
    let sources = template
        .functions
        .iter()
        .flat_map(|function| &function.event_sources);
    let consumed: BTreeSet<&str> = sources
        .filter_map(|source| match source {
            EventSource::Queue { queue_arn, .. } => Some(queue_arn.as_str()),
            EventSource::Stream { .. }
            | EventSource::Schedule { .. }
            | EventSource::Http { .. } => None,
        })
        .collect();
    template
        .queues
        .iter()
        .map(|queue| WatchedQueue {
            name: queue.name.clone(),
            arn: queue.arn.clone(),
            consumed: consumed.contains(queue.arn.as_str()),
        })
        .collect()
}

/// A function takes from a queue or a stream.
pub(crate) struct Taking {
    /// The queue's or the stream's.
    pub(crate) source_arn: String,
    pub(crate) function_arn: String,
}

/// What mappings and schedules are made of.
pub(crate) struct Triggers<'a> {
    pub(crate) template: &'a Template,
    pub(crate) options: &'a StackOptions,
    pub(crate) dynamodb: &'a DynamoDb,
    pub(crate) messaging: &'a Messaging,
    /// By binary.
    pub(crate) lambdas: &'a BTreeMap<String, Arc<Lambda>>,
}

impl Triggers<'_> {
    fn sources(&self) -> impl Iterator<Item = (&Function, Arc<Lambda>, &EventSource)> {
        self.template.functions.iter().flat_map(|function| {
            let lambda = &self.lambdas[&function.binary];
            let sources = function.event_sources.iter();
            sources.map(move |source| (function, Arc::clone(lambda), source))
        })
    }

    /// The queues and streams that functions take from.
    pub(crate) fn takings(&self) -> Vec<Taking> {
        let table = |name: &String| {
            self.template
                .tables
                .iter()
                .find(|table| table.name == *name)
        };
        self.sources()
            .filter_map(|(function, _, source)| {
                let source_arn = match source {
                    EventSource::Queue { queue_arn, .. } => queue_arn.clone(),
                    EventSource::Stream { table: name, .. } => {
                        format!("{}/stream/local", table(name)?.arn)
                    }
                    EventSource::Schedule { .. } | EventSource::Http { .. } => return None,
                };
                Some(Taking {
                    source_arn,
                    function_arn: function.arn.clone(),
                })
            })
            .collect()
    }

    pub(crate) fn start_queues(&self, tasks: &TaskTracker, stop: &CancellationToken) {
        for (number, (_, lambda, source)) in self.sources().enumerate() {
            let EventSource::Queue {
                queue_arn,
                batch_size,
                window_seconds,
                report_failures,
                max_concurrency,
                filters,
                ..
            } = source
            else {
                continue;
            };
            let concurrency = max_concurrency.map(|most| most as usize);
            let mapping = Arc::new(QueueSource {
                lambda,
                messaging: self.messaging.clone(),
                queue_arn: queue_arn.clone(),
                region: self.options.region.clone(),
                batch_size: *batch_size as usize,
                window: Duration::from_secs(u64::from(*window_seconds)),
                report_failures: *report_failures,
                concurrency: concurrency.unwrap_or(self.options.queue_concurrency),
                filters: filters.clone(),
                pause: self.options.retry_pause,
                waits: (self.options.hops.as_ref()).map(|hops| Waits::of_queue(hops, number)),
            });
            tasks.spawn(mapping.run(stop.clone()));
        }
    }

    pub(crate) async fn start_streams(
        &self,
        checkpoints: Checkpoints,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Result<(), StartError> {
        for (number, (function, lambda, source)) in self.sources().enumerate() {
            let EventSource::Stream {
                name,
                table,
                batch_size,
                window_seconds,
                filters,
                bisect,
                max_retries,
                max_age_seconds,
                report_failures,
                on_failure_queue_arn,
                starting_position,
                ..
            } = source
            else {
                continue;
            };
            let key = (function.logical_id.clone(), name.clone());
            let (_, checkpoint) = &checkpoints[&key];
            if checkpoint.position().is_none() && *starting_position == StartingPosition::Latest {
                checkpoint.keep(self.dynamodb.latest_position(table).await?)?;
            }
            let readers = checkpoints.values().filter(|(read, _)| read == table);
            let mapping = StreamSource {
                lambda,
                dynamodb: self.dynamodb.clone(),
                messaging: self.messaging.clone(),
                table: table.clone(),
                batch_size: *batch_size as usize,
                window: Duration::from_secs(u64::from(*window_seconds)),
                filters: filters.clone(),
                bisect: *bisect,
                max_retries: *max_retries,
                max_age: max_age_seconds.map(|seconds| Duration::from_secs(u64::from(seconds))),
                report_failures: *report_failures,
                on_failure_queue_arn: on_failure_queue_arn.clone(),
                checkpoint: Arc::clone(checkpoint),
                trims: readers.count() == 1,
                pause: self.options.retry_pause,
                waits: (self.options.hops.as_ref()).map(|hops| Waits::of_stream(hops, number)),
            };
            tasks.spawn(mapping.run(stop.clone()));
        }
        Ok(())
    }

    pub(crate) fn schedules(&self) -> Vec<Arc<Schedule>> {
        let schedules = self
            .sources()
            .filter_map(|(_, lambda, source)| match source {
                EventSource::Schedule { name, rate, input } => Some(Arc::new(Schedule {
                    lambda,
                    name: name.clone(),
                    rate: *rate,
                    input: input.clone(),
                    region: self.options.region.clone(),
                    account_id: self.options.account_id.clone(),
                })),
                EventSource::Queue { .. }
                | EventSource::Stream { .. }
                | EventSource::Http { .. } => None,
            });
        schedules.collect()
    }
}
