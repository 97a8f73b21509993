//! Putting messages into queues and taking them out, with what must be kept of either.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::Messaging;
use crate::contents::{Contents, Delivery, VisibilityChange};
use crate::journal::Change;
use crate::message::{Content, Message};
use crate::queue::{Queue, SharedQueue};
use crate::receipt::Receipt;
use crate::rejection::{MessagingError, Rejection};

/// A request for messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Poll {
    pub most: usize,
    /// Zero asks once.
    pub wait: Duration,
    /// `None` takes the queue's own time-out.
    pub visibility_seconds: Option<i64>,
}

impl Messaging {
    /// A new message of this content, sent now. `None` takes the queue's own delay.
    pub(crate) fn new_message(
        &self,
        queue: &Queue,
        content: Arc<Content>,
        delay_seconds: Option<i64>,
    ) -> Message {
        let now_ms = self.now_ms();
        let delay_seconds =
            delay_seconds.unwrap_or_else(|| queue.contents.lock().settings.delay_seconds);
        Message {
            sequence: self.next_sequence(),
            message_id: Uuid::now_v7(),
            content,
            sent_ms: now_ms,
            delayed_until_ms: now_ms + delay_seconds * 1000,
            receive_count: 0,
            receives_here: 0,
            first_received_ms: None,
            dead_letter_source: None,
        }
    }

    /// Keeps messages and puts them into their queues: all in one transaction, all or none.
    pub(crate) async fn place(
        &self,
        placements: Vec<(SharedQueue, Vec<Message>)>,
    ) -> Result<(), MessagingError> {
        let changes = placements
            .iter()
            .flat_map(|(queue, messages)| {
                messages.iter().map(|message| Change::Add {
                    queue: queue.id,
                    message: message.clone(),
                })
            })
            .collect::<Vec<_>>();
        if changes.is_empty() {
            return Ok(());
        }
        let clock = Arc::clone(&self.inner.clock);
        let apply = move || {
            let now_ms = clock.now().as_millisecond();
            for (queue, messages) in placements {
                queue.add(messages, now_ms);
            }
        };
        Ok(self.inner.journal.commit(changes, apply).await?)
    }

    /// Receives, waiting for a first message as long as asked.
    pub(crate) async fn poll(
        &self,
        queue: &SharedQueue,
        poll: Poll,
    ) -> Result<Vec<Delivery>, MessagingError> {
        let started = self.now();
        let deadline = started.checked_add(poll.wait).unwrap_or(Timestamp::MAX);
        loop {
            // Listening starts before looking, so that nothing slips in between.
            let arrival = queue.arrivals.notified();
            tokio::pin!(arrival);
            arrival.as_mut().enable();

            let now_ms = self.now_ms();
            let dead_letters = queue
                .dead_letter_target()
                .and_then(|arn| self.find_queue_by_arn(&arn));
            let taken = {
                let mut contents = queue.contents.lock();
                if contents.deleted {
                    return Err(Rejection::queue_does_not_exist().into());
                }
                let visibility_ms = poll
                    .visibility_seconds
                    .unwrap_or(contents.settings.visibility_timeout_seconds)
                    * 1000;
                let taken = contents.take(
                    now_ms,
                    poll.most,
                    visibility_ms,
                    dead_letters.is_some(),
                    &mut || self.next_receipt(),
                );
                // Still under the lock, so that two receives of one message are noted in their order.
                self.inner
                    .journal
                    .record(notes(&taken.deliveries, &taken.expired));
                taken
            };
            if let Some(target) = dead_letters.filter(|_| !taken.given_up.is_empty()) {
                self.give_up(queue, &target, taken.given_up).await?;
            }
            if !taken.deliveries.is_empty() || self.now() >= deadline {
                if taken.over_limit && taken.deliveries.is_empty() && poll.wait.is_zero() {
                    return Err(Rejection::over_limit("Too many messages in flight.").into());
                }
                return Ok(taken.deliveries);
            }
            let due = taken
                .next_due_ms
                .and_then(|due_ms| Timestamp::from_millisecond(due_ms).ok());
            let wake = due.map_or(deadline, |due| due.min(deadline));
            tokio::select! {
                () = &mut arrival => {}
                () = self.inner.clock.wait_until(wake) => {}
            }
        }
    }

    /// Moves messages that their queue has given up to its dead-letter queue. They keep their id, their time of sending
    /// and their count of receives, which SQS counts across queues.
    async fn give_up(
        &self,
        source: &Queue,
        target: &SharedQueue,
        messages: Vec<Message>,
    ) -> Result<(), MessagingError> {
        let source_arn: Arc<str> = source.arn.as_str().into();
        let dead: Vec<Message> = messages
            .iter()
            .map(|message| Message {
                receives_here: 0,
                delayed_until_ms: message.sent_ms,
                dead_letter_source: Some(Arc::clone(&source_arn)),
                ..message.clone()
            })
            .collect();
        let moved = |message: &Message| Change::Redrive {
            queue: target.id,
            message: message.clone(),
        };
        let changes = dead.iter().map(moved).collect();
        let (target, now_ms) = (Arc::clone(target), self.now_ms());
        let outcome = self
            .inner
            .journal
            .commit(changes, move || target.add(dead, now_ms))
            .await;
        if outcome.is_err() {
            // In the file they are still their old queue's.
            source.add(messages, now_ms);
        }
        Ok(outcome?)
    }

    /// Deletes messages by their receipts, whose handles were read before. Receipts that are no longer the latest, or
    /// whose message is gone, delete nothing and are no error.
    pub(crate) async fn delete_received(
        &self,
        queue: &Queue,
        receipts: &[Receipt],
    ) -> Result<(), MessagingError> {
        let removed: Vec<Change> = {
            let mut contents = queue.contents.lock();
            receipts
                .iter()
                .filter(|receipt| contents.delete(receipt.sequence, receipt.number))
                .map(|receipt| Change::Remove {
                    sequence: receipt.sequence,
                })
                .collect()
        };
        if removed.is_empty() {
            return Ok(());
        }
        Ok(self.inner.journal.commit(removed, || ()).await?)
    }

    /// Looks at or changes a queue in which everything due has become visible and everything expired is gone.
    pub(crate) fn settled<T>(&self, queue: &Queue, act: impl FnOnce(&mut Contents) -> T) -> T {
        let mut contents = queue.contents.lock();
        let expired = contents.settle(self.now_ms());
        self.inner.journal.record(
            expired
                .into_iter()
                .map(|sequence| Change::Remove { sequence })
                .collect(),
        );
        act(&mut contents)
    }

    /// Reads a receipt handle, which must be one of this queue.
    pub(crate) fn read_receipt(&self, queue: &Queue, handle: &str) -> Result<Receipt, Rejection> {
        Receipt::read(handle)
            .filter(|receipt| receipt.queue == queue.id)
            .ok_or_else(|| Rejection::receipt_handle(handle))
    }

    /// Makes a received message visible again `timeout_seconds` from now.
    pub(crate) fn change_received(
        &self,
        queue: &Queue,
        handle: &str,
        timeout_seconds: i64,
    ) -> Result<(), Rejection> {
        let receipt = self.read_receipt(queue, handle)?;
        if !(0..=43_200).contains(&timeout_seconds) {
            return Err(Rejection::parameter(
                timeout_seconds,
                "VisibilityTimeout",
                "VisibilityTimeout must be an integer between 0 and 43200",
            ));
        }
        let now_ms = self.now_ms();
        let change = self.settled(queue, |contents| {
            contents.change_visibility(
                receipt.sequence,
                receipt.number,
                now_ms,
                timeout_seconds * 1000,
            )
        });
        match change {
            VisibilityChange::Done => {
                queue.arrivals.notify_waiters();
                Ok(())
            }
            VisibilityChange::NoSuchMessage => Err(Rejection::parameter(
                handle,
                "ReceiptHandle",
                "Message does not exist or is not available for visibility timeout change",
            )),
            VisibilityChange::NotInFlight => Err(Rejection::message_not_inflight(
                "The specified message is not in flight.",
            )),
            VisibilityChange::BeyondLimit => Err(Rejection::parameter(
                timeout_seconds,
                "VisibilityTimeout",
                "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]",
            )),
        }
    }
}

/// What a receive leaves in the journal.
fn notes(deliveries: &[Delivery], expired: &[u64]) -> Vec<Change> {
    let received = deliveries
        .iter()
        .map(|Delivery { message, .. }| Change::Received {
            sequence: message.sequence,
            receive_count: message.receive_count,
            receives_here: message.receives_here,
            first_received_ms: message.first_received_ms.unwrap_or_default(),
        });
    received
        .chain(expired.iter().map(|sequence| Change::Remove {
            sequence: *sequence,
        }))
        .collect()
}
