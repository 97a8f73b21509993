//! The ledger: what invariants read, and that it survives.

use payment_stand_in::{LedgerFilter, OpenError, Options, StandIn};

use crate::harness::{Provider, held};

#[tokio::test]
async fn one_entry_tells_the_whole_payment() {
    let provider = Provider::new();
    provider
        .post("/v1/payment_intents", &held("pm_card_chargeDeclined"))
        .await
        .refused(402);
    let id = provider.authorised().await;
    provider
        .post(
            &format!("/v1/payment_intents/{id}/capture"),
            "amount_to_capture=1000",
        )
        .await
        .ok();
    provider
        .post("/v1/refunds", &format!("payment_intent={id}&amount=300"))
        .await
        .ok();
    let ledger = provider.stand_in.ledger().unwrap();
    assert_eq!(ledger[0].declined_attempts, 1);
    assert_eq!(
        (
            ledger[0].amount_authorised_minor,
            ledger[0].amount_held_minor
        ),
        (0, 0)
    );
    let paid = &ledger[1];
    assert_eq!(
        (paid.order_id.as_deref(), paid.attempt.as_deref()),
        (Some("o-1"), Some("1"))
    );
    assert_eq!(
        (paid.status.as_str(), paid.currency.as_str()),
        ("succeeded", "jpy")
    );
    let amounts = (
        paid.amount_minor,
        paid.amount_authorised_minor,
        paid.amount_held_minor,
        paid.amount_captured_minor,
        paid.amount_released_minor,
        paid.amount_refunded_minor,
    );
    assert_eq!(amounts, (1200, 1200, 0, 1000, 200, 300));
}

#[tokio::test]
async fn pages_over_http_and_in_rust() {
    let provider = Provider::new();
    for order in 0..5 {
        let form = format!("amount=500&currency=jpy&metadata[order_id]=o-{}", order % 2);
        provider.post("/v1/payment_intents", &form).await.ok();
    }
    let mut ids = Vec::new();
    let mut path = "/stand-in/ledger?limit=2".to_owned();
    loop {
        let page = provider.get(&path).await.ok();
        ids.extend(
            page["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|entry| entry["payment_intent"].as_str().unwrap().to_owned()),
        );
        match page["after"].as_str() {
            Some(after) => path = format!("/stand-in/ledger?limit=2&after={after}"),
            None => break,
        }
    }
    let all: Vec<String> = provider
        .stand_in
        .ledger()
        .unwrap()
        .into_iter()
        .map(|entry| entry.payment_intent)
        .collect();
    assert_eq!(ids, all);
    let of_order = provider.get("/stand-in/ledger?order_id=o-1").await.ok();
    assert_eq!(of_order["data"].as_array().unwrap().len(), 2);
    let filter = LedgerFilter {
        order_id: Some("o-0".to_owned()),
        after: Some(all[0].clone()),
        limit: 1,
    };
    assert_eq!(
        provider.stand_in.ledger_page(filter).unwrap()[0].payment_intent,
        all[2]
    );
}

#[tokio::test]
async fn it_survives_a_restart_with_its_keys_and_events() {
    let directory = tempfile::tempdir().unwrap();
    let options = || Options {
        directory: Some(directory.path().join("payments")),
        ..Options::default()
    };
    let provider = Provider::with(options());
    let form = held("pm_card_visa");
    let first = provider
        .post_with_key("/v1/payment_intents", &form, "k")
        .await;
    let ledger = provider.stand_in.ledger().unwrap();
    let events = provider.get("/v1/events").await.ok();
    drop(provider);
    let provider = Provider::with(options());
    assert_eq!(provider.stand_in.ledger().unwrap(), ledger);
    assert_eq!(provider.get("/v1/events").await.ok(), events);
    assert_eq!(
        provider
            .post_with_key("/v1/payment_intents", &form, "k")
            .await
            .text,
        first.text
    );
    let path = format!(
        "/v1/payment_intents/{}/capture",
        first.json()["id"].as_str().unwrap()
    );
    assert_eq!(provider.post(&path, "").await.ok()["status"], "succeeded");
}

#[test]
fn a_damaged_file_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("payments.sqlite");
    std::fs::write(
        &file,
        "this is no ledger, however long one looks at it".repeat(100),
    )
    .unwrap();
    let options = Options {
        directory: Some(directory.path().to_owned()),
        ..Options::default()
    };
    let Err(error) = StandIn::open(options) else {
        panic!("it was opened")
    };
    assert!(matches!(&error, OpenError::Damaged { .. }));
    assert!(
        error.to_string().contains(&file.display().to_string()),
        "{error}"
    );
}

#[tokio::test]
async fn the_same_seed_gives_the_same_ids() {
    let mut ids = Vec::new();
    for _ in 0..2 {
        let provider = Provider::with(Options {
            seed: Some(7),
            ..Options::default()
        });
        ids.push(provider.authorised().await);
    }
    assert_eq!(ids[0], ids[1]);
}
