//! Functions in processes of their own, over the Lambda Runtime API.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

mod toys;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use http::{Request, StatusCode};
use noren::{Functions, Isolation, Stack, StackOptions, StartError};
use serde_json::Value;

use toys::{send, until};

/// Where cargo puts the examples, of which the toy function is one.
fn examples() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().unwrap().with_file_name("examples")
}

fn options(processes: usize) -> StackOptions {
    StackOptions {
        functions: Functions::Isolated(Isolation {
            directories: vec![examples()],
            processes,
        }),
        schedules: false,
        ..StackOptions::in_memory(toys::template("small.yaml"))
    }
}

async fn wish(stack: &Stack, wish: &str) -> (StatusCode, Value) {
    let url = format!("{}/toys?{wish}", stack.addresses().http_api);
    let response = send(Request::get(url), "").await;
    (response.status(), toys::json(&response))
}

#[tokio::test]
async fn a_process_gets_its_environment_and_the_invocations_context() {
    let stack = Stack::start(options(1)).await.unwrap();
    let (status, answer) = wish(&stack, "").await;
    assert_eq!(status, StatusCode::OK);
    let pids = stack.function_process_ids("toys");
    assert_eq!(answer["process"], pids[0]);
    assert_eq!(answer["function"], stack.template().functions[0].arn);
    assert_eq!(answer["table"], stack.template().tables[0].name);
    let left = answer["deadline"].as_i64().unwrap() - jiff::Timestamp::now().as_millisecond();
    assert!((0..=2000).contains(&left), "{left}");
    stack.stop().await;
    until("the process has ended with the stack", || !alive(pids[0])).await;
}

#[tokio::test]
async fn an_error_is_the_functions_and_a_panic_as_well() {
    let stack = Stack::start(options(1)).await.unwrap();
    for wished in ["fail", "panic"] {
        let (status, _) = wish(&stack, wished).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{wished}");
    }
    assert_eq!(wish(&stack, "").await.0, StatusCode::OK);
    stack.stop().await;
}

#[tokio::test]
async fn a_process_that_dies_fails_its_invocation_and_is_started_again() {
    let stack = Stack::start(options(1)).await.unwrap();
    let before = stack.function_process_ids("toys");
    let (status, _) = wish(&stack, "exit").await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    let (status, answer) = wish(&stack, "").await;
    assert_eq!(status, StatusCode::OK);
    assert_ne!(answer["process"], before[0]);

    // Killed from outside while it has an invocation.
    let pid = stack.function_process_ids("toys")[0];
    let hanging = wish(&stack, "hang");
    let killing = async {
        until("the invocation runs", || {
            stack.counts().invocations["toys"]["http"].total == 3
        })
        .await;
        let killed = std::process::Command::new("kill")
            .args(["-9", &pid.to_string()])
            .status();
        assert!(killed.unwrap().success());
    };
    let begun = Instant::now();
    let ((status, _), ()) = tokio::join!(hanging, killing);
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "before its time-out"
    );
    assert_eq!(wish(&stack, "").await.0, StatusCode::OK);
    stack.stop().await;
}

#[tokio::test]
async fn a_process_that_takes_too_long_is_ended_and_replaced() {
    let stack = Stack::start(options(1)).await.unwrap();
    let before = stack.function_process_ids("toys")[0];
    let (status, _) = wish(&stack, "hang").await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    let (status, answer) = wish(&stack, "").await;
    assert_eq!(status, StatusCode::OK);
    assert_ne!(answer["process"], before);
    until("the hanging process is gone", || !alive(before)).await;
    stack.stop().await;
}

#[tokio::test]
async fn processes_of_one_function_work_at_the_same_time() {
    let stack = Stack::start(options(2)).await.unwrap();
    let (one, two) = tokio::join!(wish(&stack, "nap"), wish(&stack, "nap"));
    assert_eq!((one.0, two.0), (StatusCode::OK, StatusCode::OK));
    assert_ne!(one.1["process"], two.1["process"]);
    stack.stop().await;
}

#[tokio::test]
async fn a_function_that_cannot_start_keeps_the_stack_from_starting() {
    let mut options = options(1);
    let text = std::fs::read_to_string(&options.template).unwrap();
    let directory = tempfile::tempdir().unwrap();
    options.template = directory.path().join("template.yaml");
    let without = text.replace("          TABLE_NAME: !Ref ToysTable\n", "");
    std::fs::write(&options.template, without).unwrap();
    let error = Stack::start(options).await.err().unwrap();
    assert!(matches!(error, StartError::Process { .. }), "{error}");
    assert!(
        error.to_string().contains("ToysFunction did not start"),
        "{error}"
    );
}

#[tokio::test]
async fn a_stack_that_is_dropped_ends_its_processes_as_well() {
    let stack = Stack::start(options(2)).await.unwrap();
    let pids = stack.function_process_ids("toys");
    assert_eq!(pids.len(), 2);
    drop(stack);
    until("they have ended", || !pids.iter().any(|pid| alive(*pid))).await;
}

/// Whether a process of this id runs (a dead one that nobody has waited for yet does not).
fn alive(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    status.is_ok_and(|status| !status.contains(") Z "))
}
