//! Functions in processes of their own: the binaries that are deployed, driven over the Lambda Runtime API.
//!
//! Each process has a Runtime API address of its own, so that an invocation and the process that has it are known to
//! each other: when the process ends, the invocation has failed. Owns starting, restarting and killing the processes.

mod runtime_api;
mod sandbox;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::invoke::{Answer, FunctionError, FunctionProcess, Invoker};
use crate::pause::RetryPause;

pub(crate) use sandbox::StartFailure;

use sandbox::Sandbox;

/// How long a process may take to ask for its first invocation. Lambda's own limit of an init phase is 10 s.
const INIT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an invocation waits for a process at most: so long API Gateway waits for an answer. Where Lambda would refuse it
/// (429), it is queued here; without a limit, a function that was overloaded once would never get through with what
/// nobody waits for any more.
const WAITS_AT_MOST: Duration = Duration::from_secs(30);

/// An invocation on its way to a process.
struct Work {
    since: Instant,
    payload: Bytes,
    timeout: Duration,
    reply: oneshot::Sender<Result<Bytes, FunctionError>>,
}

/// Invocations that wait for a process of their function.
struct Waiting(Mutex<mpsc::UnboundedReceiver<Work>>);

impl Waiting {
    /// The next one; none when the function is no longer there. Can be dropped while it waits.
    async fn next(&self) -> Option<Work> {
        let mut waiting = self.0.lock().await;
        loop {
            let work = waiting.recv().await?;
            if work.since.elapsed() < WAITS_AT_MOST {
                return Some(work);
            }
            let reason = format!("no process was free within {} s", WAITS_AT_MOST.as_secs());
            // A caller that has gone away no longer wants the answer.
            drop(work.reply.send(Err(FunctionError::NotRunning(reason))));
        }
    }
}

/// What the processes of one function have in common.
pub(crate) struct Program {
    /// Name in messages: the cargo binary.
    pub(crate) name: String,
    /// The executable.
    pub(crate) path: PathBuf,
    /// The function's variables.
    pub(crate) environment: BTreeMap<String, String>,
    /// The function's ARN.
    pub(crate) arn: String,
}

/// A function that runs in processes of its own.
pub(crate) struct Isolated {
    work: mpsc::UnboundedSender<Work>,
    sandboxes: Vec<Arc<Sandbox>>,
}

impl Isolated {
    /// Starts the processes and waits until each asks for work. They are restarted whenever they end, until `stop`.
    pub(crate) async fn start(
        program: Program,
        processes: usize,
        pause: RetryPause,
        stop: &CancellationToken,
        tasks: &TaskTracker,
    ) -> Result<Self, StartFailure> {
        let (work, waiting) = mpsc::unbounded_channel();
        let waiting = Arc::new(Waiting(Mutex::new(waiting)));
        let program = Arc::new(program);
        let mut sandboxes = Vec::new();
        for _ in 0..processes.max(1) {
            let listener = crate::server::listen(0)
                .await
                .map_err(StartFailure::Listen)?;
            let address = listener.local_addr().map_err(StartFailure::Listen)?;
            let sandbox = Arc::new(Sandbox::new(
                Arc::clone(&program),
                address,
                Arc::clone(&waiting),
            ));
            let api = Arc::clone(&sandbox);
            tasks.spawn(crate::server::serve(
                listener,
                stop.clone(),
                move |request| runtime_api::handle(Arc::clone(&api), request),
            ));
            tasks.spawn(Arc::clone(&sandbox).supervise(pause, stop.clone()));
            sandboxes.push(sandbox);
        }
        for sandbox in &sandboxes {
            tokio::time::timeout(INIT_TIMEOUT, sandbox.started())
                .await
                .map_err(|_| StartFailure::Silent(INIT_TIMEOUT))??;
        }
        Ok(Self { work, sandboxes })
    }
}

impl Invoker for Isolated {
    fn invoke(&self, payload: Bytes, timeout: Duration) -> Answer {
        let (reply, answer) = oneshot::channel();
        let work = Work {
            since: Instant::now(),
            payload,
            timeout,
            reply,
        };
        let sent = self.work.send(work);
        Box::pin(async move {
            let gone = || FunctionError::NotRunning("its processes have been stopped".to_owned());
            sent.map_err(|_| gone())?;
            answer.await.unwrap_or_else(|_| Err(gone()))
        })
    }

    fn processes(&self) -> Vec<FunctionProcess> {
        self.sandboxes
            .iter()
            .filter_map(|sandbox| sandbox.process())
            .collect()
    }
}

/// The directories where function binaries are looked for: that of the running executable, and the one above where that
/// is cargo's `deps`, as it is for tests.
pub(crate) fn beside_this_executable() -> Vec<PathBuf> {
    let executable = std::env::current_exe().unwrap_or_default();
    let directory = executable.parent().unwrap_or(Path::new("."));
    let mut directories = vec![directory.to_owned()];
    if directory.ends_with("deps")
        && let Some(above) = directory.parent()
    {
        directories.push(above.to_owned());
    }
    directories
}

/// The executable of a function, if it is in one of the directories.
pub(crate) fn find(binary: &str, directories: &[PathBuf]) -> Option<PathBuf> {
    let name = format!("{binary}{}", std::env::consts::EXE_SUFFIX);
    directories
        .iter()
        .map(|directory| directory.join(&name))
        .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_has_waited_too_long_is_refused_and_not_run() {
        let (send, receive) = mpsc::unbounded_channel();
        let waiting = Waiting(Mutex::new(receive));
        let mut answers = Vec::new();
        for waited in [WAITS_AT_MOST, Duration::ZERO] {
            let (reply, answer) = oneshot::channel();
            let since = Instant::now().checked_sub(waited);
            let work = Work {
                since: since.expect("the machine has run for longer"),
                payload: Bytes::new(),
                timeout: Duration::ZERO,
                reply,
            };
            assert!(send.send(work).is_ok());
            answers.push(answer);
        }
        let next = waiting.next().await;
        assert!(next.is_some_and(|next| next.since.elapsed() < WAITS_AT_MOST));
        let refused = answers.remove(0).await;
        assert!(matches!(refused, Ok(Err(FunctionError::NotRunning(_)))));
    }
}
