//! The consumer of `docs/consuming-events`, in another language and made from the AsyncAPI document alone, at a whole shop.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

mod consumer;
mod flow;

use serde_json::{Value, json};

use consumer::{Consumer, Python};
use flow::counter::{FEE, VISA, label, wish};
use flow::{Shop, options};

const CONFIRMED: &str = "orders.OrderConfirmed.v1";
const DISPATCHED: &str = "shipping.ShipmentDispatched.v1";

/// An event's text, changed into one that the document does not allow.
fn broken(text: &str) -> String {
    let mut event: Value = serde_json::from_str(text).unwrap();
    event["id"] = "orders.broken.1.0".into();
    event["data"].as_object_mut().unwrap().remove("total");
    event.to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consumer_in_python_hears_two_topics_verifies_events_and_counts_each_once() {
    let python = Python::find();
    let book = tempfile::tempdir().unwrap();
    let shop = Shop::open(options()).await;
    shop.sell(&[("SENCHA", 800)], 10).await;
    let tap = shop.tap().await;

    let mut consumer = Consumer::start(&python, &shop, book.path()).await;
    let first = shop
        .place("mori", "k-1", &wish(&[("SENCHA", 2)], VISA))
        .await;
    let second = shop
        .place("sato", "k-1", &wish(&[("SENCHA", 1)], VISA))
        .await;
    shop.quiet().await;
    shop.ship(&first, "pack", json!({})).await;
    shop.quiet().await;
    shop.ship(&first, "dispatch", label(&first)).await;
    shop.quiet().await;
    let mut entered = Vec::new();
    for _ in 0..3 {
        let said = consumer.says("entered").await;
        entered.push(said["type"].as_str().unwrap().to_owned());
    }
    entered.sort();
    assert_eq!(entered, [CONFIRMED, CONFIRMED, DISPATCHED]);

    // What comes again is known, and what is not as the document says is put aside with the reason.
    let confirmed = shop.heard_of(&tap, CONFIRMED);
    consumer.publish_again(&shop, &confirmed[0]).await;
    consumer.publish_again(&shop, &confirmed[0]).await;
    for _ in 0..2 {
        assert_eq!(consumer.says("known").await["id"], confirmed[0].id());
    }
    consumer.send(&broken(&confirmed[0].text)).await;
    let refused = consumer.says("refused").await;
    assert_eq!(refused["reason"], "data: 'total' is a required property");
    consumer.send("not JSON").await;
    consumer.says("refused").await;
    let placed = &shop.heard_of(&tap, "orders.OrderPlaced.v1")[0];
    consumer.send(&placed.text).await;
    let refused = consumer.says("refused").await;
    assert!(
        refused["reason"]
            .as_str()
            .unwrap()
            .contains("orders.OrderPlaced.v1"),
        "{refused}"
    );

    let total = 3 * 800 + 2 * FEE;
    let carrier = label(&first)["carrier"].as_str().unwrap().to_owned();
    let expected = json!({
        "what": "ended",
        "sales": [{ "currency": "JPY", "orders": 2, "amount_minor": total }],
        "parcels": { carrier: 1 },
    });
    assert_eq!(consumer.end().await, expected);

    // Started again it goes on with its queue and its book: what came meanwhile is counted once, what was known stays so.
    consumer.publish_again(&shop, &confirmed[1]).await;
    shop.ship(&second, "pack", json!({})).await;
    shop.quiet().await;
    shop.ship(&second, "dispatch", label(&second)).await;
    shop.quiet().await;
    // A receive that the first one's end cut short may have taken a message with it; it is visible again after its time.
    shop.pass_visibility_time_out();
    let mut consumer = Consumer::start(&python, &shop, book.path()).await;
    let mut became = Vec::new();
    for _ in 0..2 {
        let said = consumer.says_something().await;
        became.push([&said["type"], &said["what"]].map(|text| text.as_str().unwrap().to_owned()));
    }
    became.sort();
    assert_eq!(became, [[CONFIRMED, "known"], [DISPATCHED, "entered"]]);
    let ended = consumer.end().await;
    assert_eq!(ended["sales"], expected["sales"], "{ended}");
    let parcels = ended["parcels"].as_object().unwrap();
    assert_eq!(
        parcels.values().filter_map(Value::as_i64).sum::<i64>(),
        2,
        "{ended}"
    );

    for order_id in [&first, &second] {
        shop.ship(order_id, "deliver", json!({})).await;
        shop.quiet().await;
    }
    let mut buried = consumer.dead_letters(&shop);
    buried.sort();
    assert_eq!(buried.len(), 3, "{buried:?}");
    assert!(buried[0].contains("required property"), "{buried:?}");
    assert_eq!(
        consumer.waiting(&shop),
        0,
        "all that was handled is acknowledged"
    );
    shop.finish(&[]).await;
}
