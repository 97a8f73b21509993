//! The sample payloads in `events/notifications`: each is handled by the real door, and is just what a run brings today.
//! `UPDATE_EVENTS=1 cargo test -p notifications --test samples` writes them anew.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use contracts::customers::CustomerErased;
use contracts::orders::{
    CancellationReason, OrderCancelled, OrderConfirmed, OrderPlaced, OrderedLine,
};
use contracts::payments::PaymentRefunded;
use contracts::shipping::ShipmentDispatched;
use contracts::{CloudEvent, EventData};
use harness::{Answer, Harness, Request, Samples, event, queue_batch, stream_batch};
use identifiers::{Clock as _, CustomerId, OrderId, Timestamp};
use money::{Currency, Money};
use notifications::mail::Recorder;
use notifications::{Config, INDEXES, Notifications};
use serde_json::{Value, json};
use store::MemoryStore;

const ORDER: &str = "019ac5d2-7c40-7a31-9f6e-2f0b8d1c4e57";
const CUSTOMER: &str = "c-7f3a91";
const DISPATCHED: Timestamp = Timestamp::from_milliseconds(1_795_533_000_000);

/// A shop that is given samples one after the other.
struct Run {
    shop: Harness<Notifications<MemoryStore, Recorder>>,
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

    async fn queue(&mut self, name: &str, bodies: &[String]) {
        let sample = self.samples.hold(name, &queue_batch(bodies));
        let answer = self.shop.invoke(&sample).await.unwrap();
        assert_eq!(answer, r#"{"batchItemFailures":[]}"#, "{name}");
    }
}

fn order_id() -> OrderId {
    ORDER.parse().unwrap()
}

fn customer_id() -> CustomerId {
    CUSTOMER.parse().unwrap()
}

fn yen(amount: i64) -> Money {
    Money::new(amount, Currency::JPY)
}

fn lines() -> Vec<OrderedLine> {
    let line = |sku: &str, quantity: u32| OrderedLine {
        sku: sku.parse().unwrap(),
        quantity,
    };
    vec![line("SENCHA-100G", 2), line("KYUSU-360", 1)]
}

fn said<E: EventData>(version: u64, data: &E) -> String {
    CloudEvent::to_json(&event(ORDER, version, 0, data))
}

fn placed() -> OrderPlaced {
    OrderPlaced {
        order_id: order_id(),
        customer_id: customer_id(),
        lines: lines(),
        total: yen(6320),
        reserve_until: Timestamp::from_milliseconds(1_795_513_200_000),
    }
}

fn confirmed() -> OrderConfirmed {
    OrderConfirmed {
        order_id: order_id(),
        customer_id: customer_id(),
        lines: lines(),
        weight_grams: 890,
        region: "JP-13".parse().unwrap(),
        delivery_address_id: None,
        total: yen(6320),
    }
}

fn dispatched() -> ShipmentDispatched {
    ShipmentDispatched {
        order_id: order_id(),
        customer_id: customer_id(),
        parcel: 1,
        lines: lines(),
        carrier: "Yamato".to_owned(),
        tracking_number: "4912-3456-7890".to_owned(),
        complete: true,
        dispatched_at: DISPATCHED,
    }
}

fn refunded() -> PaymentRefunded {
    PaymentRefunded {
        order_id: order_id(),
        customer_id: customer_id(),
        refund: 1,
        amount: yen(3500),
        refunded_total: yen(3500),
    }
}

fn cancelled() -> OrderCancelled {
    OrderCancelled {
        order_id: order_id(),
        customer_id: customer_id(),
        reason: CancellationReason::CustomerRequest,
        total: yen(6320),
    }
}

#[tokio::test]
async fn every_sample_is_handled() {
    let (store, mails) = (MemoryStore::new(INDEXES), Recorder::default());
    let config = Config {
        mail_from: "shop@example.com".into(),
        shop_name: "Noren".into(),
        shop_url: "https://shop.example.com".into(),
    };
    let context = Notifications::new(store.clone(), mails.clone(), &config);
    let mut run = Run {
        shop: Harness::new(store, context),
        samples: Samples::of("notifications"),
        serial: 0,
    };
    let contact = json!({ "email": "taro@example.com", "language": "ja" });
    let set = Request::new("PUT", "/api/notifications/contact").by_customer(CUSTOMER);
    run.http("http-set-contact", set.json(&contact)).await;
    let stream = stream_batch(&run.shop.store.take_changes());
    let stream = run.samples.hold("stream", &stream);
    run.shop.invoke(&stream).await.unwrap();
    assert!(
        run.shop.published().is_empty(),
        "an address is nobody else's business"
    );

    for (name, body) in [
        ("sqs-order-confirmed", said(3, &confirmed())),
        ("sqs-shipment-dispatched", said(3, &dispatched())),
        ("sqs-payment-refunded", said(4, &refunded())),
        ("sqs-order-cancelled", said(5, &cancelled())),
    ] {
        run.queue(name, &[body]).await;
        assert_eq!(mails.take().len(), 1, "{name}");
        assert_eq!(
            run.shop.published_types(),
            ["notifications.NotificationSent.v1"]
        );
    }
    let poisoned = [
        said(3, &confirmed()),
        r#"{"specversion":"1.0""#.to_owned(),
        said(5, &refunded()).replace("\"refund\":1", "\"refund\":\"first\""),
        said(1, &placed()),
        said(3, &dispatched()),
    ];
    run.queue("sqs-with-poison", &poisoned).await;
    assert_eq!(run.shop.dead_letter_reasons().len(), 3);
    assert!(mails.take().is_empty(), "what was told is not told again");
    assert_eq!(run.shop.published().len(), 2, "but it is said again");

    let path = format!("/api/operator/notifications/{ORDER}");
    let see = Request::new("GET", &path).by_operator("operator-1");
    let seen = run.http("http-notifications", see).await;
    assert_eq!(seen.body["notifications"].as_array().map(Vec::len), Some(4));
    let again = r#"{"publish_again":{"since":"2026-11-24T08:30:00Z"}}"#;
    let again = run.samples.hold("publish-again", again);
    let again: Value = serde_json::from_slice(&run.shop.invoke(&again).await.unwrap()).unwrap();
    assert_eq!(again["events"], 4, "{again}");

    let erased = CustomerErased {
        customer_id: customer_id(),
        erased_at: DISPATCHED,
    };
    let erased = CloudEvent::to_json(&event(CUSTOMER, 7, 0, &erased));
    run.queue("sqs-customer-erased", &[erased]).await;
    let left = format!("{:?}", run.shop.store.all());
    assert!(!left.contains("taro@example.com"), "{left}");
}
