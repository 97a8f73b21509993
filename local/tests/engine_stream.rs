//! The event source mapping of a table's stream.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

mod toys;

use noren::{Stack, StackOptions};
use serde_json::{Value, json};

use toys::{Behaviour, Toy, dynamodb, queue_arn, quiet, until};

/// Writes items with one request, so that they come in one batch.
async fn put(stack: &Stack, keys: &[&str]) {
    let table = &stack.template().tables[0].name;
    let puts: Vec<Value> = keys
        .iter()
        .map(|key| json!({ "PutRequest": { "Item": { "pk": { "S": key } } } }))
        .collect();
    let answer = dynamodb(
        stack,
        "BatchWriteItem",
        json!({ "RequestItems": { table: puts } }),
    )
    .await;
    assert_eq!(answer["UnprocessedItems"], json!({}));
}

fn keys(payload: &Value) -> Vec<String> {
    let records = payload["Records"].as_array().unwrap().iter();
    let key = |record: &Value| {
        record["dynamodb"]["Keys"]["pk"]["S"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    records.map(key).collect()
}

fn sequence_number<'a>(payload: &'a Value, key: &str) -> Option<&'a str> {
    let mut records = payload["Records"].as_array().unwrap().iter();
    let record = records.find(|record| record["dynamodb"]["Keys"]["pk"]["S"] == key)?;
    record["dynamodb"]["SequenceNumber"].as_str()
}

#[tokio::test]
async fn a_function_gets_changes_as_lambda_hands_them_over_and_no_deletions() {
    let toy = Toy::new(|_| Behaviour::Answer(Value::Null));
    let stack = toys::start(&toy).await;
    put(&stack, &["a"]).await;
    let table = stack.template().tables[0].name.clone();
    let key = json!({ "TableName": table, "Key": { "pk": { "S": "a" } } });
    dynamodb(&stack, "DeleteItem", key).await;
    put(&stack, &["b"]).await;
    quiet(&stack).await;
    let payloads = toy.payloads();
    assert_eq!(
        payloads.iter().flat_map(keys).collect::<Vec<_>>(),
        ["a", "b"]
    );
    let record = &payloads[0]["Records"][0];
    assert_eq!(record["eventName"], "INSERT");
    assert_eq!(record["eventSource"], "aws:dynamodb");
    assert_eq!(record["awsRegion"], "ap-northeast-1");
    assert_eq!(
        record["dynamodb"]["NewImage"],
        json!({ "pk": { "S": "a" } })
    );
    assert_eq!(record["dynamodb"]["StreamViewType"], "NEW_IMAGE");
    let arn = record["eventSourceARN"].as_str().unwrap();
    let table_arn = &stack.template().tables[0].arn;
    assert!(arn.starts_with(&format!("{table_arn}/stream/")), "{arn}");
    stack.stop().await;
}

#[tokio::test]
async fn a_poison_record_is_cut_out_and_told_to_the_on_failure_queue() {
    let toy = Toy::new(
        |payload| match keys(payload).iter().any(|key| key == "p5") {
            true => Behaviour::Fail("poison"),
            false => Behaviour::Answer(Value::Null),
        },
    );
    let stack = toys::start(&toy).await;
    let names: Vec<String> = (0..10).map(|number| format!("p{number}")).collect();
    put(
        &stack,
        &names.iter().map(String::as_str).collect::<Vec<_>>(),
    )
    .await;
    quiet(&stack).await;

    let payloads = toy.payloads();
    let of_poison: Vec<&Value> = payloads
        .iter()
        .filter(|payload| sequence_number(payload, "p5").is_some())
        .collect();
    // Ten, five, two or three, ... then alone: once and two retries, as the template says.
    let alone = of_poison.iter().filter(|payload| keys(payload).len() == 1);
    assert_eq!(alone.count(), 3);
    let number = sequence_number(of_poison[0], "p5").unwrap();
    for name in names.iter().filter(|name| *name != "p5") {
        let healthy = payloads.iter().filter(|payload| {
            sequence_number(payload, name).is_some() && sequence_number(payload, "p5").is_none()
        });
        assert_eq!(healthy.count(), 1, "{name} succeeded once");
    }
    let told = queue_arn(&stack, "ToysStreamFailures");
    let messages = stack.messaging().peek(&told, 10).unwrap();
    assert_eq!(messages.len(), 1);
    let message: Value = serde_json::from_str(&messages[0].body).unwrap();
    assert_eq!(
        message["requestContext"]["condition"],
        "RetryAttemptsExhausted"
    );
    assert_eq!(
        message["requestContext"]["functionArn"],
        stack.template().functions[0].arn
    );
    assert_eq!(
        message["requestContext"]["approximateInvokeCount"],
        of_poison.len()
    );
    assert_eq!(message["responseContext"]["functionError"], "Handled");
    let batch = &message["DDBStreamBatchInfo"];
    assert_eq!(batch["startSequenceNumber"], number);
    assert_eq!(batch["endSequenceNumber"], number);
    assert_eq!(batch["batchSize"], 1);
    stack.stop().await;
}

#[tokio::test]
async fn a_reported_record_and_what_follows_it_come_again() {
    let mut failed = false;
    let toy = Toy::new(move |payload| match sequence_number(payload, "c") {
        Some(number) if !std::mem::replace(&mut failed, true) => {
            Behaviour::Answer(json!({ "batchItemFailures": [{ "itemIdentifier": number }] }))
        }
        _ => Behaviour::Answer(json!({ "batchItemFailures": [] })),
    });
    let stack = toys::start(&toy).await;
    put(&stack, &["a", "b", "c", "d"]).await;
    quiet(&stack).await;
    let payloads: Vec<Vec<String>> = toy.payloads().iter().map(keys).collect();
    assert_eq!(payloads, [vec!["a", "b", "c", "d"], vec!["c", "d"]]);
    stack.stop().await;
}

#[tokio::test]
async fn a_restart_goes_on_behind_what_was_handled() {
    let directory = tempfile::tempdir().unwrap();
    let options = |toy: &Toy| StackOptions {
        data_directory: Some(directory.path().to_owned()),
        ..toys::options(toy)
    };
    let first = Toy::new(|payload| match sequence_number(payload, "late") {
        Some(_) => Behaviour::Hang,
        None => Behaviour::Answer(Value::Null),
    });
    let stack = Stack::start(options(&first)).await.unwrap();
    put(&stack, &["early"]).await;
    quiet(&stack).await;
    put(&stack, &["late"]).await;
    until("the late record is being handled", || {
        first.payloads().len() == 2
    })
    .await;
    stack.stop().await;

    let second = Toy::new(|_| Behaviour::Answer(Value::Null));
    let stack = Stack::start(options(&second)).await.unwrap();
    quiet(&stack).await;
    let payloads: Vec<Vec<String>> = second.payloads().iter().map(keys).collect();
    assert_eq!(payloads, [["late"]]);
    stack.stop().await;
}

#[tokio::test]
async fn handled_records_are_trimmed_from_the_stream() {
    let toy = Toy::new(|_| Behaviour::Answer(Value::Null));
    let stack = toys::start(&toy).await;
    let names: Vec<String> = (0..25).map(|number| format!("n{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for _ in 0..24 {
        put(&stack, &names).await;
    }
    quiet(&stack).await;
    let table = stack.template().tables[0].name.clone();
    let left = stack
        .dynamodb()
        .read_stream(&table, None, 1000)
        .await
        .unwrap();
    assert!(left.len() < 500, "{} records are left", left.len());
    stack.stop().await;
}
