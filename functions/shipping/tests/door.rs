//! Shipping through its door, as Lambda brings what it handles.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;

use contracts::CloudEvent;
use contracts::orders::{CancellationReason, CancellationRequested, OrderConfirmed, OrderedLine};
use contracts::shipping::{
    ReturnReceived, ShipmentDelivered, ShipmentDispatched, ShippingRateChanged,
};
use harness::{Answer, Harness, Request};
use identifiers::{CustomerId, OrderId, Region, Sku};
use money::{Currency, Money};
use serde_json::{Value, json};
use shipping::{INDEXES, Shipping};
use store::{MemoryStore, item_size_bytes};

const ORDER: &str = "019ac5d2-7c40-7a31-9f6e-2f0b8d1c4e57";

fn shop() -> Harness<Shipping<MemoryStore>> {
    let store = MemoryStore::new(INDEXES);
    Harness::new(store.clone(), Shipping::new(store))
}

fn file(path: &str) -> Vec<u8> {
    let path = format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"));
    fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn golden(event_type: &str) -> CloudEvent {
    let text = file(&format!("shared/contracts/examples/{event_type}.json"));
    CloudEvent::read(std::str::from_utf8(&text).unwrap()).unwrap()
}

fn confirmed(order: &str, lines: usize) -> CloudEvent {
    let line = |n: usize| OrderedLine {
        sku: Sku::new(format!("SKU-{n:06}")).unwrap(),
        quantity: 2,
    };
    let data = OrderConfirmed {
        order_id: OrderId::new(order).unwrap(),
        customer_id: CustomerId::new("household-1234").unwrap(),
        lines: (0..lines).map(line).collect(),
        weight_grams: 4200,
        region: Region::new("JP-13").unwrap(),
        total: Money::new(6320, Currency::JPY),
    };
    harness::event(order, 3, 0, &data)
}

fn asked_to_cancel(order: &str, version: u64) -> CloudEvent {
    let data = CancellationRequested {
        order_id: OrderId::new(order).unwrap(),
        customer_id: CustomerId::new("household-1234").unwrap(),
        reason: CancellationReason::CustomerRequest,
    };
    harness::event(order, version, 0, &data)
}

fn operator(method: &str, path: &str) -> Request {
    Request::new(method, path).by_operator("operator-1")
}

async fn act(shop: &Harness<Shipping<MemoryStore>>, act: &str, body: Value) -> Answer {
    let path = format!("/api/operator/shipments/{ORDER}/{act}");
    shop.http(&operator("POST", &path).json(&body)).await
}

#[tokio::test]
async fn a_confirmed_order_is_packed_sent_delivered_and_partly_returned() {
    let shop = shop();
    assert_eq!(
        shop.deliver(&[golden("orders.OrderConfirmed.v1")]).await,
        [0_usize; 0]
    );
    assert_eq!(shop.published_types(), ["shipping.ShipmentCreated.v1"]);

    let packed = act(&shop, "pack", json!({})).await;
    assert_eq!(
        (packed.status, &packed.body["status"]),
        (200, &json!("packed"))
    );
    let sent = json!({ "carrier": "Yamato", "tracking_number": "4912-3456-7890" });
    let left = act(&shop, "dispatch", sent.clone()).await;
    assert_eq!(
        (left.status, &left.body["status"]),
        (200, &json!("dispatched"))
    );
    let arrived = act(&shop, "deliver", json!({})).await;
    assert_eq!(arrived.body["status"], "delivered");
    let back = json!({ "lines": [{ "sku": "KYUSU-360", "quantity": 1 }], "restock": true });
    let back = act(&shop, "returns", back).await;
    assert_eq!(back.body["returns"][0]["return_number"], 1);

    assert_eq!(shop.relay().await, 4);
    let events = shop.published();
    let types: Vec<&str> = events
        .iter()
        .map(|event| event.event_type.as_str())
        .collect();
    assert_eq!(
        types,
        [
            "shipping.ShipmentDispatched.v1",
            "shipping.ShipmentDelivered.v1",
            "shipping.ReturnReceived.v1"
        ]
    );
    let dispatched: ShipmentDispatched = events[0].data().unwrap();
    assert!(
        dispatched.complete
            && dispatched.lines.len() == 2
            && dispatched.customer_id.as_str() == "c-7f3a91"
    );
    assert!(events[1].data::<ShipmentDelivered>().unwrap().complete);
    assert_eq!(
        events[2].data::<ReturnReceived>().unwrap().lines[0].quantity,
        1
    );
    assert!(
        events
            .iter()
            .all(|event| event.correlationid.as_str() == ORDER)
    );

    // Every act again: the same answer, and nothing more is said.
    for (name, body) in [
        ("pack", json!({})),
        ("dispatch", sent),
        ("deliver", json!({ "parcel": 1 })),
    ] {
        let again = act(&shop, name, body).await;
        assert_eq!((again.status, &again.body), (200, &back.body), "{name}");
    }
    assert_eq!(shop.relay().await, 0);
    assert_eq!(shop.published_types(), [""; 0]);
}

#[tokio::test]
async fn messages_twice_or_late_have_one_effect_and_the_same_answer() {
    let shop = shop();
    let order = golden("orders.OrderConfirmed.v1");
    shop.deliver(&[order.clone(), order.clone()]).await;
    let said = shop.published();
    assert_eq!(said.len(), 2);
    assert_eq!(said[0].to_json(), said[1].to_json());
    act(
        &shop,
        "dispatch",
        json!({ "carrier": "Yamato", "tracking_number": "T1" }),
    )
    .await;
    shop.relay().await;
    shop.published();

    // Redelivered after the shipment has moved on: the event of then is said again, and nothing changes.
    assert_eq!(shop.deliver(&[order]).await, [0_usize; 0]);
    assert_eq!(shop.published()[0].to_json(), said[0].to_json());
    // A parcel has left: a cancellation is not answered, since that it left has been said.
    assert_eq!(
        shop.deliver(&[asked_to_cancel(ORDER, 4)]).await,
        [0_usize; 0]
    );
    assert_eq!(shop.published_types(), [""; 0]);
    let shown = shop
        .http(&operator(
            "GET",
            &format!("/api/operator/shipments/{ORDER}"),
        ))
        .await;
    assert_eq!(shown.body["status"], "dispatched");
}

#[tokio::test]
async fn a_cancellation_is_answered_each_time_it_is_asked_for() {
    let shop = shop();
    shop.deliver(&[confirmed(ORDER, 2)]).await;
    shop.published();
    for version in [4, 5] {
        assert_eq!(
            shop.deliver(&[asked_to_cancel(ORDER, version)]).await,
            [0_usize; 0]
        );
        assert_eq!(shop.published_types(), ["shipping.ShipmentCancelled.v1"]);
    }
    let refused = act(
        &shop,
        "dispatch",
        json!({ "carrier": "Yamato", "tracking_number": "T1" }),
    )
    .await;
    assert_eq!(
        (refused.status, &refused.body["type"]),
        (409, &json!("urn:noren:problem:shipment-cancelled"))
    );
    assert_eq!(
        shop.store.take_changes().len(),
        3,
        "a refusal writes nothing"
    );
}

#[tokio::test]
async fn a_cancellation_before_the_confirmation_leaves_a_tombstone() {
    let shop = shop();
    shop.deliver(&[asked_to_cancel(ORDER, 4), confirmed(ORDER, 2)])
        .await;
    assert_eq!(shop.published_types(), ["shipping.ShipmentCancelled.v1"]);
    shop.deliver(&[asked_to_cancel(ORDER, 5)]).await;
    assert_eq!(shop.published_types(), ["shipping.ShipmentCancelled.v1"]);
    let shown = shop
        .http(&operator(
            "GET",
            &format!("/api/operator/shipments/{ORDER}"),
        ))
        .await;
    assert_eq!(
        (&shown.body["status"], &shown.body["lines"]),
        (&json!("cancelled"), &json!([]))
    );
    assert_eq!(act(&shop, "pack", json!({})).await.status, 409);
    let list = shop.http(&operator("GET", "/api/operator/shipments")).await;
    assert_eq!(list.body["shipments"], json!([]));
}

#[tokio::test]
async fn the_sample_payloads_are_what_the_door_reads() {
    let shop = shop();
    for (name, said) in [
        ("order-confirmed", vec!["shipping.ShipmentCreated.v1"]),
        (
            "cancellation-requested",
            vec!["shipping.ShipmentCancelled.v1"],
        ),
    ] {
        let answer = shop
            .invoke(&file(&format!("events/shipping/{name}.json")))
            .await
            .unwrap();
        assert_eq!(answer, r#"{"batchItemFailures":[]}"#, "{name}");
        assert_eq!(shop.published_types(), said, "{name}");
    }
    let answer = shop
        .invoke(&file("events/shipping/stream.json"))
        .await
        .unwrap();
    assert_eq!(answer, r#"{"batchItemFailures":[]}"#);
    assert_eq!(shop.published_types(), ["shipping.ShippingRateChanged.v1"]);
    let tick = shop.invoke(br#"{"schedule":"deadlines"}"#).await;
    assert_eq!(tick.unwrap(), r#"{"due":0}"#, "nothing is ever due here");

    assert_eq!(
        shop.http_payload(&file("events/shipping/set-rate.json"))
            .await
            .status,
        200
    );
    let quote = shop.http_payload(&file("events/shipping/quote.json")).await;
    assert_eq!(
        quote.body,
        json!({ "fee": { "amount_minor": 660, "currency": "JPY" } })
    );
    let refused = shop
        .http_payload(&file("events/shipping/dispatch.json"))
        .await;
    assert_eq!(refused.status, 404, "of that order nothing is known yet");
    shop.relay().await;
}

#[tokio::test]
async fn poison_in_a_batch_goes_to_the_dead_letters_and_harms_nobody() {
    let shop = shop();
    let mut senseless = confirmed("o-2", 1);
    senseless.data = serde_json::value::to_raw_value(&json!({
        "order_id": "o-2", "customer_id": "c-1", "lines": [], "weight_grams": 1, "region": "JP-13",
        "total": { "amount_minor": 1, "currency": "JPY" }
    }))
    .unwrap();
    let mut negative = confirmed("o-3", 1).to_json();
    negative = negative.replace("\"quantity\":2", "\"quantity\":-2");
    let mut unknown = confirmed("o-4", 1);
    unknown.event_type = "orders.OrderPainted.v1".into();
    let bodies = [
        confirmed("o-1", 1).to_json(),
        "not an event".into(),
        senseless.to_json(),
        negative,
        unknown.to_json(),
        confirmed("o-5", 1).to_json(),
    ];
    assert_eq!(shop.deliver_bodies(&bodies).await, [0_usize; 0]);
    assert_eq!(shop.published_types(), ["shipping.ShipmentCreated.v1"; 2]);
    let reasons = shop.dead_letter_reasons();
    assert_eq!(reasons.len(), 4, "{reasons:?}");
    for word in ["CloudEvents", "SenselessLines", "quantity", "OrderPainted"] {
        assert!(
            reasons.iter().any(|reason| reason.contains(word)),
            "{word}: {reasons:?}"
        );
    }
}

#[tokio::test]
async fn the_work_list_pages_by_age_and_costs_no_write_between_creation_and_dispatch() {
    let shop = shop();
    for n in 0..7 {
        let mut event = confirmed(&format!("o-{n}"), 1);
        event.time = event.time.plus_seconds(n);
        shop.deliver(&[event]).await;
    }
    shop.published();
    for n in [1, 3, 5] {
        let path = format!("/api/operator/shipments/o-{n}/pack");
        // No body at all packs everything.
        assert_eq!(shop.http(&operator("POST", &path)).await.status, 200);
    }
    let path = "/api/operator/shipments/o-0/dispatch";
    let body = json!({ "carrier": "Yamato", "tracking_number": "T1" });
    shop.http(&operator("POST", path).json(&body)).await;
    shop.relay().await;

    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/api/operator/shipments?status=to_pack&limit=2{cursor}");
        let page = shop.http(&operator("GET", &path)).await;
        let shipments = page.body["shipments"].as_array().unwrap().clone();
        assert!(shipments.len() <= 2);
        seen.extend(
            shipments
                .iter()
                .map(|one| one["order_id"].as_str().unwrap().to_owned()),
        );
        match page.body["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["o-2", "o-4", "o-6"]);
    let packed = shop
        .http(&operator("GET", "/api/operator/shipments?status=packed"))
        .await;
    assert_eq!(packed.body["shipments"].as_array().unwrap().len(), 3);

    let indexed = |order: &str| {
        let all = shop.store.all();
        all.into_iter()
            .find(|record| record.key.pk == format!("shipment#{order}"))
            .unwrap()
            .indexed
    };
    assert_eq!(indexed("o-1"), {
        let mut same = indexed("o-2");
        same.insert("created_at".into(), indexed("o-1")["created_at"].clone());
        same
    });
    assert!(indexed("o-0").is_empty());
}

#[tokio::test]
async fn five_lines_stay_within_a_write_unit_from_confirmation_to_delivery() {
    let shop = shop();
    shop.deliver(&[confirmed(ORDER, 5)]).await;
    act(&shop, "pack", json!({})).await;
    act(
        &shop,
        "dispatch",
        json!({ "carrier": "Yamato", "tracking_number": "4912-3456-7890" }),
    )
    .await;
    act(&shop, "deliver", json!({})).await;
    let sizes: Vec<usize> = shop.store.all().iter().map(item_size_bytes).collect();
    assert_eq!(sizes.len(), 1);
    assert!(sizes[0] <= 1024, "{sizes:?}");
    shop.relay().await;
}

#[tokio::test]
async fn an_order_of_150_lines_is_shipped_whole() {
    let shop = shop();
    shop.deliver(&[confirmed(ORDER, 150)]).await;
    let left = act(
        &shop,
        "dispatch",
        json!({ "carrier": "Yamato", "tracking_number": "T1" }),
    )
    .await;
    assert_eq!(
        left.body["parcels"][0]["lines"].as_array().unwrap().len(),
        150
    );
    shop.relay().await;
    let dispatched: ShipmentDispatched = shop.published().last().unwrap().data().unwrap();
    assert_eq!(dispatched.lines.len(), 150);
}

#[tokio::test]
async fn bad_requests_name_the_field_and_change_nothing() {
    let shop = shop();
    shop.deliver(&[confirmed(ORDER, 2)]).await;
    shop.store.take_changes();
    let line = |sku: &str, quantity: i64| json!({ "sku": sku, "quantity": quantity });
    let sent =
        |lines: Value| json!({ "carrier": "Yamato", "tracking_number": "T1", "lines": lines });
    let cases = [
        ("pack", json!({ "line": [] }), "line"),
        ("pack", json!({ "lines": [] }), "lines"),
        (
            "pack",
            json!({ "lines": [line("SKU-000000", 0)] }),
            "lines[0].quantity",
        ),
        (
            "pack",
            json!({ "lines": [line("SKU-000000", -1)] }),
            "lines[0].quantity",
        ),
        (
            "pack",
            json!({ "lines": [line("SKU-000000", 1), line("SKU-000000", 1)] }),
            "lines[1].sku",
        ),
        (
            "pack",
            json!({ "lines": [line("no good", 1)] }),
            "lines[0].sku",
        ),
        ("pack", json!({ "lines": [line("SKU-9", 1)] }), "lines"),
        (
            "dispatch",
            json!({ "carrier": "Yamato" }),
            "tracking_number",
        ),
        (
            "dispatch",
            json!({ "carrier": " ", "tracking_number": "T1" }),
            "carrier",
        ),
        (
            "dispatch",
            json!({ "carrier": "Yamato", "tracking_number": "T\n1" }),
            "tracking_number",
        ),
        ("dispatch", sent(json!([line("SKU-000000", 99)])), "lines"),
        ("deliver", json!({ "parcel": "one" }), "parcel"),
        (
            "returns",
            json!({ "lines": [line("SKU-000000", 1)] }),
            "restock",
        ),
    ];
    for (name, body, field) in cases {
        let refused = act(&shop, name, body.clone()).await;
        assert_eq!(refused.status, 400, "{name} {body}: {refused:?}");
        assert!(
            refused.body.to_string().contains(field),
            "{name} {body}: {refused:?}"
        );
    }
    assert_eq!(act(&shop, "deliver", json!({})).await.status, 409);
    for query in [
        "status=delivered",
        "status=tea",
        "limit=0",
        "limit=101",
        "cursor=x",
        "page=2",
    ] {
        let refused = shop
            .http(&operator(
                "GET",
                &format!("/api/operator/shipments?{query}"),
            ))
            .await;
        assert_eq!(refused.status, 400, "{query}: {refused:?}");
    }
    for id in ["o-unknown", "no%20good"] {
        let path = format!("/api/operator/shipments/{id}");
        assert_eq!(shop.http(&operator("GET", &path)).await.status, 404);
        assert_eq!(
            shop.http(&operator("POST", &format!("{path}/pack")))
                .await
                .status,
            404
        );
    }
    assert_eq!(shop.store.take_changes(), []);
}

#[tokio::test]
async fn operators_only() {
    let shop = shop();
    let routes = [
        ("PUT", "/api/operator/shipping/rates/JP-13"),
        ("GET", "/api/operator/shipments"),
        ("GET", "/api/operator/shipments/o-1"),
        ("POST", "/api/operator/shipments/o-1/pack"),
        ("POST", "/api/operator/shipments/o-1/dispatch"),
        ("POST", "/api/operator/shipments/o-1/deliver"),
        ("POST", "/api/operator/shipments/o-1/returns"),
    ];
    for (method, path) in routes {
        let nobody = shop
            .http(&Request::new(method, path).json(&json!({})))
            .await;
        let customer = shop
            .http(
                &Request::new(method, path)
                    .by_customer("c-1")
                    .json(&json!({})),
            )
            .await;
        assert_eq!(
            (nobody.status, customer.status),
            (401, 403),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn a_region_is_served_at_its_rate() {
    let shop = shop();
    let fee = |amount: i64| json!({ "amount_minor": amount, "currency": "JPY" });
    let brackets = json!({ "brackets": [
        { "up_to_grams": 2000, "fee": fee(660) }, { "up_to_grams": 10000, "fee": fee(1100) }
    ] });
    let put = operator("PUT", "/api/operator/shipping/rates/JP-13").json(&brackets);
    let quote = |region: &str, weight: u64| {
        Request::new("POST", "/api/shipping/quote")
            .json(&json!({ "region": region, "weight_grams": weight }))
    };
    assert_eq!(shop.http(&quote("JP-13", 1)).await.status, 422);
    for _ in 0..2 {
        assert_eq!(shop.http(&put).await.status, 200);
    }
    assert_eq!(shop.relay().await, 1, "the same rate again is no write");
    let events = shop.published();
    assert_eq!(
        events[0]
            .data::<ShippingRateChanged>()
            .unwrap()
            .brackets
            .len(),
        2
    );
    assert_eq!(
        shop.http(&quote("JP-13", 2001)).await.body,
        json!({ "fee": fee(1100) })
    );
    assert_eq!(shop.http(&quote("JP-13", 10_001)).await.status, 422);
    assert_eq!(shop.http(&quote("JP-47", 1)).await.status, 422);

    for (body, field) in [
        (json!({ "brackets": [] }), "brackets"),
        (
            json!({ "brackets": [{ "up_to_grams": 0, "fee": fee(1) }] }),
            "brackets[0].up_to_grams",
        ),
        (
            json!({ "brackets": [{ "up_to_grams": 5, "fee": fee(-1) }] }),
            "brackets[0].fee.amount_minor",
        ),
        (
            json!({ "brackets": [{ "up_to_grams": 5, "fee": { "amount_minor": 1, "currency": "YEN" } }] }),
            "currency",
        ),
    ] {
        let refused = shop
            .http(&operator("PUT", "/api/operator/shipping/rates/JP-13").json(&body))
            .await;
        assert_eq!(refused.status, 400, "{body}");
        assert!(
            refused.body["errors"][0]["field"]
                .as_str()
                .unwrap()
                .contains(field),
            "{refused:?}"
        );
    }
    let refused = shop
        .http(&operator("PUT", "/api/operator/shipping/rates/J%20P").json(&brackets))
        .await;
    assert_eq!(
        (refused.status, &refused.body["errors"][0]["field"]),
        (400, &json!("region"))
    );
    assert_eq!(shop.relay().await, 0);
}

#[tokio::test]
#[should_panic(expected = "not relayed")]
async fn the_harness_fails_where_a_commit_stays_unpublished() {
    let shop = shop();
    shop.deliver(&[confirmed(ORDER, 1)]).await;
    act(&shop, "pack", json!({})).await;
}
