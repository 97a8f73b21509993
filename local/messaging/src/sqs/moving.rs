//! StartMessageMoveTask, ListMessageMoveTasks and CancelMessageMoveTask.

use serde::{Deserialize, Serialize};

use crate::Messaging;
use crate::move_task::{MoveTask, Status};
use crate::rejection::{MessagingError, Rejection};
use crate::wire::integer;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct StartMessageMoveTask {
    source_arn: String,
    destination_arn: Option<String>,
    #[serde(deserialize_with = "integer")]
    max_number_of_messages_per_second: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ListMessageMoveTasks {
    source_arn: String,
    #[serde(deserialize_with = "integer")]
    max_results: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct CancelMessageMoveTask {
    task_handle: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Started {
    task_handle: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Cancelled {
    approximate_number_of_messages_moved: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tasks {
    results: Vec<Task>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Task {
    #[serde(skip_serializing_if = "Option::is_none")]
    task_handle: Option<String>,
    status: &'static str,
    source_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_number_of_messages_per_second: Option<usize>,
    approximate_number_of_messages_moved: usize,
    approximate_number_of_messages_to_move: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<String>,
    started_timestamp: i64,
}

impl Messaging {
    pub(super) async fn sqs_start_message_move_task(
        &self,
        input: StartMessageMoveTask,
    ) -> Result<Started, MessagingError> {
        self.count_by_arn(&input.source_arn, "StartMessageMoveTask")?;
        let rate = input.max_number_of_messages_per_second;
        let task = self.start_move_task(&input.source_arn, input.destination_arn, rate)?;
        Ok(Started {
            task_handle: task.handle.clone(),
        })
    }

    pub(super) async fn sqs_list_message_move_tasks(
        &self,
        input: ListMessageMoveTasks,
    ) -> Result<Tasks, MessagingError> {
        self.count_by_arn(&input.source_arn, "ListMessageMoveTasks")?;
        if self.find_queue_by_arn(&input.source_arn).is_none() {
            return Err(Rejection::move_resource_not_found(
                "The resource that you specified for the SourceArn parameter doesn't exist.",
            )
            .into());
        }
        let most = match input.max_results.unwrap_or(1) {
            most @ 1..=10 => usize::try_from(most).unwrap_or(1),
            most => {
                return Err(
                    Rejection::parameter(most, "MaxResults", "Must be between 1 and 10").into(),
                );
            }
        };
        Ok(Tasks {
            results: self
                .move_tasks(&input.source_arn)
                .iter()
                .take(most)
                .map(|task| show(task))
                .collect(),
        })
    }

    pub(super) async fn sqs_cancel_message_move_task(
        &self,
        input: CancelMessageMoveTask,
    ) -> Result<Cancelled, MessagingError> {
        self.inner.requests.count("", "CancelMessageMoveTask");
        Ok(Cancelled {
            approximate_number_of_messages_moved: self.cancel_move_task(&input.task_handle)?,
        })
    }

    fn count_by_arn(&self, arn: &str, operation: &'static str) -> Result<(), Rejection> {
        if arn.is_empty() {
            return Err(Rejection::missing("SourceArn"));
        }
        self.inner
            .requests
            .count(self.identity().queue_name(arn).unwrap_or(arn), operation);
        Ok(())
    }
}

fn show(task: &MoveTask) -> Task {
    let progress = task.progress.lock().clone();
    Task {
        // Only a running task can be cancelled, so only that one shows its handle.
        task_handle: (progress.status == Status::Running).then(|| task.handle.clone()),
        status: progress.status.name(),
        source_arn: task.source_arn.clone(),
        destination_arn: task.destination_arn.clone(),
        max_number_of_messages_per_second: task.most_per_second,
        approximate_number_of_messages_moved: progress.moved,
        approximate_number_of_messages_to_move: task.to_move,
        failure_reason: match progress.status {
            Status::Failed(reason) => Some(reason),
            Status::Running | Status::Cancelling | Status::Cancelled | Status::Completed => None,
        },
        started_timestamp: task.started_ms,
    }
}
