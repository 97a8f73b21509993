//! The sample payloads in `events/carts`: each is handled by the real door, and is just what a run brings today.
//! `UPDATE_EVENTS=1 cargo test -p carts --test samples` writes them anew.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use carts::{Carts, INDEXES};
use contracts::customers::CustomerErased;
use contracts::catalog::{ProductPublished, PublishedVariant};
use contracts::{CloudEvent, EventData as _};
use harness::{Harness, Request, Samples, event, queue_batch, stream_batch};
use identifiers::Clock as _;
use money::{Currency, Money, TaxClass};
use serde_json::json;
use store::{MemoryStore, Origin};

#[tokio::test]
async fn every_sample_is_handled() {
    let store = MemoryStore::new(INDEXES);
    let shop = Harness::new(store.clone(), Carts::new(store));
    let mut samples = Samples::of("carts");
    let now = shop.clock.now();
    let tea = ProductPublished {
        product_id: "tea-sencha".parse().unwrap(),
        category: "tea".to_owned(),
        variants: vec![PublishedVariant {
            sku: "TEA-SENCHA-100".parse().unwrap(),
            price: Money::new(864, Currency::JPY),
            tax_class: TaxClass::Reduced,
            weight_grams: 120,
        }],
        title: Some(
            [
                ("en".to_owned(), "Sencha".to_owned()),
                ("ja".to_owned(), "煎茶".to_owned()),
            ]
            .into(),
        ),
    };
    let published = queue_batch(&[CloudEvent::to_json(&event("tea-sencha", 1, 0, &tea))]);
    let answer = shop
        .invoke(&samples.hold("sqs_product_published", &published))
        .await
        .unwrap();
    assert_eq!(answer, r#"{"batchItemFailures":[]}"#);

    let session = Request::new("POST", "/api/guest/session").payload(now, 0);
    let made = shop
        .http_payload(&samples.hold("http_begin_guest_session", &session))
        .await;
    assert_eq!(made.status, 201);
    let put = Request::new("PUT", "/api/cart/lines/TEA-SENCHA-100").by_customer("customer-1");
    let put = put.json(&json!({ "quantity": 2 })).payload(now, 1);
    assert_eq!(
        shop.http_payload(&samples.hold("http_set_line", &put))
            .await
            .status,
        200
    );
    let show = Request::new("GET", "/api/cart")
        .by_customer("customer-1")
        .payload(now, 2);
    let shown = shop
        .http_payload(&samples.hold("http_show_cart", &show))
        .await;
    assert_eq!(shown.body["subtotal"]["amount_minor"], 1728);
    shop.relay().await;

    let wish = json!({
        "version": 1, "region": "JP-13", "payment_method": "pm_card_visa",
        "expected_total": { "amount_minor": 2328, "currency": "JPY" },
    });
    let checkout = Request::new("POST", "/api/cart/checkout").by_customer("customer-1");
    let checkout = checkout
        .header("Idempotency-Key", "key-1")
        .json(&wish)
        .payload(now, 3);
    let ordered = shop
        .http_payload(&samples.hold("http_check_out", &checkout))
        .await;
    assert_eq!(ordered.status, 202);
    let committed: Vec<_> = shop.store.take_changes();
    let committed: Vec<_> = committed
        .into_iter()
        .filter(|record| record.origin == Origin::Http)
        .collect();
    assert_eq!(committed.len(), 1);
    let committed = samples.hold("dynamodb_cart_checked_out", &stream_batch(&committed));
    let answer = shop.invoke(&committed).await.unwrap();
    assert_eq!(answer, r#"{"batchItemFailures":[]}"#);
    assert_eq!(
        shop.published_types(),
        [contracts::carts::CartCheckedOut::TYPE]
    );

    let erased = CustomerErased {
        customer_id: "customer-1".parse().unwrap(),
        erased_at: now,
    };
    let erased = queue_batch(&[CloudEvent::to_json(&event("customer-1", 7, 0, &erased))]);
    let answer = shop
        .invoke(&samples.hold("sqs_customer_erased", &erased))
        .await
        .unwrap();
    assert_eq!(answer, r#"{"batchItemFailures":[]}"#);
}
