//! Failed messages through insights' routes, in queues that stand in for SQS.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod shop;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::MessageAttributeValue;
use harness::{Answer, Harness, Request};
use insights::Insights;
use insights::failed::FailedQueues;
use local_messaging::{Messaging, Options};
use serde_json::{Value, json};
use store::MemoryStore;

/// Insights beside some queues.
struct Desk {
    insights: Harness<Insights<MemoryStore>>,
    sqs: Client,
    urls: BTreeMap<String, String>,
}

impl Desk {
    async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let messaging = Messaging::open(Options {
            endpoint_url: endpoint.clone(),
            ..Options::default()
        });
        let router = messaging.unwrap().router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let sdk = shop::sdk(&endpoint);
        let sqs = Client::new(&sdk);
        let mut urls = BTreeMap::new();
        for id in [
            "OrdersQueue",
            "OrdersDeadLetters",
            "OrdersFromPaymentsUndelivered",
            "OrdersStreamFailures",
        ] {
            let made = sqs.create_queue().queue_name(format!("noren-{id}")).send();
            let url = made.await.unwrap().queue_url.unwrap();
            urls.insert(id.to_owned(), url);
        }
        let store = MemoryStore::new(insights::INDEXES);
        let failed = FailedQueues::among(&sdk, &urls);
        let context = Insights::new(store.clone(), failed, shop::config());
        Self {
            insights: Harness::new(store, context),
            sqs,
            urls,
        }
    }

    /// Puts a message there as a function does that gives it up.
    async fn fail(&self, queue: &str, body: &str, reason: &str) {
        let attribute = |value: &str| {
            MessageAttributeValue::builder()
                .data_type("String")
                .string_value(value)
                .build()
                .unwrap()
        };
        let send = self.sqs.send_message().queue_url(&self.urls[queue]);
        let send = send
            .message_body(body)
            .message_attributes("reason", attribute(reason))
            .message_attributes("type", attribute("payments.PaymentAuthorized.v1"));
        send.send().await.unwrap();
    }

    /// The bodies that can be received there now, with the names of what was sent with them.
    async fn take(&self, queue: &str) -> Vec<(String, Vec<String>)> {
        let receive = self.sqs.receive_message().queue_url(&self.urls[queue]);
        let receive = receive
            .max_number_of_messages(10)
            .message_attribute_names("All");
        let messages = receive.send().await.unwrap().messages.unwrap_or_default();
        let taken = messages.into_iter().map(|message| {
            let sent = message.message_attributes.unwrap_or_default();
            (message.body.unwrap_or_default(), sent.into_keys().collect())
        });
        taken.collect()
    }

    async fn get(&self, path: &str) -> Value {
        let path = format!("/api/operator/insights/failed/{path}");
        let request = Request::new("GET", &path).by_operator("operator-1");
        let answer = self.insights.http(&request).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        let path = format!("/api/operator/insights/failed/queues/{path}");
        let request = Request::new("POST", &path)
            .by_operator("operator-1")
            .json(&body);
        self.insights.http(&request).await
    }

    async fn ids(&self, queue: &str) -> Vec<String> {
        let seen = self.get(&format!("queues/{queue}/messages")).await;
        let messages = seen["messages"].as_array().unwrap().iter();
        messages
            .map(|one| one["id"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn event(n: usize) -> String {
    json!({ "specversion": "1.0", "id": format!("payments.o-{n}.2.0"), "type": "payments.PaymentAuthorized.v1",
            "subject": format!("o-{n}") })
    .to_string()
}

#[tokio::test]
async fn queues_tell_how_much_lies_in_them_and_for_how_long() {
    let desk = Desk::open().await;
    desk.fail("OrdersDeadLetters", &event(1), "no such order")
        .await;
    let seen = desk.get("queues").await;
    let queues = seen["queues"].as_array().unwrap();
    let names: Vec<&str> = queues
        .iter()
        .map(|one| one["queue"].as_str().unwrap())
        .collect();
    let expected = [
        "OrdersDeadLetters",
        "OrdersFromPaymentsUndelivered",
        "OrdersStreamFailures",
    ];
    assert_eq!(names, expected);
    assert_eq!(
        (&queues[0]["messages"], &queues[0]["context"]),
        (&json!(1), &json!("orders"))
    );
    assert!(queues[0]["oldest_at"].is_string(), "{}", queues[0]);
    assert_eq!(
        (&queues[1]["messages"], &queues[1]["oldest_at"]),
        (&json!(0), &Value::Null)
    );
    assert_eq!(queues[1]["publisher"], "payments");
    // A look takes nothing away.
    assert_eq!(desk.get("queues").await["queues"][0]["messages"], 1);
}

#[tokio::test]
async fn a_message_tells_what_it_is_and_why_it_failed() {
    let desk = Desk::open().await;
    desk.fail("OrdersDeadLetters", &event(1), "no such order")
        .await;
    let seen = desk.get("queues/OrdersDeadLetters/messages").await;
    let message = &seen["messages"][0];
    assert_eq!(message["reason"], "no such order");
    assert_eq!(message["type"], "payments.PaymentAuthorized.v1");
    assert_eq!(message["subject"], "o-1");
    assert_eq!(message["event_id"], "payments.o-1.2.0");
    assert_eq!(message["body"], event(1));
    assert_eq!(message["can_redrive"], true);
    assert_eq!(seen["more"], false);
}

#[tokio::test]
async fn what_is_sent_again_lies_in_its_source_queue_and_not_here() {
    let desk = Desk::open().await;
    for n in 1..=3 {
        desk.fail("OrdersDeadLetters", &event(n), "the provider was down")
            .await;
    }
    let ids = desk.ids("OrdersDeadLetters").await;
    let wanted = json!({ "ids": [ids[0], "none"], "reason": "it is back" });
    let done = desk.post("OrdersDeadLetters/redrive", wanted.clone()).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(done.body["done"], json!([ids[0]]));
    assert_eq!(done.body["left"][0]["id"], "none");
    let sent = desk.take("OrdersQueue").await;
    // What said why it failed is not sent on.
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(sent[0].1, ["type"]);
    // The same again finds it gone, and does nothing.
    let again = desk.post("OrdersDeadLetters/redrive", wanted).await;
    assert_eq!(again.body["done"], json!([]));

    let all = desk
        .post("OrdersDeadLetters/redrive", json!({ "all": true }))
        .await;
    assert_eq!(
        all.body["done"].as_array().map(Vec::len),
        Some(2),
        "{}",
        all.body
    );
    assert_eq!(desk.take("OrdersQueue").await.len(), 2);
    assert_eq!(desk.ids("OrdersDeadLetters").await, [""; 0]);

    let acts = desk.get("acts").await;
    let acts = acts["acts"].as_array().unwrap();
    assert_eq!(acts.len(), 3, "each act is recorded once: {acts:?}");
    assert!(acts.iter().all(|act| act["act"] == "redrive"
        && act["by"] == "operator-1"
        && act["outcome"] == "done"));
    let with_reason = acts.iter().filter(|act| act["reason"] == "it is back");
    assert_eq!(with_reason.count(), 1);
}

#[tokio::test]
async fn what_is_given_up_is_recorded_whole_and_gone() {
    let desk = Desk::open().await;
    desk.fail("OrdersFromPaymentsUndelivered", &event(7), "gone")
        .await;
    let without = desk
        .post("OrdersFromPaymentsUndelivered/drop", json!({ "all": true }))
        .await;
    assert_eq!(
        without.status, 400,
        "a reason is demanded: {}",
        without.body
    );
    let drop = json!({ "all": true, "reason": "a test of the supplier" });
    let done = desk.post("OrdersFromPaymentsUndelivered/drop", drop).await;
    assert_eq!(
        done.body["done"].as_array().map(Vec::len),
        Some(1),
        "{}",
        done.body
    );
    assert_eq!(desk.take("OrdersFromPaymentsUndelivered").await, []);
    assert_eq!(desk.take("OrdersQueue").await, []);
    let records = desk.insights.store.all();
    let kept = records
        .iter()
        .find(|record| record.key.pk == "acts")
        .unwrap();
    let act: Value = serde_json::from_str(&kept.document).unwrap();
    assert_eq!(act["message"]["body"], event(7));
    assert_eq!(act["outcome"], "done");
}

#[tokio::test]
async fn a_place_in_a_stream_is_not_sent_again_and_the_record_says_so() {
    let desk = Desk::open().await;
    desk.fail("OrdersStreamFailures", "{}", "gone").await;
    let seen = desk.get("queues/OrdersStreamFailures/messages").await;
    assert_eq!(seen["messages"][0]["can_redrive"], false);
    let done = desk
        .post("OrdersStreamFailures/redrive", json!({ "all": true }))
        .await;
    assert_eq!(done.body["done"], json!([]));
    let why = done.body["left"][0]["why"].as_str().unwrap();
    assert!(why.contains("publish-again"), "{why}");
    let acts = desk.get("acts").await;
    assert_eq!(acts["acts"][0]["outcome"], "left", "{acts}");
    assert_eq!(desk.ids("OrdersStreamFailures").await.len(), 1);
}

#[tokio::test]
async fn either_some_are_meant_or_all() {
    let desk = Desk::open().await;
    for body in [
        json!({}),
        json!({ "ids": [] }),
        json!({ "ids": ["a"], "all": true }),
        json!({ "all": false }),
        json!({ "ids": vec!["a"; 101] }),
    ] {
        let refused = desk.post("OrdersDeadLetters/redrive", body.clone()).await;
        assert_eq!(refused.status, 400, "{body}: {}", refused.body);
        assert_eq!(refused.body["errors"][0]["field"], "ids", "{body}");
    }
}

/// An alarm is set on it: what was given up lies unseen for 14 days otherwise, and is lost then.
#[tokio::test]
async fn what_lies_in_any_of_the_queues_is_counted_at_each_tick() {
    let desk = Desk::open().await;
    let counted = || desk.insights.counted("FailedMessages");
    desk.insights.tick().await.unwrap();
    assert_eq!(counted(), 0);
    for queue in ["OrdersFromPaymentsUndelivered", "OrdersStreamFailures"] {
        desk.fail(queue, "{}", "a test").await;
    }
    desk.insights.tick().await.unwrap();
    assert_eq!(counted(), 2);
}

#[tokio::test]
async fn a_request_ends_in_time_where_sqs_says_nothing() {
    // It takes connections and never answers.
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let names = ["OrdersQueue", "OrdersDeadLetters", "CartsDeadLetters"];
    let urls = names.map(|id| (id.to_owned(), format!("{url}/000000000000/noren-{id}")));
    let store = MemoryStore::new(insights::INDEXES);
    let failed = FailedQueues::among(&shop::sdk(&url), &urls.into());
    let context = Insights::new(store.clone(), failed, shop::config());
    let insights = Harness::new(store, context);
    let began = Instant::now();
    for (path, status) in [
        ("failed/queues", 200),
        ("failed/queues/OrdersDeadLetters/messages", 503),
        ("flow", 200),
    ] {
        let path = format!("/api/operator/insights/{path}");
        let answer = insights
            .http(&Request::new("GET", &path).by_operator("operator-1"))
            .await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
    }
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
}
