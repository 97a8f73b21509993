//! The provider's faults and what must come of them: nobody charged twice, no hold left behind, nothing dead-lettered.

use payments::fake::{APPROVES, Fault};
use payments::provider::Phase;
use serde_json::json;

use crate::shop::{Shop, TOTAL};

/// Lets time pass and ticks until nothing is said for a while; returns all that was said.
async fn settle(shop: &Shop, minutes: u32) -> Vec<String> {
    let mut said = Vec::new();
    for _ in 0..minutes {
        shop.wait_seconds(60);
        said.extend(shop.tick().await);
    }
    said
}

#[tokio::test]
async fn an_authorisation_goes_through_once_whatever_goes_wrong_with_the_call() {
    for fault in [
        Fault::TimesOutButDone,
        Fault::Down,
        Fault::FailsStoredButDone,
        Fault::FailsStored,
    ] {
        let shop = Shop::open();
        shop.provider.fail_next([fault]);
        let requested = shop.requested_with(APPROVES);
        assert!(
            shop.deliver(&requested).await.is_empty(),
            "{fault:?}: it is parked and acknowledged"
        );
        assert!(
            shop.deliver(&requested).await.is_empty(),
            "{fault:?}: a redelivery leaves it to the sweep"
        );
        assert_eq!(
            settle(&shop, 10).await,
            ["payments.PaymentAuthorized.v1"],
            "{fault:?}"
        );
        let booked = shop.provider.booked();
        assert_eq!(booked.len(), 1, "{fault:?}: {booked:?}");
        assert_eq!(shop.shown().await["status"], "authorized");
        let keys = shop.provider.calls();
        let last = keys.last().map(String::as_str);
        let expected = if fault == Fault::FailsStored {
            "order-1:authorise:1.2"
        } else {
            "order-1:authorise:1"
        };
        assert_eq!(last, Some(expected), "{fault:?}");
        let asked_again = shop.requested(1, TOTAL, APPROVES, 8);
        assert_eq!(
            shop.deliver(&asked_again).await,
            ["payments.PaymentAuthorized.v1"],
            "{fault:?}: told when asked"
        );
        shop.check_provider();
    }
}

#[tokio::test]
async fn a_stored_failure_waits_for_the_search_to_settle_before_another_key() {
    let shop = Shop::open();
    shop.provider.fail_next([Fault::FailsStoredButDone]);
    shop.provider.set_search_behind(true);
    shop.deliver(&shop.requested_with(APPROVES)).await;
    assert!(settle(&shop, 1).await.is_empty());
    shop.provider.set_search_behind(false);
    assert_eq!(settle(&shop, 8).await, ["payments.PaymentAuthorized.v1"]);
    assert_eq!(
        shop.provider.booked().len(),
        1,
        "it was found, not made again"
    );
}

#[tokio::test]
async fn a_key_that_is_burnt_long_after_it_was_recorded_waits_for_the_search_all_the_same() {
    // The call is recorded, and its process dies before it is made: it is first made ten minutes later.
    let (again, requested) = Shop::with_intent_only().await;
    again.wait_seconds(600);
    again.provider.fail_next([Fault::FailsStoredButDone]);
    again.provider.set_search_behind(true);
    again.deliver(&requested).await;
    again.harness.relay().await;
    assert!(settle(&again, 2).await.is_empty());
    again.provider.set_search_behind(false);
    assert_eq!(settle(&again, 8).await, ["payments.PaymentAuthorized.v1"]);
    assert_eq!(
        again.provider.booked().len(),
        1,
        "it was found, not made again"
    );
}

#[tokio::test]
async fn a_death_between_intent_and_result_resumes_at_the_call() {
    // The intent is there and the answer is not: just as when the function dies inside the call.
    let (again, requested) = Shop::with_intent_only().await;
    again.deliver(&requested).await;
    again.harness.relay().await;
    assert_eq!(
        again.harness.published_types(),
        ["payments.PaymentAuthorized.v1"],
        "by the stream: the message may have been acknowledged by another delivery"
    );
    assert_eq!(again.provider.calls(), ["order-1:authorise:1"]);
}

#[tokio::test]
async fn a_delivery_that_finds_its_call_taken_over_leaves_nothing_for_a_slower_one_to_commit() {
    // One delivery is at the call when the order is cancelled, and the message is delivered once more.
    let (again, requested) = Shop::with_intent_only().await;
    assert!(again.deliver(&again.cancelled()).await.is_empty());
    again.harness.store.take_changes();
    assert!(again.deliver(&requested).await.is_empty());
    let left = again.harness.store.take_changes();
    assert_eq!(left.len(), 1, "it is recorded that the call is the sweep's");
    assert!(again.deliver(&requested).await.is_empty());
    assert!(
        again.harness.store.take_changes().is_empty(),
        "the message is dealt with: a slower delivery of it commits nothing either"
    );
    assert!(again.provider.calls().is_empty());
}

#[tokio::test]
async fn a_request_asked_again_that_finished_the_call_publishes_its_result_when_it_comes_again() {
    let (again, _) = Shop::with_intent_only().await;
    let asked_again = again.requested(1, TOTAL, APPROVES, 4);
    let published = async || {
        again
            .harness
            .deliver(std::slice::from_ref(&asked_again))
            .await;
        let events = again.harness.published();
        let ids = events.into_iter().map(|event| event.id.to_string());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(published().await, ["payments.order-1.3.0"]);
    assert_eq!(
        published().await,
        ["payments.order-1.3.0"],
        "what was committed for the message is published again, and it is not answered anew"
    );
}

#[tokio::test]
async fn an_hour_of_outage_loses_nothing_and_declines_only_what_must_be_had_by_then() {
    let shop = Shop::open();
    shop.provider.set_down(true);
    shop.deliver(&shop.requested_with(APPROVES)).await;
    assert!(settle(&shop, 30).await.is_empty());
    shop.provider.set_down(false);
    assert_eq!(settle(&shop, 15).await, ["payments.PaymentAuthorized.v1"]);

    shop.provider.set_down(true);
    assert!(shop.deliver(&shop.dispatched(1)).await.is_empty());
    assert!(settle(&shop, 60).await.is_empty());
    shop.provider.set_down(false);
    assert_eq!(settle(&shop, 16).await, ["payments.PaymentCaptured.v1"]);
    assert_eq!(shop.provider.booked()[0].captured_minor, TOTAL.amount_minor);
    assert!(shop.harness.dead_letter_reasons().is_empty());
    let [calls, failures] =
        ["ProviderCalls", "ProviderFailures"].map(|name| shop.harness.counted(name));
    assert!(failures > 2, "each try of the outage is counted");
    assert_eq!(calls - failures, 2, "and the two that went through");
}

#[tokio::test]
async fn a_payment_that_cannot_be_had_in_time_is_given_up_and_its_hold_found_and_voided() {
    for is_done in [true, false] {
        let shop = Shop::open();
        shop.provider.fail_next([if is_done {
            Fault::TimesOutButDone
        } else {
            Fault::Down
        }]);
        shop.deliver(&shop.requested_with(APPROVES)).await;
        shop.provider.set_down(true);
        assert_eq!(settle(&shop, 70).await, ["payments.PaymentDeclined.v1"]);
        assert_eq!(
            shop.shown().await["attempts"][0]["reason"],
            "provider_unavailable"
        );
        shop.provider.set_down(false);
        assert!(
            settle(&shop, 180).await.is_empty(),
            "nobody is told of a hold that nobody knew"
        );
        let booked = shop.provider.booked();
        assert!(
            booked.iter().all(|booked| booked.live_hold().is_none()),
            "{booked:?}"
        );
        assert_eq!(booked.len(), usize::from(is_done));
        let payment = shop.payment().await;
        assert!(
            payment.calls.is_empty() && payment.due_at().is_none(),
            "{payment:?}"
        );
        assert_eq!(shop.shown().await["status"], "declined");
    }
}

#[tokio::test]
async fn an_order_cancelled_while_its_authorisation_is_unknown_keeps_no_hold() {
    for fault in [Fault::TimesOutButDone, Fault::Down] {
        let shop = Shop::open();
        shop.provider.fail_next([fault]);
        shop.deliver(&shop.requested_with(APPROVES)).await;
        assert!(shop.deliver(&shop.cancelled()).await.is_empty());
        let said = settle(&shop, 180).await;
        let booked = shop.provider.booked();
        if fault == Fault::Down {
            assert_eq!(said, ["payments.PaymentDeclined.v1"]);
            assert!(
                booked.is_empty(),
                "it was never asked for again: {booked:?}"
            );
        } else {
            assert_eq!(
                said,
                ["payments.PaymentAuthorized.v1", "payments.PaymentVoided.v1"]
            );
            assert_eq!(booked[0].intent.phase, Phase::Cancelled);
        }
        assert_eq!(shop.payment().await.due_at(), None);
    }
}

#[tokio::test]
async fn captures_and_voids_go_through_whatever_goes_wrong_with_the_call() {
    for fault in [
        Fault::TimesOutButDone,
        Fault::Down,
        Fault::FailsStoredButDone,
        Fault::FailsStored,
    ] {
        for captures in [true, false] {
            let shop = Shop::authorised().await;
            shop.provider.fail_next([fault]);
            let (message, expected) = if captures {
                (shop.dispatched(1), "payments.PaymentCaptured.v1")
            } else {
                (shop.cancelled(), "payments.PaymentVoided.v1")
            };
            assert!(shop.deliver(&message).await.is_empty(), "{fault:?}");
            assert_eq!(settle(&shop, 10).await, [expected], "{fault:?}");
            let phase = shop.provider.booked()[0].intent.phase.clone();
            assert_eq!(
                phase,
                if captures {
                    Phase::Captured
                } else {
                    Phase::Cancelled
                }
            );
            assert_eq!(shop.payment().await.due_at(), None);
        }
    }
}

#[tokio::test]
async fn a_key_older_than_a_day_is_not_relied_on() {
    let shop = Shop::authorised().await;
    shop.provider.set_down(true);
    shop.deliver(&shop.dispatched(1)).await;
    shop.wait_seconds(25 * 3600);
    shop.tick().await;
    shop.provider.set_down(false);
    assert_eq!(settle(&shop, 20).await, ["payments.PaymentCaptured.v1"]);
    assert_eq!(
        shop.provider.calls().last().map(String::as_str),
        Some("order-1:capture:1.2")
    );
    assert_eq!(shop.provider.booked()[0].captured_minor, TOTAL.amount_minor);
}

#[tokio::test]
async fn a_refund_that_brings_no_answer_is_finished_by_the_sweep_once() {
    for fault in [
        Fault::TimesOutButDone,
        Fault::Down,
        Fault::FailsStoredButDone,
        Fault::FailsStored,
    ] {
        let shop = Shop::captured().await;
        shop.provider.fail_next([fault]);
        let amount = json!({ "amount": { "amount_minor": 1000, "currency": "JPY" } });
        let answer = shop.refund("wish-1", &amount).await;
        assert_eq!(answer.status, 503, "{fault:?}");
        shop.harness.relay().await;
        assert_eq!(
            settle(&shop, 10).await,
            ["payments.PaymentRefunded.v1"],
            "{fault:?}"
        );
        let again = shop.refund("wish-1", &amount).await;
        assert_eq!(
            (again.status, &again.body["refunded"]["amount_minor"]),
            (200, &json!(1000))
        );
        assert_eq!(shop.provider.booked()[0].refunds.len(), 1, "{fault:?}");
        shop.check_provider();
    }
}
