//! The program as a process: it says where it is, keeps what it answered for whatever way it ends, and stops cleanly.

#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

mod toys;

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use http::Request;
use noren::Stillness;
use serde_json::{Value, json};

use toys::send;

/// A running program.
struct Noren {
    child: Child,
    http_api: String,
    aws: String,
}

impl Noren {
    fn start(directory: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_noren"));
        command
            .args(["up", "--json", "--template"])
            .arg(toys::template("stock.yaml"))
            .env("NOREN_DATA_DIR", directory)
            .stdout(Stdio::piped());
        for port in [
            "--port",
            "--aws-port",
            "--payments-port",
            "--mail-port",
            "--identity-port",
        ] {
            command.args([port, "0"]);
        }
        let mut child = command.spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let places: Value = serde_json::from_str(&line).expect("the program says where it is");
        let address = |name: &str| places[name].as_str().unwrap().to_owned();
        assert_eq!(places["data_directory"], directory.to_str().unwrap());
        assert_eq!(places["shop"], Value::Null, "this template has no pages");
        let (http_api, aws) = (address("http_api"), address("aws"));
        // The rest is read to its end, so that the program never waits for a reader.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Self {
            child,
            http_api,
            aws,
        }
    }

    async fn receive(&self, quantity: u32) {
        let url = format!("{}/api/operator/stock/TEA/receive", self.http_api);
        let request = Request::post(url)
            .header("Authorization", "Bearer operator:o-1")
            .header("Content-Type", "application/json");
        let response = send(request, json!({ "quantity": quantity }).to_string()).await;
        assert!(response.status().is_success(), "{:?}", response.body());
    }

    async fn available(&self) -> Value {
        let url = format!("{}/api/stock/TEA", self.http_api);
        let response = send(Request::get(url), "").await;
        toys::json(&response)["available"].clone()
    }

    async fn still(&self) -> Stillness {
        let url = format!("{}/_noren/quiet?wait_seconds=20", self.aws);
        let response = send(Request::get(url), "").await;
        let seen: Stillness = serde_json::from_slice(response.body()).unwrap();
        assert!(seen.quiet, "{seen:?}");
        seen
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Noren {
    fn drop(&mut self) {
        // An error means that it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_kill_and_is_published_once_it_runs_again() {
    let directory = tempfile::tempdir().unwrap();
    let noren = Noren::start(directory.path());
    for _ in 0..20 {
        noren.receive(1).await;
    }
    noren.signal("-9");
    drop(noren);

    let noren = Noren::start(directory.path());
    assert_eq!(noren.available().await, 20);
    noren.receive(1).await;
    let seen = noren.still().await;
    // Each commit was published at least once, the last one after the kill among them.
    let heard = seen
        .dead_letters
        .iter()
        .find(|(name, _)| name.contains("Heard"));
    let (_, heard) = heard.unwrap_or_else(|| panic!("{seen:?}"));
    assert!(*heard >= 21, "{seen:?}");
}

#[tokio::test]
async fn a_signal_stops_it_with_status_zero_and_frees_the_directory() {
    let directory = tempfile::tempdir().unwrap();
    for signal in ["-TERM", "-INT"] {
        let mut noren = Noren::start(directory.path());
        noren.receive(1).await;
        noren.signal(signal);
        let status = noren.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{signal}");
    }
    let noren = Noren::start(directory.path());
    assert_eq!(noren.available().await, 2);
}

#[test]
fn help_names_the_flags() {
    let mut help = Command::new(env!("CARGO_BIN_EXE_noren"))
        .arg("--help")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut text = String::new();
    help.stdout
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert!(help.wait().unwrap().success());
    for flag in [
        "--port",
        "--aws-port",
        "--data-dir",
        "--isolated",
        "--parameter",
        "NOREN_DATA_DIR",
    ] {
        assert!(text.contains(flag), "{flag}: {text}");
    }
}
