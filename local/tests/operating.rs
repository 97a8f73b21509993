//! What an operator does from a terminal, on a whole shop: an order's timeline, messages that failed, events as they come,
//! whether all is well.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

mod flow;

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use flow::counter::{VISA, wish};
use flow::{Shop, options};

/// What a command said.
struct Said {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Said {
    fn json(&self) -> Value {
        let read = serde_json::from_str(&self.stdout);
        read.unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }
}

fn command(shop: &Shop, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_noren"));
    command
        .args(arguments)
        .env("NOREN_ENDPOINT", &shop.stack.addresses().aws)
        .kill_on_drop(true);
    command
}

async fn noren(shop: &Shop, arguments: &[&str]) -> Said {
    let output = command(shop, arguments).output().await.unwrap();
    Said {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

async fn open() -> Shop {
    let shop = Shop::open(options()).await;
    shop.sell(&[("SENCHA", 800)], 10).await;
    shop
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_orders_timeline_tells_every_step_with_its_cause() {
    let shop = open().await;
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    shop.quiet().await;
    shop.fulfil(&order_id).await;
    shop.quiet().await;

    let said = noren(&shop, &["orders", "show", &order_id, "--json"]).await;
    assert_eq!(said.code, 0, "{}", said.stderr);
    let told = said.json();
    assert_eq!(told["incomplete"], false, "{told:#}");
    let contexts: Vec<&str> = told["contexts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["context"].as_str().unwrap())
        .collect();
    let all = [
        "orders",
        "inventory",
        "payments",
        "shipping",
        "notifications",
    ];
    assert_eq!(contexts[..4], all[..4], "{told:#}");
    assert_eq!(told["contexts"][0]["state"]["status"], "completed");
    assert_eq!(
        told["contexts"][2]["state"]["ledger"][1]["entry"],
        "captured"
    );

    let lines = told["timeline"].as_array().unwrap();
    assert_eq!(lines[0]["cause"]["kind"], "request", "{told:#}");
    assert_eq!(lines[0]["emitted"][0]["type"], "orders.OrderPlaced.v1");
    // A webhook may overtake the provider's own answer; then only payments' intent tells that it heard the event.
    let line_of = |context: &str, event_type: &str| {
        lines
            .iter()
            .position(|line| line["context"] == context && line["cause"]["type"] == event_type)
    };
    // The flow of an order, each step after what caused it.
    let steps = [
        ("inventory", "orders.OrderPlaced.v1"),
        ("orders", "inventory.StockReserved.v1"),
        ("payments", "orders.PaymentRequested.v1"),
        ("orders", "payments.PaymentAuthorized.v1"),
        ("shipping", "orders.OrderConfirmed.v1"),
    ];
    let steps = steps.map(|(context, event_type)| {
        line_of(context, event_type)
            .unwrap_or_else(|| panic!("{context} has not heard {event_type}: {told:#}"))
    });
    assert!(steps.is_sorted(), "{steps:?}");
    for step in steps {
        let delay = lines[step]["cause"]["delay_ms"].as_i64().unwrap();
        assert!((0..60_000).contains(&delay), "{}", lines[step]);
    }

    // One trace from the request to the last consumer, whether the provider's answer or its webhook came first; what an
    // operator brings in is a trace of its own.
    let trace_id = told["trace_id"].as_str().unwrap();
    assert_eq!(trace_id.len(), 32, "{told:#}");
    for step in &steps {
        assert_eq!(lines[*step]["trace_id"], trace_id, "{}", lines[*step]);
    }
    let placed = &lines[0]["emitted"][0]["span_id"];
    assert_eq!(lines[steps[0]]["cause"]["parent_span_id"], *placed);

    let words = noren(&shop, &["orders", "show", &order_id]).await.stdout;
    assert!(words.contains(&format!("Trace {trace_id}")), "{words}");
    assert!(words.contains("payments.PaymentCaptured.v1"), "{words}");
    let unknown = noren(&shop, &["orders", "show", "nobody-knows"]).await;
    assert_eq!(unknown.code, 1);
    assert!(
        unknown.stderr.contains("no context knows"),
        "{}",
        unknown.stderr
    );
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failed_messages_are_listed_sent_again_and_given_up_with_a_record() {
    let shop = open().await;
    let none = noren(&shop, &["failed", "list"]).await;
    assert_eq!(none.code, 0, "{}", none.stdout);
    let well = noren(
        &shop,
        &["doctor", "--endpoint", &shop.stack.addresses().aws],
    )
    .await;
    assert_eq!(well.code, 0, "{}", well.stdout);

    shop.deliver_batch("OrdersQueue", &["no event", "nor this"])
        .await;
    shop.quiet().await;
    let ill = noren(
        &shop,
        &[
            "doctor",
            "--endpoint",
            &shop.stack.addresses().aws,
            "--json",
        ],
    )
    .await;
    assert_eq!(ill.code, 1, "{}", ill.stdout);
    let wrong: Vec<Value> = ill.json().as_array().unwrap().clone();
    let wrong = wrong.iter().find(|finding| finding["verdict"] == "wrong");
    assert_eq!(wrong.unwrap()["about"], "OrdersDeadLetters");

    let listed = noren(&shop, &["failed", "list", "--json"]).await;
    assert_eq!(listed.code, 1);
    let letters: Vec<Value> = listed.json().as_array().unwrap().clone();
    assert_eq!(letters.len(), 2, "{letters:#?}");
    for letter in &letters {
        assert_eq!(letter["queue"], "OrdersDeadLetters");
        assert!(
            letter["reason"]
                .as_str()
                .unwrap()
                .contains("not a CloudEvents"),
            "{letter}"
        );
        assert!(letter["since"].is_string(), "{letter}");
    }
    // A look shows everything again at its end.
    let id = letters[0]["id"].as_str().unwrap().to_owned();
    let shown = noren(&shop, &["failed", "show", &id, "--json"]).await;
    assert_eq!(shown.json()["body"], letters[0]["body"]);
    assert_eq!(noren(&shop, &["failed", "show", "none-such"]).await.code, 1);
    // Every id begins so: which is meant is not said, and so they are named.
    let unclear = noren(&shop, &["failed", "redrive", ""]).await;
    assert_eq!(unclear.code, 2, "{}", unclear.stderr);
    assert!(unclear.stderr.contains(&id), "{}", unclear.stderr);
    assert_eq!(
        noren(&shop, &["failed", "list", "--queue", "OrdersQueue"])
            .await
            .code,
        2
    );

    // One goes back to where it failed, and fails there again: with a new id.
    let again = noren(&shop, &["failed", "redrive", &id, "--json"]).await;
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert_eq!(again.json(), json!({ "done": [id], "left": [] }));
    shop.quiet().await;
    let listed = noren(&shop, &["failed", "list", "--json"]).await;
    let letters: Vec<Value> = listed.json().as_array().unwrap().clone();
    assert_eq!(letters.len(), 2, "{letters:#?}");
    assert!(
        letters.iter().all(|letter| letter["id"] != id.as_str()),
        "{letters:#?}"
    );

    give_up(
        &shop,
        letters[0]["id"].as_str().unwrap(),
        letters[0]["body"].as_str().unwrap(),
    )
    .await;
    let rest = noren(
        &shop,
        &[
            "failed",
            "redrive",
            "--all",
            "--type",
            "orders.None.v1",
            "--json",
        ],
    )
    .await;
    assert_eq!(rest.json()["done"], json!([]));
    shop.finish(&[("OrdersDeadLetters", 1)]).await;
}

async fn give_up(shop: &Shop, id: &str, body: &str) {
    let directory = tempfile::tempdir().unwrap();
    let record = directory.path().join("dropped.jsonl");
    let path = record.to_str().unwrap();
    // Where nothing can be recorded, nothing is dropped.
    let nowhere = directory.path().join("none/dropped.jsonl");
    let nowhere = nowhere.to_str().unwrap();
    let arguments = ["failed", "drop", id, "--reason", "a test", "--record"];
    let kept = noren(shop, &[&arguments[..], &[nowhere]].concat()).await;
    assert_eq!(kept.code, 1, "{}", kept.stdout);
    let dropped = noren(shop, &[&arguments[..], &[path]].concat()).await;
    assert_eq!(dropped.code, 0, "{}", dropped.stderr);
    let line = recorded(&record);
    assert_eq!(line["why"], "a test");
    assert_eq!(line["message"]["id"], id);
    assert_eq!(line["message"]["body"], body);
    assert_eq!(line["stack"], "noren");
    let gone = noren(shop, &["failed", "show", id]).await;
    assert_eq!(gone.code, 1, "{}", gone.stdout);
}

/// The record's one line.
fn recorded(record: &Path) -> Value {
    let text = std::fs::read_to_string(record).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::from_str(&text).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_are_printed_as_they_come_and_nothing_is_left_behind() {
    let shop = open().await;
    let sqs = shop.aws().sqs;
    // What a tail that was killed long ago has left, and what one left that may be alive.
    for (name, last_sign) in [("noren-tail-old", "1"), ("noren-tail-young", "99999999999")] {
        let create = sqs.create_queue().queue_name(name);
        create
            .tags("noren-last-sign-of-life", last_sign)
            .send()
            .await
            .unwrap();
    }
    let mut child = command(
        &shop,
        &[
            "events",
            "tail",
            "--json",
            "--type",
            "orders.OrderConfirmed.v1",
        ],
    )
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
    let listening = stderr.next_line().await.unwrap();
    assert_eq!(listening.as_deref(), Some("noren events: listening"));
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = stdout.next_line().await.unwrap().unwrap();
    let event: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(event["type"], "orders.OrderConfirmed.v1");
    assert_eq!(event["subject"], order_id.as_str());

    let pid = child.id().unwrap().to_string();
    let sent = Command::new("kill")
        .args(["-INT", &pid])
        .status()
        .await
        .unwrap();
    assert!(sent.success());
    assert!(child.wait().await.unwrap().success());
    let left = sqs
        .list_queues()
        .queue_name_prefix("noren-tail-")
        .send()
        .await
        .unwrap();
    let left: Vec<&str> = left
        .queue_urls()
        .iter()
        .map(|url| url.rsplit('/').next().unwrap())
        .collect();
    assert_eq!(left, ["noren-tail-young"]);
    let subscriptions = shop.aws().sns.list_subscriptions().send().await.unwrap();
    for subscription in subscriptions.subscriptions() {
        assert!(
            !subscription.endpoint().unwrap().contains("tail"),
            "{subscription:?}"
        );
    }
    shop.quiet().await;
    shop.fulfil(&order_id).await;
    shop.finish(&[]).await;
}
