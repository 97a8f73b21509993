//! The event source mapping of a queue.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

mod toys;

use std::sync::Arc;
use std::time::Duration;

use local_messaging::{Depth, ManualClock, MessageAttribute, MessageAttributes};
use noren::{Stack, StackOptions};
use serde_json::{Value, json};

use toys::{Behaviour, Toy, queue_arn, quiet, until};

const VISIBILITY: Duration = Duration::from_secs(60);

/// A stack whose queues follow a clock that the test moves.
async fn start(toy: &Toy) -> (Stack, ManualClock) {
    let clock = ManualClock::new(jiff::Timestamp::now());
    let options = StackOptions {
        queue_clock: Arc::new(clock.clone()),
        ..toys::options(toy)
    };
    (Stack::start(options).await.unwrap(), clock)
}

async fn send(stack: &Stack, body: Value) -> String {
    let attributes =
        MessageAttributes::from([("type".to_owned(), MessageAttribute::string("toys.Made.v1"))]);
    let (queue, body) = (queue_arn(stack, "ToysQueue"), body.to_string());
    let sent = stack.messaging().send(&queue, &body, attributes);
    sent.await.unwrap()
}

fn records(payload: &Value) -> impl Iterator<Item = &Value> {
    payload["Records"].as_array().into_iter().flatten()
}

/// Reports the records whose toy is named.
fn failing(payload: &Value, toys: &[&str]) -> Value {
    let failures: Vec<Value> = records(payload)
        .filter(|record| {
            let body: Value = serde_json::from_str(record["body"].as_str().unwrap()).unwrap();
            toys.contains(&body["toy"].as_str().unwrap())
        })
        .map(|record| json!({ "itemIdentifier": record["messageId"] }))
        .collect();
    json!({ "batchItemFailures": failures })
}

fn depth(stack: &Stack, queue_arn: &str) -> Depth {
    stack.messaging().depth(queue_arn).unwrap()
}

fn handled(payloads: &[Value]) -> usize {
    payloads.iter().flat_map(records).count()
}

#[tokio::test]
async fn a_function_gets_messages_as_lambda_hands_them_over() {
    let toy = Toy::new(|_| Behaviour::Answer(Value::Null));
    let (stack, _) = start(&toy).await;
    let id = send(&stack, json!({ "toy": "bear" })).await;
    let payloads = toy.invoked(1).await;
    let record = &payloads[0]["Records"][0];
    assert_eq!(record["messageId"], id);
    assert_eq!(record["body"], r#"{"toy":"bear"}"#);
    assert_eq!(record["eventSource"], "aws:sqs");
    assert_eq!(record["eventSourceARN"], queue_arn(&stack, "ToysQueue"));
    assert_eq!(record["awsRegion"], "ap-northeast-1");
    assert_eq!(record["attributes"]["ApproximateReceiveCount"], "1");
    assert!(record["attributes"]["SentTimestamp"].is_string());
    assert!(!record["receiptHandle"].as_str().unwrap().is_empty());
    assert_eq!(record["md5OfBody"].as_str().unwrap().len(), 32);
    let attribute = json!({
        "stringValue": "toys.Made.v1", "dataType": "String", "stringListValues": [], "binaryListValues": [],
    });
    assert_eq!(record["messageAttributes"]["type"], attribute);
    quiet(&stack).await;
    stack.stop().await;
}

#[tokio::test]
async fn of_a_batch_only_what_failed_comes_again() {
    let mut failed_once = false;
    let toy = Toy::new(move |payload| {
        let names: &[&str] = if failed_once { &[] } else { &["car"] };
        let answer = failing(payload, names);
        failed_once |= answer != json!({ "batchItemFailures": [] });
        Behaviour::Answer(answer)
    });
    let (stack, clock) = start(&toy).await;
    for name in ["bear", "car", "doll"] {
        send(&stack, json!({ "toy": name })).await;
    }
    let queue = queue_arn(&stack, "ToysQueue");
    until("one message stays in flight", || {
        let depth = depth(&stack, &queue);
        handled(&toy.payloads()) == 3 && depth.in_flight == 1 && depth.visible == 0
    })
    .await;
    clock.advance(VISIBILITY);
    quiet(&stack).await;
    let payloads = toy.payloads();
    assert_eq!(handled(&payloads), 4);
    let again = &payloads.last().unwrap()["Records"][0];
    assert_eq!(again["body"], r#"{"toy":"car"}"#);
    assert_eq!(again["attributes"]["ApproximateReceiveCount"], "2");
    stack.stop().await;
}

#[tokio::test]
async fn a_message_that_makes_the_function_panic_ends_in_the_dead_letter_queue() {
    let toy = Toy::new(|_| Behaviour::Panic);
    let (stack, clock) = start(&toy).await;
    send(&stack, json!({ "toy": "bear" })).await;
    let queue = queue_arn(&stack, "ToysQueue");
    for receives in 1..=3 {
        toy.invoked(receives).await;
        let in_flight = || depth(&stack, &queue).in_flight;
        until("the failed message stays in flight", || in_flight() == 1).await;
        clock.advance(VISIBILITY);
    }
    let seen = quiet(&stack).await;
    assert_eq!(seen.dead_letters.len(), 1, "{seen:?}");
    let dead = queue_arn(&stack, "ToysDeadLetters");
    let letters = stack.messaging().peek(&dead, 10).unwrap();
    assert_eq!(letters[0].body, r#"{"toy":"bear"}"#);
    assert_eq!(toy.payloads().len(), 3);
    let counts = stack.counts();
    let invocations = counts.invocations["toys"]["queue"];
    assert_eq!((invocations.total, invocations.failed), (3, 3));
    stack.stop().await;
}

#[tokio::test]
async fn a_function_that_takes_too_long_has_failed() {
    let mut first = true;
    let toy = Toy::new(move |_| match std::mem::take(&mut first) {
        true => Behaviour::Hang,
        false => Behaviour::Answer(Value::Null),
    });
    let (stack, clock) = start(&toy).await;
    send(&stack, json!({ "toy": "bear" })).await;
    until(
        "the time-out of two seconds is counted as a failure",
        || {
            let counts = stack.counts();
            let toys = counts.invocations.get("toys");
            toys.is_some_and(|toys| toys["queue"].failed == 1)
        },
    )
    .await;
    clock.advance(VISIBILITY);
    quiet(&stack).await;
    assert_eq!(toy.payloads().len(), 2);
    stack.stop().await;
}

#[tokio::test]
async fn an_answer_that_names_an_unknown_message_fails_the_batch() {
    let mut turn = 0;
    let toy = Toy::new(move |_| {
        turn += 1;
        Behaviour::Answer(match turn {
            1 => json!({ "batchItemFailures": [{ "itemIdentifier": "nobody" }] }),
            _ => json!({}),
        })
    });
    let (stack, clock) = start(&toy).await;
    send(&stack, json!({ "toy": "bear" })).await;
    let queue = queue_arn(&stack, "ToysQueue");
    toy.invoked(1).await;
    until("the message stays", || depth(&stack, &queue).in_flight == 1).await;
    clock.advance(VISIBILITY);
    quiet(&stack).await;
    assert_eq!(toy.payloads().len(), 2);
    stack.stop().await;
}

#[tokio::test]
async fn what_the_filter_does_not_want_is_deleted_unseen() {
    let toy = Toy::new(|_| Behaviour::Answer(Value::Null));
    let (stack, _) = start(&toy).await;
    send(&stack, json!({ "game": "chess" })).await;
    send(&stack, json!("no object")).await;
    send(&stack, json!({ "toy": "bear" })).await;
    toy.invoked(1).await;
    let seen = quiet(&stack).await;
    assert_eq!(handled(&toy.payloads()), 1);
    assert!(seen.dead_letters.is_empty(), "{seen:?}");
    stack.stop().await;
}
