//! The sample payloads in `events/orders`: each is handled by the real door, and is just what a run brings today.
//! `UPDATE_EVENTS=1 cargo test -p orders --test samples` writes them anew.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use contracts::CloudEvent;
use contracts::catalog::{ProductPublished, PublishedVariant};
use contracts::inventory::StockReserved;
use contracts::payments::PaymentAuthorized;
use contracts::shipping::{RateBracket, ShipmentDispatched, ShippingRateChanged};
use harness::{Harness, Request, Samples, event, queue_batch, stream_batch};
use identifiers::{Clock as _, OrderId, Timestamp};
use money::{Currency, Money, TaxClass};
use orders::{Config, INDEXES, Orders};
use serde_json::{Value, json};
use store::{MemoryStore, Origin};

fn batch(events: &[CloudEvent]) -> String {
    queue_batch(&events.iter().map(CloudEvent::to_json).collect::<Vec<_>>())
}

fn yen(amount: i64) -> Money {
    Money::new(amount, Currency::JPY)
}

#[tokio::test]
async fn every_sample_is_handled() {
    let store = MemoryStore::new(INDEXES);
    let shop = Harness::new(store.clone(), Orders::new(store, Config::default()));
    let mut samples = Samples::of("orders");
    let tea = PublishedVariant {
        sku: "TEA-SENCHA-100".parse().unwrap(),
        price: yen(864),
        tax_class: TaxClass::Reduced,
        weight_grams: 120,
    };
    let tea = ProductPublished {
        product_id: "tea-sencha".parse().unwrap(),
        category: "tea".to_owned(),
        variants: vec![tea],
        title: None,
    };
    let bracket = RateBracket {
        up_to_grams: 2000,
        fee: yen(600),
    };
    let rate = ShippingRateChanged {
        region: "JP-13".parse().unwrap(),
        brackets: vec![bracket],
    };
    let facts = batch(&[event("tea-sencha", 1, 0, &tea), event("JP-13", 1, 0, &rate)]);
    assert_eq!(
        shop.invoke(&samples.hold("sqs_product_published_and_rate_changed", &facts))
            .await
            .unwrap(),
        NONE_FAILED
    );

    let wish = json!({
        "lines": [{ "sku": "TEA-SENCHA-100", "quantity": 2 }],
        "region": "JP-13",
        "payment_method": "pm_card_visa",
        "expected_total": { "amount_minor": 2328, "currency": "JPY" },
    });
    let placing = Request::new("POST", "/api/orders")
        .by_customer("customer-1")
        .header("idempotency-key", "0192f0c1-7c1d-7cc4-9f0b-3f1f6a9d1e55")
        .json(&wish);
    let placed = shop
        .http_payload(&samples.hold("http_place_order", &placing.payload(shop.clock.now(), 1)))
        .await;
    assert_eq!(placed.status, 201, "{placed:?}");
    let id: OrderId = placed.body["order_id"].as_str().unwrap().parse().unwrap();

    let committed: Vec<_> = shop
        .store
        .all()
        .into_iter()
        .filter(|record| record.origin == Origin::Http)
        .collect();
    let committed = samples.hold("dynamodb_order_placed", &stream_batch(&committed));
    assert_eq!(shop.invoke(&committed).await.unwrap(), NONE_FAILED);
    assert_eq!(shop.published_types(), ["orders.OrderPlaced.v1"]);
    shop.relay().await;
    shop.published();

    let authorized = PaymentAuthorized {
        order_id: id.clone(),
        attempt: 1,
        amount: yen(2328),
        authorized_until: Timestamp::from_milliseconds(1_796_117_400_000),
    };
    let dispatched = ShipmentDispatched {
        order_id: id.clone(),
        customer_id: "customer-1".parse().unwrap(),
        parcel: 1,
        lines: Vec::new(),
        carrier: "yamato".to_owned(),
        tracking_number: "491250123456".to_owned(),
        complete: true,
        dispatched_at: Timestamp::from_milliseconds(1_795_598_000_000),
    };
    let subject = id.as_str();
    let steps = [
        (
            "sqs_stock_reserved",
            event(
                subject,
                1,
                0,
                &StockReserved {
                    order_id: id.clone(),
                },
            ),
            "awaiting_payment",
        ),
        (
            "sqs_payment_authorized",
            event(subject, 2, 0, &authorized),
            "confirmed",
        ),
        (
            "sqs_shipment_dispatched",
            event(subject, 2, 0, &dispatched),
            "confirmed",
        ),
    ];
    for (name, event, status) in steps {
        assert_eq!(
            shop.invoke(&samples.hold(name, &batch(&[event])))
                .await
                .unwrap(),
            NONE_FAILED
        );
        let showing = Request::new("GET", &format!("/api/orders/{id}")).by_customer("customer-1");
        let shown = shop
            .http_payload(&samples.hold("http_show_order", &showing.payload(shop.clock.now(), 2)))
            .await;
        assert_eq!(shown.body["status"], status, "{name}");
    }

    assert_eq!(
        shop.invoke(&samples.hold("schedule_deadlines", r#"{"schedule":"deadlines"}"#))
            .await
            .unwrap(),
        r#"{"due":0}"#
    );
    let again = r#"{"publish_again":{"since":"2026-11-24T08:30:00Z"}}"#;
    let again = samples.hold("publish_again", again);
    let again: Value = serde_json::from_slice(&shop.invoke(&again).await.unwrap()).unwrap();
    assert_eq!(again["events"], 3, "{again}");
}

const NONE_FAILED: &str = r#"{"batchItemFailures":[]}"#;
