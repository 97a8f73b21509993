//! Invoking a function: what its triggers see of it, whichever way it runs. Owns the invoker's contract, time-outs of
//! functions in this process, and the counting of invocations; not who invokes, nor what an error leads to.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::activity::Activity;
use crate::counts::Tally;

/// Largest payload of an invocation and largest answer, in bytes (Lambda quota: 6 MB, synchronous).
pub const PAYLOAD_LIMIT_BYTES: usize = 6 * 1024 * 1024;

/// The answer of one invocation, when it comes.
pub type Answer = Pin<Box<dyn Future<Output = Result<Bytes, FunctionError>> + Send>>;

/// A way to run one function.
pub trait Invoker: Send + Sync + 'static {
    /// Runs the function once. `timeout` is how long it may take, not counting any wait for a place to run.
    fn invoke(&self, payload: Bytes, timeout: Duration) -> Answer;

    /// The processes that run it; none where it runs in this one.
    fn processes(&self) -> Vec<FunctionProcess> {
        Vec::new()
    }
}

/// A process of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionProcess {
    /// The system's number for it.
    pub id: u32,
    /// Whether it has an invocation at this moment.
    pub busy: bool,
}

/// An invocation that failed as a whole: what Lambda calls a function error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FunctionError {
    /// It answered with an error.
    #[error("the function failed: {0}")]
    Returned(String),
    /// It panicked.
    #[error("the function panicked: {0}")]
    Panicked(String),
    /// It took longer than its time-out.
    #[error("the function took longer than {} s", .0.as_secs_f64())]
    TimedOut(Duration),
    /// Its process ended before it answered.
    #[error("the function's process ended before it answered: {0}")]
    Exited(String),
    /// Its answer is over Lambda's limit.
    #[error("the function's answer has {0} bytes, over the limit of {PAYLOAD_LIMIT_BYTES}")]
    AnswerTooLarge(usize),
    /// The engine is stopping, or the function cannot be started.
    #[error("the function does not run: {0}")]
    NotRunning(String),
}

impl FunctionError {
    /// What Lambda names this in its answers to the caller.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Returned(_) | Self::AnswerTooLarge(_) => "Handled",
            Self::Panicked(_) | Self::TimedOut(_) | Self::Exited(_) | Self::NotRunning(_) => {
                "Unhandled"
            }
        }
    }
}

/// What invokes a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trigger {
    /// A request of the HTTP API.
    Http,
    /// A batch of a queue.
    Queue,
    /// A batch of a table's stream.
    Stream,
    /// A tick of a schedule.
    Schedule,
    /// Somebody who asks Lambda for it.
    Direct,
}

impl Trigger {
    /// All of them, in the order of their places in a [`Tally`].
    pub const ALL: [Self; 5] = [
        Self::Http,
        Self::Queue,
        Self::Stream,
        Self::Schedule,
        Self::Direct,
    ];

    /// Its name in counts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Queue => "queue",
            Self::Stream => "stream",
            Self::Schedule => "schedule",
            Self::Direct => "direct",
        }
    }
}

/// A function that runs in this process.
pub struct InProcess {
    run: Box<dyn Fn(Bytes) -> Run + Send + Sync>,
}

type Run = Pin<Box<dyn Future<Output = Result<Bytes, String>> + Send>>;

impl InProcess {
    /// A function made of a closure; its error is the text that Lambda would report.
    pub fn new<F, R>(run: F) -> Self
    where
        F: Fn(Bytes) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Bytes, String>> + Send + 'static,
    {
        Self {
            run: Box::new(move |payload| Box::pin(run(payload))),
        }
    }
}

impl From<door::Function> for InProcess {
    fn from(function: door::Function) -> Self {
        Self::new(move |payload| {
            let invocation = function.invoke(payload);
            async move { invocation.await.map_err(|error| error.to_string()) }
        })
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("InProcess").finish_non_exhaustive()
    }
}

impl Invoker for InProcess {
    fn invoke(&self, payload: Bytes, timeout: Duration) -> Answer {
        let run = (self.run)(payload);
        Box::pin(async move {
            match tokio::time::timeout(timeout, run).await {
                Ok(answer) => answer.map_err(FunctionError::Returned),
                Err(_) => Err(FunctionError::TimedOut(timeout)),
            }
        })
    }
}

/// A function as its triggers hold it.
pub(crate) struct Lambda {
    /// The cargo binary, which is also the context's name in counts.
    pub(crate) name: String,
    /// ARN, without a version.
    pub(crate) arn: String,
    /// How long one invocation may take.
    pub(crate) timeout: Duration,
    pub(crate) invoker: Arc<dyn Invoker>,
    pub(crate) tally: Arc<Tally>,
    pub(crate) activity: Arc<Activity>,
    /// How long each invocation is held up before it begins.
    pub(crate) slowness: Slowness,
}

/// A function made slow on purpose: how long each of its invocations is held up. None at first.
#[derive(Debug, Default)]
pub(crate) struct Slowness(AtomicU64);

impl Slowness {
    /// Holds up invocations from now on.
    pub(crate) fn set(&self, milliseconds: u64) {
        self.0.store(milliseconds, Ordering::Relaxed);
    }

    fn duration(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

impl Lambda {
    /// Invokes it once. The invocation runs on even if the caller goes away, as on AWS.
    pub(crate) async fn invoke(
        &self,
        trigger: Trigger,
        payload: Bytes,
    ) -> Result<Bytes, FunctionError> {
        self.tally.invoked(trigger);
        let running = self.activity.begin();
        let invoker = Arc::clone(&self.invoker);
        let timeout = self.timeout;
        let slowness = self.slowness.duration();
        let task = tokio::spawn(async move {
            let _running = running;
            if slowness.is_zero() {
                return invoker.invoke(payload, timeout).await;
            }
            // What it is held up counts as its own time.
            tokio::time::sleep(slowness.min(timeout)).await;
            match timeout.checked_sub(slowness) {
                Some(left) if !left.is_zero() => invoker.invoke(payload, left).await,
                Some(_) | None => Err(FunctionError::TimedOut(timeout)),
            }
        });
        let result = match task.await {
            Ok(Ok(answer)) if answer.len() > PAYLOAD_LIMIT_BYTES => {
                Err(FunctionError::AnswerTooLarge(answer.len()))
            }
            Ok(result) => result,
            Err(error) => Err(died(error)),
        };
        if let Err(error) = &result {
            self.tally.failed(trigger);
            tracing::warn!(function = self.name, trigger = trigger.name(), %error, "an invocation failed");
        }
        result
    }
}

fn died(error: tokio::task::JoinError) -> FunctionError {
    match error.try_into_panic() {
        Ok(panic) => {
            let text = panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned());
            FunctionError::Panicked(text.unwrap_or_else(|| "without a message".to_owned()))
        }
        Err(cancelled) => FunctionError::NotRunning(cancelled.to_string()),
    }
}
