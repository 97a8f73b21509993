//! The sample payloads in `events/insights`: each is handled by the real door, and is just what a run brings today.
//! `UPDATE_EVENTS=1 cargo test -p insights --test samples` writes them anew.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod shop;

use contracts::CloudEvent;
use harness::{Answer, Harness, Request, Samples, queue_batch};
use identifiers::Clock as _;
use insights::Insights;
use serde_json::{Value, json};
use store::MemoryStore;

use shop::{ORDER, low, whole_order};

/// Insights that is given samples one after the other.
struct Run {
    insights: Harness<Insights<MemoryStore>>,
    samples: Samples,
    serial: u64,
}

impl Run {
    async fn get(&mut self, name: &str, path: &str) -> Answer {
        let path = format!("/api/operator/insights/{path}");
        let request = Request::new("GET", &path).by_operator("operator-1");
        self.http(name, &request, 200).await
    }

    async fn http(&mut self, name: &str, request: &Request, status: u16) -> Answer {
        self.serial += 1;
        let payload = request.payload(self.insights.clock.now(), self.serial);
        let sample = self.samples.hold(name, &payload);
        let answer = self.insights.http_payload(&sample).await;
        assert_eq!(answer.status, status, "{name}: {answer:?}");
        answer
    }

    async fn queue(&mut self, name: &str, bodies: &[String]) {
        let sample = self.samples.hold(name, &queue_batch(bodies));
        let answer = self.insights.invoke(&sample).await.unwrap();
        assert_eq!(answer, r#"{"batchItemFailures":[]}"#, "{name}");
    }
}

#[tokio::test]
async fn every_sample_is_handled() {
    let (store, context) = shop::without_queues();
    let mut run = Run {
        insights: Harness::new(store, context),
        samples: Samples::of("insights"),
        serial: 0,
    };
    let bodies: Vec<String> = whole_order().iter().map(CloudEvent::to_json).collect();
    run.queue("sqs-order", &bodies).await;
    let titled = contracts::all_event_types()
        .into_iter()
        .find(|event_type| event_type.name == "catalog.ProductPublished.v1")
        .unwrap();
    let others = [
        titled.example.to_owned(),
        low("SENCHA-100G", 3, 1000).to_json(),
    ];
    run.queue("sqs-others", &others).await;
    let poisoned = [
        bodies[0].clone(),
        r#"{"specversion":"1.0""#.to_owned(),
        bodies[1].replace("\"order_id\"", "\"order\""),
    ];
    run.queue("sqs-with-poison", &poisoned).await;
    assert_eq!(run.insights.dead_letter_reasons().len(), 2);

    let orders = run.get("http-orders", "orders?limit=10").await;
    assert_eq!(orders.body["orders"][0]["status"], "completed");
    let path = format!("orders/{ORDER}/timeline");
    let timeline = run.get("http-timeline", &path).await;
    assert_eq!(timeline.body["events"].as_array().map(Vec::len), Some(11));
    let sales = run
        .get("http-sales", "sales?from=2026-11-24&to=2026-11-24")
        .await;
    assert_eq!(sales.body["days"][0]["orders"], 1);
    run.get("http-product-sales", "sales/products").await;
    let warnings = run.get("http-stock-warnings", "stock-warnings").await;
    assert_eq!(warnings.body["warnings"].as_array().map(Vec::len), Some(1));
    run.get("http-flow", "flow?minutes=15").await;
    let events = "flow/orders.OrderPlaced.v1@inventory/events";
    let events = run.get("http-flow-events", events).await;
    assert_eq!(events.body["events"].as_array().map(Vec::len), Some(1));
    let queues = run.get("http-failed-queues", "failed/queues").await;
    assert_eq!(
        queues.body["queues"],
        json!([]),
        "there is none in this run"
    );
    let drop = "/api/operator/insights/failed/queues/OrdersDeadLetters/drop";
    let body = json!({ "all": true, "reason": "a test of the supplier, never an order" });
    let drop = Request::new("POST", drop)
        .by_operator("operator-1")
        .json(&body);
    run.http("http-drop-failed", &drop, 404).await;

    let tick = run.samples.hold("schedule", r#"{"schedule":"deadlines"}"#);
    let due: Value = serde_json::from_slice(&run.insights.invoke(&tick).await.unwrap()).unwrap();
    assert_eq!(
        due["due"], 1,
        "the first day that may be settled, on which nothing was sold"
    );
}
