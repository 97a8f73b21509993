//! Messages that failed for good, for operators who sit before the console: where they lie, what they say, sending them
//! again, giving them up.
//!
//! Owns what one request may do of it, and the record of who did what. What a failed message is, and how it is sent again, is
//! `dead_letters`' business. Everything is bounded in time: a request has a few seconds, whatever SQS does.

pub(crate) mod acts;
mod instruction;

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_sdk_sqs::Client;
use dead_letters::{Bounds, Depth, FailedQueue, Letter, Look, UnreadableQueue, logical_id};
use door::{Environment, StartError};
use futures::StreamExt as _;
use futures::future::join_all;
use identifiers::Timestamp;
use store::Store;
use tokio::time::Instant;

pub use instruction::{Done, Instruction, Which};

use acts::{Act, Deed};
use instruction::choose;

/// How long one call to SQS may take. It is not repeated: an operator asks again.
const CALL_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a request may receive, and how long it may act after that; what is not done by then stays where it is.
const RECEIVE_WITHIN: Duration = Duration::from_millis(1500);
const ACT_WITHIN: Duration = Duration::from_millis(2500);
/// How long all queues may be counted, and how many at a time: each of those takes a connection of its own.
const COUNT_WITHIN: Duration = Duration::from_secs(4);
const COUNTED_AT_A_TIME: usize = 4;
/// How many messages are dealt with at a time.
const AT_A_TIME: usize = 16;
/// How many messages of a queue are looked at to tell how old it is.
const LOOKED_AT: usize = 10;
/// The most messages that one request shows or deals with.
pub(crate) const MOST_MESSAGES: usize = 100;
/// How many are looked through for those that are named.
const LOOKED_THROUGH: usize = 500;

/// The queues of failed messages of the stack, and the way to them.
#[derive(Debug, Clone)]
pub struct FailedQueues {
    client: Client,
    queues: Vec<FailedQueue>,
}

/// A queue as it stands now.
#[derive(Debug, Clone)]
pub struct Standing<'a> {
    /// Which.
    pub queue: &'a FailedQueue,
    /// How many messages lie in it; none where SQS does not say.
    pub depth: Option<Depth>,
    /// When the oldest of those that were looked at was first sent.
    pub oldest_at: Option<Timestamp>,
}

impl FailedQueues {
    /// The queues that `FAILED_QUEUES` names, separated by commas, with the queues that their messages go back to. Before
    /// each name belongs that of the stack, `STACK_NAME`; all stand beside the function's own dead-letter queue.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn from_environment(
        environment: &Environment,
        sdk: &SdkConfig,
    ) -> Result<Self, StartError> {
        let stack = environment.require("STACK_NAME")?;
        let own = environment.require("DEAD_LETTER_QUEUE_URL")?;
        let beside = own.rsplit_once('/').map_or("", |(beside, _)| beside);
        let names = environment.require("FAILED_QUEUES")?.split(',');
        let all: BTreeMap<String, String> = names
            .filter_map(|name| {
                let name = format!("{stack}-{name}");
                let logical_id = logical_id(stack, &name)?.to_owned();
                Some((logical_id, format!("{beside}/{name}")))
            })
            .collect();
        Ok(Self::among(sdk, &all))
    }

    /// Those of the queues, by logical id, in which failed messages lie.
    pub fn among(sdk: &SdkConfig, all: &BTreeMap<String, String>) -> Self {
        let timeouts = sdk
            .timeout_config()
            .map(|timeouts| timeouts.to_builder())
            .unwrap_or_default()
            .operation_attempt_timeout(CALL_TIMEOUT)
            .operation_timeout(CALL_TIMEOUT)
            .build();
        let config = aws_sdk_sqs::config::Builder::from(sdk)
            .timeout_config(timeouts)
            .retry_config(RetryConfig::disabled())
            .build();
        Self {
            client: Client::from_conf(config),
            queues: dead_letters::among(all).collect(),
        }
    }

    /// The queue of that name in the template.
    pub fn find(&self, logical_id: &str) -> Option<&FailedQueue> {
        let mut queues = self.queues.iter();
        queues.find(|queue| queue.logical_id == logical_id)
    }

    /// How many messages lie in all of them, as far as SQS says so in time.
    pub async fn waiting(&self) -> u64 {
        let ends_at = Instant::now() + COUNT_WITHIN;
        let mut waiting = 0;
        for queues in self.queues.chunks(COUNTED_AT_A_TIME) {
            let known = self.depths_of(queues).await.into_iter().flatten();
            waiting += known.map(|depth| depth.waiting + depth.hidden).sum::<u64>();
            if Instant::now() >= ends_at {
                tracing::warn!("SQS did not say in time how many failed messages there are");
                break;
            }
        }
        waiting
    }

    /// How many messages lie in each queue, by its name in the template. A queue that SQS says nothing of is missing.
    pub async fn depths(&self) -> BTreeMap<&str, Depth> {
        let depths = self.depths_of(&self.queues).await;
        let depths = depths.into_iter().zip(&self.queues);
        let known = depths.filter_map(|(depth, queue)| Some((queue.logical_id.as_str(), depth?)));
        known.collect()
    }

    /// The depths of those queues, asked for at once, in their order.
    async fn depths_of(&self, queues: &[FailedQueue]) -> Vec<Option<Depth>> {
        let asked: Vec<_> = queues.iter().map(|queue| self.depth_of(queue)).collect();
        join_all(asked).await
    }

    async fn depth_of(&self, queue: &FailedQueue) -> Option<Depth> {
        let depth = dead_letters::depth(&self.client, &queue.url).await;
        let depth = depth.inspect_err(|error| {
            tracing::warn!(
                error,
                queue = queue.logical_id,
                "a queue's depth is not known"
            );
        });
        depth.ok()
    }

    /// Every queue as it stands now. Those that hold something are looked into for their age.
    pub async fn standing(&self) -> Vec<Standing<'_>> {
        let asked: Vec<_> = self
            .queues
            .iter()
            .map(|queue| self.standing_of(queue))
            .collect();
        join_all(asked).await
    }

    async fn standing_of<'a>(&self, queue: &'a FailedQueue) -> Standing<'a> {
        let depth = self.depth_of(queue).await;
        let oldest_at = match depth {
            Some(Depth { waiting: 1.., .. }) => self.oldest(queue).await,
            Some(Depth { waiting: 0, .. }) | None => None,
        };
        Standing {
            queue,
            depth,
            oldest_at,
        }
    }

    async fn oldest(&self, queue: &FailedQueue) -> Option<Timestamp> {
        let look = self.look(queue, LOOKED_AT).await;
        let letters = look
            .inspect_err(|error| tracing::warn!(%error, "a queue's age is not known"))
            .ok()?
            .end()
            .await;
        letters.iter().filter_map(|letter| letter.since).min()
    }

    async fn look(&self, queue: &FailedQueue, most: usize) -> Result<Look, UnreadableQueue> {
        let bounds = Bounds {
            most,
            within: RECEIVE_WITHIN,
        };
        Look::at(self.client.clone(), std::slice::from_ref(queue), bounds).await
    }

    /// The messages of a queue, at most so many, and whether there may be more.
    ///
    /// # Errors
    /// When SQS does not give them.
    pub async fn messages(
        &self,
        queue: &FailedQueue,
        most: usize,
    ) -> Result<(Vec<Letter>, bool), UnreadableQueue> {
        let look = self.look(queue, most).await?;
        let more = look.is_cut_short();
        Ok((look.end().await, more))
    }

    /// Does what is wanted about messages of a queue. Each act is recorded before it is done, and what came of it after: what
    /// cannot be recorded is not done.
    ///
    /// # Errors
    /// When SQS does not give the messages. Nothing is done then.
    pub async fn act<S: Store>(
        &self,
        store: &S,
        queue: &FailedQueue,
        instruction: &Instruction,
        now: Timestamp,
    ) -> Result<Done, UnreadableQueue> {
        let most = match &instruction.which {
            Which::All => MOST_MESSAGES,
            Which::These(_) => LOOKED_THROUGH,
        };
        let look = self.look(queue, most).await?;
        let (chosen, mut done) = choose(&look, &instruction.which);
        let until = Instant::now() + ACT_WITHIN;
        let acts: Vec<_> = chosen
            .into_iter()
            .map(|letter| self.act_until(store, letter, instruction, now, until))
            .collect();
        let results: Vec<(String, Result<(), String>)> = futures::stream::iter(acts)
            .buffered(AT_A_TIME)
            .collect()
            .await;
        for (id, result) in results {
            match result {
                Ok(()) => done.ids.push(id),
                Err(why) => done.left.push((id, why)),
            }
        }
        look.end_all_but(&done.ids).await;
        Ok(done)
    }

    async fn act_until<S: Store>(
        &self,
        store: &S,
        letter: &Letter,
        instruction: &Instruction,
        now: Timestamp,
        until: Instant,
    ) -> (String, Result<(), String>) {
        let result = match Instant::now() < until {
            true => self.act_on(store, letter, instruction, now).await,
            false => Err("there was no time for it; ask again".to_owned()),
        };
        (letter.id.clone(), result)
    }

    async fn act_on<S: Store>(
        &self,
        store: &S,
        letter: &Letter,
        instruction: &Instruction,
        now: Timestamp,
    ) -> Result<(), String> {
        let act = Act::begin(letter, instruction, now);
        act.record(store).await?;
        let done = match instruction.deed {
            Deed::Redrive => dead_letters::send_again(&self.client, letter).await,
            Deed::Drop => dead_letters::delete(&self.client, letter).await,
        };
        let ended = act.ended(&done);
        if let Err(error) = ended.record(store).await {
            tracing::warn!(
                error,
                message_id = letter.id,
                "what came of an act is not recorded"
            );
        }
        done
    }
}
