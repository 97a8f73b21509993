//! Cancelling at every stage, with what it leaves in stock, at the bank and in the inbox.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

mod flow;

use http::StatusCode;
use serde_json::{Value, json};

use flow::counter::{ASKS_THE_CUSTOMER, VISA, label, wish};
use flow::{Shop, options};

const RACES: usize = 12;

async fn shop() -> Shop {
    let shop = Shop::open(options()).await;
    shop.introduce("mori", "en").await;
    shop.sell(&[("SENCHA", 800)], 5).await;
    shop
}

async fn cancelled_answer(shop: &Shop, order_id: &str) -> Value {
    let reply = shop.cancel("mori", order_id).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    reply.body
}

/// All stock is back, nothing is held, nothing was ever taken, and the customer has so many mails.
async fn assert_undone(shop: &Shop, order_id: &str, reason: &str, mails: usize) {
    shop.quiet().await;
    let order = shop.order(order_id).await;
    assert_eq!(
        (&order["status"], &order["cancellation_reason"]),
        (&json!("cancelled"), &json!(reason)),
        "{order}"
    );
    assert_eq!(shop.available("SENCHA").await, 5);
    for entry in shop.stack.stand_in().ledger().unwrap() {
        assert_eq!(entry.status, "canceled", "{entry:?}");
        assert_eq!(
            (entry.amount_held_minor, entry.amount_captured_minor),
            (0, 0),
            "{entry:?}"
        );
    }
    assert_eq!(shop.mails("mori").len(), mails, "{:?}", shop.mails("mori"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_placed_order_is_cancelled_and_its_stock_released() {
    let shop = shop().await;
    // The reply is kept back, so the order stays placed while its stock is set aside.
    shop.cut("OrdersFromInventory").await;
    let tap = shop.tap().await;
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    shop.quiet().await;
    assert_eq!(shop.available("SENCHA").await, 3);
    let order = cancelled_answer(&shop, &order_id).await;
    assert_eq!(order["status"], "cancelled", "{order}");
    assert_undone(&shop, &order_id, "customer_request", 1).await;
    // The reply comes late.
    shop.mend("OrdersFromInventory").await;
    let reply = &shop.heard_of(&tap, "inventory.StockReserved.v1")[0];
    assert_eq!(shop.repeat(reply).await, ["OrdersQueue", "InsightsQueue"]);
    assert_undone(&shop, &order_id, "customer_request", 1).await;
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_awaits_its_payment_is_cancelled_and_a_hold_found_at_the_bank_is_let_go() {
    let shop = shop().await;
    shop.cut("OrdersFromPayments").await;
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    shop.quiet().await;
    shop.assert_stands(&order_id, ["awaiting_payment", "requested", "unfulfilled"])
        .await;
    assert!(shop.stack.stand_in().ledger().unwrap()[0].amount_held_minor > 0);
    cancelled_answer(&shop, &order_id).await;
    assert_undone(&shop, &order_id, "customer_request", 1).await;
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_awaits_the_customers_confirmation_is_cancelled_and_can_no_longer_be_paid() {
    let shop = shop().await;
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 2)], ASKS_THE_CUSTOMER))
        .await;
    shop.quiet().await;
    shop.assert_stands(
        &order_id,
        ["awaiting_payment", "action_required", "unfulfilled"],
    )
    .await;
    cancelled_answer(&shop, &order_id).await;
    assert_undone(&shop, &order_id, "customer_request", 1).await;
    let payment = shop.payment(&order_id).await;
    assert!(payment["action_url"].is_null(), "{payment}");
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_confirmed_order_is_cancelled_once_shipping_has_agreed() {
    let shop = shop().await;
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    shop.quiet().await;
    let order = cancelled_answer(&shop, &order_id).await;
    assert_eq!(order["status"], "cancelling", "{order}");
    assert_undone(&shop, &order_id, "customer_request", 2).await;
    shop.assert_stands(&order_id, ["cancelled", "voided", "unfulfilled"])
        .await;
    let shipment = shop
        .look_up(&format!("/api/operator/shipments/{order_id}"))
        .await
        .unwrap();
    assert_eq!(shipment["status"], "cancelled", "{shipment}");
    // Asked again, it is the same; and nobody else can ask.
    assert_eq!(
        cancelled_answer(&shop, &order_id).await["status"],
        "cancelled"
    );
    assert_eq!(
        shop.cancel("smith", &order_id).await.status,
        StatusCode::NOT_FOUND
    );
    assert_undone(&shop, &order_id, "customer_request", 2).await;
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_packed_order_is_cancelled_by_an_operator_and_its_parcel_stays() {
    let shop = shop().await;
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    shop.quiet().await;
    shop.ship(&order_id, "pack", json!({})).await;
    let path = format!("/api/operator/orders/{order_id}/cancel");
    shop.operate(http::Method::POST, &path, Value::Null).await;
    assert_undone(&shop, &order_id, "operator_request", 2).await;
    let path = format!("/api/operator/shipments/{order_id}/dispatch");
    let label = label(&order_id);
    let reply = shop
        .ask(
            http::Method::POST,
            &path,
            Some("operator:o-1"),
            None,
            Some(&label),
        )
        .await;
    assert_eq!(reply.status, StatusCode::CONFLICT, "{reply:?}");
    assert_undone(&shop, &order_id, "operator_request", 2).await;
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dispatched_order_cannot_be_cancelled_and_goes_on() {
    let shop = shop().await;
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    shop.quiet().await;
    shop.ship(&order_id, "dispatch", label(&order_id)).await;
    shop.quiet().await;
    for stage in ["dispatched", "delivered"] {
        let reply = shop.cancel("mori", &order_id).await;
        assert_eq!(reply.status, StatusCode::CONFLICT, "{stage}: {reply:?}");
        shop.ship(&order_id, "deliver", json!({})).await;
        shop.quiet().await;
    }
    shop.assert_stands(&order_id, ["completed", "captured", "delivered"])
        .await;
    shop.finish(&[]).await;
}

/// Whichever wins: it is cancelled whole, or it is sent and paid. Never something in between.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_cancel_and_a_dispatch_at_once_exactly_one_wins() {
    let shop = Shop::open(options()).await;
    shop.sell(&[("SENCHA", 800)], 100).await;
    let mut orders = Vec::new();
    for number in 0..RACES {
        let key = format!("k-{number}");
        orders.push(
            shop.place("mori", &key, &wish(&[("SENCHA", 1)], VISA))
                .await,
        );
    }
    shop.quiet().await;
    let here = &shop;
    let races = orders
        .iter()
        .enumerate()
        .map(|(place, order_id)| async move {
            let dispatch = async {
                // Each starts a little later than the one before, and the last when its order is cancelled for sure.
                for _ in 0..place {
                    here.order(order_id).await;
                }
                if place + 1 == RACES {
                    flow::until("the order is cancelled", || async {
                        here.order(order_id).await["status"] == "cancelled"
                    })
                    .await;
                }
                let path = format!("/api/operator/shipments/{order_id}/dispatch");
                let label = label(order_id);
                here.ask(
                    http::Method::POST,
                    &path,
                    Some("operator:o-1"),
                    None,
                    Some(&label),
                )
                .await
            };
            let (cancelled, dispatched) = tokio::join!(here.cancel("mori", order_id), dispatch);
            for reply in [&cancelled, &dispatched] {
                assert!(
                    matches!(reply.status, StatusCode::OK | StatusCode::CONFLICT),
                    "{reply:?}"
                );
            }
            dispatched.status == StatusCode::OK
        });
    let sent = futures::future::join_all(races).await;
    assert_eq!(sent.last(), Some(&false));
    shop.quiet().await;
    for (order_id, sent) in orders.iter().zip(sent) {
        if sent {
            shop.assert_stands(order_id, ["confirmed", "captured", "dispatched"])
                .await;
            shop.ship(order_id, "deliver", json!({})).await;
        } else {
            shop.assert_stands(order_id, ["cancelled", "voided", "unfulfilled"])
                .await;
        }
    }
    shop.finish(&[]).await;
}

/// The same race with its messages held back, so that each side has decided before it hears of the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_that_shipping_hears_of_after_the_dispatch_is_withdrawn() {
    let shop = shop().await;
    let tap = shop.tap().await;
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    shop.quiet().await;
    shop.cut("ShippingFromOrders").await;
    let order = cancelled_answer(&shop, &order_id).await;
    assert_eq!(order["status"], "cancelling", "{order}");
    shop.quiet().await;
    shop.ship(&order_id, "dispatch", label(&order_id)).await;
    shop.quiet().await;
    let asked = shop.heard_of(&tap, "orders.CancellationRequested.v1");
    assert_eq!(asked.len(), 1, "{asked:?}");
    shop.deliver("ShippingQueue", &asked[0]).await;
    shop.quiet().await;
    shop.assert_stands(&order_id, ["confirmed", "captured", "dispatched"])
        .await;
    shop.ship(&order_id, "deliver", json!({})).await;
    shop.quiet().await;
    shop.assert_stands(&order_id, ["completed", "captured", "delivered"])
        .await;
    shop.finish(&[]).await;
}
