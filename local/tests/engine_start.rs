//! What keeps a stack from starting is said by name, and the program ends with status 1.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

mod toys;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use noren::{Ports, Stack, StackOptions, StartError};

use toys::{Behaviour, Toy};

fn toy() -> Toy {
    Toy::new(|_| Behaviour::Answer(serde_json::Value::Null))
}

/// Runs the program on free ports.
fn noren(template: &str, directory: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_noren"));
    command
        .arg("--template")
        .arg(toys::template(template))
        .arg("--data-dir")
        .arg(directory);
    for port in [
        "--port",
        "--aws-port",
        "--payments-port",
        "--mail-port",
        "--identity-port",
    ] {
        if !more.contains(&port) {
            command.args([port, "0"]);
        }
    }
    command.args(more).output().unwrap()
}

fn complaint(output: &Output) -> String {
    complaint_with(3, output)
}

fn complaint_with(code: i32, output: &Output) -> String {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_feature_that_cannot_be_run_is_refused_by_name_and_line() {
    let directory = tempfile::tempdir().unwrap();
    let said = complaint(&noren("unsupported.yaml", directory.path(), &[]));
    assert!(said.contains("OrdersQueue.Properties.FifoQueue"), "{said}");
    assert!(said.contains("line 7"), "{said}");
}

#[test]
fn a_binary_that_is_no_context_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let said = complaint(&noren("small.yaml", directory.path(), &[]));
    assert!(
        said.contains("ToysFunction") && said.contains("the binary toys"),
        "{said}"
    );
}

#[test]
fn a_missing_binary_is_named_with_the_way_to_build_it() {
    let directory = tempfile::tempdir().unwrap();
    let said = complaint(&noren("small.yaml", directory.path(), &["--isolated"]));
    assert!(said.contains("the binary toys"), "{said}");
    assert!(said.contains("cargo build --workspace"), "{said}");
}

#[test]
fn a_port_in_use_is_named_with_its_flag() {
    let directory = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let arguments = ["--aws-port", port.as_str()];
    let said = complaint(&noren("small.yaml", directory.path(), &arguments));
    assert!(
        said.contains(&port) && said.contains("--aws-port"),
        "{said}"
    );
    assert_eq!(said.matches("in use").count(), 1, "said once: {said}");
}

#[test]
fn an_unknown_parameter_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let arguments = ["--parameter", "Colour=red"];
    let said = complaint_with(2, &noren("small.yaml", directory.path(), &arguments));
    assert!(said.contains("Colour"), "{said}");
}

#[tokio::test]
async fn a_directory_has_one_stack_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let options = || StackOptions {
        data_directory: Some(directory.path().to_owned()),
        ..toys::options(&toy())
    };
    let stack = Stack::start(options()).await.unwrap();
    let error = Stack::start(options()).await.err().unwrap();
    assert!(matches!(error, StartError::DataDirectory(_)), "{error}");
    assert!(error.to_string().contains("in use"), "{error}");
    stack.stop().await;
    Stack::start(options()).await.unwrap().stop().await;
}

#[tokio::test]
async fn a_damaged_file_is_named_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let options = || StackOptions {
        data_directory: Some(directory.path().to_owned()),
        ..toys::options(&toy())
    };
    Stack::start(options()).await.unwrap().stop().await;
    let files = std::fs::read_dir(directory.path()).unwrap();
    let databases: Vec<_> = files
        .map(|file| file.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "sqlite")
        })
        .collect();
    assert!(
        databases.len() >= 4,
        "tables, messages, payments and mails: {databases:?}"
    );
    for file in databases {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let good = std::fs::read(&file).unwrap();
        let damaged = b"this is not a database, and it is longer than a header of one hundred bytes, which is what is read first".to_vec();
        std::fs::write(&file, &damaged).unwrap();
        let error = Stack::start(options()).await.err().unwrap();
        assert!(error.to_string().contains(&name), "{name}: {error}");
        assert_eq!(
            std::fs::read(&file).unwrap(),
            damaged,
            "{name} is as it was"
        );
        std::fs::write(&file, good).unwrap();
    }
    Stack::start(options()).await.unwrap().stop().await;
}

#[tokio::test]
async fn two_stacks_run_beside_each_other_in_memory() {
    let options = || StackOptions {
        ports: Ports::FREE,
        ..toys::options(&toy())
    };
    let (one, two) = (Stack::start(options()).await, Stack::start(options()).await);
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_ne!(one.addresses(), two.addresses());
    one.stop().await;
    two.stop().await;
}
