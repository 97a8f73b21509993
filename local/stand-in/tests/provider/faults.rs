//! What the hook can make go wrong, and what the ledger then says.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use payment_stand_in::{Options, Verdict};

use crate::harness::{Provider, held};

const PATH: &str = "/v1/payment_intents";

/// A provider whose first request meets `verdict` and whose later ones proceed.
fn once(verdict: Verdict) -> Provider {
    let met = AtomicBool::new(false);
    let faults = Arc::new(move |_: &payment_stand_in::RequestSummary<'_>| {
        if met.swap(true, Ordering::SeqCst) {
            Verdict::Proceed
        } else {
            verdict
        }
    });
    Provider::with(Options {
        faults: Some(faults),
        ..Options::default()
    })
}

#[tokio::test]
async fn each_verdict() {
    // Verdict, first answer, payments made by it, answer to the retry with the same key, payments after it.
    let cases = [
        (Verdict::Proceed, 200, 1, 200, 1),
        (Verdict::TimeOutAfterDoing, 504, 1, 200, 1),
        (Verdict::Fail500, 500, 1, 500, 1),
        (Verdict::Fail500WithoutDoing, 500, 0, 500, 0),
        (Verdict::Fail500BeforeDoing, 500, 0, 200, 1),
        (Verdict::Down, 503, 0, 200, 1),
    ];
    for (verdict, first_status, made, retry_status, made_after) in cases {
        let provider = once(verdict);
        let form = held("pm_card_visa");
        let first = provider.post_with_key(PATH, &form, "k").await;
        assert_eq!(first.status, first_status, "{verdict:?}");
        if first_status >= 500 {
            assert_eq!(first.json()["error"]["type"], "api_error");
        }
        assert_eq!(
            provider.stand_in.ledger().unwrap().len(),
            made,
            "{verdict:?}"
        );
        let retry = provider.post_with_key(PATH, &form, "k").await;
        assert_eq!(retry.status, retry_status, "{verdict:?}");
        assert_eq!(
            provider.stand_in.ledger().unwrap().len(),
            made_after,
            "{verdict:?}"
        );
    }
}

#[tokio::test]
async fn a_stored_500_can_only_be_got_round_by_looking_up() {
    let provider = once(Verdict::Fail500);
    let form = held("pm_card_visa");
    provider
        .post_with_key(PATH, &form, "o-1:authorise:1")
        .await
        .refused(500);
    let retry = provider.post_with_key(PATH, &form, "o-1:authorise:1").await;
    assert_eq!(
        (
            retry.status,
            retry.headers["idempotent-replayed"].to_str().unwrap()
        ),
        (500, "true")
    );
    let found = provider
        .get("/v1/payment_intents/search?query=metadata%5B'order_id'%5D:'o-1'")
        .await
        .ok();
    assert_eq!(found["data"][0]["status"], "requires_capture");
}

#[tokio::test]
async fn a_hanging_answer_still_frees_the_key() {
    let provider = once(Verdict::HangAfterDoing);
    let form = held("pm_card_visa");
    let request = provider.post_with_key(PATH, &form, "k");
    tokio::pin!(request);
    loop {
        // The work is done on another thread; the caller sees nothing of it, however often it looks.
        assert!(futures::poll!(request.as_mut()).is_pending());
        if provider.stand_in.ledger().unwrap().len() == 1 {
            break;
        }
    }
    // Once more, so that it sees its work done and lets go of the key.
    assert!(futures::poll!(request.as_mut()).is_pending());
    let retry = provider.post_with_key(PATH, &form, "k").await;
    assert_eq!(
        (
            retry.status,
            retry.headers["idempotent-replayed"].to_str().unwrap()
        ),
        (200, "true")
    );
}

#[tokio::test]
async fn the_hook_sees_the_request() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let faults = Arc::new(move |request: &payment_stand_in::RequestSummary<'_>| {
        let line = format!(
            "{} {} {:?}",
            request.method, request.path, request.idempotency_key
        );
        log.lock().unwrap().push(line);
        Verdict::Proceed
    });
    let provider = Provider::with(Options {
        faults: Some(faults),
        ..Options::default()
    });
    provider
        .post_with_key(PATH, "amount=500&currency=jpy", "k")
        .await
        .ok();
    provider.get("/v1/events").await.ok();
    assert_eq!(
        *seen.lock().unwrap(),
        [
            "POST /v1/payment_intents Some(\"k\")",
            "GET /v1/events None"
        ]
    );
}

#[tokio::test]
async fn an_outage_is_switched_on_and_off_while_it_runs() {
    let provider = Provider::new();
    let switch = async |to: &str| provider.post(&format!("/stand-in/outage/{to}"), "").await;
    let pay = async |key: &str| {
        let answer = provider
            .post_with_key(PATH, &held("pm_card_visa"), key)
            .await;
        (answer.status, provider.stand_in.ledger().unwrap().len())
    };
    assert_eq!(pay("before").await, (200, 1));
    switch("down").await.ok();
    assert_eq!(pay("down").await, (503, 1));
    switch("over").await.ok();
    assert_eq!(pay("down").await, (200, 2));

    switch("rough").await.ok();
    let mut answers = Vec::new();
    for number in 0..10 {
        answers.push(pay(&format!("rough-{number}")).await.0);
    }
    for (status, count) in [(503, 6), (500, 3), (504, 1)] {
        let met = answers.iter().filter(|answer| **answer == status).count();
        assert_eq!(met, count, "{status}: {answers:?}");
    }
    // Two of them were done all the same: the one that timed out, and one of those with a 500.
    assert_eq!(provider.stand_in.ledger().unwrap().len(), 4);
    let over = switch("over").await.ok();
    assert_eq!(over["requests_that_met_it"], 11);
    let mut stored = 0;
    for number in 0..10 {
        stored += usize::from(pay(&format!("rough-{number}")).await.0 == 500);
    }
    assert_eq!(stored, 1, "one 500 is stored under its key");
    assert_eq!(provider.stand_in.ledger().unwrap().len(), 12);
    switch("lunch").await.refused(400);
}
