//! What survives the process: a SQLite file, written by one thread that gathers whatever is waiting into one
//! transaction. A change is applied to memory by that thread too, after its commit and in the order of the commits,
//! so memory never shows what the file does not hold. Without a file, changes apply at once.

/// Name of the file in its directory.
pub(crate) const FILE_NAME: &str = "messages.sqlite";

mod load;
mod record;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use parking_lot::RwLock;
use rusqlite::Connection;
use tokio::sync::oneshot;

pub(crate) use load::{Loaded, LoadedQueue, LoadedSubscription, LoadedTopic};

use crate::message::Message;
use crate::queue_settings::Attributes;

/// A change to what is kept.
#[derive(Debug)]
pub(crate) enum Change {
    PutQueue {
        id: i64,
        name: String,
        attributes: Attributes,
        tags: Attributes,
        created_ms: i64,
        modified_ms: i64,
    },
    DeleteQueue {
        id: i64,
    },
    PutTopic {
        name: String,
        attributes: Attributes,
        tags: Attributes,
    },
    DeleteTopic {
        name: String,
    },
    PutSubscription {
        arn: String,
        topic: String,
        endpoint: String,
        attributes: Attributes,
    },
    DeleteSubscription {
        arn: String,
    },
    Add {
        queue: i64,
        message: Message,
    },
    Received {
        sequence: u64,
        receive_count: u32,
        receives_here: u32,
        first_received_ms: i64,
    },
    /// A message given up by its queue goes to another, keeping its row.
    Redrive {
        queue: i64,
        message: Message,
    },
    Remove {
        sequence: u64,
    },
    Purge {
        queue: i64,
    },
}

/// The file could not take a change. The caller's request has had no effect that lasts.
#[derive(Debug, Clone, thiserror::Error)]
#[error("cannot write to the message file: {reason}")]
pub struct JournalFailure {
    reason: Arc<str>,
}

/// The file could not be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory cannot be made.
    #[error("cannot create the directory {path}: {source}")]
    Directory {
        /// The directory.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Another process has the file open.
    #[error("the message file {path} is in use by another process")]
    InUse {
        /// The file.
        path: String,
    },
    /// SQLite cannot open or read the file: it is damaged, or no database.
    #[error("cannot read the message file {path}: {source}; move it away to start empty")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        source: rusqlite::Error,
    },
    /// The file is a database, but its contents make no sense.
    #[error("the message file {path} is damaged: {detail}; move it away to start empty")]
    Damaged {
        /// The file.
        path: String,
        /// What was found.
        detail: String,
    },
    /// The file was written by a newer version.
    #[error("the message file {path} has format {found}, and this version reads {known}")]
    Format {
        /// The file.
        path: String,
        /// Its format.
        found: i64,
        /// The format that this version writes.
        known: i64,
    },
    /// The writing thread cannot be started.
    #[error("cannot start the thread that writes messages: {0}")]
    Thread(std::io::Error),
}

type Applied = Box<dyn FnOnce(Result<(), JournalFailure>) + Send>;

struct Submission {
    changes: Vec<Change>,
    applied: Applied,
}

/// Most submissions in one transaction: bounds how long the first of them waits for the last.
const MOST_PER_TRANSACTION: usize = 2_000;

/// The one way to change what is kept.
#[derive(Debug)]
pub(crate) struct Journal {
    writer: RwLock<Writer>,
}

#[derive(Debug)]
enum Writer {
    /// Nothing is kept.
    Memory,
    Open(Sender<Submission>, JoinHandle<()>),
    Closed,
}

impl Journal {
    /// A journal that keeps nothing.
    pub fn in_memory() -> Self {
        Self {
            writer: RwLock::new(Writer::Memory),
        }
    }

    /// Opens the file in `directory`, creating both where needed, and reads what it holds.
    pub fn open(directory: &Path) -> Result<(Self, Loaded), OpenError> {
        std::fs::create_dir_all(directory).map_err(|source| OpenError::Directory {
            path: directory.display().to_string(),
            source,
        })?;
        let path = directory.join(FILE_NAME);
        let (connection, loaded) = load::open(&path)?;
        let (sender, receiver) = channel();
        let thread = std::thread::Builder::new()
            .name("message-journal".to_owned())
            .spawn(move || write_all(connection, &receiver))
            .map_err(OpenError::Thread)?;
        Ok((
            Self {
                writer: RwLock::new(Writer::Open(sender, thread)),
            },
            loaded,
        ))
    }

    /// Commits the changes, then runs `apply`, then returns. Once submitted, both happen even if the caller goes away.
    pub async fn commit(
        &self,
        changes: Vec<Change>,
        apply: impl FnOnce() + Send + 'static,
    ) -> Result<(), JournalFailure> {
        let stopped = || JournalFailure {
            reason: "it is closed".into(),
        };
        let outcome = match &*self.writer.read() {
            Writer::Memory => {
                apply();
                return Ok(());
            }
            Writer::Closed => return Err(stopped()),
            Writer::Open(sender, _) => {
                let (done, outcome) = oneshot::channel();
                let applied = Box::new(move |result: Result<(), JournalFailure>| {
                    if result.is_ok() {
                        apply();
                    }
                    // The caller may have gone away; what was asked for is done all the same.
                    let _ = done.send(result);
                });
                sender
                    .send(Submission { changes, applied })
                    .map_err(|_| stopped())?;
                outcome
            }
        };
        outcome.await.map_err(|_| stopped())?
    }

    /// Commits the changes some time soon. For what may be lost by a crash in the meantime.
    pub fn record(&self, changes: Vec<Change>) {
        if let Writer::Open(sender, _) = &*self.writer.read()
            && !changes.is_empty()
            && sender
                .send(Submission {
                    changes,
                    applied: Box::new(|_| ()),
                })
                .is_err()
        {
            tracing::error!("the thread that writes messages has stopped");
        }
    }

    /// Writes what was submitted and closes the file. A journal in memory has nothing to close.
    pub fn close(&self) {
        let mut writer = self.writer.write();
        if matches!(*writer, Writer::Memory) {
            return;
        }
        let Writer::Open(sender, thread) = std::mem::replace(&mut *writer, Writer::Closed) else {
            return;
        };
        drop(writer);
        // Closing the channel lets the thread finish what it has and end.
        drop(sender);
        if thread.thread().id() != std::thread::current().id() && thread.join().is_err() {
            tracing::error!("the thread that writes messages panicked");
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.close();
    }
}

fn write_all(mut connection: Connection, submissions: &Receiver<Submission>) {
    while let Ok(first) = submissions.recv() {
        let mut group = vec![first];
        group.extend(submissions.try_iter().take(MOST_PER_TRANSACTION - 1));
        let outcome = record::write(&mut connection, &group).map_err(|error| {
            tracing::error!(%error, "cannot write to the message file");
            JournalFailure {
                reason: error.to_string().into(),
            }
        });
        for submission in group {
            (submission.applied)(outcome.clone());
        }
    }
}
