//! One process of a function: started, watched, restarted, killed when it takes too long, and the invocation it has.

use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::process::{Child, Command};
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Program, Waiting, Work};
use crate::invoke::{FunctionError, FunctionProcess};
use crate::pause::RetryPause;

/// A process that lived this long did not fail to start.
const LIVED: Duration = Duration::from_secs(2);

/// A function's processes could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartFailure {
    /// No address for its Runtime API.
    #[error("no port is free for its Runtime API: {0}")]
    Listen(std::io::Error),
    /// The executable could not be run.
    #[error("{0}")]
    Spawn(String),
    /// It reported an error of its own.
    #[error("it could not start: {0}")]
    Init(String),
    /// It ended at once.
    #[error("it ended before it asked for work: {0}")]
    Ended(String),
    /// It never asked for work.
    #[error("it did not ask for work within {} s", .0.as_secs())]
    Silent(Duration),
}

/// How the process has come up so far.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    Starting,
    Ready,
    Failed(String),
    Ended(String),
    NotSpawned(String),
}

/// An invocation that the process has.
struct Current {
    id: String,
    reply: oneshot::Sender<Result<Bytes, FunctionError>>,
}

/// One invocation as the Runtime API hands it out.
pub(super) struct Handed {
    pub(super) id: String,
    pub(super) payload: Bytes,
    pub(super) deadline_ms: i64,
}

/// A place for one process at a time.
pub(super) struct Sandbox {
    program: Arc<Program>,
    api: SocketAddr,
    waiting: Arc<Waiting>,
    current: Mutex<Option<Current>>,
    process: Mutex<Process>,
    phase: watch::Sender<Phase>,
}

#[derive(Default)]
struct Process {
    id: Option<u32>,
    /// Ends this process, and none that comes after it.
    kill: CancellationToken,
}

impl Sandbox {
    pub(super) fn new(program: Arc<Program>, api: SocketAddr, waiting: Arc<Waiting>) -> Self {
        Self {
            program,
            api,
            waiting,
            current: Mutex::default(),
            process: Mutex::default(),
            phase: watch::Sender::new(Phase::Starting),
        }
    }

    pub(super) fn arn(&self) -> &str {
        &self.program.arn
    }

    pub(super) fn process(&self) -> Option<FunctionProcess> {
        let id = self.process.lock().id?;
        let busy = self.current.lock().is_some();
        Some(FunctionProcess { id, busy })
    }

    /// Waits for the first process to ask for work.
    pub(super) async fn started(&self) -> Result<(), StartFailure> {
        let mut phase = self.phase.subscribe();
        let settled = phase.wait_for(|phase| *phase != Phase::Starting).await;
        match settled.as_deref() {
            Ok(Phase::Failed(reason)) => Err(StartFailure::Init(reason.clone())),
            Ok(Phase::Ended(status)) => Err(StartFailure::Ended(status.clone())),
            Ok(Phase::NotSpawned(reason)) => Err(StartFailure::Spawn(reason.clone())),
            Ok(Phase::Ready | Phase::Starting) | Err(_) => Ok(()),
        }
    }

    /// Keeps a process running until told to stop.
    pub(super) async fn supervise(self: Arc<Self>, pause: RetryPause, stop: CancellationToken) {
        let mut failures: u32 = 0;
        loop {
            let begun = Instant::now();
            match self.command().spawn() {
                Ok(child) => {
                    let Some(status) = self.watch(child, &stop).await else {
                        return;
                    };
                    tracing::warn!(
                        function = self.program.name,
                        status,
                        "a function's process ended; it is started again"
                    );
                    self.phase.send_if_modified(|phase| {
                        let early = *phase == Phase::Starting;
                        if early {
                            *phase = Phase::Ended(status.clone());
                        }
                        early
                    });
                    self.fail_current(FunctionError::Exited(status));
                }
                Err(error) => {
                    let path = self.program.path.display();
                    let reason = format!("{path} could not be run: {error}");
                    tracing::error!(function = self.program.name, reason);
                    self.phase.send_replace(Phase::NotSpawned(reason));
                }
            }
            failures = match begun.elapsed() >= LIVED {
                true => 0,
                false => failures + 1,
            };
            tokio::select! {
                () = stop.cancelled() => return,
                // The first restart comes at once: one crash is no reason to make others wait.
                () = tokio::time::sleep(pause.after(failures.saturating_sub(1))) => {}
            }
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program.path);
        command
            .env_clear()
            .envs(&self.program.environment)
            .env("AWS_LAMBDA_RUNTIME_API", self.api.to_string())
            .env("LOG_LEVEL", log_level())
            .stdin(Stdio::null())
            // Standard output is for whoever runs this program; a function's is its log.
            .stdout(Stdio::from(std::io::stderr()))
            .kill_on_drop(true);
        command
    }

    /// Waits for the process to end; none when it was ended because all stops.
    async fn watch(&self, mut child: Child, stop: &CancellationToken) -> Option<String> {
        let kill = CancellationToken::new();
        *self.process.lock() = Process {
            id: child.id(),
            kill: kill.clone(),
        };
        let status = tokio::select! {
            status = child.wait() => Some(describe(status)),
            () = kill.cancelled() => {
                // An error means that it has just ended by itself.
                drop(child.start_kill());
                Some(describe(child.wait().await))
            }
            () = stop.cancelled() => {
                drop(child.start_kill());
                drop(child.wait().await);
                None
            }
        };
        self.process.lock().id = None;
        status
    }

    /// Waits for an invocation and takes it on.
    pub(super) async fn take(self: &Arc<Self>) -> Option<Handed> {
        self.phase.send_replace(Phase::Ready);
        // A process that asks for the next one without having answered has given up the last.
        self.fail_current(FunctionError::Exited(
            "it asked for the next invocation".to_owned(),
        ));
        let Work {
            since: _,
            payload,
            timeout,
            reply,
        } = self.waiting.next().await?;
        let id = Uuid::now_v7().to_string();
        *self.current.lock() = Some(Current {
            id: id.clone(),
            reply,
        });
        tokio::spawn(Arc::clone(self).limit(id.clone(), timeout));
        let timeout_ms = i64::try_from(timeout.as_millis()).unwrap_or(i64::MAX);
        Some(Handed {
            id,
            payload,
            deadline_ms: jiff::Timestamp::now()
                .as_millisecond()
                .saturating_add(timeout_ms),
        })
    }

    /// Ends the process if it still has this invocation when its time is over, as Lambda does.
    async fn limit(self: Arc<Self>, id: String, timeout: Duration) {
        tokio::time::sleep(timeout).await;
        if self.settle(&id, Err(FunctionError::TimedOut(timeout))) {
            self.process.lock().kill.cancel();
        }
    }

    /// Answers the invocation; false when the process does not have it (any more).
    pub(super) fn settle(&self, id: &str, result: Result<Bytes, FunctionError>) -> bool {
        let current = {
            let mut current = self.current.lock();
            current.take_if(|current| current.id == id)
        };
        match current {
            Some(current) => {
                // A caller that has gone away no longer wants the answer.
                drop(current.reply.send(result));
                true
            }
            None => false,
        }
    }

    /// Notes that the process could not start.
    pub(super) fn fail_init(&self, reason: String) {
        tracing::error!(
            function = self.program.name,
            reason,
            "a function could not start"
        );
        self.phase.send_replace(Phase::Failed(reason));
    }

    fn fail_current(&self, error: FunctionError) {
        let current = self.current.lock().take();
        if let Some(current) = current {
            drop(current.reply.send(Err(error)));
        }
    }
}

fn describe(status: std::io::Result<ExitStatus>) -> String {
    match status {
        Ok(status) => status.to_string(),
        Err(error) => format!("its status is not known: {error}"),
    }
}

/// The functions' level of logging: this program's own setting where it has one.
fn log_level() -> String {
    std::env::var("RUST_LOG").unwrap_or_else(|_| "warn".to_owned())
}
