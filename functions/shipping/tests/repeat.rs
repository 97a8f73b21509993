//! A repeat of a request is told by its key; what makes no sense is refused under any.

use contracts::CloudEvent;
use harness::{Harness, Request};
use serde_json::{Value, json};
use shipping::{INDEXES, Shipping};
use store::MemoryStore;

#[tokio::test]
async fn a_body_that_makes_no_sense_is_refused_under_a_key_that_was_used() {
    let store = MemoryStore::new(INDEXES);
    let shop = Harness::new(store.clone(), Shipping::new(store));
    let send = async |brackets: Value| {
        let request = Request::new("PUT", "/api/operator/shipping/rates/JP-13")
            .by_operator("ops")
            .header("Idempotency-Key", "key-1")
            .json(&json!({ "brackets": brackets }));
        shop.http(&request).await.status
    };
    let bracket = json!({ "up_to_grams": 2000, "fee": { "amount_minor": 660, "currency": "JPY" } });
    assert_eq!(send(json!([bracket])).await, 200);
    assert_eq!(send(json!([])).await, 400);
    assert_eq!(send(json!([bracket])).await, 200);
    shop.relay().await;
}

#[tokio::test]
async fn each_act_is_done_once_for_its_key_and_the_key_is_for_nothing_else() {
    let store = MemoryStore::new(INDEXES);
    let shop = Harness::new(store.clone(), Shipping::new(store));
    let golden = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/contracts/examples/orders.OrderConfirmed.v1.json"
    );
    let golden = std::fs::read_to_string(golden).expect("the golden example is there");
    let confirmed = CloudEvent::read(&golden).expect("it is an event");
    shop.deliver(std::slice::from_ref(&confirmed)).await;
    let order = &confirmed.subject;
    let label = |number: &str| json!({ "carrier": "Yamato", "tracking_number": number });
    let bracket = |fee: i64| json!({ "brackets": [{ "up_to_grams": 2000, "fee": { "amount_minor": fee, "currency": "JPY" } }] });
    let back = |restock: bool| json!({ "lines": [{ "sku": "KYUSU-360", "quantity": 1 }], "restock": restock });
    let one = |sku: &str| json!({ "lines": [{ "sku": sku, "quantity": 1 }] });
    let shipment = |act: &str| ("POST", format!("/api/operator/shipments/{order}/{act}"));
    for ((method, path), body, other) in [
        (
            ("PUT", "/api/operator/shipping/rates/JP-13".to_owned()),
            bracket(660),
            bracket(661),
        ),
        (shipment("pack"), json!({}), one("KYUSU-360")),
        (shipment("dispatch"), label("1"), label("2")),
        (shipment("deliver"), json!({}), json!({ "parcel": 1 })),
        (shipment("returns"), back(true), back(false)),
    ] {
        let request = Request::new(method, &path).by_operator("ops").json(&body);
        shop.holds_key_named(&format!("of {path}"), &request, &other)
            .await;
    }
}

#[tokio::test]
async fn a_rate_asked_for_again_does_not_come_back() {
    let store = MemoryStore::new(INDEXES);
    let shop = Harness::new(store.clone(), Shipping::new(store));
    let rate = |fee: i64| {
        Request::new("PUT", "/api/operator/shipping/rates/JP-13")
            .by_operator("ops")
            .json(&json!({ "brackets": [{ "up_to_grams": 2000, "fee": { "amount_minor": fee, "currency": "JPY" } }] }))
    };
    let later: Vec<_> = (661..690).map(rate).collect();
    shop.holds_key_through("first", &rate(660), &later).await;
}

#[tokio::test]
async fn a_list_of_acts_is_worked_off_once_for_its_key() {
    let store = MemoryStore::new(INDEXES);
    let shop = Harness::new(store.clone(), Shipping::new(store));
    let golden = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/contracts/examples/orders.OrderConfirmed.v1.json"
    );
    let golden = std::fs::read_to_string(golden).expect("the golden example is there");
    let confirmed = CloudEvent::read(&golden).expect("it is an event");
    shop.deliver(std::slice::from_ref(&confirmed)).await;
    let send = async |act: &str| {
        let acts = json!({ "acts": [{ "order_id": confirmed.subject, "act": act }] });
        let request = Request::new("POST", "/api/operator/shipping/acts").by_operator("ops");
        let request = request.header("Idempotency-Key", "trolley-1").json(&acts);
        let answer = shop.http(&request).await;
        shop.relay().await;
        (answer.status, answer.body["results"][0].clone())
    };
    let (status, packed) = send("pack").await;
    assert_eq!((status, &packed["status"]), (200, &json!("packed")));
    assert_eq!(send("pack").await, (200, packed));
    // Each act is a message of its own, and so is its refusal.
    let (status, other) = send("deliver").await;
    let problem = json!("urn:noren:problem:idempotency-key-reused");
    assert_eq!((status, &other["problem"]["type"]), (200, &problem));
}
