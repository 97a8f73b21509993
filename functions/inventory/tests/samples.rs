//! The sample payloads in `events/inventory`: each is handled by the real door, and is just what a run brings today.
//! `UPDATE_EVENTS=1 cargo test -p inventory --test samples` writes them anew.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod shop;

use contracts::payments::PaymentCaptured;
use harness::{Answer, Harness, Request, Samples, event, queue_batch, stream_batch};
use identifiers::Clock as _;
use inventory::{INDEXES, Inventory};
use money::{Currency, Money};
use serde_json::{Value, json};
use shop::{available, cancelled, dispatched, lines, order, placed, returned};
use store::{MemoryStore, Origin};

const TEA: &str = "TEA-SENCHA-100";
const RICE: &str = "RICE-KOSHI-5KG";

/// A shop that is given samples one after the other.
struct Run {
    shop: Harness<Inventory<MemoryStore>>,
    samples: Samples,
    serial: u64,
}

impl Run {
    async fn http(&mut self, name: &str, request: Request) -> Answer {
        self.serial += 1;
        let request = request.by_operator("operator-1");
        let payload = request.payload(self.shop.clock.now(), self.serial);
        let sample = self.samples.hold(name, &payload);
        let answer = self.shop.http_payload(&sample).await;
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
        answer
    }

    /// The ids of the messages of the batch that failed.
    async fn queue(&mut self, name: &str, bodies: &[String]) -> Value {
        let sample = self.samples.hold(name, &queue_batch(bodies));
        let answer = self.shop.invoke(&sample).await.unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        answer["batchItemFailures"].clone()
    }
}

fn post(path: &str, body: &Value) -> Request {
    Request::new("POST", path).json(body)
}

#[tokio::test]
async fn every_sample_is_handled() {
    let store = MemoryStore::new(INDEXES);
    let mut run = Run {
        shop: Harness::new(store.clone(), Inventory::new(store)),
        samples: Samples::of("inventory"),
        serial: 0,
    };
    let of_tea = |act: &str| format!("/api/operator/stock/{TEA}{act}");
    run.http(
        "http-receive",
        post(&of_tea("/receive"), &json!({ "quantity": 10 })),
    )
    .await;
    let stream = stream_batch(&run.shop.store.take_changes());
    let stream = run.samples.hold("stream-batch", &stream);
    assert_eq!(run.shop.invoke(&stream).await.unwrap(), NONE_FAILED);
    assert_eq!(
        run.shop.published_types(),
        ["inventory.StockAdjusted.v1"],
        "of the movement, and not of the counter beside it"
    );
    let receipt = json!({
        "receipt_id": "delivery-2026-11-24",
        "lines": [{ "sku": TEA, "quantity": 24 }, { "sku": RICE, "quantity": 12 }],
    });
    let received = post("/api/operator/stock/receive", &receipt);
    let received = run.http("http-receive-in-bulk", received).await;
    assert_eq!(received.body["received"], 2);
    let adjust = post(
        &of_tea("/adjust"),
        &json!({ "by": -3, "reason": "damaged" }),
    );
    let adjust = adjust.header("idempotency-key", "count-7f1c");
    run.http("http-adjust", adjust).await;
    let threshold = post(&of_tea("/threshold"), &json!({ "threshold": 5 }));
    run.http("http-threshold", threshold).await;
    assert_eq!(run.shop.relay().await, 3);
    run.shop.published();

    let order_placed = placed("order-1", lines(&[(TEA, 2), (RICE, 1)])).to_json();
    let steps = [
        ("sqs-order-placed", order_placed.clone(), "StockReserved"),
        (
            "sqs-shipment-dispatched",
            dispatched("order-1", 1, lines(&[(TEA, 2)])).to_json(),
            "",
        ),
        (
            "sqs-order-cancelled",
            cancelled("order-1").to_json(),
            "StockReleased",
        ),
        (
            "sqs-return-received",
            returned("order-1", 1, lines(&[(TEA, 1)]), true).to_json(),
            "StockAdjusted",
        ),
    ];
    for (name, body, says) in steps {
        assert_eq!(run.queue(name, &[body]).await, json!([]), "{name}");
        let said = run.shop.published();
        assert_eq!(shop::names(&said).concat(), says, "{name}");
    }
    assert_eq!(available(&run.shop.store, TEA).await, 10 + 24 - 3 - 2 + 1);

    let captured = PaymentCaptured {
        order_id: order("order-1"),
        amount: Money::new(4680, Currency::JPY),
    };
    let short = placed("order-2", lines(&[(RICE, 1)])).to_json();
    let poisoned = [
        order_placed,
        "not json at all".to_owned(),
        short.clone(),
        placed("order-4", lines(&[])).to_json(),
        event("order-1", 2, 0, &captured).to_json(),
        short
            .replace("order-2", "order-3")
            .replace("\"quantity\":1", "\"quantity\":-1"),
        dispatched("order-9", 1, lines(&[(TEA, 1)])).to_json(),
    ];
    let failed = run.queue("sqs-with-poison", &poisoned).await;
    assert_eq!(
        failed,
        json!([{ "itemIdentifier": "message-6" }]),
        "what comes before its order comes again"
    );
    assert_eq!(run.shop.dead_letter_reasons().len(), 4);
    assert_eq!(
        shop::names(&run.shop.published()),
        ["StockReserved", "StockReserved"],
        "the rest of the batch is unharmed"
    );

    let get = |path: &str| Request::new("GET", path);
    let seen = get(&format!("/api/stock/{TEA}"));
    let seen = run.http("http-availability", seen).await;
    assert_eq!(seen.body["available"], 30);
    let seen = run.http("http-stock", get(&of_tea(""))).await;
    assert_eq!(seen.body["locations"][0]["low_stock_threshold"], 5);
    let movements = get(&of_tea("/movements?limit=2"));
    let movements = run.http("http-movements", movements).await;
    assert_eq!(
        movements.body["movements"].as_array().map(Vec::len),
        Some(2)
    );
    let reservation = get("/api/operator/reservations/order-1");
    let reservation = run.http("http-reservation", reservation).await;
    assert_eq!(reservation.body["status"], "released");

    let again = r#"{"publish_again":{"since":"2026-11-24T08:30:00Z"}}"#;
    let again = run.samples.hold("publish-again", again);
    let again: Value = serde_json::from_slice(&run.shop.invoke(&again).await.unwrap()).unwrap();
    assert!(again["events"].as_u64() > Some(0), "{again}");
    let left = run.shop.store.take_changes();
    assert!(left.iter().all(|record| record.origin == Origin::Queue));
}

const NONE_FAILED: &str = r#"{"batchItemFailures":[]}"#;
