//! What time alone does.

use jiff::{SignedDuration, Timestamp};

use crate::harness::{Provider, held};

#[tokio::test]
async fn a_hold_lapses_after_seven_days() {
    let provider = Provider::new();
    let id = provider.authorised().await;
    let path = format!("/v1/payment_intents/{id}");
    provider
        .clock
        .advance(SignedDuration::from_secs(7 * 24 * 3600 - 1));
    let intent = provider
        .get(&format!("{path}?expand[]=latest_charge"))
        .await
        .ok();
    assert_eq!(intent["status"], "requires_capture");
    let capture_before =
        intent["latest_charge"]["payment_method_details"]["card"]["capture_before"]
            .as_i64()
            .unwrap();
    provider.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(provider.clock.now().as_second(), capture_before);
    let refused = provider
        .post(&format!("{path}/capture"), "")
        .await
        .refused(400);
    assert_eq!(refused["code"], "payment_intent_unexpected_state");
    let intent = provider.get(&path).await.ok();
    assert_eq!(
        (
            intent["status"].as_str(),
            intent["cancellation_reason"].as_str()
        ),
        (Some("canceled"), Some("automatic"))
    );
    let events = provider.event_types().await;
    assert_eq!(
        events[3..],
        [
            "charge.expired",
            "refund.created",
            "charge.refunded",
            "payment_intent.canceled"
        ]
    );
    assert_eq!(
        provider.stand_in.ledger().unwrap()[0].amount_released_minor,
        1200
    );
}

#[tokio::test]
async fn the_sweep_needs_no_request() {
    let provider = Provider::new();
    provider.authorised().await;
    provider.clock.advance(SignedDuration::from_hours(7 * 24));
    provider.stand_in.sweep().await.unwrap();
    assert_eq!(provider.stand_in.ledger().unwrap()[0].status, "canceled");
}

#[tokio::test]
async fn cash_that_is_not_paid_in_time() {
    let provider = Provider::new();
    let form = "amount=3000&currency=jpy&payment_method_types[]=konbini&payment_method_data[type]=konbini&confirm=true\
                &payment_method_options[konbini][expires_after_days]=1";
    let intent = provider.post("/v1/payment_intents", form).await.ok();
    let expires_at = intent["next_action"]["konbini_display_details"]["expires_at"]
        .as_i64()
        .unwrap();
    assert_eq!(
        Timestamp::from_second(expires_at).unwrap().to_string(),
        "2026-11-25T14:59:59Z"
    );
    let path = format!("/v1/payment_intents/{}", intent["id"].as_str().unwrap());
    provider
        .clock
        .set(Timestamp::from_second(expires_at - 1).unwrap());
    assert_eq!(provider.get(&path).await.ok()["status"], "requires_action");
    provider
        .clock
        .set(Timestamp::from_second(expires_at).unwrap());
    let intent = provider.get(&path).await.ok();
    assert_eq!(intent["status"], "requires_payment_method");
    assert_eq!(
        intent["last_payment_error"]["code"],
        "payment_intent_payment_attempt_expired"
    );
    assert_eq!(
        provider.event_types().await.last().unwrap(),
        "payment_intent.payment_failed"
    );
}

#[tokio::test]
async fn a_payment_that_takes_time_succeeds_by_itself() {
    let provider = Provider::new();
    let intent = provider
        .post("/v1/payment_intents", &held("pm_card_standInProcessing"))
        .await
        .ok();
    let path = format!("/v1/payment_intents/{}", intent["id"].as_str().unwrap());
    provider.clock.advance(SignedDuration::from_secs(10));
    assert_eq!(provider.get(&path).await.ok()["status"], "requires_capture");
}

#[tokio::test]
async fn events_are_forgotten_after_thirty_days_and_payments_never() {
    let provider = Provider::new();
    provider.authorised().await;
    provider.clock.advance(SignedDuration::from_hours(31 * 24));
    provider.stand_in.sweep().await.unwrap();
    // Only the hold's lapse, which has just been noticed, is left.
    assert_eq!(
        provider.event_types().await.first().unwrap(),
        "charge.expired"
    );
    assert_eq!(provider.stand_in.ledger().unwrap().len(), 1);
}
