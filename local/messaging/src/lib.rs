//! SNS and SQS on this machine, speaking AWS's own wire protocols: standard queues and topics, durable in one SQLite
//! file, with subscriptions, filter policies and dead-letter queues.
//!
//! [`Messaging::handle`] answers one HTTP request for either service; [`Messaging::router`] wraps it for axum. The engine
//! that runs functions sets things up and polls queues through the methods of [`Messaging`] directly.
//!
//! What it is not: it checks no signatures, knows one account and one region, and refuses FIFO queues and topics by name.
//! Where it is stricter or laxer than AWS, `local/messaging/README.md` says so.

mod access_policy;
mod clock;
mod contents;
mod delivery;
mod envelope;
mod fan_out;
mod filter;
mod journal;
mod message;
mod move_task;
mod names;
mod polling;
mod publish_hook;
mod queue;
mod queue_settings;
mod queues;
mod receipt;
mod rejection;
mod requests;
mod sns;
mod sqs;
mod subscriptions;
mod topic;
mod topics;
mod wire;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use jiff::Timestamp;
use parking_lot::{Mutex, RwLock};

pub use clock::{Clock, ManualClock, SystemClock};
pub use contents::Depth;
pub use journal::{JournalFailure, OpenError};
pub use message::{MessageAttribute, MessageAttributes};
pub use polling::ReceivedMessage;
pub use publish_hook::{PublishAttempt, PublishHook, PublishVerdict};
pub use queues::QueueDescription;
pub use rejection::{MessagingError, Rejection};

use journal::{Journal, Loaded};
use move_task::MoveTask;
use names::Identity;
use queue::SharedQueue;
use requests::Requests;
use topic::SharedTopic;

/// How the service presents itself and where it keeps things.
#[derive(Debug, Clone)]
pub struct Options {
    /// Directory of the message file. `None` keeps everything in memory and forgets it at the end.
    pub directory: Option<PathBuf>,
    /// Region in every ARN.
    pub region: String,
    /// Account in every ARN and queue URL: twelve digits.
    pub account_id: String,
    /// Address under which clients reach the service, such as `http://127.0.0.1:4566`: the start of every queue URL.
    pub endpoint_url: String,
    /// The time that visibility, delays and retention follow.
    pub clock: Arc<dyn Clock>,
}

impl Default for Options {
    /// In memory, region us-east-1, account 000000000000, at `http://127.0.0.1:4566`, on the machine's clock.
    fn default() -> Self {
        Self {
            directory: None,
            region: "us-east-1".to_owned(),
            account_id: "000000000000".to_owned(),
            endpoint_url: "http://127.0.0.1:4566".to_owned(),
            clock: Arc::new(SystemClock),
        }
    }
}

/// The two services. A clone is another handle to the same state.
#[derive(Debug, Clone)]
pub struct Messaging {
    inner: Arc<Inner>,
}

struct Inner {
    identity: Identity,
    clock: Arc<dyn Clock>,
    journal: Journal,
    next_sequence: AtomicU64,
    next_receipt: AtomicU64,
    next_queue: AtomicI64,
    queues: RwLock<BTreeMap<String, SharedQueue>>,
    topics: RwLock<BTreeMap<String, SharedTopic>>,
    move_tasks: Mutex<Vec<Arc<MoveTask>>>,
    requests: Requests,
    publish_hook: RwLock<Option<Arc<PublishHook>>>,
    /// Held while queues, topics and subscriptions are created, changed and deleted: such requests are rare, and
    /// each reads what it then changes.
    setting_up: tokio::sync::Mutex<()>,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner")
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

impl Messaging {
    /// Opens the service with what its file holds. Messages that were in flight when the last process ended are
    /// visible again; their receive counts stand.
    ///
    /// # Errors
    /// When the directory or file cannot be used, or the file is damaged; the error names it.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        let (journal, loaded) = match &options.directory {
            Some(directory) => Journal::open(directory)?,
            None => (Journal::in_memory(), Loaded::default()),
        };
        let identity = Identity {
            region: options.region,
            account_id: options.account_id,
            endpoint_url: options.endpoint_url,
        };
        let now_ms = options.clock.now().as_millisecond();
        let damaged = |detail: String| OpenError::Damaged {
            path: options
                .directory
                .as_ref()
                .map(|path| path.join(journal::FILE_NAME).display().to_string())
                .unwrap_or_default(),
            detail,
        };
        let next_sequence = loaded
            .messages
            .iter()
            .map(|(_, message)| message.sequence + 1)
            .max()
            .unwrap_or(1);
        let next_queue = loaded
            .queues
            .iter()
            .map(|queue| queue.id + 1)
            .max()
            .unwrap_or(1);
        let queues =
            queues::restore(&identity, loaded.queues, loaded.messages, now_ms).map_err(damaged)?;
        let topics =
            topics::restore(&identity, loaded.topics, loaded.subscriptions).map_err(damaged)?;
        Ok(Self {
            inner: Arc::new(Inner {
                identity,
                clock: options.clock,
                journal,
                next_sequence: AtomicU64::new(next_sequence),
                // Receipts of the last process must not fit messages of this one.
                next_receipt: AtomicU64::new(receipt::first()),
                next_queue: AtomicI64::new(next_queue),
                queues: RwLock::new(queues),
                topics: RwLock::new(topics),
                move_tasks: Mutex::default(),
                requests: Requests::default(),
                publish_hook: RwLock::default(),
                setting_up: tokio::sync::Mutex::default(),
            }),
        })
    }

    /// Writes what has been asked for so far and closes the file, whoever else still holds a handle. Later changes fail;
    /// what memory holds can still be read. Waits for the disk for a moment. Without a file it does nothing.
    pub fn close(&self) {
        self.inner.journal.close();
    }

    /// Wire requests answered so far, by the name of the queue or topic and the operation. Requests that name neither
    /// (`ListQueues`) stand under an empty name; the engine's own receives under the operation `Poll`.
    pub fn counts(&self) -> BTreeMap<(String, String), u64> {
        self.inner.requests.counts()
    }

    /// Lets a test decide what becomes of each publish, before anything of it takes effect. Replaces an earlier hook.
    pub fn on_publish(&self, hook: Box<PublishHook>) {
        *self.inner.publish_hook.write() = Some(Arc::from(hook));
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.now().as_millisecond()
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.inner.identity
    }

    fn next_sequence(&self) -> u64 {
        self.inner.next_sequence.fetch_add(1, Ordering::Relaxed)
    }

    fn next_receipt(&self) -> u64 {
        self.inner.next_receipt.fetch_add(1, Ordering::Relaxed)
    }
}
