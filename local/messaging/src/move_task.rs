//! Message move tasks: bringing dead letters back to the queues that gave them up, or to another queue.
//! Tasks live in memory: one that a restart cuts short leaves the rest of its messages where they are.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use uuid::Uuid;

use crate::Messaging;
use crate::journal::Change;
use crate::message::Message;
use crate::queue::SharedQueue;
use crate::rejection::{MessagingError, Rejection};

/// Messages moved in one transaction.
const CHUNK: usize = 500;

#[derive(Debug)]
pub(crate) struct MoveTask {
    pub handle: String,
    pub source_arn: String,
    /// `None` returns each message to the queue that gave it up.
    pub destination_arn: Option<String>,
    pub most_per_second: Option<usize>,
    pub started_ms: i64,
    pub to_move: usize,
    pub progress: Mutex<Progress>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Progress {
    pub moved: usize,
    pub status: Status,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Status {
    Running,
    Cancelling,
    Cancelled,
    Completed,
    Failed(String),
}

impl Status {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Cancelling => "CANCELLING",
            Self::Cancelled => "CANCELLED",
            Self::Completed => "COMPLETED",
            Self::Failed(_) => "FAILED",
        }
    }
}

impl Messaging {
    /// Starts moving what is visible in a dead-letter queue.
    pub(crate) fn start_move_task(
        &self,
        source_arn: &str,
        destination_arn: Option<String>,
        most_per_second: Option<i64>,
    ) -> Result<Arc<MoveTask>, Rejection> {
        let missing = || {
            Rejection::move_resource_not_found(
                "The resource that you specified for the SourceArn parameter doesn't exist.",
            )
        };
        let source = self.find_queue_by_arn(source_arn).ok_or_else(missing)?;
        if let Some(arn) = &destination_arn
            && self.find_queue_by_arn(arn).is_none()
        {
            return Err(Rejection::move_resource_not_found(
                "The resource that you specified for the DestinationArn parameter doesn't exist.",
            ));
        }
        if !self
            .queues()
            .iter()
            .any(|queue| queue.dead_letter_target().as_deref() == Some(source_arn))
        {
            return Err(Rejection::invalid_parameter_value(
                "Source queue must be configured as a Dead Letter Queue.",
            ));
        }
        let most_per_second = match most_per_second {
            Some(rate @ 1..=500) => usize::try_from(rate).ok(),
            Some(_) => {
                return Err(Rejection::invalid_parameter_value(
                    "Value for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: must be from 1 to 500.",
                ));
            }
            None => None,
        };
        let mut tasks = self.inner.move_tasks.lock();
        let running = |task: &Arc<MoveTask>| {
            task.source_arn == source_arn
                && matches!(
                    task.progress.lock().status,
                    Status::Running | Status::Cancelling
                )
        };
        if tasks.iter().any(running) {
            return Err(Rejection::unsupported_operation(
                "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
            ));
        }
        let task = Arc::new(MoveTask {
            handle: Uuid::now_v7().to_string(),
            source_arn: source_arn.to_owned(),
            destination_arn,
            most_per_second,
            started_ms: self.now_ms(),
            to_move: self.settled(&source, |contents| contents.depth()).visible,
            progress: Mutex::new(Progress {
                moved: 0,
                status: Status::Running,
            }),
        });
        tasks.push(Arc::clone(&task));
        drop(tasks);
        tokio::spawn(self.clone().run(source, Arc::clone(&task)));
        Ok(task)
    }

    /// The latest tasks of a source queue, newest first.
    pub(crate) fn move_tasks(&self, source_arn: &str) -> Vec<Arc<MoveTask>> {
        self.inner
            .move_tasks
            .lock()
            .iter()
            .rev()
            .filter(|task| task.source_arn == source_arn)
            .cloned()
            .collect()
    }

    /// Asks a running task to stop, and returns how many messages it has moved.
    pub(crate) fn cancel_move_task(&self, handle: &str) -> Result<usize, Rejection> {
        let tasks = self.inner.move_tasks.lock();
        let task = tasks.iter().find(|task| task.handle == handle);
        let task =
            task.ok_or_else(|| Rejection::move_resource_not_found("Task does not exist."))?;
        let mut progress = task.progress.lock();
        if progress.status != Status::Running {
            return Err(Rejection::unsupported_operation(
                "Only active tasks can be cancelled.",
            ));
        }
        progress.status = Status::Cancelling;
        Ok(progress.moved)
    }

    async fn run(self, source: SharedQueue, task: Arc<MoveTask>) {
        let outcome = self.move_all(&source, &task).await;
        let mut progress = task.progress.lock();
        progress.status = match outcome {
            Err(error) => {
                tracing::warn!(%error, queue = source.name, "a message move task failed");
                Status::Failed(error.to_string())
            }
            Ok(()) if progress.status == Status::Cancelling => Status::Cancelled,
            Ok(()) => Status::Completed,
        };
    }

    async fn move_all(&self, source: &SharedQueue, task: &MoveTask) -> Result<(), MessagingError> {
        let chunk = task.most_per_second.unwrap_or(CHUNK).min(CHUNK);
        loop {
            let progress = task.progress.lock().clone();
            let left = task.to_move.saturating_sub(progress.moved).min(chunk);
            if progress.status != Status::Running || left == 0 {
                return Ok(());
            }
            let messages = self.settled(source, |contents| contents.drain(left));
            if messages.is_empty() {
                return Ok(());
            }
            let moved = messages.len();
            self.move_messages(source, task, messages).await?;
            task.progress.lock().moved += moved;
            if task.most_per_second.is_some() && left == chunk {
                let next = self
                    .now()
                    .checked_add(Duration::from_secs(1))
                    .unwrap_or(jiff::Timestamp::MAX);
                self.inner.clock.wait_until(next).await;
            }
        }
    }

    /// Moved messages are new ones to SQS: a new id, sent now, never received. Old and new change places in one commit.
    async fn move_messages(
        &self,
        source: &SharedQueue,
        task: &MoveTask,
        messages: Vec<Message>,
    ) -> Result<(), MessagingError> {
        let mut placements = Vec::with_capacity(messages.len());
        for old in &messages {
            let arn = task
                .destination_arn
                .as_deref()
                .or(old.dead_letter_source.as_deref());
            let Some(destination) = arn.and_then(|arn| self.find_queue_by_arn(arn)) else {
                source.add(messages, self.now_ms());
                return Err(Rejection::invalid_parameter_value(
                    "A message's source queue is unknown or deleted; name a destination queue.",
                )
                .into());
            };
            let new = self.new_message(&destination, Arc::clone(&old.content), Some(0));
            placements.push((destination, new));
        }
        let removals = messages.iter().map(|old| Change::Remove {
            sequence: old.sequence,
        });
        let additions = placements.iter().map(|(queue, new)| Change::Add {
            queue: queue.id,
            message: new.clone(),
        });
        let changes = removals.chain(additions).collect();
        let now_ms = self.now_ms();
        let apply = move || {
            for (queue, message) in placements {
                queue.add(vec![message], now_ms);
            }
        };
        let outcome = self.inner.journal.commit(changes, apply).await;
        if outcome.is_err() {
            source.add(messages, now_ms);
        }
        Ok(outcome?)
    }
}
