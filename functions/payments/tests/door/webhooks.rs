//! The provider's webhook: believed only when signed, and then only a hint.

use contracts::CloudEvent;
use harness::{Answer, Request};
use hmac::{Hmac, KeyInit, Mac};
use identifiers::Clock as _;
use payments::fake::{APPROVES, NEEDS_ACTION};
use serde_json::json;

use crate::shop::{SECRETS, Shop};

pub fn signed(secret: &str, at_seconds: i64, body: &str) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{at_seconds}.{body}").as_bytes());
    format!(
        "t={at_seconds},v1={}",
        hex::encode(mac.finalize().into_bytes())
    )
}

pub fn hint_body(event_id: &str, intent_id: &str) -> String {
    // The amounts are a lie, and must not matter.
    json!({
        "id": event_id, "object": "event", "type": "payment_intent.amount_capturable_updated",
        "data": { "object": { "id": intent_id, "object": "payment_intent", "amount": 1, "status": "succeeded" } },
    })
    .to_string()
}

async fn send(shop: &Shop, header: &str, body: &str) -> Answer {
    let request = Request::new("POST", "/api/payments/webhook")
        .header("Stripe-Signature", header)
        .text(body);
    shop.harness.http(&request).await
}

async fn hint(shop: &Shop, event_id: &str, intent_id: &str) -> u16 {
    let body = hint_body(event_id, intent_id);
    send(
        shop,
        &signed(SECRETS[0], shop.harness.clock.now().seconds(), &body),
        &body,
    )
    .await
    .status
}

async fn published(shop: &Shop) -> Vec<String> {
    shop.harness.relay().await;
    shop.harness.published_types()
}

#[tokio::test]
async fn a_confirmed_payment_is_authorised_by_the_providers_own_state_once() {
    let shop = Shop::open();
    shop.deliver(&shop.requested_with(NEEDS_ACTION)).await;
    assert_eq!(hint(&shop, "evt_1", "pi_1").await, 200);
    assert!(
        published(&shop).await.is_empty(),
        "the provider says that nothing has happened yet"
    );
    shop.provider.act("pi_1", true);
    for event_id in ["evt_2", "evt_2", "evt_1", "evt_3"] {
        assert_eq!(hint(&shop, event_id, "pi_1").await, 200);
    }
    assert_eq!(published(&shop).await, ["payments.PaymentAuthorized.v1"]);
    let shown = shop.shown().await;
    assert_eq!(
        (&shown["status"], &shown["captured"]["amount_minor"]),
        (&json!("authorized"), &json!(0))
    );
}

#[tokio::test]
async fn a_failed_confirmation_declines() {
    let shop = Shop::open();
    shop.deliver(&shop.requested_with(NEEDS_ACTION)).await;
    shop.provider.act("pi_1", false);
    assert_eq!(hint(&shop, "evt_1", "pi_1").await, 200);
    assert_eq!(published(&shop).await, ["payments.PaymentDeclined.v1"]);
    assert_eq!(
        shop.shown().await["attempts"][0]["reason"],
        "authentication_failed"
    );
}

#[tokio::test]
async fn a_webhook_that_overtakes_the_answer_makes_one_transition() {
    let shop = Shop::open();
    // The call was made and its answer is not here yet.
    shop.provider
        .fail_next([payments::fake::Fault::TimesOutButDone]);
    let requested = shop.requested_with(APPROVES);
    shop.deliver(&requested).await;
    assert_eq!(hint(&shop, "evt_1", "pi_1").await, 200);
    assert_eq!(published(&shop).await, ["payments.PaymentAuthorized.v1"]);
    shop.wait_seconds(120);
    assert!(
        shop.tick().await.is_empty(),
        "there is nothing left to ask for"
    );
    assert_eq!(shop.provider.calls().len(), 1);
}

#[tokio::test]
async fn a_hold_that_shows_after_its_order_was_cancelled_is_voided_at_once() {
    let shop = Shop::open();
    shop.provider
        .fail_next([payments::fake::Fault::TimesOutButDone]);
    shop.deliver(&shop.requested_with(APPROVES)).await;
    assert!(shop.deliver(&shop.cancelled()).await.is_empty());
    assert_eq!(hint(&shop, "evt_1", "pi_1").await, 200);
    assert_eq!(
        published(&shop).await,
        ["payments.PaymentAuthorized.v1", "payments.PaymentVoided.v1"]
    );
    let phase = &shop.provider.booked()[0].intent.phase;
    assert_eq!(*phase, payments::provider::Phase::Cancelled);
}

#[tokio::test]
async fn a_hold_cancelled_at_the_provider_is_voided() {
    let shop = Shop::authorised().await;
    payments::provider::Provider::void(shop.provider.as_ref(), "pi_1", "dashboard")
        .await
        .unwrap();
    assert_eq!(hint(&shop, "evt_1", "pi_1").await, 200);
    assert_eq!(published(&shop).await, ["payments.PaymentVoided.v1"]);
}

#[tokio::test]
async fn forged_old_or_changed_webhooks_are_refused() {
    let shop = Shop::open();
    shop.deliver(&shop.requested_with(NEEDS_ACTION)).await;
    shop.provider.act("pi_1", true);
    let now = shop.harness.clock.now().seconds();
    let body = hint_body("evt_1", "pi_1");
    let changed = body.replace("evt_1", "evt_2");
    let cases = [
        (signed("whsec_forged", now, &body), &body),
        (signed(SECRETS[0], now - 301, &body), &body),
        (signed(SECRETS[0], now + 301, &body), &body),
        (signed(SECRETS[0], now, &body), &changed),
        (String::new(), &body),
        ("t=1,v1=zz".to_owned(), &body),
    ];
    for (header, body) in cases {
        let answer = send(&shop, &header, body).await;
        assert_eq!(
            (answer.status, &answer.body["errors"][0]["field"]),
            (400, &json!("Stripe-Signature")),
            "{header}"
        );
    }
    let unsigned = Request::new("POST", "/api/payments/webhook").text(body.as_str());
    assert_eq!(shop.harness.http(&unsigned).await.status, 400);
    assert_eq!(shop.shown().await["status"], "action_required");
    for secret in SECRETS {
        let header = format!(
            "{},v1={}",
            signed(secret, now - 300, &body),
            "00".repeat(32)
        );
        assert_eq!(
            send(&shop, &header, &body).await.status,
            200,
            "either secret is good"
        );
    }
    assert_eq!(published(&shop).await, ["payments.PaymentAuthorized.v1"]);
}

#[tokio::test]
async fn what_is_not_ours_is_accepted_and_changes_nothing() {
    let shop = Shop::authorised().await;
    assert_eq!(hint(&shop, "evt_1", "pi_999").await, 200);
    assert_eq!(hint(&shop, "evt_2", "../charges/1").await, 200);
    let now = shop.harness.clock.now().seconds();
    for (body, status) in [
        (
            r#"{"id":"evt_3","type":"customer.created","data":{"object":{"id":"cus_1","object":"customer"}}}"#,
            200,
        ),
        (
            r#"{"id":"evt_4","type":"charge.refunded","data":{"object":{"object":"charge","payment_intent":"pi_1"}}}"#,
            200,
        ),
        ("tea", 400),
        ("{}", 400),
    ] {
        assert_eq!(
            send(&shop, &signed(SECRETS[0], now, body), body)
                .await
                .status,
            status,
            "{body}"
        );
    }
    assert!(published(&shop).await.is_empty());
    assert_eq!(shop.shown().await["status"], "authorized");
}

#[tokio::test]
async fn a_webhook_that_could_not_be_looked_into_is_sent_again() {
    let shop = Shop::open();
    shop.deliver(&shop.requested_with(NEEDS_ACTION)).await;
    shop.provider.act("pi_1", true);
    shop.provider.set_down(true);
    assert_eq!(hint(&shop, "evt_1", "pi_1").await, 503);
    shop.provider.set_down(false);
    assert_eq!(hint(&shop, "evt_1", "pi_1").await, 200);
    assert_eq!(published(&shop).await, ["payments.PaymentAuthorized.v1"]);
}

/// The provider knows nothing of traces: whoever follows an order's finds what a webhook, or the sweep, brought about.
#[tokio::test]
async fn what_the_provider_says_later_goes_on_with_the_orders_trace() {
    let shop = Shop::open();
    let requested = shop.requested_with(NEEDS_ACTION);
    shop.deliver(&requested).await;
    shop.provider.act("pi_1", true);
    assert_eq!(hint(&shop, "evt_1", "pi_1").await, 200);
    shop.harness.relay().await;
    let [authorized] = shop.harness.published().try_into().unwrap();
    shop.wait_seconds(7 * 24 * 3600 + 60);
    shop.harness.tick().await.unwrap();
    shop.harness.relay().await;
    let [voided] = shop.harness.published().try_into().unwrap();
    // Version, trace, span and flags stand between dashes.
    let trace = |event: &CloudEvent| {
        let traceparent = event.traceparent.as_deref();
        traceparent.unwrap().split('-').nth(1).unwrap().to_owned()
    };
    for (event, of_type) in [
        (&authorized, "payments.PaymentAuthorized.v1"),
        (&voided, "payments.PaymentVoided.v1"),
    ] {
        assert_eq!(event.event_type, of_type);
        assert_eq!(trace(event), trace(&requested), "{of_type}");
    }
}
