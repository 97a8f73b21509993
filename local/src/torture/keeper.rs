//! Keeps a stack running in a process of its own (`noren up --isolated`): starts it, kills it, starts it again on the same
//! ports and the same directory. Owns that process and its log, and knows its functions' processes; ends no others.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use http::Method;
use noren::FunctionProcess;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::arguments::StackArguments;
use crate::shop::{Call, Caller, ClientError, ShopClient};

/// How long a stack may take to come up. A debug build on a busy machine takes seconds.
const UP_WITHIN: Duration = Duration::from_secs(120);
/// How often it is started before it counts as broken: a port may be taken by somebody else for a moment.
const STARTS: u32 = 20;
const PAUSE_BETWEEN_STARTS: Duration = Duration::from_millis(250);
/// How long it may take to stop when it is asked to.
const DOWN_WITHIN: Duration = Duration::from_secs(60);
/// Where ports are looked for. Those that the system gives to outgoing connections begin at 32768 (Linux); a client that
/// asks a dead stack again and again might be given the stack's own port and keep it from coming back.
const PORTS: std::ops::Range<u16> = 20_000..32_000;
/// Its log, in its directory.
const LOG: &str = "noren.log";

/// A stack in a process of its own.
pub(super) struct Keeper {
    template: PathBuf,
    directory: PathBuf,
    processes: usize,
    ports: [u16; 4],
    child: Option<Child>,
    client: ShopClient,
}

impl Keeper {
    /// Starts a stack, in its own directory and on ports that are free now.
    pub(super) async fn start(
        arguments: &StackArguments,
        directory: &Path,
    ) -> anyhow::Result<Self> {
        let template = match &arguments.template {
            Some(template) => template.clone(),
            None => crate::up::find_template()?,
        };
        std::fs::create_dir_all(directory).context("the stack's directory cannot be made")?;
        let ports = free_ports()?;
        let mut keeper = Self {
            template,
            directory: directory.to_owned(),
            processes: arguments.processes,
            ports,
            child: None,
            client: ShopClient::new(&format!("http://127.0.0.1:{}", ports[1])),
        };
        keeper.up().await?;
        Ok(keeper)
    }

    /// Its AWS endpoint.
    pub(super) fn aws_endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports[1])
    }

    /// Its payment stand-in.
    pub(super) fn payments(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports[2])
    }

    /// Its HTTP API.
    pub(super) fn http_api(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports[0])
    }

    /// Starts the process and does not wait for it.
    pub(super) fn spawn(&mut self) -> anyhow::Result<()> {
        let executable = std::env::current_exe().context("this program cannot be found")?;
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.directory.join(LOG))
            .context("the stack's log cannot be written")?;
        let mut command = Command::new(executable);
        command
            .args(["up", "--isolated", "--empty", "--template"])
            .arg(&self.template)
            .arg("--data-dir")
            .arg(self.directory.join("state"))
            .args(["--processes", &self.processes.to_string()])
            .args(["--identity-port", "0"]);
        let flags = ["--port", "--aws-port", "--payments-port", "--mail-port"];
        for (flag, port) in flags.iter().zip(self.ports) {
            command.args([*flag, &port.to_string()]);
        }
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn();
        self.child = Some(child.context("the stack cannot be started")?);
        Ok(())
    }

    /// Starts the process, waits until the stack is up, and says how long that took.
    pub(super) async fn up(&mut self) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        for _ in 0..STARTS {
            self.spawn()?;
            match tokio::time::timeout(UP_WITHIN, self.says_it_is_up()).await {
                Ok(true) => return Ok(begun.elapsed()),
                Ok(false) => tokio::time::sleep(PAUSE_BETWEEN_STARTS).await,
                Err(_) => bail!("the stack did not come up: {}", self.end_of_log()),
            }
            self.kill().await;
        }
        bail!("the stack does not start: {}", self.end_of_log())
    }

    /// False when it ended instead.
    async fn says_it_is_up(&mut self) -> bool {
        let Some(output) = self.child.as_mut().and_then(|child| child.stdout.take()) else {
            return false;
        };
        let mut lines = BufReader::new(output).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if line.starts_with("Noren is up") {
                // The rest is read to its end, so that it never waits for a reader.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return true;
            }
        }
        false
    }

    /// Kills the process, and nothing else: its functions' processes are left behind.
    pub(super) async fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // An error means that it has ended already.
            drop(child.start_kill());
            drop(child.wait().await);
        }
    }

    /// Asks it to stop, and waits until it has.
    pub(super) async fn end(mut self) -> anyhow::Result<()> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        if let Some(id) = child.id() {
            signal(id, "-TERM").await?;
        }
        let Ok(status) = tokio::time::timeout(DOWN_WITHIN, child.wait()).await else {
            // An error means that it has ended after all.
            drop(child.start_kill());
            bail!("the stack did not stop: {}", self.end_of_log());
        };
        let status = status?;
        if !status.success() {
            bail!("the stack stopped with {status}: {}", self.end_of_log());
        }
        Ok(())
    }

    /// The processes of each function.
    pub(super) async fn processes(
        &self,
    ) -> Result<BTreeMap<String, Vec<FunctionProcess>>, ClientError> {
        let path = "/_noren/processes";
        self.client
            .get(&Call::new(Method::GET, path, Caller::Nobody))
            .await
    }

    /// Holds up each invocation of a function from now on.
    pub(super) async fn slow(&self, function: &str, milliseconds: u64) -> Result<(), ClientError> {
        let path = format!("/_noren/functions/{function}/slow?milliseconds={milliseconds}");
        let call = Call::new(Method::POST, &path, Caller::Nobody);
        self.client.get::<Value>(&call).await.map(drop)
    }

    /// How many panics its log tells of, its functions' among them.
    pub(super) fn panics(&self) -> u64 {
        let log = self.log();
        log.lines().filter(|line| line.contains("panicked")).count() as u64
    }

    fn log(&self) -> String {
        let log = std::fs::read(self.directory.join(LOG)).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    fn end_of_log(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().rev().take(5).collect();
        let lines: Vec<&str> = lines.into_iter().rev().collect();
        lines.join("\n")
    }
}

impl Drop for Keeper {
    /// Asks it to stop where something went wrong before its end: killed, it would leave its functions' processes behind,
    /// and one that was stopped would stay so.
    fn drop(&mut self) {
        let Some(id) = self.child.as_ref().and_then(Child::id) else {
            return;
        };
        let asked = std::process::Command::new("kill")
            .args(["-TERM", &id.to_string()])
            .status();
        if let Err(error) = asked {
            tracing::error!(%error, process = id, "the stack could not be asked to stop");
        }
    }
}

/// Sends a signal to a process of the stack's. One that has ended in between gets none.
pub(super) async fn signal(id: u32, signal: &str) -> anyhow::Result<()> {
    let sent = Command::new("kill")
        .args([signal, &id.to_string()])
        .stderr(Stdio::null())
        .status()
        .await;
    sent.context("signals cannot be sent: there is no program kill")
        .map(drop)
}

fn free_ports() -> anyhow::Result<[u16; 4]> {
    // Stacks that are started at the same time look in different places first.
    let wide = u32::from(PORTS.end - PORTS.start);
    let first = PORTS.start + u16::try_from(std::process::id() * 16 % wide).unwrap_or_default();
    let candidates = (first..PORTS.end).chain(PORTS.start..first);
    let free: Vec<u16> = candidates
        .filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .take(4)
        .collect();
    match free.try_into() {
        Ok(ports) => Ok(ports),
        Err(_) => bail!("there are no four free ports from {} on", PORTS.start),
    }
}
