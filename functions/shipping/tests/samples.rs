//! The sample payloads in `events/shipping`: each is handled by the real door, and is just what a run brings today.
//! `UPDATE_EVENTS=1 cargo test -p shipping --test samples` writes them anew.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use contracts::CloudEvent;
use contracts::orders::{CancellationReason, CancellationRequested, OrderConfirmed, OrderedLine};
use harness::{Answer, Harness, Request, Samples, event, queue_batch, stream_batch};
use identifiers::{Clock as _, CustomerId};
use money::{Currency, Money};
use serde_json::{Value, json};
use shipping::{INDEXES, Shipping};
use store::MemoryStore;

const ORDER: &str = "019ac5d2-7c40-7a31-9f6e-2f0b8d1c4e57";
const OTHER: &str = "019ac5d2-9a10-7b02-8c4d-51e6f7a0b3c2";

/// A shop that is given samples one after the other.
struct Run {
    shop: Harness<Shipping<MemoryStore>>,
    samples: Samples,
    serial: u64,
}

impl Run {
    async fn http(&mut self, name: &str, request: Request) -> Answer {
        self.serial += 1;
        let payload = request.payload(self.shop.clock.now(), self.serial);
        let sample = self.samples.hold(name, &payload);
        let answer = self.shop.http_payload(&sample).await;
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
        answer
    }

    /// Hands over a batch of the queue; returns what was said.
    async fn queue(&mut self, name: &str, events: &[CloudEvent]) -> Vec<String> {
        let bodies: Vec<String> = events.iter().map(CloudEvent::to_json).collect();
        let sample = self.samples.hold(name, &queue_batch(&bodies));
        assert_eq!(self.shop.invoke(&sample).await.unwrap(), NONE_FAILED);
        self.shop.published_types()
    }
}

fn customer() -> CustomerId {
    "c-7f3a91".parse().unwrap()
}

fn confirmed(order: &str) -> CloudEvent {
    let line = |sku: &str, quantity: u32| OrderedLine {
        sku: sku.parse().unwrap(),
        quantity,
    };
    let data = OrderConfirmed {
        order_id: order.parse().unwrap(),
        customer_id: customer(),
        lines: vec![line("SENCHA-100G", 2), line("KYUSU-360", 1)],
        weight_grams: 890,
        region: "JP-13".parse().unwrap(),
        total: Money::new(6320, Currency::JPY),
    };
    event(order, 3, 0, &data)
}

fn operator(method: &str, path: &str) -> Request {
    Request::new(method, path).by_operator("operator-1")
}

#[tokio::test]
async fn every_sample_is_handled() {
    let store = MemoryStore::new(INDEXES);
    let mut run = Run {
        shop: Harness::new(store.clone(), Shipping::new(store)),
        samples: Samples::of("shipping"),
        serial: 0,
    };
    let fee = |up_to_grams: u32, yen: i64| json!({ "up_to_grams": up_to_grams, "fee": { "amount_minor": yen, "currency": "JPY" } });
    let rate = operator("PUT", "/api/operator/shipping/rates/JP-13")
        .json(&json!({ "brackets": [fee(2000, 660), fee(10_000, 1100)] }));
    run.http("set-rate", rate).await;
    let stream = stream_batch(&run.shop.store.take_changes());
    let stream = run.samples.hold("stream", &stream);
    assert_eq!(run.shop.invoke(&stream).await.unwrap(), NONE_FAILED);
    assert_eq!(
        run.shop.published_types(),
        ["shipping.ShippingRateChanged.v1"]
    );
    let quote = Request::new("POST", "/api/shipping/quote")
        .json(&json!({ "region": "JP-13", "weight_grams": 890 }));
    let quote = run.http("quote", quote).await;
    assert_eq!(quote.body["fee"]["amount_minor"], 660);

    let said = run.queue("order-confirmed", &[confirmed(ORDER)]).await;
    assert_eq!(said, ["shipping.ShipmentCreated.v1"]);
    let asked = CancellationRequested {
        order_id: ORDER.parse().unwrap(),
        customer_id: customer(),
        reason: CancellationReason::CustomerRequest,
    };
    let asked = event(ORDER, 4, 0, &asked);
    let said = run.queue("cancellation-requested", &[asked]).await;
    assert_eq!(said, ["shipping.ShipmentCancelled.v1"]);

    let said = run
        .queue("another-order-confirmed", &[confirmed(OTHER)])
        .await;
    assert_eq!(said, ["shipping.ShipmentCreated.v1"]);
    let listed = operator("GET", "/api/operator/shipments?status=to_pack");
    let listed = run.http("list-shipments", listed).await;
    assert_eq!(listed.body["shipments"][0]["order_id"], OTHER);
    let shipment = format!("/api/operator/shipments/{OTHER}");
    let sent = json!({ "carrier": "Yamato", "tracking_number": "4912-3456-7890" });
    let returned = json!({ "lines": [{ "sku": "KYUSU-360", "quantity": 1 }], "restock": true });
    for (act, body, status) in [
        ("pack", json!({}), "packed"),
        ("dispatch", sent, "dispatched"),
        ("deliver", json!({}), "delivered"),
        ("returns", returned, "delivered"),
    ] {
        let request = operator("POST", &format!("{shipment}/{act}")).json(&body);
        let answer = run.http(act, request).await;
        assert_eq!(answer.body["status"], status, "{act}");
    }
    let shown = run.http("show-shipment", operator("GET", &shipment)).await;
    assert_eq!(shown.body["returns"][0]["return_number"], 1);
    assert_eq!(run.shop.relay().await, 4);
    assert_eq!(
        run.shop.published_types(),
        [
            "shipping.ShipmentDispatched.v1",
            "shipping.ShipmentDelivered.v1",
            "shipping.ReturnReceived.v1"
        ]
    );

    let again = r#"{"publish_again":{"since":"2026-11-24T08:30:00Z"}}"#;
    let again = run.samples.hold("publish-again", again);
    let again: Value = serde_json::from_slice(&run.shop.invoke(&again).await.unwrap()).unwrap();
    assert_eq!(again["events"], 7, "{again}");
}

const NONE_FAILED: &str = r#"{"batchItemFailures":[]}"#;
