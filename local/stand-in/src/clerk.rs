//! The one thread that keeps the books. Work arrives as closures; all that waits is done in one transaction, and nobody is
//! answered before it is committed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use crate::book::{Book, BookError};

/// How much work one transaction takes at most, so that the first in it does not wait too long.
const GROUP: usize = 128;

type Answer = Box<dyn FnOnce(Result<(), Arc<str>>) + Send>;
type Work = Box<dyn FnOnce(&mut Book) -> Answer + Send>;

/// A handle to the thread; it ends when the last handle is dropped.
pub(crate) struct Clerk {
    work: Option<Sender<Work>>,
    thread: Option<JoinHandle<()>>,
}

impl Clerk {
    pub fn employ(book: Book) -> std::io::Result<Self> {
        let (work, queue) = channel();
        let thread = std::thread::Builder::new()
            .name("payment-stand-in".into())
            .spawn(move || keep(book, &queue))?;
        Ok(Self {
            work: Some(work),
            thread: Some(thread),
        })
    }

    /// Does `task` within a transaction and answers once that is committed. An error of the task undoes its own writes and
    /// nobody else's.
    pub async fn run<T, E, F>(&self, task: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<BookError> + Send + 'static,
        F: FnOnce(&mut Book) -> Result<T, E> + Send + 'static,
    {
        let (reply, answer) = tokio::sync::oneshot::channel();
        self.hand_over(task, move |result| {
            // The caller may have hung up; its work stays done.
            let _ = reply.send(result);
        })?;
        answer.await.map_err(|_| BookError::Closed)?
    }

    /// As [`Clerk::run`], for callers outside of async code.
    pub fn run_blocking<T, E, F>(&self, task: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<BookError> + Send + 'static,
        F: FnOnce(&mut Book) -> Result<T, E> + Send + 'static,
    {
        let (reply, answer) = std::sync::mpsc::sync_channel(1);
        self.hand_over(task, move |result| {
            let _ = reply.send(result);
        })?;
        answer.recv().map_err(|_| BookError::Closed)?
    }

    fn hand_over<T, E, F>(
        &self,
        task: F,
        reply: impl FnOnce(Result<T, E>) + Send + 'static,
    ) -> Result<(), BookError>
    where
        T: Send + 'static,
        E: From<BookError> + Send + 'static,
        F: FnOnce(&mut Book) -> Result<T, E> + Send + 'static,
    {
        let work: Work = Box::new(move |book| {
            let result = in_savepoint(book, task);
            Box::new(move |committed| {
                reply(match committed {
                    Ok(()) => result,
                    Err(why) => Err(E::from(BookError::Commit(why.to_string()))),
                });
            })
        });
        self.work
            .as_ref()
            .ok_or(BookError::Closed)?
            .send(work)
            .map_err(|_| BookError::Closed)
    }
}

impl Drop for Clerk {
    fn drop(&mut self) {
        self.work = None;
        if let Some(thread) = self.thread.take() {
            // It ends as soon as its queue is empty; only then is the file closed.
            let _ = thread.join();
        }
    }
}

fn in_savepoint<T, E: From<BookError>>(
    book: &mut Book,
    task: impl FnOnce(&mut Book) -> Result<T, E>,
) -> Result<T, E> {
    let statement = |book: &Book, sql: &str| -> Result<(), BookError> {
        book.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    };
    statement(book, "SAVEPOINT task")?;
    let result = task(book);
    if result.is_err() {
        statement(book, "ROLLBACK TO task")?;
    }
    statement(book, "RELEASE task")?;
    result
}

fn keep(mut book: Book, queue: &Receiver<Work>) {
    while let Ok(first) = queue.recv() {
        let mut answers: Vec<Answer> = Vec::new();
        let mut outcome = book
            .connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(|error| Arc::from(error.to_string()));
        let mut next = Some(first);
        while let Some(work) = next {
            // A panic in one request's work must not take the books from all the others.
            match catch_unwind(AssertUnwindSafe(|| work(&mut book))) {
                Ok(answer) => answers.push(answer),
                Err(_) => outcome = Err(Arc::from("a request's work panicked")),
            }
            next = if answers.len() < GROUP {
                queue.try_recv().ok()
            } else {
                None
            };
        }
        let outcome = outcome.and_then(|()| {
            book.connection
                .execute_batch("COMMIT")
                .map_err(|error| Arc::from(error.to_string()))
        });
        if let Err(why) = &outcome {
            tracing::error!(%why, "the payment stand-in's ledger could not commit");
            if !book.connection.is_autocommit()
                && let Err(error) = book.connection.execute_batch("ROLLBACK")
            {
                tracing::error!(%error, "the payment stand-in's ledger could not roll back");
            }
        }
        for answer in answers {
            answer(outcome.clone());
        }
    }
}
