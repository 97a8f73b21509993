//! Money that goes back after a capture.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

mod flow;

use http::StatusCode;

use flow::counter::{FEE, VISA, wish, yen};
use flow::{Shop, options};

const TOTAL: i64 = 2 * 800 + FEE;

/// A completed order of two, of a customer with an address.
async fn completed() -> (Shop, String) {
    let shop = Shop::open(options()).await;
    shop.introduce("mori", "ja").await;
    shop.sell(&[("SENCHA", 800)], 5).await;
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    shop.quiet().await;
    shop.fulfil(&order_id).await;
    shop.assert_stands(&order_id, ["completed", "captured", "delivered"])
        .await;
    (shop, order_id)
}

fn refunded_at_the_bank(shop: &Shop) -> i64 {
    let ledger = shop.stack.stand_in().ledger().unwrap();
    ledger.iter().map(|entry| entry.amount_refunded_minor).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_goes_back_then_the_rest_and_then_nothing_more() {
    let (shop, order_id) = completed().await;
    let part = shop.refund(&order_id, "r-1", Some(300)).await;
    assert_eq!(
        (part.status, &part.body["refunded"]),
        (StatusCode::OK, &yen(300)),
        "{part:?}"
    );
    shop.quiet().await;
    shop.assert_stands(&order_id, ["completed", "partially_refunded", "delivered"])
        .await;
    assert_eq!(refunded_at_the_bank(&shop), 300);

    let too_much = shop.refund(&order_id, "r-2", Some(TOTAL - 299)).await;
    assert_eq!(
        too_much.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{too_much:?}"
    );
    let rest = shop.refund(&order_id, "r-3", None).await;
    assert_eq!(
        (rest.status, &rest.body["refunded"]),
        (StatusCode::OK, &yen(TOTAL)),
        "{rest:?}"
    );
    shop.quiet().await;
    shop.assert_stands(&order_id, ["completed", "refunded", "delivered"])
        .await;
    for (key, amount) in [("r-4", Some(1)), ("r-5", None)] {
        let more = shop.refund(&order_id, key, amount).await;
        assert_eq!(more.status, StatusCode::UNPROCESSABLE_ENTITY, "{more:?}");
    }
    shop.quiet().await;
    assert_eq!(refunded_at_the_bank(&shop), TOTAL);
    // Confirmed, dispatched, and two refunds.
    assert_eq!(shop.mails("mori").len(), 4, "{:?}", shop.mails("mori"));
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_is_one_refund_however_often_it_is_sent() {
    let (shop, order_id) = completed().await;
    let repeats = (0..8).map(|_| shop.refund(&order_id, "r-1", Some(500)));
    for reply in futures::future::join_all(repeats).await {
        // One that comes while another is at it may be told to try again; none is told anything else.
        let told = matches!(
            reply.status,
            StatusCode::OK | StatusCode::SERVICE_UNAVAILABLE
        );
        assert!(told, "{reply:?}");
    }
    shop.quiet().await;
    let again = shop.refund(&order_id, "r-1", Some(500)).await;
    assert_eq!(
        (again.status, &again.body["refunded"]),
        (StatusCode::OK, &yen(500)),
        "{again:?}"
    );
    let other = shop.refund(&order_id, "r-1", Some(600)).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "{other:?}");
    shop.quiet().await;
    assert_eq!(refunded_at_the_bank(&shop), 500);
    assert_eq!(shop.mails("mori").len(), 3, "{:?}", shop.mails("mori"));
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refunds_at_once_never_give_back_more_than_was_taken() {
    let (shop, order_id) = completed().await;
    let keys: Vec<String> = (0..8).map(|number| format!("r-{number}")).collect();
    let wishes = keys
        .iter()
        .map(|key| shop.refund(&order_id, key, Some(500)));
    let replies = futures::future::join_all(wishes).await;
    shop.quiet().await;
    let done = replies
        .iter()
        .filter(|reply| reply.status == StatusCode::OK)
        .count();
    let refused = replies
        .iter()
        .filter(|reply| reply.status == StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        (done, refused.count()),
        (3, 5),
        "three times 500 go into {TOTAL}: {replies:?}"
    );
    assert_eq!(refunded_at_the_bank(&shop), 1500);
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_refunded_that_was_not_captured() {
    let shop = Shop::open(options()).await;
    shop.sell(&[("SENCHA", 800)], 5).await;
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    shop.quiet().await;
    let reply = shop.refund(&order_id, "r-1", Some(100)).await;
    assert_eq!(reply.status, StatusCode::CONFLICT, "{reply:?}");
    shop.fulfil(&order_id).await;
    assert_eq!(refunded_at_the_bank(&shop), 0);
    shop.finish(&[]).await;
}
