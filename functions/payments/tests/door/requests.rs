//! The HTTP routes: who may see what, refunds within what was captured, bad requests.

use harness::Request;
use payments::fake::{APPROVES, NEEDS_ACTION};
use serde_json::json;

use crate::shop::{CUSTOMER, ORDER, Shop, TOTAL};

fn yen(amount_minor: i64) -> serde_json::Value {
    json!({ "amount": { "amount_minor": amount_minor, "currency": "JPY" } })
}

#[tokio::test]
async fn a_customer_sees_their_own_payment_and_nobody_elses() {
    let shop = Shop::authorised().await;
    let path = format!("/api/payments/{ORDER}");
    let own = shop
        .harness
        .http(&Request::new("GET", &path).by_customer(CUSTOMER))
        .await;
    assert_eq!(own.status, 200);
    assert_eq!(own.body["status"], "authorized");
    assert_eq!(
        own.body["amount"],
        json!({ "amount_minor": 5280, "currency": "JPY" })
    );
    assert!(own.body.get("ledger").is_none() && own.body.get("refunds").is_none());

    let others = shop
        .harness
        .http(&Request::new("GET", &path).by_customer("customer-2"))
        .await;
    let none = shop
        .harness
        .http(&Request::new("GET", "/api/payments/order-2").by_customer(CUSTOMER))
        .await;
    assert_eq!((others.status, none.status), (404, 404));
    assert_eq!(others.body["type"], none.body["type"]);
    let nonsense = shop
        .harness
        .http(&Request::new("GET", "/api/payments/%20").by_customer(CUSTOMER))
        .await;
    assert_eq!(nonsense.status, 404);
    assert_eq!(
        shop.harness.http(&Request::new("GET", &path)).await.status,
        401
    );
    assert_eq!(
        shop.harness
            .http(&Request::new("GET", &path).by_operator("op"))
            .await
            .status,
        403
    );
    let operators = format!("/api/operator/payments/{ORDER}");
    assert_eq!(
        shop.harness
            .http(&Request::new("GET", &operators).by_customer(CUSTOMER))
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn where_to_confirm_is_shown_while_it_must_be_confirmed() {
    let shop = Shop::open();
    shop.deliver(&shop.requested_with(NEEDS_ACTION)).await;
    assert_eq!(
        shop.shown().await["action_url"],
        "https://bank.example/pi_1"
    );
    shop.deliver(&shop.cancelled()).await;
    assert!(shop.shown().await.get("action_url").is_none());
}

#[tokio::test]
async fn refunds_stay_within_what_was_captured() {
    let shop = Shop::captured().await;
    assert_eq!(shop.refund("a", &yen(5281)).await.status, 422);
    let first = shop.refund("b", &yen(5000)).await;
    assert_eq!(
        (first.status, &first.body["status"]),
        (200, &json!("partially_refunded"))
    );
    let over = shop.refund("c", &yen(281)).await;
    assert_eq!(
        (over.status, &over.body["type"]),
        (422, &json!("urn:noren:problem:exceeds-captured"))
    );
    let rest = shop.refund("d", &json!({})).await;
    assert_eq!(
        (rest.status, &rest.body["status"]),
        (200, &json!("refunded"))
    );
    assert_eq!(rest.body["refunded"]["amount_minor"], TOTAL.amount_minor);
    assert_eq!(
        shop.refund("e", &json!({})).await.status,
        422,
        "nothing is left"
    );
    shop.harness.relay().await;
    let said = shop.harness.published();
    let totals: Vec<_> = said
        .iter()
        .map(|event| {
            event
                .data::<contracts::payments::PaymentRefunded>()
                .unwrap()
        })
        .map(|refunded| {
            (
                refunded.refund,
                refunded.amount.amount_minor,
                refunded.refunded_total.amount_minor,
            )
        })
        .collect();
    assert_eq!(totals, [(1, 5000, 5000), (2, 280, 5280)]);
    shop.check_provider();
}

#[tokio::test]
async fn the_same_wish_is_the_same_refund() {
    let shop = Shop::captured().await;
    for _ in 0..3 {
        let answer = shop.refund("wish", &yen(100)).await;
        assert_eq!(
            (answer.status, &answer.body["refunded"]["amount_minor"]),
            (200, &json!(100))
        );
    }
    let changed = shop.refund("wish", &yen(200)).await;
    assert_eq!(
        (changed.status, &changed.body["type"]),
        (422, &json!("urn:noren:problem:idempotency-key-reused"))
    );
    shop.harness.relay().await;
    assert_eq!(shop.harness.published_types().len(), 1);
    assert_eq!(shop.provider.booked()[0].refunds.len(), 1);
}

#[tokio::test]
async fn a_refund_that_waits_counts_against_what_is_left() {
    let shop = Shop::captured().await;
    shop.provider.set_down(true);
    assert_eq!(shop.refund("a", &yen(5000)).await.status, 503);
    assert_eq!(shop.refund("b", &yen(281)).await.status, 422);
    assert_eq!(shop.refund("c", &yen(280)).await.status, 503);
    shop.provider.set_down(false);
    shop.harness.relay().await;
    shop.wait_seconds(120);
    let said = shop.tick().await;
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(shop.shown().await["status"], "refunded");
    shop.check_provider();
}

#[tokio::test]
async fn bad_refunds_are_refused_by_name_and_change_nothing() {
    let shop = Shop::captured().await;
    let version = shop.harness.store.all()[0].version;
    let path = format!("/api/operator/payments/{ORDER}/refund");
    let by_operator = || {
        Request::new("POST", &path)
            .by_operator("op")
            .header("Idempotency-Key", "k")
    };
    let cases = [
        (by_operator().json(&yen(0)), 400, "amount.amount_minor"),
        (by_operator().json(&yen(-1)), 400, "amount.amount_minor"),
        (
            by_operator().json(&json!({ "amount": { "amount_minor": 1, "currency": "USD" } })),
            400,
            "amount.currency",
        ),
        (
            by_operator().json(&json!({ "amount": { "amount_minor": 1, "currency": "XXQ" } })),
            400,
            "amount.currency",
        ),
        (
            by_operator().json(&json!({ "amuont": null })),
            400,
            "amuont",
        ),
        (by_operator().text("{"), 400, "body"),
        (
            Request::new("POST", &path)
                .by_operator("op")
                .json(&json!({})),
            400,
            "Idempotency-Key",
        ),
    ];
    for (request, status, field) in cases {
        let answer = shop.harness.http(&request).await;
        assert_eq!(answer.status, status, "{:?}", answer.body);
        assert_eq!(
            answer.body["errors"][0]["field"], field,
            "{:?}",
            answer.body
        );
    }
    let customer = Request::new("POST", &path)
        .by_customer(CUSTOMER)
        .header("Idempotency-Key", "k")
        .json(&json!({}));
    assert_eq!(shop.harness.http(&customer).await.status, 403);
    assert_eq!(shop.harness.store.all()[0].version, version);

    let unknown = Request::new("POST", "/api/operator/payments/order-2/refund")
        .by_operator("op")
        .header("Idempotency-Key", "k")
        .json(&json!({}));
    assert_eq!(shop.harness.http(&unknown).await.status, 404);
    let early = Shop::open();
    early.deliver(&early.requested_with(APPROVES)).await;
    assert_eq!(early.refund("k", &json!({})).await.status, 409);
}

#[tokio::test]
async fn a_refund_is_made_once_for_its_key_and_the_key_is_for_nothing_else() {
    let shop = Shop::captured().await;
    let path = format!("/api/operator/payments/{ORDER}/refund");
    let refund = Request::new("POST", &path)
        .by_operator("ops")
        .json(&yen(100));
    let made = shop.harness.holds_key(&refund, &yen(200)).await;
    assert_eq!(made.body["refunded"]["amount_minor"], 100);
    assert_eq!(shop.provider.booked()[0].refunds.len(), 1);
    shop.check_provider();
}
