//! A look at queues: receives all that can be received, and shows it again when the look ends.

use std::collections::HashSet;

use anyhow::Context as _;
use aws_sdk_sqs::types::{ChangeMessageVisibilityBatchRequestEntry, MessageSystemAttributeName};

use super::letter::Letter;
use super::queue::FailedQueue;
use crate::deployment::Deployment;

/// How long what was seen is hidden from others: an operator's act takes seconds.
const HIDDEN_SECONDS: i32 = 60;
/// SQS's largest batch.
const BATCH: usize = 10;
/// A short poll asks some of SQS's servers only; so many empty answers in a row mean that nothing is left.
const EMPTY_ANSWERS: usize = 2;

/// What was received, until it is shown again.
pub(super) struct Look {
    pub(super) deployment: Deployment,
    letters: Vec<Letter>,
}

impl Look {
    /// Receives everything that lies in the queues.
    pub(super) async fn at(
        deployment: Deployment,
        queues: Vec<FailedQueue>,
    ) -> anyhow::Result<Self> {
        let mut look = Self {
            deployment,
            letters: Vec::new(),
        };
        for queue in &queues {
            if let Err(error) = look.receive(queue).await {
                look.show_again(&HashSet::new()).await;
                return Err(error);
            }
        }
        Ok(look)
    }

    async fn receive(&mut self, queue: &FailedQueue) -> anyhow::Result<()> {
        let mut seen = HashSet::new();
        let mut empty = 0;
        while empty < EMPTY_ANSWERS {
            let received = self
                .deployment
                .sqs
                .receive_message()
                .queue_url(&queue.url)
                .max_number_of_messages(BATCH as i32)
                .visibility_timeout(HIDDEN_SECONDS)
                .message_system_attribute_names(MessageSystemAttributeName::All)
                .message_attribute_names("All")
                .send()
                .await
                .with_context(|| format!("{} cannot be read", queue.logical_id))?;
            let messages = received.messages.unwrap_or_default();
            empty = match messages.is_empty() {
                true => empty + 1,
                false => 0,
            };
            for message in messages {
                let letter = Letter::read(queue, message);
                // SQS may give one out twice; the later receipt is the one that counts.
                if !seen.insert(letter.id.clone()) {
                    self.letters.retain(|known| known.id != letter.id);
                }
                self.letters.push(letter);
            }
        }
        Ok(())
    }

    /// The letters, beside the look that holds them.
    pub(super) fn part(self) -> (Self, Vec<Letter>) {
        let letters = self.letters.clone();
        (self, letters)
    }

    /// Shows everything again.
    pub(super) async fn end(self) -> Vec<Letter> {
        self.show_again(&HashSet::new()).await;
        self.letters
    }

    /// Shows everything again but what is not there any more.
    pub(super) async fn end_all_but(self, gone: &[String]) {
        self.show_again(&gone.iter().cloned().collect()).await;
    }

    async fn show_again(&self, gone: &HashSet<String>) {
        let held: Vec<&Letter> = self
            .letters
            .iter()
            .filter(|letter| !gone.contains(&letter.id))
            .collect();
        for letters in held.chunk_by(|one, other| one.queue_url == other.queue_url) {
            for batch in letters.chunks(BATCH) {
                let entries = batch.iter().enumerate().filter_map(|(position, letter)| {
                    ChangeMessageVisibilityBatchRequestEntry::builder()
                        .id(position.to_string())
                        .receipt_handle(&letter.receipt_handle)
                        .visibility_timeout(0)
                        .build()
                        .ok()
                });
                let shown = self
                    .deployment
                    .sqs
                    .change_message_visibility_batch()
                    .queue_url(&batch[0].queue_url)
                    .set_entries(Some(entries.collect()))
                    .send()
                    .await;
                if let Err(error) = shown {
                    let queue = &batch[0].queue;
                    tracing::warn!(%error, queue, "messages stay hidden for a minute");
                }
            }
        }
    }
}
