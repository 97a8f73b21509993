//! The one thread that owns the table store, and how requests reach it.
//!
//! SQLite has one writer and runs synchronously, so it gets a thread of its own: async workers hand it jobs
//! and await the answers. Jobs that wait together share one SQLite transaction, each inside a savepoint of
//! its own: a commit writes every page it touched, and requests of one moment touch many of the same pages.
//! No answer leaves before that commit. The store opens and closes transactions itself; while a group runs,
//! an authoriser turns those statements into no-operations.
//!
//! Not here: what a job does (`action`), what it costs (`metering`), the wire (`wire`).

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;

use dynoxide::DynoxideError;
use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::storage::Storage;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use tokio::sync::oneshot;

use crate::feed::Feeds;
use crate::idempotency::TokenLedger;
use crate::lookup::KeyShapes;

/// Most requests that share one commit: bounds how long the first of them waits for the last.
const GROUP_LIMIT: usize = 64;

/// How a job uses the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Reads only.
    Read,
    /// Writes, all or nothing: an error undoes everything the job did.
    Write,
    /// Manages several transactions of its own and must not share one.
    Alone,
}

/// What a job sees of the thread that runs it.
pub(crate) struct Core {
    pub(crate) storage: Storage,
    pub(crate) vectors: VectorIndexLifecycle,
    pub(crate) tokens: RefCell<TokenLedger>,
    pub(crate) shapes: RefCell<KeyShapes>,
}

/// A unit of work with its own way to answer.
trait Job: Send {
    fn access(&self) -> Access;
    /// Tables whose stream the job may have added to.
    fn written(&self) -> &[String];
    /// Runs the work and keeps its result; false when it must be undone.
    fn run(&mut self, core: &Core) -> bool;
    /// Sends the kept result, or the failure of the commit that was to hold it.
    fn settle(self: Box<Self>, failure: Option<&str>);
}

struct Task<F, T> {
    access: Access,
    written: Vec<String>,
    work: Option<F>,
    result: Option<Result<T, DynoxideError>>,
    reply: oneshot::Sender<Result<T, DynoxideError>>,
}

impl<F, T> Job for Task<F, T>
where
    F: FnOnce(&Core) -> Result<T, DynoxideError> + Send,
    T: Send,
{
    fn access(&self) -> Access {
        self.access
    }

    fn written(&self) -> &[String] {
        &self.written
    }

    fn run(&mut self, core: &Core) -> bool {
        let Some(work) = self.work.take() else {
            return false;
        };
        let result = catch_unwind(AssertUnwindSafe(|| work(core))).unwrap_or_else(|panic| {
            let reason = panic_text(panic.as_ref());
            tracing::error!(reason, "a request made the table store panic");
            Err(internal(reason))
        });
        let kept = result.is_ok();
        self.result = Some(result);
        kept
    }

    fn settle(mut self: Box<Self>, failure: Option<&str>) {
        let result = match failure {
            Some(reason) => Err(internal(reason)),
            None => self
                .result
                .take()
                .unwrap_or_else(|| Err(internal("the request was not run"))),
        };
        // A caller that has gone away no longer wants the answer.
        drop(self.reply.send(result));
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("unknown panic")
}

fn internal(reason: &str) -> DynoxideError {
    DynoxideError::InternalServerError(reason.to_owned())
}

/// The door to the store's thread. Dropping it closes the store, once the jobs already handed over are done.
pub(crate) struct Engine {
    sender: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Engine {
    /// Moves an opened store onto its thread. The guard lives as long as the thread.
    pub(crate) fn start(
        storage: Storage,
        feeds: Arc<Feeds>,
        guard: Option<std::fs::File>,
    ) -> std::io::Result<Engine> {
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("dynamodb".to_owned())
            .spawn(move || {
                let core = Core {
                    storage,
                    vectors: VectorIndexLifecycle::new(),
                    tokens: RefCell::default(),
                    shapes: RefCell::default(),
                };
                Worker::new(core, feeds).serve(&receiver);
                drop(guard);
            })?;
        Ok(Engine {
            sender: Some(sender),
            thread: Some(thread),
        })
    }

    /// Runs `work` on the store's thread and awaits its committed result. `written` names the tables whose
    /// stream readers are to be woken.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        access: Access,
        written: Vec<String>,
        work: impl FnOnce(&Core) -> Result<T, DynoxideError> + Send + 'static,
    ) -> Result<T, DynoxideError> {
        let (reply, answer) = oneshot::channel();
        let task = Task {
            access,
            written,
            work: Some(work),
            result: None,
            reply,
        };
        let sent = self
            .sender
            .as_ref()
            .is_some_and(|sender| sender.send(Box::new(task)).is_ok());
        if !sent {
            return Err(internal("the table store has stopped"));
        }
        answer
            .await
            .unwrap_or_else(|_| Err(internal("the table store has stopped")))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
            && thread.join().is_err()
        {
            tracing::error!("the table store's thread ended in a panic");
        }
    }
}

struct Worker {
    core: Core,
    feeds: Arc<Feeds>,
    /// While set, BEGIN, COMMIT and ROLLBACK prepared by the store do nothing.
    grouping: Arc<AtomicBool>,
}

impl Worker {
    fn new(core: Core, feeds: Arc<Feeds>) -> Worker {
        let grouping = Arc::new(AtomicBool::new(false));
        let absorb = Arc::clone(&grouping);
        core.storage
            .conn()
            .authorizer(Some(move |context: AuthContext<'_>| match context.action {
                AuthAction::Transaction { .. } if absorb.load(Ordering::Relaxed) => {
                    Authorization::Ignore
                }
                _ => Authorization::Allow,
            }));
        Worker {
            core,
            feeds,
            grouping,
        }
    }

    fn serve(&self, receiver: &mpsc::Receiver<Box<dyn Job>>) {
        while let Ok(first) = receiver.recv() {
            let mut group = Vec::with_capacity(8);
            let mut next = Some(first);
            while let Some(job) = next {
                if job.access() == Access::Alone {
                    self.run_group(std::mem::take(&mut group));
                    self.run_alone(job);
                } else {
                    group.push(job);
                }
                next = if group.len() < GROUP_LIMIT {
                    receiver.try_recv().ok()
                } else {
                    None
                };
            }
            self.run_group(group);
        }
    }

    fn run_alone(&self, mut job: Box<dyn Job>) {
        job.run(&self.core);
        self.announce(job.written().iter());
        job.settle(None);
    }

    fn run_group(&self, mut group: Vec<Box<dyn Job>>) {
        let writes = group
            .iter()
            .filter(|job| job.access() == Access::Write)
            .count();
        let mut kept = Vec::new();
        let outcome = if writes == 0 {
            for job in &mut group {
                job.run(&self.core);
            }
            Ok(())
        } else {
            self.run_in_transaction(&mut group, writes, &mut kept)
        };
        self.grouping.store(false, Ordering::Relaxed);
        match outcome {
            Ok(()) => {
                self.core.tokens.borrow_mut().keep();
                self.announce(kept.iter().flat_map(|index| group[*index].written()));
                for job in group {
                    job.settle(None);
                }
            }
            Err(error) => {
                tracing::error!(%error, requests = group.len(), "a commit failed");
                self.core.tokens.borrow_mut().forget();
                if !self.core.storage.conn().is_autocommit()
                    && let Err(error) = self.statement("ROLLBACK")
                {
                    tracing::error!(%error, "the failed commit could not be undone");
                }
                let reason = format!("the commit failed: {error}");
                for job in group {
                    job.settle(Some(&reason));
                }
            }
        }
    }

    /// Runs the group in one transaction and commits it. `kept` gets the indices of the jobs to be kept.
    fn run_in_transaction(
        &self,
        group: &mut [Box<dyn Job>],
        writes: usize,
        kept: &mut Vec<usize>,
    ) -> rusqlite::Result<()> {
        let connection = self.core.storage.conn();
        self.statement("BEGIN IMMEDIATE")?;
        for (index, job) in group.iter_mut().enumerate() {
            let savepoint = job.access() == Access::Write && writes > 1;
            if savepoint {
                self.statement("SAVEPOINT request")?;
            }
            self.grouping.store(true, Ordering::Relaxed);
            let ok = job.run(&self.core);
            self.grouping.store(false, Ordering::Relaxed);
            if job.access() == Access::Read {
                continue;
            }
            if connection.is_autocommit() {
                // A full disk or an I/O error makes SQLite undo the whole transaction by itself.
                return Err(rusqlite::Error::SqliteFailure(
                    rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL),
                    Some("SQLite undid the transaction".to_owned()),
                ));
            }
            if ok {
                kept.push(index);
            }
            match (ok, savepoint) {
                (true, true) => self.statement("RELEASE request")?,
                (false, true) => {
                    self.statement("ROLLBACK TO request")?;
                    self.statement("RELEASE request")?;
                }
                (true, false) => {}
                // The only write of the group: the reads after it need no transaction.
                (false, false) => self.statement("ROLLBACK")?,
            }
        }
        if !connection.is_autocommit() {
            self.statement("COMMIT")?;
        }
        Ok(())
    }

    fn statement(&self, sql: &'static str) -> rusqlite::Result<()> {
        self.core
            .storage
            .conn()
            .prepare_cached(sql)?
            .raw_execute()
            .map(|_| ())
    }

    fn announce<'a>(&self, written: impl Iterator<Item = &'a String>) {
        self.feeds.announce(&self.core, written);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insert(core: &Core, value: i64) -> Result<(), DynoxideError> {
        core.storage.begin_transaction()?;
        core.storage
            .conn()
            .execute("INSERT INTO numbers VALUES (?1)", [value])?;
        Ok(())
    }

    fn numbers(core: &Core) -> Result<Vec<i64>, DynoxideError> {
        let mut statement = core
            .storage
            .conn()
            .prepare("SELECT value FROM numbers ORDER BY value")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Runs three writes and a read that wait together: the second write fails after it has written.
    #[tokio::test]
    async fn of_writes_that_share_a_commit_only_the_failed_one_is_undone() {
        let storage = Storage::memory().unwrap();
        storage
            .conn()
            .execute_batch("CREATE TABLE numbers (value INTEGER)")
            .unwrap();
        let engine = Engine::start(storage, Arc::new(Feeds::default()), None).unwrap();

        let commits = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counter = Arc::clone(&commits);
        let (release, held) = mpsc::channel::<()>();
        let hold = engine.run(Access::Read, Vec::new(), move |core| {
            core.storage.conn().commit_hook(Some(move || {
                counter.fetch_add(1, Ordering::Relaxed);
                false
            }));
            held.recv().map_err(|error| internal(&error.to_string()))
        });
        let first = engine.run(Access::Write, Vec::new(), |core| {
            insert(core, 1)?;
            core.storage.commit()
        });
        let second = engine.run(Access::Write, Vec::new(), |core| {
            insert(core, 2)?;
            core.storage.rollback()?;
            Err::<(), _>(internal("refused"))
        });
        let third = engine.run(Access::Write, Vec::new(), |core| {
            insert(core, 3)?;
            core.storage.commit()
        });
        let read = engine.run(Access::Read, Vec::new(), numbers);
        let release = async {
            release
                .send(())
                .map_err(|error| internal(&error.to_string()))
        };
        let (hold, first, second, third, read, released) =
            futures::join!(hold, first, second, third, read, release);
        hold.unwrap();
        first.unwrap();
        assert!(second.is_err());
        third.unwrap();
        released.unwrap();
        assert_eq!(read.unwrap(), [1, 3]);
        assert_eq!(commits.load(Ordering::Relaxed), 1);
        let after = engine.run(Access::Read, Vec::new(), numbers).await;
        assert_eq!(after.unwrap(), [1, 3]);
    }

    #[tokio::test]
    async fn a_panic_undoes_its_own_write_and_nothing_else() {
        let storage = Storage::memory().unwrap();
        storage
            .conn()
            .execute_batch("CREATE TABLE numbers (value INTEGER)")
            .unwrap();
        let engine = Engine::start(storage, Arc::new(Feeds::default()), None).unwrap();
        let failed = engine
            .run(Access::Write, Vec::new(), |core| {
                insert(core, 1)?;
                if core.storage.conn().is_autocommit() {
                    return Ok(());
                }
                panic!("a fault in the store")
            })
            .await
            .unwrap_err();
        assert!(failed.to_string().contains("a fault in the store"));
        let after = engine.run(Access::Read, Vec::new(), numbers).await;
        assert!(after.unwrap().is_empty());
    }
}
