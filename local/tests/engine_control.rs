//! The stack's own address beside the AWS services, and what it counts.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

mod toys;

use std::time::Instant;

use http::Request;
use noren::{Addresses, Counts, Stillness};
use serde_json::{Value, json};

use toys::{Behaviour, Toy, dynamodb, quiet, send};

#[tokio::test]
async fn another_process_learns_where_everything_is_and_what_was_done() {
    let toy = Toy::new(|_| Behaviour::Answer(Value::Null));
    let stack = toys::start(&toy).await;
    let aws = stack.addresses().aws.clone();
    let get = |path: &str| send(Request::get(format!("{aws}{path}")), "");
    let addresses: Addresses = serde_json::from_slice(get("/_noren").await.body()).unwrap();
    assert_eq!(&addresses, stack.addresses());

    let table = stack.template().tables[0].name.clone();
    let item = json!({ "TableName": table, "Item": { "pk": { "S": "a" } } });
    dynamodb(&stack, "PutItem", item).await;
    let seen: Stillness =
        serde_json::from_slice(get("/_noren/quiet?wait_seconds=20").await.body()).unwrap();
    assert!(seen.quiet, "{seen:?}");
    let counts: Counts = serde_json::from_slice(get("/_noren/counts").await.body()).unwrap();
    let put = counts.tables["toys"]["PutItem"];
    assert_eq!((put.requests, put.write_units), (1, 1.0));
    assert_eq!(counts.invocations["toys"]["stream"].total, 1);
    assert_eq!(counts.invocations(), 1);
    assert_eq!(counts.write_units(), 1.0);

    let reset = send(Request::post(format!("{aws}/_noren/counts/reset")), "").await;
    let counts: Counts = serde_json::from_slice(reset.body()).unwrap();
    assert_eq!(counts.invocations(), 0);
    assert_eq!(counts.write_units(), 0.0);
    for (path, status) in [
        ("/_noren/nothing", 404),
        ("/_noren/quiet?wait=1", 400),
        ("/", 404),
    ] {
        assert_eq!(get(path).await.status(), status, "{path}");
    }
    stack.stop().await;
}

#[tokio::test]
async fn a_publish_reaches_the_function_through_topic_and_queue() {
    let toy = Toy::new(|_| Behaviour::Answer(Value::Null));
    let stack = toys::start(&toy).await;
    let topic = stack.template().topics[0].arn.replace(':', "%3A");
    let body =
        format!("Action=Publish&Version=2010-03-31&TopicArn={topic}&Message=%7B%22toy%22%3A1%7D");
    let request = Request::post(&stack.addresses().aws)
        .header("content-type", "application/x-www-form-urlencoded");
    let response = send(request, body).await;
    assert!(response.status().is_success(), "{:?}", response.body());
    let payloads = toy.invoked(1).await;
    assert_eq!(payloads[0]["Records"][0]["body"], r#"{"toy":1}"#);
    quiet(&stack).await;
    let counts = stack.counts();
    assert_eq!(counts.publishes(), 1);
    assert_eq!(counts.topics["toys"]["Publish"], 1);
    assert!(counts.queues["toys"]["Poll"] >= 1);
    stack.stop().await;
}

#[tokio::test]
async fn schedules_run_by_hand_with_their_input() {
    let toy = Toy::new(|_| Behaviour::Answer(Value::Null));
    let stack = toys::start(&toy).await;
    stack.tick_schedules().await.unwrap();
    assert_eq!(toy.payloads(), [json!({ "schedule": "deadlines" })]);
    assert_eq!(stack.counts().invocations["toys"]["schedule"].total, 1);
    stack.stop().await;
}

#[tokio::test]
async fn another_process_ticks_schedules_and_slows_a_function_down() {
    let toy = Toy::new(|_| Behaviour::Answer(Value::Null));
    let stack = toys::start(&toy).await;
    let control = format!("{}/_noren", stack.addresses().aws);
    let post = |path: &str| send(Request::post(format!("{control}{path}")), "");
    assert!(post("/tick").await.status().is_success());
    assert_eq!(toy.payloads(), [json!({ "schedule": "deadlines" })]);
    // A function in this process has no other.
    let processes = send(Request::get(format!("{control}/processes")), "").await;
    assert_eq!(toys::json(&processes), json!({ "toys": [] }));

    // So slow that its time is over before it begins.
    assert!(
        post("/functions/toys/slow?milliseconds=3600000")
            .await
            .status()
            .is_success()
    );
    let begun = Instant::now();
    let toys_page = format!("{}/toys", stack.addresses().http_api);
    let answer = send(Request::get(&toys_page), "").await;
    assert_eq!(answer.status(), 500);
    assert!(begun.elapsed() >= stack.template().functions[0].timeout);
    assert_eq!(toy.payloads().len(), 1);
    assert!(
        post("/functions/toys/slow?milliseconds=0")
            .await
            .status()
            .is_success()
    );
    send(Request::get(&toys_page), "").await;
    assert_eq!(toy.payloads().len(), 2);
    for (path, status) in [
        ("/functions/nobody/slow?milliseconds=1", 404),
        ("/functions/toys/slow?milliseconds=much", 400),
        ("/functions/toys/slow", 400),
        ("/processes", 404),
    ] {
        assert_eq!(post(path).await.status(), status, "{path}");
    }
    stack.stop().await;
}
