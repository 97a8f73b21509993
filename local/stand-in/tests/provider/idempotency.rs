//! <https://docs.stripe.com/api/idempotent_requests>

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use payment_stand_in::{Options, RequestSummary, Verdict};

use crate::harness::{Provider, held, post};

const PATH: &str = "/v1/payment_intents";

#[tokio::test]
async fn the_same_key_replays_status_and_body() {
    let provider = Provider::new();
    for (card, status) in [("pm_card_visa", 200), ("pm_card_chargeDeclined", 402)] {
        let first = provider.post_with_key(PATH, &held(card), card).await;
        assert_eq!(first.status, status);
        assert!(first.headers.get("idempotent-replayed").is_none());
        let again = provider.post_with_key(PATH, &held(card), card).await;
        assert_eq!((again.status, &again.text), (status, &first.text));
        assert_eq!(again.headers["idempotent-replayed"], "true");
        assert_eq!(again.headers["idempotency-key"], card);
    }
    assert_eq!(provider.stand_in.ledger().unwrap().len(), 2);
}

#[tokio::test]
async fn parameters_in_another_order_are_the_same() {
    let provider = Provider::new();
    provider
        .post_with_key(PATH, "amount=500&currency=jpy", "k")
        .await
        .ok();
    let again = provider
        .post_with_key(PATH, "currency=jpy&amount=500", "k")
        .await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
}

#[tokio::test]
async fn changed_parameters_or_endpoint_are_refused() {
    let provider = Provider::new();
    provider
        .post_with_key(PATH, "amount=500&currency=jpy", "k")
        .await
        .ok();
    let changed = provider
        .post_with_key(PATH, "amount=501&currency=jpy", "k")
        .await
        .refused(400);
    assert_eq!(changed["type"], "idempotency_error");
    let elsewhere = provider
        .post_with_key("/v1/refunds", "payment_intent=pi_x", "k")
        .await
        .refused(400);
    assert_eq!(elsewhere["type"], "idempotency_error");
    assert!(
        elsewhere["message"]
            .as_str()
            .unwrap()
            .contains("'/v1/refunds' vs '/v1/payment_intents'")
    );
    assert_eq!(provider.stand_in.ledger().unwrap().len(), 1);
}

#[tokio::test]
async fn invalid_parameters_do_not_use_the_key_up() {
    let provider = Provider::new();
    provider
        .post_with_key(PATH, "amount=1&currency=jpy", "k")
        .await
        .refused(400);
    provider
        .post_with_key(PATH, "amount=500&currency=jpy", "k")
        .await
        .ok();
}

#[tokio::test]
async fn a_state_refusal_is_kept_under_the_key() {
    let provider = Provider::new();
    let id = provider.post(PATH, "amount=500&currency=jpy").await.ok()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("{PATH}/{id}/confirm");
    provider.post_with_key(&path, "", "k").await.refused(400);
    let again = provider.post_with_key(&path, "", "k").await;
    assert_eq!(
        (
            again.status,
            again.headers["idempotent-replayed"].to_str().unwrap()
        ),
        (400, "true")
    );
}

#[tokio::test]
async fn a_key_lives_for_a_day() {
    let provider = Provider::new();
    let first = provider
        .post_with_key(PATH, &held("pm_card_visa"), "k")
        .await
        .ok();
    provider
        .clock
        .advance(SignedDuration::from_secs(24 * 3600 - 1));
    assert_eq!(
        provider
            .post_with_key(PATH, &held("pm_card_visa"), "k")
            .await
            .ok(),
        first
    );
    provider.clock.advance(SignedDuration::from_secs(1));
    // This is the second charge that a client must look up before it retries so late.
    assert_ne!(
        provider
            .post_with_key(PATH, &held("pm_card_visa"), "k")
            .await
            .ok()["id"],
        first["id"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_of_two_at_once_conflicts() {
    // The first request stops in the hook, its key taken, until the second has been answered.
    let (arrived, wait_for_arrival) = std::sync::mpsc::channel();
    let (let_go, held_back) = std::sync::mpsc::channel();
    let held_back = Mutex::new(Some(held_back));
    let faults = Arc::new(move |_: &RequestSummary<'_>| {
        let first = held_back.lock().unwrap().take();
        if let Some(held_back) = first {
            arrived.send(()).unwrap();
            held_back.recv().unwrap();
        }
        Verdict::Proceed
    });
    let provider = Arc::new(Provider::with(Options {
        faults: Some(faults),
        ..Options::default()
    }));
    let form = held("pm_card_visa");
    let first = tokio::spawn({
        let (provider, form) = (Arc::clone(&provider), form.clone());
        async move { provider.post_with_key(PATH, &form, "k").await }
    });
    tokio::task::spawn_blocking(move || wait_for_arrival.recv().unwrap())
        .await
        .unwrap();
    let second = provider.post_with_key(PATH, &form, "k").await;
    assert_eq!(second.refused(409)["code"], "idempotency_key_in_use");
    let_go.send(()).unwrap();
    let first = first.await.unwrap();
    assert_eq!(first.status, 200);
    let later = provider.post_with_key(PATH, &form, "k").await;
    assert_eq!(later.text, first.text);
    assert_eq!(provider.stand_in.ledger().unwrap().len(), 1);
}

#[tokio::test]
async fn a_caller_that_hangs_up_leaves_its_work_done_and_its_key_free() {
    let first = AtomicBool::new(true);
    let faults = Arc::new(move |_: &RequestSummary<'_>| {
        if first.swap(false, Ordering::SeqCst) {
            Verdict::HangAfterDoing
        } else {
            Verdict::Proceed
        }
    });
    let provider = Provider::with(Options {
        faults: Some(faults),
        ..Options::default()
    });
    let form = held("pm_card_visa");
    {
        let request = provider.send(post(PATH, &form, Some("k")));
        tokio::pin!(request);
        // Polled once: the work is handed over and then nobody waits for it.
        assert!(futures::poll!(request.as_mut()).is_pending());
    }
    let again = provider.post_with_key(PATH, &form, "k").await;
    assert_eq!(
        (
            again.status,
            again.headers["idempotent-replayed"].to_str().unwrap()
        ),
        (200, "true")
    );
    assert_eq!(provider.stand_in.ledger().unwrap().len(), 1);
}

#[tokio::test]
async fn bad_keys_and_reads() {
    let provider = Provider::new();
    let long = "k".repeat(256);
    assert_eq!(
        provider
            .post_with_key(PATH, "amount=500&currency=jpy", &long)
            .await
            .status,
        400
    );
    let id = provider.authorised().await;
    let path = format!("{PATH}/{id}");
    assert!(
        provider
            .get(&path)
            .await
            .headers
            .get("idempotent-replayed")
            .is_none()
    );
}
