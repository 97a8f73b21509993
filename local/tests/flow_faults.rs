//! Messages that come twice, late, in another order or make no sense; requests that race.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

mod flow;

use std::collections::BTreeSet;

use http::StatusCode;
use serde_json::json;

use flow::counter::{ASKS_THE_CUSTOMER, FEE, VISA, label, wish};
use flow::{Shop, options};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_said_again_twice_and_backwards_changes_nothing() {
    let shop = Shop::open(options()).await;
    shop.introduce("mori", "en").await;
    let tap = shop.tap().await;
    shop.sell(&[("SENCHA", 800)], 9).await;
    let completed = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    let cancelled = shop
        .place("mori", "k-2", &wish(&[("SENCHA", 3)], VISA))
        .await;
    let waiting = shop
        .place("mori", "k-3", &wish(&[("SENCHA", 1)], ASKS_THE_CUSTOMER))
        .await;
    shop.quiet().await;
    shop.fulfil(&completed).await;
    shop.cancel("mori", &cancelled).await;
    shop.quiet().await;

    let orders = [&completed, &cancelled, &waiting];
    let mut before = Vec::new();
    for order_id in orders {
        before.push((shop.order(order_id).await, shop.payment(order_id).await));
    }
    let ledger = shop.stack.stand_in().ledger().unwrap();
    let mails = shop.mails("mori");
    let said = shop.heard(&tap);
    let mut copies = 0;
    for said in said.iter().rev().chain(&said) {
        copies += shop.repeat(said).await.len();
    }
    shop.quiet().await;
    assert!(copies > 50, "{copies}");
    for (order_id, before) in orders.into_iter().zip(before) {
        assert_eq!(
            (shop.order(order_id).await, shop.payment(order_id).await),
            before
        );
    }
    assert_eq!(shop.stack.stand_in().ledger().unwrap(), ledger);
    assert_eq!(shop.mails("mori"), mails);
    assert_eq!(shop.available("SENCHA").await, 9 - 2 - 1);
    // What was said again was known: nothing new was said about it.
    let known: BTreeSet<String> = said.iter().map(|said| said.id().to_owned()).collect();
    let new: Vec<_> = shop
        .heard(&tap)
        .into_iter()
        .filter(|said| !known.contains(said.id()))
        .collect();
    assert_eq!(new, []);

    shop.cancel("mori", &waiting).await;
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_arrival_heard_of_before_its_departure_completes_the_order_all_the_same() {
    let shop = Shop::open(options()).await;
    shop.sell(&[("SENCHA", 800)], 5).await;
    let tap = shop.tap().await;
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 1)], VISA))
        .await;
    shop.quiet().await;
    for subscription in [
        "PaymentsFromShipping",
        "InventoryFromShipping",
        "OrdersFromShipping",
    ] {
        shop.cut(subscription).await;
    }
    shop.ship(&order_id, "dispatch", label(&order_id)).await;
    shop.ship(&order_id, "deliver", json!({})).await;
    shop.quiet().await;
    shop.assert_stands(&order_id, ["confirmed", "authorized", "unfulfilled"])
        .await;
    // Each is heard of twice, the arrival first.
    let dispatched = shop.heard_of(&tap, "shipping.ShipmentDispatched.v1");
    let delivered = shop.heard_of(&tap, "shipping.ShipmentDelivered.v1");
    for said in [&delivered[0], &dispatched[0], &delivered[0], &dispatched[0]] {
        assert!(!shop.repeat(said).await.is_empty());
        shop.quiet().await;
    }
    shop.assert_stands(&order_id, ["completed", "captured", "delivered"])
        .await;
    let ledger = shop.stack.stand_in().ledger().unwrap();
    assert_eq!(
        (ledger.len(), ledger[0].amount_captured_minor),
        (1, 800 + FEE)
    );
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancellation_heard_before_the_order_leaves_nothing_to_reserve_or_to_charge() {
    let shop = Shop::open(options()).await;
    shop.sell(&[("SENCHA", 800)], 5).await;
    let tap = shop.tap().await;
    shop.cut("InventoryFromOrders").await;
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 5)], VISA))
        .await;
    shop.cancel("mori", &order_id).await;
    shop.quiet().await;
    for event_type in ["orders.OrderCancelled.v1", "orders.OrderPlaced.v1"] {
        shop.deliver("InventoryQueue", &shop.heard_of(&tap, event_type)[0])
            .await;
        shop.quiet().await;
    }
    assert_eq!(shop.available("SENCHA").await, 5);
    let reservation = shop
        .look_up(&format!("/api/operator/reservations/{order_id}"))
        .await
        .unwrap();
    assert_eq!(reservation["status"], "released", "{reservation}");
    assert!(shop.stack.stand_in().ledger().unwrap().is_empty());
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_poison_message_in_a_batch_of_ten_is_put_aside_with_the_reason_and_nine_orders_go_on() {
    let shop = Shop::open(options()).await;
    shop.sell(&[("SENCHA", 800)], 20).await;
    let tap = shop.tap().await;
    shop.cut("InventoryFromOrders").await;
    let mut orders = Vec::new();
    for number in 0..9 {
        orders.push(
            shop.place(
                "mori",
                &format!("k-{number}"),
                &wish(&[("SENCHA", 1)], VISA),
            )
            .await,
        );
    }
    shop.quiet().await;
    let placed = shop.heard_of(&tap, "orders.OrderPlaced.v1");
    let mut texts: Vec<&str> = placed.iter().map(|said| said.text.as_str()).collect();
    texts.insert(4, "neither an event nor JSON");
    shop.stack.reset_counts();
    shop.deliver_batch("InventoryQueue", &texts).await;
    shop.quiet().await;
    assert_eq!(
        shop.stack.counts().invocations["inventory"]["queue"].total,
        1,
        "it was one batch"
    );
    let letters = shop.dead_letters("InventoryDeadLetters");
    let [(Some(reason), text)] = letters.as_slice() else {
        panic!("{letters:?}");
    };
    assert_eq!(text, "neither an event nor JSON");
    assert!(!reason.is_empty());

    // Of another kind: an event that can be read and that inventory does not hear.
    let foreign = shop.heard_of(&tap, "payments.PaymentAuthorized.v1");
    shop.deliver("InventoryQueue", &foreign[0]).await;
    shop.quiet().await;
    let letters = shop.dead_letters("InventoryDeadLetters");
    let reasons: Vec<_> = letters
        .iter()
        .filter_map(|(reason, _)| reason.as_deref())
        .collect();
    assert!(
        reasons[1].contains("payments.PaymentAuthorized.v1"),
        "{reasons:?}"
    );
    shop.mend("InventoryFromOrders").await;
    for order_id in &orders {
        shop.assert_stands(order_id, ["confirmed", "authorized", "unfulfilled"])
            .await;
        shop.fulfil(order_id).await;
    }
    shop.finish(&[("InventoryDeadLetters", 2)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_requests_at_once_with_one_key_are_one_order() {
    let shop = Shop::open(options()).await;
    shop.sell(&[("SENCHA", 800)], 50).await;
    let order = wish(&[("SENCHA", 2)], VISA);
    let requests = (0..20).map(|_| shop.try_place("mori", "k-1", &order));
    let replies = futures::future::join_all(requests).await;
    let created = replies
        .iter()
        .filter(|reply| reply.status == StatusCode::CREATED)
        .count();
    let repeated = replies
        .iter()
        .filter(|reply| reply.status == StatusCode::OK)
        .count();
    assert_eq!((created, repeated), (1, 19), "{replies:?}");
    let ids: BTreeSet<&str> = replies
        .iter()
        .map(|reply| reply.body["order_id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 1);
    shop.quiet().await;
    let changed = shop
        .try_place("mori", "k-1", &wish(&[("SENCHA", 3)], VISA))
        .await;
    assert_eq!(
        changed.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{changed:?}"
    );
    // Another customer's key of the same letters is another wish.
    let other = shop.place("smith", "k-1", &order).await;
    shop.quiet().await;
    assert_eq!(shop.available("SENCHA").await, 46);
    assert_eq!(shop.stack.stand_in().ledger().unwrap().len(), 2);
    let order_id = replies[0].body["order_id"].as_str().unwrap().to_owned();
    for order_id in [order_id, other] {
        shop.fulfil(&order_id).await;
    }
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_one_is_sold_to_one_of_thirty() {
    let shop = Shop::open(options()).await;
    shop.sell(&[("SENCHA", 800)], 1).await;
    let order = wish(&[("SENCHA", 1)], VISA);
    let customers: Vec<String> = (0..30).map(|number| format!("customer-{number}")).collect();
    let placing = customers
        .iter()
        .map(|customer| shop.place(customer, "k-1", &order));
    let orders = futures::future::join_all(placing).await;
    shop.quiet().await;
    let mut winners = Vec::new();
    for order_id in orders {
        let order = shop.order(&order_id).await;
        if order["status"] == "confirmed" {
            winners.push(order_id);
        } else {
            assert_eq!(order["cancellation_reason"], "out_of_stock", "{order}");
        }
    }
    assert_eq!(winners.len(), 1);
    assert_eq!(shop.available("SENCHA").await, 0);
    assert_eq!(
        shop.stack.stand_in().ledger().unwrap().len(),
        1,
        "only the winner's bank was asked"
    );
    shop.fulfil(&winners[0]).await;
    shop.finish(&[]).await;
}
