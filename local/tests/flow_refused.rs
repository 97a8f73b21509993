//! Orders that come to nothing, because stock, the bank, the customer or a reply says no or nothing.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

mod flow;

use std::collections::BTreeSet;

use serde_json::json;

use flow::counter::{ASKS_THE_CUSTOMER, DECLINED, VISA, wish};
use flow::{Shop, impatient, options};

async fn assert_cancelled(shop: &Shop, order_id: &str, reason: &str) {
    let order = shop.order(order_id).await;
    assert_eq!(
        (&order["status"], &order["cancellation_reason"]),
        (&json!("cancelled"), &json!(reason)),
        "{order}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_declined_card_cancels_the_order_and_releases_its_stock() {
    let shop = Shop::open(options()).await;
    shop.introduce("mori", "en").await;
    shop.sell(&[("SENCHA", 800)], 5).await;
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 5)], DECLINED))
        .await;
    shop.quiet().await;
    assert_cancelled(&shop, &order_id, "payment_declined").await;
    shop.assert_stands(&order_id, ["cancelled", "declined", "unfulfilled"])
        .await;
    assert_eq!(shop.available("SENCHA").await, 5);
    let payment = shop.payment(&order_id).await;
    assert_eq!(
        payment["attempts"][0]["reason"], "insufficient_funds",
        "{payment}"
    );
    let ledger = shop.stack.stand_in().ledger().unwrap();
    assert_eq!(
        (ledger.len(), ledger[0].amount_authorised_minor),
        (1, 0),
        "{ledger:?}"
    );
    assert_eq!(shop.mails("mori").len(), 1);
    // What one customer's bank refused, another can buy.
    let next = shop
        .place("smith", "k-1", &wish(&[("SENCHA", 5)], VISA))
        .await;
    shop.quiet().await;
    shop.fulfil(&next).await;
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_is_out_of_stock_is_cancelled_and_nothing_is_charged() {
    let shop = Shop::open(options()).await;
    shop.introduce("mori", "ja").await;
    shop.sell(&[("SENCHA", 800), ("HOJICHA", 500)], 3).await;
    let order_id = shop
        .place("mori", "k-1", &wish(&[("HOJICHA", 1), ("SENCHA", 4)], VISA))
        .await;
    shop.quiet().await;
    assert_cancelled(&shop, &order_id, "out_of_stock").await;
    shop.assert_stands(&order_id, ["cancelled", "none", "unfulfilled"])
        .await;
    let reservation = shop
        .look_up(&format!("/api/operator/reservations/{order_id}"))
        .await
        .unwrap();
    let short = json!([{ "sku": "SENCHA", "requested": 4, "available": 3 }]);
    assert_eq!(reservation["shortages"], short, "{reservation}");
    assert_eq!(
        (
            shop.available("SENCHA").await,
            shop.available("HOJICHA").await
        ),
        (3, 3)
    );
    assert!(shop.stack.stand_in().ledger().unwrap().is_empty());
    assert_eq!(shop.mails("mori").len(), 1);
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_the_customer_confirms_with_the_bank_confirms_the_order() {
    let shop = Shop::open(options()).await;
    shop.sell(&[("SENCHA", 800)], 5).await;
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 1)], ASKS_THE_CUSTOMER))
        .await;
    shop.quiet().await;
    shop.assert_stands(
        &order_id,
        ["awaiting_payment", "action_required", "unfulfilled"],
    )
    .await;
    shop.answer_the_bank("mori", &order_id, "succeed").await;
    shop.quiet().await;
    shop.assert_stands(&order_id, ["confirmed", "authorized", "unfulfilled"])
        .await;
    shop.fulfil(&order_id).await;
    shop.assert_stands(&order_id, ["completed", "captured", "delivered"])
        .await;
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_the_customer_refuses_at_the_bank_cancels_the_order() {
    let shop = Shop::open(options()).await;
    shop.sell(&[("SENCHA", 800)], 5).await;
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 1)], ASKS_THE_CUSTOMER))
        .await;
    shop.quiet().await;
    shop.answer_the_bank("mori", &order_id, "fail").await;
    shop.quiet().await;
    assert_cancelled(&shop, &order_id, "payment_declined").await;
    assert_eq!(shop.available("SENCHA").await, 5);
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_is_never_confirmed_lapses_and_the_stock_is_released() {
    let (options, _template) = impatient(60, 2);
    let shop = Shop::open(options).await;
    shop.introduce("mori", "en").await;
    shop.sell(&[("SENCHA", 800)], 5).await;
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 1)], ASKS_THE_CUSTOMER))
        .await;
    shop.quiet().await;
    shop.assert_stands(
        &order_id,
        ["awaiting_payment", "action_required", "unfulfilled"],
    )
    .await;
    assert_eq!(shop.available("SENCHA").await, 4);
    shop.tick_until(&order_id, "cancelled").await;
    assert_eq!(shop.available("SENCHA").await, 5);
    let ledger = shop.stack.stand_in().ledger().unwrap();
    assert_eq!(
        (ledger.len(), ledger[0].status.as_str()),
        (1, "canceled"),
        "{ledger:?}"
    );
    assert_eq!(shop.mails("mori").len(), 1);
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_that_never_comes_is_asked_for_again_and_then_the_order_is_compensated() {
    let (options, _template) = impatient(1, 60);
    let shop = Shop::open(options).await;
    shop.sell(&[("SENCHA", 800)], 5).await;
    shop.cut("OrdersFromInventory").await;
    let tap = shop.tap().await;
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    shop.quiet().await;
    shop.assert_stands(&order_id, ["placed", "none", "unfulfilled"])
        .await;
    assert_eq!(shop.available("SENCHA").await, 3);
    shop.tick_until(&order_id, "cancelled").await;
    assert_cancelled(&shop, &order_id, "timed_out").await;
    assert_eq!(shop.available("SENCHA").await, 5);
    // Asked thrice, with three ids, and answered thrice, since an answer may be what was lost.
    for event_type in ["orders.OrderPlaced.v1", "inventory.StockReserved.v1"] {
        let said = shop.heard_of(&tap, event_type);
        let ids: BTreeSet<&str> = said.iter().map(|said| said.id()).collect();
        assert_eq!((said.len(), ids.len()), (3, 3), "{said:?}");
    }
    // A reply that comes after all finds the order cancelled and changes nothing.
    shop.mend("OrdersFromInventory").await;
    for said in shop.heard_of(&tap, "inventory.StockReserved.v1") {
        assert_eq!(shop.repeat(&said).await, ["OrdersQueue", "InsightsQueue"]);
    }
    shop.quiet().await;
    assert_cancelled(&shop, &order_id, "timed_out").await;
    assert!(shop.stack.stand_in().ledger().unwrap().is_empty());
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_never_arrives_is_made_again_and_the_late_one_reserves_nothing() {
    let (options, _template) = impatient(1, 60);
    let shop = Shop::open(options).await;
    shop.sell(&[("SENCHA", 800)], 5).await;
    shop.cut("InventoryFromOrders").await;
    let tap = shop.tap().await;
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    shop.tick_until(&order_id, "cancelled").await;
    assert_cancelled(&shop, &order_id, "timed_out").await;
    let placed = shop.heard_of(&tap, "orders.OrderPlaced.v1");
    assert_eq!(placed.len(), 3, "{placed:?}");
    // All of it arrives after all, the cancellation first.
    let cancelled = shop.heard_of(&tap, "orders.OrderCancelled.v1");
    shop.deliver("InventoryQueue", &cancelled[0]).await;
    shop.quiet().await;
    for said in &placed {
        shop.deliver("InventoryQueue", said).await;
    }
    shop.quiet().await;
    assert_eq!(shop.available("SENCHA").await, 5);
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_whose_lost_reply_is_asked_for_again_goes_on() {
    let (options, _template) = impatient(1, 60);
    let shop = Shop::open(options).await;
    shop.sell(&[("SENCHA", 800)], 5).await;
    shop.cut("OrdersFromPayments").await;
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    shop.quiet().await;
    shop.assert_stands(&order_id, ["awaiting_payment", "requested", "unfulfilled"])
        .await;
    shop.mend("OrdersFromPayments").await;
    shop.tick_until(&order_id, "confirmed").await;
    assert_eq!(
        shop.stack.stand_in().ledger().unwrap().len(),
        1,
        "held once, however often it was asked for"
    );
    shop.fulfil(&order_id).await;
    shop.finish(&[]).await;
}
