//! The engine's and the console's own way to queues, beside the wire: send, receive any number, delete, look.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::Messaging;
use crate::contents::{Delivery, Depth};
use crate::delivery::Poll;
use crate::message::{Content, Message, MessageAttributes};
use crate::queue::Queue;
use crate::queue_settings::Attributes;
use crate::receipt::Receipt;
use crate::rejection::MessagingError;
use crate::sqs;

/// A message as a consumer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedMessage {
    /// Its id, the same at each receive.
    pub message_id: String,
    /// What deletes it or changes its visibility; another at each receive, and empty where it was only looked at.
    pub receipt_handle: String,
    /// Its body.
    pub body: String,
    /// MD5 of the body, in hexadecimal.
    pub md5_of_body: String,
    /// System attributes by their SQS names (`ApproximateReceiveCount`, `SentTimestamp` in milliseconds, ...).
    pub attributes: BTreeMap<String, String>,
    /// The sender's attributes.
    pub message_attributes: MessageAttributes,
    /// MD5 of the sender's attributes, where there are any.
    pub md5_of_message_attributes: Option<String>,
}

impl Messaging {
    /// Receives up to `max` messages (any number: Lambda's batches go beyond SQS's ten), waiting up to `wait` for the
    /// first. They stay invisible for `visibility_timeout`, or the queue's own; parts of a second count as one.
    ///
    /// # Errors
    /// When there is no such queue, or the move of a given-up message cannot be kept.
    pub async fn receive(
        &self,
        queue_arn: &str,
        max: usize,
        wait: Duration,
        visibility_timeout: Option<Duration>,
    ) -> Result<Vec<ReceivedMessage>, MessagingError> {
        let queue = self.queue_by_arn(queue_arn)?;
        self.inner.requests.count(&queue.name, "Poll");
        let visibility_seconds = visibility_timeout.map(|timeout| {
            i64::try_from(timeout.as_millis().div_ceil(1000)).unwrap_or(i64::MAX / 1000)
        });
        let deliveries = self
            .poll(
                &queue,
                Poll {
                    most: max,
                    wait,
                    visibility_seconds,
                },
            )
            .await?;
        Ok(deliveries
            .iter()
            .map(|delivery| self.received(&queue, delivery))
            .collect())
    }

    /// Deletes received messages. Receipt handles that are no longer the latest delete nothing.
    ///
    /// # Errors
    /// When there is no such queue, a handle is none of this queue's, or the deletion cannot be kept.
    pub async fn delete(
        &self,
        queue_arn: &str,
        receipt_handles: &[impl AsRef<str> + Sync],
    ) -> Result<(), MessagingError> {
        let queue = self.queue_by_arn(queue_arn)?;
        let receipts: Result<Vec<Receipt>, _> = receipt_handles
            .iter()
            .map(|handle| self.read_receipt(&queue, handle.as_ref()))
            .collect();
        self.delete_received(&queue, &receipts?).await
    }

    /// Makes a received message visible again after `timeout`, at once where that is zero.
    ///
    /// # Errors
    /// As SQS's ChangeMessageVisibility: no such queue, a wrong handle, a message not in flight, more than 12 hours.
    pub fn change_visibility(
        &self,
        queue_arn: &str,
        receipt_handle: &str,
        timeout: Duration,
    ) -> Result<(), MessagingError> {
        let queue = self.queue_by_arn(queue_arn)?;
        let seconds = i64::try_from(timeout.as_millis().div_ceil(1000)).unwrap_or(i64::MAX / 1000);
        Ok(self.change_received(&queue, receipt_handle, seconds)?)
    }

    /// Sends one message, under SQS's rules for SendMessage, and returns its id.
    ///
    /// # Errors
    /// When there is no such queue, SQS would refuse the message, or it cannot be kept.
    pub async fn send(
        &self,
        queue_arn: &str,
        body: &str,
        attributes: MessageAttributes,
    ) -> Result<String, MessagingError> {
        let queue = self.queue_by_arn(queue_arn)?;
        sqs::check_message(&queue, body, &attributes)?;
        let message = self.new_message(
            &queue,
            Arc::new(Content::new(body.to_owned(), attributes)),
            None,
        );
        let id = message.message_id.to_string();
        self.place(vec![(queue, vec![message])]).await?;
        Ok(id)
    }

    /// Numbers of messages by state, at this moment.
    ///
    /// # Errors
    /// When there is no such queue.
    pub fn depth(&self, queue_arn: &str) -> Result<Depth, MessagingError> {
        let queue = self.queue_by_arn(queue_arn)?;
        Ok(self.settled(&queue, |contents| contents.depth()))
    }

    /// The oldest messages, in whatever state, with no effect on them.
    ///
    /// # Errors
    /// When there is no such queue.
    pub fn peek(
        &self,
        queue_arn: &str,
        limit: usize,
    ) -> Result<Vec<ReceivedMessage>, MessagingError> {
        let queue = self.queue_by_arn(queue_arn)?;
        let messages: Vec<Message> =
            self.settled(&queue, |contents| contents.oldest(limit).cloned().collect());
        Ok(messages
            .into_iter()
            .map(|message| self.seen(message))
            .collect())
    }

    pub(crate) fn received(&self, queue: &Queue, delivery: &Delivery) -> ReceivedMessage {
        let receipt = Receipt {
            queue: queue.id,
            sequence: delivery.message.sequence,
            number: delivery.receipt,
        };
        ReceivedMessage {
            receipt_handle: receipt.handle(),
            ..self.seen(delivery.message.clone())
        }
    }

    fn seen(&self, message: Message) -> ReceivedMessage {
        let attributes = self.system_attributes(&message);
        let content = &message.content;
        ReceivedMessage {
            message_id: message.message_id.to_string(),
            receipt_handle: String::new(),
            body: content.body.clone(),
            md5_of_body: content.md5_of_body.clone(),
            attributes,
            message_attributes: content.attributes.clone(),
            md5_of_message_attributes: content.md5_of_attributes.clone(),
        }
    }

    /// System attributes by their SQS names.
    pub(crate) fn system_attributes(&self, message: &Message) -> Attributes {
        let mut shown = Attributes::new();
        let mut show = |name: &str, value: String| {
            shown.insert(name.to_owned(), value);
        };
        show("SenderId", self.identity().account_id.clone());
        show("SentTimestamp", message.sent_ms.to_string());
        show("ApproximateReceiveCount", message.receive_count.to_string());
        if let Some(first_received_ms) = message.first_received_ms {
            show(
                "ApproximateFirstReceiveTimestamp",
                first_received_ms.to_string(),
            );
        }
        if let Some(source) = &message.dead_letter_source {
            show("DeadLetterQueueSourceArn", source.to_string());
        }
        if let Some(header) = &message.content.trace_header {
            show("AWSTraceHeader", header.clone());
        }
        if let Some(group) = &message.content.group_id {
            show("MessageGroupId", group.clone());
        }
        shown
    }
}
