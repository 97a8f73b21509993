//! The sample payloads in `events/payments`: each is handled by the real door, and is just what a run brings today.
//! `UPDATE_EVENTS=1 cargo test -p payments --test door samples` writes them anew.

use std::path::Path;

use contracts::CloudEvent;
use harness::{Request, queue_batch, stream_batch};
use identifiers::Clock as _;
use serde_json::{Value, json};
use store::{Origin, Store as _};

use crate::shop::{CUSTOMER, ORDER, SECRETS, Shop};
use crate::webhooks::{hint_body, signed};

/// The sample of that name, after checking that it is what the run brings.
fn sample(name: &str, brought: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../events/payments")
        .join(name);
    let brought: Value = serde_json::from_str(brought).unwrap();
    if std::env::var_os("UPDATE_EVENTS").is_some() {
        std::fs::write(&path, format!("{brought:#}\n")).unwrap();
    }
    let kept: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(kept, brought, "events/payments/{name} is stale");
    kept.to_string().into_bytes()
}

async fn queue(shop: &Shop, name: &str, bodies: &[String]) -> Vec<String> {
    let answer = shop
        .harness
        .invoke(&sample(name, &queue_batch(bodies)))
        .await
        .unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer["batchItemFailures"], json!([]), "{name}");
    shop.harness.published_types()
}

async fn http(shop: &Shop, name: &str, request: &Request) -> Value {
    let answer = shop
        .harness
        .http_payload(&sample(name, &request.payload(shop.harness.clock.now(), 1)))
        .await;
    assert_eq!(answer.status, 200, "{name}: {:?}", answer.body);
    answer.body
}

#[tokio::test]
async fn every_sample_is_handled() {
    let shop = Shop::open();
    let body = |event: CloudEvent| event.to_json();
    let requested = body(shop.requested_with("pm_card_visa"));
    let said = queue(
        &shop,
        "sqs_payment_requested.json",
        std::slice::from_ref(&requested),
    )
    .await;
    assert_eq!(said, ["payments.PaymentAuthorized.v1"]);

    let poisoned = ["this is no event".to_owned(), requested];
    let said = queue(&shop, "sqs_with_poison.json", &poisoned).await;
    assert_eq!(
        said,
        ["payments.PaymentAuthorized.v1"],
        "the rest of the batch is unharmed"
    );
    assert_eq!(shop.harness.dead_letter_reasons().len(), 1);

    let show = Request::new("GET", &format!("/api/payments/{ORDER}")).by_customer(CUSTOMER);
    assert_eq!(
        http(&shop, "http_show_payment.json", &show).await["status"],
        "authorized"
    );

    let said = queue(
        &shop,
        "sqs_shipment_dispatched.json",
        &[body(shop.dispatched(1))],
    )
    .await;
    assert_eq!(said, ["payments.PaymentCaptured.v1"]);

    let refund = Request::new("POST", &format!("/api/operator/payments/{ORDER}/refund"))
        .by_operator("operator-1")
        .header("idempotency-key", "0192f0c1-7c1d-7cc4-9f0b-3f1f6a9d1e57")
        .json(&json!({ "amount": { "amount_minor": 1280, "currency": "JPY" } }));
    assert_eq!(
        http(&shop, "http_refund_payment.json", &refund).await["status"],
        "partially_refunded"
    );
    let inspect =
        Request::new("GET", &format!("/api/operator/payments/{ORDER}")).by_operator("operator-1");
    let ledger = http(&shop, "http_inspect_payment.json", &inspect).await["ledger"].clone();
    assert_eq!(ledger.as_array().map(Vec::len), Some(3));

    let key = shop.harness.store.all()[0].key.clone();
    let refunded = shop
        .harness
        .store
        .load(&key, store::Consistency::Strong)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(refunded.origin, Origin::Http);
    let relayed = sample("dynamodb_payment_refunded.json", &stream_batch(&[refunded]));
    shop.harness.invoke(&relayed).await.unwrap();
    assert_eq!(
        shop.harness.published_types(),
        ["payments.PaymentRefunded.v1"]
    );
    shop.harness.relay().await;
    shop.harness.published_types();

    let hint = hint_body("evt_3QK7xZ2eZvKYlo2C", "pi_1");
    let header = signed(SECRETS[0], shop.harness.clock.now().seconds(), &hint);
    let webhook = Request::new("POST", "/api/payments/webhook")
        .header("stripe-signature", &header)
        .text(hint);
    assert_eq!(http(&shop, "http_webhook.json", &webhook).await, json!({}));

    let said = queue(&shop, "sqs_order_cancelled.json", &[body(shop.cancelled())]).await;
    assert_eq!(said, ["payments.PaymentRefunded.v1"]);
    let tick = sample("schedule_deadlines.json", r#"{"schedule":"deadlines"}"#);
    assert_eq!(
        shop.harness.invoke(&tick).await.unwrap().as_ref(),
        br#"{"due":0}"#
    );
}
