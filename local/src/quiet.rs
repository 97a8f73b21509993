//! Whether a stack is still: no request or invocation under way, no message waiting in a queue that a function consumes,
//! no stream record unread, no webhook on its way. What only time will bring (a deadline, a schedule) does not count.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use local_dynamodb::DynamoDb;
use local_messaging::{Depth, Messaging};
use payment_stand_in::StandIn;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::activity::Activity;
use crate::checkpoint::Checkpoint;

/// How often stillness is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// What keeps a stack from being still, and what lies in its dead-letter queues.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stillness {
    /// Nothing is under way.
    pub quiet: bool,
    /// Requests and invocations under way.
    pub running: u64,
    /// Messages in queues that functions consume, by the queue's name; empty queues are left out.
    pub queues: BTreeMap<String, Waiting>,
    /// Tables whose streams have unread records.
    pub streams: Vec<String>,
    /// Webhooks that the payment stand-in has still to deliver.
    pub webhooks: usize,
    /// Messages in queues that no function consumes, by the queue's name; empty queues are left out.
    pub dead_letters: BTreeMap<String, usize>,
}

/// Messages of one queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Ready to be received.
    pub visible: usize,
    /// Received and neither deleted nor visible again.
    pub in_flight: usize,
    /// Sent with a delay.
    pub delayed: usize,
}

impl From<Depth> for Waiting {
    fn from(depth: Depth) -> Self {
        Self {
            visible: depth.visible,
            in_flight: depth.in_flight,
            delayed: depth.delayed,
        }
    }
}

/// A queue, and whether a function consumes it.
pub(crate) struct WatchedQueue {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) consumed: bool,
}

/// A stream's reader.
pub(crate) struct WatchedStream {
    pub(crate) table: String,
    pub(crate) checkpoint: Arc<Checkpoint>,
}

/// Looks at all of a stack.
pub(crate) struct Watch {
    pub(crate) activity: Arc<Activity>,
    pub(crate) dynamodb: DynamoDb,
    pub(crate) messaging: Messaging,
    pub(crate) stand_in: StandIn,
    pub(crate) queues: Vec<WatchedQueue>,
    pub(crate) streams: Vec<WatchedStream>,
}

impl Watch {
    /// One look.
    pub(crate) async fn look(&self) -> Stillness {
        let begun = self.activity.begun();
        let mut seen = Stillness {
            running: self.activity.running(),
            ..Stillness::default()
        };
        for queue in &self.queues {
            let depth = match self.messaging.depth(&queue.arn) {
                Ok(depth) => Waiting::from(depth),
                // Deleted by hand since: then nothing waits in it.
                Err(_) => continue,
            };
            let total = depth.visible + depth.in_flight + depth.delayed;
            if total > 0 && queue.consumed {
                seen.queues.insert(queue.name.clone(), depth);
            } else if total > 0 {
                seen.dead_letters.insert(queue.name.clone(), total);
            }
        }
        for stream in &self.streams {
            let latest = self.dynamodb.latest_position(&stream.table).await;
            let reached = stream.checkpoint.position().unwrap_or_default();
            if latest.is_ok_and(|latest| latest > reached) {
                seen.streams.push(stream.table.clone());
            }
        }
        seen.webhooks = self.stand_in.webhooks_waiting().await.unwrap_or_default();
        // Work that moved from a place not yet looked at to one already seen empty has begun or ended something.
        let unmoved = self.activity.begun() == begun && self.activity.running() == 0;
        seen.quiet = seen.running == 0
            && unmoved
            && seen.queues.is_empty()
            && seen.streams.is_empty()
            && seen.webhooks == 0;
        seen
    }

    /// Looks until all is still or the time is over; answers what it saw last.
    pub(crate) async fn wait(&self, longest: Duration) -> Stillness {
        let end = Instant::now() + longest;
        loop {
            let seen = self.look().await;
            if seen.quiet || Instant::now() >= end {
                return seen;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}
