//! Between a commit and its publish: functions killed in processes of their own, topics that refuse, a shop that stops.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

mod flow;

use std::collections::BTreeSet;

use http::StatusCode;
use local_messaging::PublishVerdict;
use serde_json::json;

use flow::counter::{FEE, VISA, label, wish};
use flow::wire::Tap;
use flow::{Shop, isolated, options};

async fn shop() -> (Shop, Tap) {
    let shop = Shop::open(isolated()).await;
    shop.introduce("mori", "en").await;
    shop.sell(&[("SENCHA", 800)], 5).await;
    let tap = shop.tap().await;
    (shop, tap)
}

/// Each of these was said, and no second one of it: the same event may have been published twice.
fn assert_said_once(shop: &Shop, tap: &Tap, event_types: &[&str]) {
    for event_type in event_types {
        let said = shop.heard_of(tap, event_type);
        let ids: BTreeSet<&str> = said.iter().map(|said| said.id()).collect();
        assert_eq!(ids.len(), 1, "{event_type}: {said:?}");
    }
}

/// On the HTTP side: the request is answered, and the stream brings the commit again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_request_committed_is_published_although_its_publisher_was_killed() {
    let (shop, tap) = shop().await;
    let mut assassin = shop.assassin();
    shop.target(&assassin, "orders");
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    shop.kill(&mut assassin, "orders").await;
    assert!(shop.heard_of(&tap, "orders.OrderPlaced.v1").len() <= 1);
    shop.quiet().await;
    shop.assert_stands(&order_id, ["confirmed", "authorized", "unfulfilled"])
        .await;

    shop.target(&assassin, "shipping");
    shop.ship(&order_id, "dispatch", label(&order_id)).await;
    shop.kill(&mut assassin, "shipping").await;
    shop.quiet().await;
    shop.assert_stands(&order_id, ["confirmed", "captured", "dispatched"])
        .await;

    shop.target(&assassin, "shipping");
    shop.ship(&order_id, "deliver", json!({})).await;
    shop.kill(&mut assassin, "shipping").await;
    shop.quiet().await;
    shop.assert_stands(&order_id, ["completed", "captured", "delivered"])
        .await;

    shop.target(&assassin, "payments");
    let refund = shop.refund(&order_id, "r-1", Some(100)).await;
    assert_eq!(refund.status, StatusCode::OK, "{refund:?}");
    shop.kill(&mut assassin, "payments").await;
    shop.quiet().await;
    shop.assert_stands(&order_id, ["completed", "partially_refunded", "delivered"])
        .await;

    let said = [
        "orders.OrderPlaced.v1",
        "shipping.ShipmentDispatched.v1",
        "shipping.ShipmentDelivered.v1",
    ];
    assert_said_once(&shop, &tap, &said);
    assert_said_once(&shop, &tap, &["payments.PaymentRefunded.v1"]);
    assert_eq!(shop.mails("mori").len(), 3, "{:?}", shop.mails("mori"));
    shop.finish(&[]).await;
}

/// On the SQS side: the message is not acknowledged, and its redelivery finds what it did and publishes that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_message_led_to_is_published_although_its_publisher_was_killed() {
    let (shop, tap) = shop().await;
    let mut assassin = shop.assassin();
    // In the order of the flow, and orders twice: it asks for the payment, and it confirms.
    let victims = ["inventory", "orders", "payments", "orders", "shipping"];
    shop.target(&assassin, victims[0]);
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    for (victim, next) in victims.iter().zip(&victims[1..]) {
        shop.kill(&mut assassin, victim).await;
        shop.target(&assassin, next);
        pass_visibility_time_out(&shop).await;
    }
    shop.kill(&mut assassin, "shipping").await;
    shop.quiet().await;
    shop.assert_stands(&order_id, ["confirmed", "authorized", "unfulfilled"])
        .await;
    assert_eq!(shop.available("SENCHA").await, 3);
    let ledger = shop.stack.stand_in().ledger().unwrap();
    assert_eq!(
        (ledger.len(), ledger[0].amount_held_minor),
        (1, 2 * 800 + FEE),
        "{ledger:?}"
    );

    shop.target(&assassin, "payments");
    shop.ship(&order_id, "dispatch", label(&order_id)).await;
    shop.kill(&mut assassin, "payments").await;
    shop.quiet().await;
    shop.assert_stands(&order_id, ["confirmed", "captured", "dispatched"])
        .await;
    shop.target(&assassin, "orders");
    shop.ship(&order_id, "deliver", json!({})).await;
    shop.kill(&mut assassin, "orders").await;
    shop.quiet().await;
    shop.assert_stands(&order_id, ["completed", "captured", "delivered"])
        .await;

    let said = [
        "inventory.StockReserved.v1",
        "orders.PaymentRequested.v1",
        "payments.PaymentAuthorized.v1",
        "orders.OrderConfirmed.v1",
        "shipping.ShipmentCreated.v1",
        "payments.PaymentCaptured.v1",
        "orders.OrderCompleted.v1",
    ];
    assert_said_once(&shop, &tap, &said);
    assert_eq!(shop.mails("mori").len(), 2, "{:?}", shop.mails("mori"));
    shop.finish(&[]).await;
}

/// The killed process's message is still in flight: time passes, and it is visible again.
async fn pass_visibility_time_out(shop: &Shop) {
    flow::until("a message alone is in flight", || async {
        let seen = shop.stack.look().await;
        seen.running == 0 && seen.queues.values().any(|queue| queue.in_flight > 0)
    })
    .await;
    shop.pass_visibility_time_out();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_is_sent_once_although_its_sender_was_killed_before_it_said_so() {
    let (shop, tap) = shop().await;
    let mut assassin = shop.assassin();
    shop.target(&assassin, "notifications");
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    shop.kill(&mut assassin, "notifications").await;
    assert_eq!(shop.mails("mori").len(), 1);
    assert_eq!(shop.heard_of(&tap, "notifications.NotificationSent.v1"), []);
    shop.quiet().await;
    assert_said_once(&shop, &tap, &["notifications.NotificationSent.v1"]);
    assert_eq!(shop.mails("mori").len(), 1);
    shop.fulfil(&order_id).await;
    shop.finish(&[]).await;
}

/// The compensation is no less sure than the way forward.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_order_is_undone_although_each_context_was_killed_while_undoing_it() {
    let (shop, tap) = shop().await;
    let order_id = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    shop.quiet().await;
    let mut assassin = shop.assassin();
    shop.target(&assassin, "shipping");
    let reply = shop.cancel("mori", &order_id).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    shop.kill(&mut assassin, "shipping").await;
    shop.target(&assassin, "orders");
    pass_visibility_time_out(&shop).await;
    shop.kill(&mut assassin, "orders").await;
    shop.target(&assassin, "inventory");
    pass_visibility_time_out(&shop).await;
    shop.kill(&mut assassin, "inventory").await;
    shop.quiet().await;
    shop.assert_stands(&order_id, ["cancelled", "voided", "unfulfilled"])
        .await;
    assert_eq!(shop.available("SENCHA").await, 5);
    let said = [
        "orders.CancellationRequested.v1",
        "orders.OrderCancelled.v1",
        "inventory.StockReleased.v1",
        "payments.PaymentVoided.v1",
    ];
    assert_said_once(&shop, &tap, &said);
    assert_eq!(shop.mails("mori").len(), 2, "{:?}", shop.mails("mori"));
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_that_a_topic_does_not_take_are_published_by_the_retry() {
    let shop = Shop::open(options()).await;
    shop.introduce("mori", "ja").await;
    shop.sell(&[("SENCHA", 800)], 20).await;
    let tap = shop.tap().await;
    // Every topic, one after the other: an entry of a batch fails, the service fails, and it fails for good.
    let refuse = || PublishVerdict::Refuse;
    let verdicts = vec![
        PublishVerdict::FailEntries(vec![0]),
        refuse(),
        refuse(),
        refuse(),
        refuse(),
    ];
    shop.trouble_publishing(verdicts);
    let mut orders = Vec::new();
    for number in 0..4 {
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
    for order_id in &orders {
        shop.assert_stands(order_id, ["confirmed", "authorized", "unfulfilled"])
            .await;
        shop.fulfil(order_id).await;
        shop.assert_stands(order_id, ["completed", "captured", "delivered"])
            .await;
    }
    // An event may be published twice; it is the same event.
    for event_type in [
        "orders.OrderPlaced.v1",
        "inventory.StockReserved.v1",
        "payments.PaymentCaptured.v1",
    ] {
        let said = shop.heard_of(&tap, event_type);
        let ids: BTreeSet<&str> = said.iter().map(|said| said.id()).collect();
        assert_eq!(ids.len(), orders.len(), "{said:?}");
    }
    assert_eq!(shop.mails("mori").len(), 2 * orders.len());
    shop.finish(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_stopped_in_the_middle_goes_on_after_its_restart() {
    let directory = tempfile::tempdir().unwrap();
    let durable = || noren::StackOptions {
        data_directory: Some(directory.path().to_owned()),
        ..options()
    };
    let shop = Shop::open(durable()).await;
    shop.introduce("mori", "ja").await;
    shop.sell(&[("SENCHA", 800)], 50).await;
    let mut orders = Vec::new();
    for number in 0..8 {
        orders.push(
            shop.place(
                "mori",
                &format!("k-{number}"),
                &wish(&[("SENCHA", 1)], VISA),
            )
            .await,
        );
    }
    // Without waiting for anything.
    let (clock, known, skus) = shop.close().await;

    let shop = Shop::open_at(durable(), clock).await;
    shop.goes_on_with(known, skus);
    shop.quiet().await;
    for order_id in &orders {
        shop.assert_stands(order_id, ["confirmed", "authorized", "unfulfilled"])
            .await;
        shop.ship(order_id, "dispatch", label(order_id)).await;
    }
    let (clock, known, skus) = shop.close().await;

    let shop = Shop::open_at(durable(), clock).await;
    shop.goes_on_with(known, skus);
    shop.quiet().await;
    for order_id in &orders {
        shop.assert_stands(order_id, ["confirmed", "captured", "dispatched"])
            .await;
        shop.ship(order_id, "deliver", json!({})).await;
    }
    shop.quiet().await;
    assert_eq!(shop.mails("mori").len(), 2 * orders.len());
    shop.finish(&[]).await;
}
