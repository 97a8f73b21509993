//! SQS's operations, one file per kind. Each reads its input, whichever protocol it came in, and answers a structure.

mod batch;
mod deleting;
mod moving;
mod queues;
mod receiving;
mod sending;
mod tagging;

use serde::Serialize;

use crate::Messaging;
use crate::names;
use crate::queue::SharedQueue;
use crate::rejection::{MessagingError, Rejection};
use crate::wire::{Answer, Parameters};

pub(crate) use sending::check_message;

/// An operation that answers nothing.
#[derive(Debug, Serialize)]
pub(crate) struct Nothing {}

impl Messaging {
    pub(crate) async fn sqs(
        &self,
        operation: &str,
        parameters: Parameters<'_>,
    ) -> Result<Answer, MessagingError> {
        macro_rules! run {
            ($operation:ident) => {{
                let (input, protocol) = parameters.read()?;
                let output = self.$operation(input).await?;
                Ok(protocol.answer(&output))
            }};
        }
        match operation {
            "SendMessage" => run!(sqs_send_message),
            "SendMessageBatch" => run!(sqs_send_message_batch),
            "ReceiveMessage" => run!(sqs_receive_message),
            "DeleteMessage" => run!(sqs_delete_message),
            "DeleteMessageBatch" => run!(sqs_delete_message_batch),
            "ChangeMessageVisibility" => run!(sqs_change_message_visibility),
            "ChangeMessageVisibilityBatch" => run!(sqs_change_message_visibility_batch),
            "CreateQueue" => run!(sqs_create_queue),
            "GetQueueUrl" => run!(sqs_get_queue_url),
            "ListQueues" => run!(sqs_list_queues),
            "DeleteQueue" => run!(sqs_delete_queue),
            "PurgeQueue" => run!(sqs_purge_queue),
            "GetQueueAttributes" => run!(sqs_get_queue_attributes),
            "SetQueueAttributes" => run!(sqs_set_queue_attributes),
            "ListDeadLetterSourceQueues" => run!(sqs_list_dead_letter_source_queues),
            "StartMessageMoveTask" => run!(sqs_start_message_move_task),
            "ListMessageMoveTasks" => run!(sqs_list_message_move_tasks),
            "CancelMessageMoveTask" => run!(sqs_cancel_message_move_task),
            "TagQueue" => run!(sqs_tag_queue),
            "UntagQueue" => run!(sqs_untag_queue),
            "ListQueueTags" => run!(sqs_list_queue_tags),
            _ => Err(Rejection::invalid_action(format!(
                "The action {operation} is not valid for this endpoint."
            ))
            .into()),
        }
    }

    /// The queue that a request names by its URL. Counts the request, also where there is no such queue.
    fn addressed(
        &self,
        queue_url: &str,
        operation: &'static str,
    ) -> Result<SharedQueue, Rejection> {
        if queue_url.is_empty() {
            return Err(Rejection::missing("QueueUrl"));
        }
        let name = names::queue_name_in_url(queue_url);
        self.inner.requests.count(name, operation);
        self.find_queue(name)
            .ok_or_else(Rejection::queue_does_not_exist)
    }
}
