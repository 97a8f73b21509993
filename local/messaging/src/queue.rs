//! A queue in memory: who it is, what is in it, and whoever waits on it.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::contents::Contents;
use crate::message::Message;
use crate::queue_settings::{Attributes, QueueSettings};

/// A queue. Everything that changes about it is behind one lock.
#[derive(Debug)]
pub(crate) struct Queue {
    /// Row in the journal. A queue made again under the same name gets another.
    pub id: i64,
    pub name: String,
    pub arn: String,
    pub created_ms: i64,
    pub contents: Mutex<Contents>,
    /// Told whenever a message may have become visible.
    pub arrivals: Notify,
}

impl Queue {
    pub fn new(
        id: i64,
        name: String,
        arn: String,
        created_ms: i64,
        settings: QueueSettings,
        tags: Attributes,
    ) -> Self {
        let contents = Contents::new(settings, tags, created_ms);
        Self {
            id,
            name,
            arn,
            created_ms,
            contents: Mutex::new(contents),
            arrivals: Notify::new(),
        }
    }

    /// Adds messages and wakes those who wait. A queue deleted in the meantime takes none.
    pub fn add(&self, messages: Vec<Message>, now_ms: i64) {
        let mut contents = self.contents.lock();
        if contents.deleted {
            return;
        }
        for message in messages {
            contents.add(message, now_ms);
        }
        drop(contents);
        // A delayed message wakes waiters as well: they must learn of its moment.
        self.arrivals.notify_waiters();
    }

    /// ARN of the dead-letter queue.
    pub fn dead_letter_target(&self) -> Option<String> {
        self.contents
            .lock()
            .settings
            .redrive
            .as_ref()
            .map(|policy| policy.dead_letter_target_arn.clone())
    }
}

/// A shared queue.
pub(crate) type SharedQueue = Arc<Queue>;
