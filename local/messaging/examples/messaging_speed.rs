//! How many messages per second go from a topic to a queue and out of it, durably, through the HTTP entry without the
//! network: publishers send batches of ten, consumers receive and delete batches of ten.
//!
//! `cargo run --release -p local-messaging --example messaging_speed -- [MESSAGES] [PUBLISHERS]`

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use bytes::Bytes;
use http::Request;
use local_messaging::{Messaging, Options};
use serde_json::{Value, json};

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let messages = arguments.next().transpose()?.unwrap_or(100_000);
    let publishers = arguments.next().transpose()?.unwrap_or(8);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(measure(messages, publishers))
}

async fn measure(messages: usize, publishers: usize) -> Outcome<()> {
    let directory = tempfile::tempdir()?;
    let messaging = Messaging::open(Options {
        directory: Some(directory.path().to_owned()),
        ..Options::default()
    })?;
    let queue = messaging.create_queue("orders", [].into()).await?;
    let topic = messaging.create_topic("orders", [].into()).await?;
    let attributes = [
        ("RawMessageDelivery", "true"),
        ("FilterPolicy", r#"{"type":["orders.OrderPlaced.v1"]}"#),
    ];
    let attributes = attributes
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    messaging.subscribe(&topic, &queue.arn, attributes).await?;

    let batch = Arc::new(publish_batch(&topic));
    let started = Instant::now();
    let published = Arc::new(AtomicUsize::new(0));
    let deleted = Arc::new(AtomicUsize::new(0));
    let mut tasks = Vec::new();
    for _ in 0..publishers {
        let (messaging, batch, published) = (
            messaging.clone(),
            Arc::clone(&batch),
            Arc::clone(&published),
        );
        tasks.push(tokio::spawn(async move {
            while published.fetch_add(10, Ordering::Relaxed) < messages {
                let request = Request::post("/").body(Bytes::copy_from_slice(batch.as_bytes()))?;
                let response = messaging.handle(request).await;
                if response.status() != 200 {
                    return Err(format!("publish: {:?}", response.body()).into());
                }
            }
            Outcome::Ok(started.elapsed())
        }));
    }
    for _ in 0..publishers {
        let (messaging, url, deleted) =
            (messaging.clone(), queue.url.clone(), Arc::clone(&deleted));
        tasks.push(tokio::spawn(async move {
            while deleted.load(Ordering::Relaxed) < messages {
                deleted.fetch_add(consume(&messaging, &url).await?, Ordering::Relaxed);
            }
            Ok(started.elapsed())
        }));
    }
    let mut ends = Vec::new();
    for task in tasks {
        ends.push(task.await??.as_secs_f64());
    }
    let rate = |ends: &[f64]| messages as f64 / ends.iter().copied().fold(0.0, f64::max);
    println!(
        "published         {:>8.0} messages/s",
        rate(&ends[..publishers])
    );
    println!("through and gone  {:>8.0} messages/s", rate(&ends));
    Ok(())
}

/// Ten messages of about a kilobyte, as the SDK would post them.
fn publish_batch(topic: &str) -> String {
    let message =
        json!({"specversion": "1.0", "type": "orders.OrderPlaced.v1", "data": "x".repeat(900)})
            .to_string();
    let fields = |n: usize| {
        let entry = format!("PublishBatchRequestEntries.member.{n}");
        let attribute = format!("{entry}.MessageAttributes.entry.1");
        [
            (format!("{entry}.Id"), n.to_string()),
            (format!("{entry}.Message"), message.clone()),
            (format!("{attribute}.Name"), "type".to_owned()),
            (format!("{attribute}.Value.DataType"), "String".to_owned()),
            (
                format!("{attribute}.Value.StringValue"),
                "orders.OrderPlaced.v1".to_owned(),
            ),
        ]
    };
    let mut form = format!("Action=PublishBatch&Version=2010-03-31&TopicArn={topic}");
    for (name, value) in (1..=10).flat_map(fields) {
        let value = serde_urlencoded::to_string([("", value)]).unwrap_or_default();
        let _ = write!(form, "&{name}{value}");
    }
    form
}

/// Receives up to ten messages and deletes them.
async fn consume(messaging: &Messaging, url: &str) -> Outcome<usize> {
    let receive = json!({"QueueUrl": url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1, "MessageAttributeNames": ["All"],
        "MessageSystemAttributeNames": ["All"]});
    let received: Value =
        serde_json::from_slice(&call(messaging, "ReceiveMessage", &receive).await?)?;
    let messages = received["Messages"].as_array().cloned().unwrap_or_default();
    if messages.is_empty() {
        return Ok(0);
    }
    let entries: Vec<Value> = messages
        .iter()
        .enumerate()
        .map(|(n, message)| json!({"Id": n.to_string(), "ReceiptHandle": message["ReceiptHandle"]}))
        .collect();
    call(
        messaging,
        "DeleteMessageBatch",
        &json!({"QueueUrl": url, "Entries": entries}),
    )
    .await?;
    Ok(messages.len())
}

async fn call(messaging: &Messaging, operation: &str, input: &Value) -> Outcome<Bytes> {
    let request = Request::post("/").header("x-amz-target", format!("AmazonSQS.{operation}"));
    let response = messaging
        .handle(request.body(Bytes::from(input.to_string()))?)
        .await;
    if response.status() != 200 {
        return Err(format!("{operation}: {:?}", response.body()).into());
    }
    Ok(response.into_body())
}
