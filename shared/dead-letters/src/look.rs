//! A look at queues: receives what can be received, and shows it again when the look ends.

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::{ChangeMessageVisibilityBatchRequestEntry, MessageSystemAttributeName};
use tokio::time::Instant;

use crate::{FailedQueue, Letter};

/// How long what was seen is hidden from others: an operator's act takes seconds.
const HIDDEN_SECONDS: i32 = 60;
/// SQS's largest batch.
const BATCH: usize = 10;
/// A short poll asks some of SQS's servers only; so many empty answers in a row mean that nothing is left.
const EMPTY_ANSWERS: usize = 2;

/// How far a look goes.
///
/// ```
/// use std::time::Duration;
/// use dead_letters::Bounds;
///
/// // What an operator's request has time for.
/// let page = Bounds { most: 20, within: Duration::from_millis(1_500) };
/// assert!(page.most < Bounds::NONE.most);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The most messages.
    pub most: usize,
    /// The longest that receiving may take.
    pub within: Duration,
}

impl Bounds {
    /// As far as there is something: for those who can wait.
    ///
    /// ```
    /// use dead_letters::Bounds;
    ///
    /// // A command that may take as long as it takes.
    /// assert_eq!(Bounds::NONE.within, std::time::Duration::MAX);
    /// ```
    pub const NONE: Self = Self {
        most: usize::MAX,
        within: Duration::MAX,
    };
}

/// A queue that could not be read.
///
/// ```
/// use dead_letters::UnreadableQueue;
///
/// let unreadable = UnreadableQueue { queue: "OrdersDeadLetters".to_owned(), why: "AccessDenied".to_owned() };
/// assert_eq!(unreadable.to_string(), "OrdersDeadLetters cannot be read: AccessDenied");
/// ```
#[derive(Debug, Clone, thiserror::Error)]
#[error("{queue} cannot be read: {why}")]
pub struct UnreadableQueue {
    /// Which, by its name in the template.
    pub queue: String,
    /// What SQS or the network said.
    pub why: String,
}

/// What was received, until it is shown again.
///
/// ```
/// # mod failed { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/failed.rs")); }
/// # use failed::failed_order;
/// use dead_letters::{Bounds, Look, depth};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let (sqs, all) = failed_order().await;
/// let queues: Vec<_> = dead_letters::among(&all).collect();
/// let look = Look::at(sqs.clone(), &queues, Bounds::NONE).await.unwrap();
/// assert_eq!(depth(&sqs, &queues[0].url).await.unwrap().hidden, 1, "nobody else acts on it meanwhile");
/// look.end().await;
/// assert_eq!(depth(&sqs, &queues[0].url).await.unwrap().waiting, 1);
/// # });
/// ```
pub struct Look {
    client: Client,
    letters: Vec<Letter>,
    is_cut_short: bool,
}

impl Look {
    /// Receives what lies in the queues, one after the other, within the bounds.
    ///
    /// # Errors
    /// When a queue cannot be read. What was seen by then is shown again.
    ///
    /// ```
    /// # mod failed { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/failed.rs")); }
    /// # use failed::failed_order;
    /// use dead_letters::{Bounds, Look};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let (sqs, all) = failed_order().await;
    /// let queues: Vec<_> = dead_letters::among(&all).collect();
    /// let look = Look::at(sqs, &queues, Bounds { most: 20, ..Bounds::NONE }).await.unwrap();
    /// assert_eq!(look.letters().len(), 1);
    /// # look.end().await;
    /// # });
    /// ```
    pub async fn at(
        client: Client,
        queues: &[FailedQueue],
        bounds: Bounds,
    ) -> Result<Self, UnreadableQueue> {
        let mut look = Self {
            client,
            letters: Vec::new(),
            is_cut_short: false,
        };
        let until = Instant::now().checked_add(bounds.within);
        for queue in queues {
            if let Err(why) = look.receive(queue, bounds.most, until).await {
                look.show_again(&HashSet::new()).await;
                let queue = queue.logical_id.clone();
                return Err(UnreadableQueue { queue, why });
            }
        }
        Ok(look)
    }

    async fn receive(
        &mut self,
        queue: &FailedQueue,
        most: usize,
        until: Option<Instant>,
    ) -> Result<(), String> {
        let mut seen = HashSet::new();
        let mut empty = 0;
        while empty < EMPTY_ANSWERS {
            let wanted = BATCH.min(most.saturating_sub(self.letters.len()));
            let is_late = until.is_some_and(|until| Instant::now() >= until);
            if wanted == 0 || is_late {
                self.is_cut_short = true;
                break;
            }
            let received = self
                .client
                .receive_message()
                .queue_url(&queue.url)
                .max_number_of_messages(wanted as i32)
                .wait_time_seconds(0)
                .visibility_timeout(HIDDEN_SECONDS)
                .message_system_attribute_names(MessageSystemAttributeName::All)
                .message_attribute_names("All")
                .send()
                .await
                .map_err(|error| DisplayErrorContext(&error).to_string())?;
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

    /// Whether there may be more than was seen.
    ///
    /// ```
    /// # mod failed { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/failed.rs")); }
    /// # use failed::failed_order;
    /// use dead_letters::{Bounds, Look};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let (sqs, all) = failed_order().await;
    /// let queues: Vec<_> = dead_letters::among(&all).collect();
    /// let look = Look::at(sqs, &queues, Bounds { most: 1, ..Bounds::NONE }).await.unwrap();
    /// // It was full with the first message, and did not ask for another.
    /// assert!(look.is_cut_short());
    /// # look.end().await;
    /// # });
    /// ```
    pub fn is_cut_short(&self) -> bool {
        self.is_cut_short
    }

    /// What was seen.
    ///
    /// ```
    /// # mod failed { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/failed.rs")); }
    /// # use failed::failed_order;
    /// use dead_letters::{Bounds, Look};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let (sqs, all) = failed_order().await;
    /// let queues: Vec<_> = dead_letters::among(&all).collect();
    /// let look = Look::at(sqs, &queues, Bounds::NONE).await.unwrap();
    /// let reasons: Vec<&str> = look.letters().iter().map(|letter| letter.reason.as_str()).collect();
    /// assert_eq!(reasons, ["no such order"]);
    /// # look.end().await;
    /// # });
    /// ```
    pub fn letters(&self) -> &[Letter] {
        &self.letters
    }

    /// Shows everything again.
    ///
    /// ```
    /// # mod failed { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/failed.rs")); }
    /// # use failed::failed_order;
    /// use dead_letters::{Bounds, Look};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let (sqs, all) = failed_order().await;
    /// let queues: Vec<_> = dead_letters::among(&all).collect();
    /// let seen = Look::at(sqs.clone(), &queues, Bounds::NONE).await.unwrap().end().await;
    /// let again = Look::at(sqs, &queues, Bounds::NONE).await.unwrap().end().await;
    /// assert_eq!(seen[0].id, again[0].id);
    /// # });
    /// ```
    pub async fn end(self) -> Vec<Letter> {
        self.show_again(&HashSet::new()).await;
        self.letters
    }

    /// Shows everything again but what is not there any more.
    ///
    /// ```
    /// # mod failed { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/failed.rs")); }
    /// # use failed::failed_order;
    /// use dead_letters::{Bounds, Look, delete, depth};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let (sqs, all) = failed_order().await;
    /// let queues: Vec<_> = dead_letters::among(&all).collect();
    /// let look = Look::at(sqs.clone(), &queues, Bounds::NONE).await.unwrap();
    /// let mut gone = Vec::new();
    /// for letter in look.letters() {
    ///     delete(&sqs, letter).await.unwrap();
    ///     gone.push(letter.id.clone());
    /// }
    /// look.end_all_but(&gone).await;
    /// assert_eq!(depth(&sqs, &queues[0].url).await.unwrap().waiting, 0);
    /// # });
    /// ```
    pub async fn end_all_but(self, gone: &[String]) {
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
                    .client
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
