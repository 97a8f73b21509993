//! The order's flow as payments sees it: in order, twice, late and the wrong way round.

use money::{Currency, Money};
use payments::fake::{APPROVES, DECLINES, NEEDS_ACTION, UNKNOWN};
use payments::provider::Phase;

use crate::shop::{Shop, TOTAL};

#[tokio::test]
async fn an_order_is_authorised_then_captured_whole_by_its_first_parcel() {
    let shop = Shop::authorised().await;
    assert_eq!(
        shop.deliver(&shop.dispatched(1)).await,
        ["payments.PaymentCaptured.v1"]
    );
    assert!(
        shop.deliver(&shop.dispatched(2)).await.is_empty(),
        "a later parcel changes nothing"
    );
    assert_eq!(
        shop.provider.calls(),
        ["order-1:authorise:1", "order-1:capture:1"]
    );
    assert_eq!(shop.provider.booked()[0].captured_minor, TOTAL.amount_minor);
    let shown = shop.shown().await;
    assert_eq!(shown["status"], "captured");
    assert_eq!(shown["ledger"][0]["entry"], "authorized");
    assert_eq!(shown["ledger"][1]["entry"], "captured");
    assert_eq!(shop.payment().await.due_at(), None);
}

#[tokio::test]
async fn the_happy_path_takes_four_writes_of_one_kilobyte_each() {
    let shop = Shop::captured().await;
    let changes = shop.harness.store.take_changes();
    assert_eq!(changes.len(), 4);
    let bytes = |record| -> usize {
        let size = |attribute: &store::Attribute| match attribute {
            store::Attribute::S(text) => text.len(),
            store::Attribute::N(_) => 11,
            store::Attribute::B(bytes) => bytes.len(),
        };
        store::to_attributes(record)
            .iter()
            .map(|(name, attribute)| name.len() + size(attribute))
            .sum()
    };
    for change in &changes {
        assert!(
            bytes(change) <= 1024,
            "version {} has {} bytes",
            change.version,
            bytes(change)
        );
    }
    let due: Vec<bool> = changes
        .iter()
        .map(|change| change.indexed.contains_key("due_at"))
        .collect();
    assert_eq!(
        due,
        [false, true, true, false],
        "the deadline is written once and removed once"
    );
}

#[tokio::test]
async fn a_message_that_comes_again_publishes_again_what_it_published() {
    let shop = Shop::open();
    let requested = shop.requested_with(APPROVES);
    let first = shop.harness.deliver(std::slice::from_ref(&requested)).await;
    assert!(first.is_empty());
    let first = shop.harness.published();
    shop.harness.deliver(&[requested.clone(), requested]).await;
    let again = shop.harness.published();
    assert_eq!(again.len(), 2);
    assert!(
        again
            .iter()
            .all(|event| event.id == first[0].id && event.data.get() == first[0].data.get())
    );
    assert_eq!(
        shop.provider.calls().len(),
        1,
        "the provider was called once"
    );

    let dispatched = shop.dispatched(1);
    let captured = shop.deliver(&dispatched).await;
    assert_eq!(shop.deliver(&dispatched).await, captured);
    assert_eq!(shop.provider.calls().len(), 2);
}

#[tokio::test]
async fn one_who_asks_again_is_answered_again() {
    for (method, answer) in [
        (APPROVES, "payments.PaymentAuthorized.v1"),
        (DECLINES, "payments.PaymentDeclined.v1"),
        (NEEDS_ACTION, "payments.PaymentActionRequired.v1"),
    ] {
        let shop = Shop::open();
        assert_eq!(shop.deliver(&shop.requested_with(method)).await, [answer]);
        let asked_again = shop.requested(1, TOTAL, method, 7);
        for delivery in 1..=3 {
            assert_eq!(
                shop.deliver(&asked_again).await,
                [answer],
                "delivery {delivery}: the answer may not have been published before"
            );
        }
        assert_eq!(shop.provider.calls().len(), 1);
    }
}

#[tokio::test]
async fn a_decline_holds_nothing_and_says_why() {
    for (method, reason) in [
        (DECLINES, "insufficient_funds"),
        (UNKNOWN, "resource_missing"),
    ] {
        let shop = Shop::open();
        assert_eq!(
            shop.deliver(&shop.requested_with(method)).await,
            ["payments.PaymentDeclined.v1"]
        );
        let shown = shop.shown().await;
        assert_eq!(
            (&shown["status"], &shown["attempts"][0]["reason"]),
            (&"declined".into(), &reason.into())
        );
        assert!(
            shop.provider
                .booked()
                .iter()
                .all(|booked| booked.held_minor == 0)
        );
    }
}

#[tokio::test]
async fn another_attempt_after_a_decline_has_a_key_of_its_own() {
    let shop = Shop::open();
    shop.deliver(&shop.requested_with(DECLINES)).await;
    let said = shop.deliver(&shop.requested(2, TOTAL, APPROVES, 5)).await;
    assert_eq!(said, ["payments.PaymentAuthorized.v1"]);
    assert_eq!(
        shop.provider.calls(),
        ["order-1:authorise:1", "order-1:authorise:2"]
    );
    assert!(
        shop.deliver(&shop.requested_with(DECLINES)).await.len() <= 1,
        "the first, late, changes nothing"
    );
    assert_eq!(shop.shown().await["status"], "authorized");
    shop.check_provider();
}

#[tokio::test]
async fn an_order_cancelled_before_its_payment_was_asked_for_is_never_charged() {
    let shop = Shop::open();
    assert!(shop.deliver(&shop.cancelled()).await.is_empty());
    assert_eq!(shop.shown().await["status"], "cancelled");
    assert_eq!(
        shop.deliver(&shop.requested_with(APPROVES)).await,
        ["payments.PaymentDeclined.v1"]
    );
    assert!(shop.provider.calls().is_empty());
    assert_eq!(shop.shown().await["attempts"][0]["reason"], "cancelled");
}

#[tokio::test]
async fn a_request_that_comes_too_late_is_declined_without_a_call() {
    let shop = Shop::open();
    let requested = shop.requested_with(APPROVES);
    shop.wait_seconds(3600);
    assert_eq!(
        shop.deliver(&requested).await,
        ["payments.PaymentDeclined.v1"]
    );
    assert_eq!(shop.shown().await["attempts"][0]["reason"], "too_late");
    assert!(shop.provider.calls().is_empty());
}

#[tokio::test]
async fn a_cancelled_order_has_its_hold_voided() {
    for method in [APPROVES, NEEDS_ACTION] {
        let shop = Shop::open();
        shop.deliver(&shop.requested_with(method)).await;
        let cancelled = shop.cancelled();
        assert_eq!(
            shop.deliver(&cancelled).await,
            ["payments.PaymentVoided.v1"]
        );
        assert_eq!(
            shop.deliver(&cancelled).await,
            ["payments.PaymentVoided.v1"],
            "and says so again"
        );
        assert_eq!(shop.provider.booked()[0].intent.phase, Phase::Cancelled);
        assert!(
            shop.deliver(&shop.dispatched(1)).await.is_empty(),
            "there is nothing to capture"
        );
        assert_eq!(shop.shown().await["status"], "voided");
    }
}

#[tokio::test]
async fn an_order_cancelled_after_its_capture_is_refunded_whole() {
    let shop = Shop::captured().await;
    assert_eq!(
        shop.deliver(&shop.cancelled()).await,
        ["payments.PaymentRefunded.v1"]
    );
    assert_eq!(shop.shown().await["status"], "refunded");
    assert_eq!(
        shop.provider.booked()[0].refunds.get(&1),
        Some(&TOTAL.amount_minor)
    );
}

#[tokio::test]
async fn a_parcel_heard_of_before_the_authorisation_is_heard_of_again_later() {
    let shop = Shop::open();
    assert_eq!(shop.harness.deliver(&[shop.dispatched(1)]).await, [0]);
    shop.deliver(&shop.requested_with(APPROVES)).await;
    assert_eq!(
        shop.deliver(&shop.dispatched(1)).await,
        ["payments.PaymentCaptured.v1"]
    );
}

#[tokio::test]
async fn a_customer_who_does_not_act_in_time_is_declined() {
    let shop = Shop::open();
    let said = shop.deliver(&shop.requested_with(NEEDS_ACTION)).await;
    assert_eq!(said, ["payments.PaymentActionRequired.v1"]);
    assert!(shop.tick().await.is_empty(), "there is time yet");
    shop.wait_seconds(3600);
    assert_eq!(shop.tick().await, ["payments.PaymentDeclined.v1"]);
    assert_eq!(
        shop.shown().await["attempts"][0]["reason"],
        "action_not_completed"
    );
    assert_eq!(shop.provider.booked()[0].intent.phase, Phase::Cancelled);
    assert!(shop.tick().await.is_empty());
}

#[tokio::test]
async fn a_hold_that_the_provider_lets_go_of_is_voided() {
    let shop = Shop::authorised().await;
    shop.wait_seconds(7 * 24 * 3600 + 1);
    assert_eq!(shop.tick().await, ["payments.PaymentVoided.v1"]);
    let shown = shop.shown().await;
    assert_eq!(
        (&shown["status"], &shown["attempts"][0]["reason"]),
        (&"voided".into(), &"lapsed".into())
    );
}

#[tokio::test]
async fn a_parcel_that_leaves_after_its_hold_lapsed_is_not_paid_and_the_order_hears_of_it() {
    let shop = Shop::authorised().await;
    shop.wait_seconds(7 * 24 * 3600 + 1);
    assert_eq!(
        shop.deliver(&shop.dispatched(1)).await,
        ["payments.PaymentVoided.v1"]
    );
    assert_eq!(shop.provider.booked()[0].captured_minor, 0);
}

#[tokio::test]
async fn senseless_amounts_go_to_the_dead_letters_and_spare_the_rest_of_the_batch() {
    let shop = Shop::open();
    let bodies = [
        shop.requested(1, Money::zero(Currency::JPY), APPROVES, 2)
            .to_json(),
        "{\"tea\":true}".to_owned(),
        shop.requested_with(APPROVES).to_json(),
        shop.requested(1, Money::new(5281, Currency::JPY), APPROVES, 4)
            .to_json(),
        shop.requested(1, Money::new(5280, Currency::USD), APPROVES, 5)
            .to_json(),
    ];
    assert!(shop.harness.deliver_bodies(&bodies).await.is_empty());
    assert_eq!(
        shop.harness.published_types(),
        ["payments.PaymentAuthorized.v1"]
    );
    let mut reasons = shop.harness.dead_letter_reasons();
    reasons.sort();
    assert_eq!(reasons.len(), 4, "{reasons:?}");
    for word in ["above 0", "CloudEvents", "not the one that was asked for"] {
        assert!(
            reasons.iter().any(|reason| reason.contains(word)),
            "{word}: {reasons:?}"
        );
    }
    assert_eq!(shop.provider.booked().len(), 1);
}

#[tokio::test]
async fn capture_and_void_exclude_each_other() {
    // Whichever message is handled first wins; the other finds it pending or done.
    for cancel_first in [true, false] {
        let shop = Shop::authorised().await;
        let (first, second) = if cancel_first {
            (shop.cancelled(), shop.dispatched(1))
        } else {
            (shop.dispatched(1), shop.cancelled())
        };
        shop.provider.set_down(true);
        assert!(shop.deliver(&first).await.is_empty(), "the call is parked");
        assert!(shop.deliver(&second).await.is_empty());
        shop.provider.set_down(false);
        let mut said = Vec::new();
        for _ in 0..3 {
            shop.wait_seconds(900);
            said.extend(shop.tick().await);
        }
        let booked = &shop.provider.booked()[0];
        if cancel_first {
            assert_eq!(said, ["payments.PaymentVoided.v1"]);
            assert_eq!(booked.captured_minor, 0);
        } else {
            assert_eq!(
                said,
                ["payments.PaymentCaptured.v1", "payments.PaymentRefunded.v1"]
            );
            assert_eq!(
                booked.refunds.get(&1),
                Some(&booked.captured_minor),
                "and nothing is kept"
            );
        }
        shop.check_provider();
    }
}
