//! What a stream has lost is published again from the table, through the door.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use contracts::CloudEvent;
use contracts::orders::{OrderConfirmed, OrderedLine};
use door::{Door, NoDeadLetters, PublishedAgain};
use harness::{Harness, ManualClock, Request};
use identifiers::{CustomerId, OrderId, Region, Sku, Timestamp};
use money::{Currency, Money};
use publisher::{PublishFailure, Publisher};
use serde_json::{Value, json};
use shipping::{INDEXES, Shipping};
use store::{Expected, Key, MemoryStore, Record, Store as _};

const LONG_AGO: &str = "2026-11-24T08:30:00Z";

fn shop() -> Harness<Shipping<MemoryStore>> {
    let store = MemoryStore::new(INDEXES);
    Harness::new(store.clone(), Shipping::new(store))
}

fn confirmed(order: &str, lines: usize) -> CloudEvent {
    let line = |n: usize| OrderedLine {
        sku: Sku::new(format!("SKU-{n}")).unwrap(),
        quantity: 1,
    };
    let data = OrderConfirmed {
        order_id: OrderId::new(order).unwrap(),
        customer_id: CustomerId::new("household-1234").unwrap(),
        lines: (0..lines).map(line).collect(),
        weight_grams: 4200,
        region: Region::new("JP-13").unwrap(),
        delivery_address_id: None,
        total: Money::new(6320, Currency::JPY),
    };
    harness::event(order, 3, 0, &data)
}

async fn act(shop: &Harness<Shipping<MemoryStore>>, order: &str, act: &str, body: Value) {
    let path = format!("/api/operator/shipments/{order}/{act}");
    let request = Request::new("POST", &path).by_operator("operator-1");
    let answer = shop.http(&request.json(&body)).await;
    assert_eq!(answer.status, 200, "{act}: {:?}", answer.body);
}

fn label() -> Value {
    json!({ "carrier": "Yamato", "tracking_number": "4912-3456-7890" })
}

/// What an event says, whatever the trace that it belongs to.
fn facts(event: &CloudEvent) -> (String, String) {
    (event.id.to_string(), event.data.get().to_owned())
}

async fn again(shop: &Harness<Shipping<MemoryStore>>, wanted: Value) -> PublishedAgain {
    let payload = json!({ "publish_again": wanted }).to_string();
    let answer = shop.invoke(payload.as_bytes()).await.unwrap();
    serde_json::from_slice(&answer).unwrap()
}

#[tokio::test]
async fn what_was_announced_since_then_is_said_again() {
    let shop = shop();
    shop.deliver(&[confirmed("order-1", 2)]).await;
    let created = shop.published();
    shop.clock.advance_seconds(60);
    act(&shop, "order-1", "dispatch", label()).await;
    // The stream loses it.
    assert_eq!(shop.store.take_changes().len(), 2);

    let counted = again(&shop, json!({ "since": LONG_AGO, "dry_run": true })).await;
    assert_eq!((counted.items, counted.events), (1, 2));
    assert_eq!(shop.published_types(), [""; 0]);

    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../events/shipping/publish-again.json"
    );
    let answer = shop.invoke(&fs::read(path).unwrap()).await.unwrap();
    let done: PublishedAgain = serde_json::from_slice(&answer).unwrap();
    assert_eq!(done, counted);
    let said = shop.published();
    assert_eq!(facts(&said[0]), facts(&created[0]));
    assert_eq!(said[1].event_type, "shipping.ShipmentDispatched.v1");

    let since = Timestamp::from_milliseconds(1_795_512_600_000).plus_seconds(60);
    assert_eq!(again(&shop, json!({ "since": since })).await.events, 1);
    assert_eq!(facts(&shop.published()[0]), facts(&said[1]));
    let later = since.plus_seconds(1);
    assert_eq!(again(&shop, json!({ "since": later })).await.events, 0);
    assert_eq!(shop.store.take_changes(), [], "nothing is written for it");
}

#[tokio::test]
async fn every_item_has_its_turn_in_pages_and_what_is_none_or_broken_stops_nothing() {
    let shop = shop();
    let orders: Vec<String> = (0..700)
        .map(|number| format!("order-{number:03}"))
        .collect();
    for ten in orders.chunks(10) {
        let events: Vec<CloudEvent> = ten.iter().map(|order| confirmed(order, 1)).collect();
        shop.deliver(&events).await;
    }
    let others = [
        ("copy#1", "{\"sku\":\"A\",\"s\":1}"),
        ("text#1", "\"order-1\""),
        ("count#1", ""),
        ("broken#1", "{\"id\":\"order-1\",\"s\":1,\"h\":7}"),
        ("torn#1", "{\"id\":\"order-1\","),
    ];
    for (pk, document) in others {
        let item = Record {
            key: Key::new(pk, "item"),
            version: 1,
            document: document.to_owned(),
            ..Record::default()
        };
        shop.store.commit(&item, Expected::Absent).await.unwrap();
    }
    let all: BTreeSet<_> = shop.published().iter().map(facts).collect();
    assert_eq!(all.len(), 700);

    for items in [100, 2_000] {
        let mut said = Vec::new();
        let mut unreadable = Vec::new();
        let (mut cursor, mut seen) = (None::<String>, 0);
        loop {
            let wanted = json!({ "since": LONG_AGO, "items": items, "cursor": cursor });
            let done = again(&shop, wanted).await;
            let now = shop.published();
            assert!(done.items <= items && done.events == now.len());
            // An invocation ends soon after three hundred events, wherever that is.
            assert!(now.len() < 600, "{}", now.len());
            said.extend(now.iter().map(facts));
            unreadable.extend(done.unreadable);
            seen += done.items;
            cursor = done.cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!((seen, said.len()), (705, 700), "each once");
        assert_eq!(said.into_iter().collect::<BTreeSet<_>>(), all);
        assert_eq!(unreadable, ["broken#1/item", "torn#1/item"]);
    }
    shop.store.take_changes();
}

#[tokio::test]
async fn a_shipment_of_many_parcels_forgets_none_of_them() {
    let shop = shop();
    shop.deliver(&[confirmed("order-1", 12)]).await;
    for number in 0..12 {
        let lines = json!([{ "sku": format!("SKU-{number}"), "quantity": 1 }]);
        act(&shop, "order-1", "pack", json!({ "lines": lines })).await;
        let mut parcel = label();
        parcel["lines"] = lines;
        parcel["tracking_number"] = json!(format!("T-{number}"));
        act(&shop, "order-1", "dispatch", parcel).await;
        act(&shop, "order-1", "deliver", json!({ "parcel": number + 1 })).await;
    }
    shop.store.take_changes();
    shop.published();
    let done = again(&shop, json!({ "since": LONG_AGO })).await;
    assert_eq!((done.events, done.forgetful), (25, Vec::<String>::new()));
    let of = |event_type: &str, said: &[CloudEvent]| {
        said.iter()
            .filter(|event| event.event_type == event_type)
            .count()
    };
    let said = shop.published();
    assert_eq!(of("shipping.ShipmentDispatched.v1", &said), 12);
    assert_eq!(of("shipping.ShipmentDelivered.v1", &said), 12);
}

/// A topic that takes all but the last of what it is given.
struct NotTheLast;

impl Publisher for NotTheLast {
    async fn publish(&self, events: &[CloudEvent]) -> Vec<Result<(), PublishFailure>> {
        let numbered = (1..).zip(events);
        let result = |(number, event): (usize, &CloudEvent)| match number == events.len() {
            true => Err(PublishFailure {
                event_id: event.id.to_string(),
                reason: "InternalError".to_owned(),
            }),
            false => Ok(()),
        };
        numbered.map(result).collect()
    }
}

#[tokio::test]
async fn a_page_of_which_one_entry_failed_is_no_page_done() {
    let shop = shop();
    shop.deliver(&[confirmed("order-1", 1), confirmed("order-2", 1)])
        .await;
    let door = Door::new(
        Arc::new(Shipping::new(shop.store.clone())),
        NotTheLast,
        NoDeadLetters,
        ManualClock::at(Timestamp::from_milliseconds(1_795_512_600_000)),
    );
    let payload = json!({ "publish_again": { "since": LONG_AGO } }).to_string();
    let error = door.handle(payload.as_bytes()).await.unwrap_err();
    assert_eq!(error.to_string(), "1 of 2 events were not published again");
    let nowhere = json!({ "publish_again": { "since": LONG_AGO, "cursor": "e30" } }).to_string();
    let error = door.handle(nowhere.as_bytes()).await.unwrap_err();
    assert!(error.to_string().contains("cursor"), "{error}");
}
