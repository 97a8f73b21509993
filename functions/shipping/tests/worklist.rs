//! A list of acts in one request.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use contracts::orders::{OrderConfirmed, OrderedLine};
use harness::{Answer, Harness, Request};
use identifiers::{CustomerId, OrderId, Region, Sku};
use money::{Currency, Money};
use serde_json::{Value, json};
use shipping::{INDEXES, Shipping};
use store::MemoryStore;

type Shop = Harness<Shipping<MemoryStore>>;

/// A shop with shipments of those orders, each of two pieces of one SKU.
async fn shop(orders: &[&str]) -> Shop {
    let store = MemoryStore::new(INDEXES);
    let shop = Harness::new(store.clone(), Shipping::new(store));
    for order in orders {
        let data = OrderConfirmed {
            order_id: OrderId::new(*order).unwrap(),
            customer_id: CustomerId::new("household-1").unwrap(),
            lines: vec![OrderedLine {
                sku: Sku::new("TEA-100").unwrap(),
                quantity: 2,
            }],
            weight_grams: 200,
            region: Region::new("JP-13").unwrap(),
            total: Money::new(1200, Currency::JPY),
        };
        let failed = shop.deliver(&[harness::event(order, 3, 0, &data)]).await;
        assert_eq!(failed, [0_usize; 0]);
    }
    shop.published_types();
    shop
}

async fn work_off(shop: &Shop, key: &str, acts: Value) -> Answer {
    let request = Request::new("POST", "/api/operator/shipping/acts")
        .by_operator("operator-1")
        .header("Idempotency-Key", key)
        .json(&json!({ "acts": acts }));
    shop.http(&request).await
}

fn label(order: &str) -> Value {
    json!({ "order_id": order, "act": "dispatch", "carrier": "Hikyaku", "tracking_number": format!("HK-{order}") })
}

/// `order act status` of each result, or the name of its problem in place of the status.
fn results(answer: &Answer) -> Vec<String> {
    let results = answer.body["results"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    results
        .iter()
        .map(|result| {
            let problem = text(&result["problem"]["type"]);
            let outcome = match problem.rsplit(':').next() {
                Some(name) if !name.is_empty() => name.to_owned(),
                _ => text(&result["status"]),
            };
            format!(
                "{} {} {outcome}",
                text(&result["order_id"]),
                text(&result["act"])
            )
        })
        .collect()
}

#[tokio::test]
async fn a_list_is_worked_off_in_its_order_and_what_is_refused_stops_its_own_order_only() {
    let shop = shop(&["o-1", "o-2"]).await;
    let acts = json!([
        { "order_id": "o-1", "act": "pack" },
        { "order_id": "o-2", "act": "deliver" },
        label("o-1"),
        { "order_id": "o-3", "act": "pack" },
        label("o-2"),
        { "order_id": "o-1", "act": "deliver" },
    ]);
    let answer = work_off(&shop, "list-1", acts.clone()).await;
    let expected = [
        "o-1 pack packed",
        "o-2 deliver nothing-dispatched",
        "o-1 dispatch dispatched",
        "o-3 pack not-found",
        "o-2 dispatch earlier-act-not-done",
        "o-1 deliver delivered",
    ];
    assert_eq!(
        (answer.status, results(&answer)),
        (200, expected.map(str::to_owned).to_vec())
    );
    shop.relay().await;
    let said = [
        "shipping.ShipmentDispatched.v1",
        "shipping.ShipmentDelivered.v1",
    ];
    assert_eq!(shop.published_types(), said);

    let before = shop.store.all();
    let again = work_off(&shop, "list-1", acts).await;
    assert_eq!(again.status, 200);
    assert_eq!(
        shop.store.all(),
        before,
        "the same list again does nothing twice"
    );
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_refused_whole_by_the_place_of_its_fault() {
    let shop = shop(&["o-1"]).await;
    let good = json!({ "order_id": "o-1", "act": "pack" });
    let cases = [
        (json!([]), "acts"),
        (Value::Array(vec![good.clone(); 101]), "acts"),
        (
            json!([good, { "order_id": "o-1", "act": "burn" }]),
            "acts[1].act",
        ),
        (
            json!([good, { "order_id": "o-1", "act": "pack", "carrier": "x" }]),
            "acts[1].carrier",
        ),
        (
            json!([good, { "order_id": "o-1", "act": "dispatch", "carrier": "x" }]),
            "acts[1].tracking_number",
        ),
        (
            json!([good, { "order_id": "o-1", "act": "deliver", "lines": [] }]),
            "acts[1].lines",
        ),
        (
            json!([good, { "order_id": "o-1", "act": "pack", "parcel": 1 }]),
            "acts[1].parcel",
        ),
        (
            json!([good, { "order_id": "o-1", "act": "pack", "lines": [{ "sku": "TEA-100", "quantity": 0 }] }]),
            "acts[1].lines[0].quantity",
        ),
        (
            json!([good, { "order_id": "a b", "act": "pack" }]),
            "acts[1].order_id",
        ),
        (
            json!([good, { "order_id": "o-1", "act": "pack", "by": "me" }]),
            "acts[1].by",
        ),
    ];
    let before = shop.store.all();
    for (acts, field) in cases {
        let answer = work_off(&shop, "list-1", acts).await;
        assert_eq!(
            (answer.status, &answer.body["errors"][0]["field"]),
            (400, &json!(field)),
            "{}",
            answer.body
        );
    }
    assert_eq!(shop.store.all(), before);
}

/// Acts stand for themselves here too, so the list is answered with 200 and not with 422.
#[tokio::test]
async fn another_list_with_the_same_key_is_refused_act_by_act() {
    let shop = shop(&["o-1", "o-2"]).await;
    let first = json!([{ "order_id": "o-1", "act": "pack" }]);
    assert_eq!(work_off(&shop, "list-1", first).await.status, 200);
    let other = json!([label("o-1"), { "order_id": "o-2", "act": "pack" }]);
    let answer = work_off(&shop, "list-1", other).await;
    let expected = ["o-1 dispatch idempotency-key-reused", "o-2 pack packed"];
    assert_eq!(
        (answer.status, results(&answer)),
        (200, expected.map(str::to_owned).to_vec())
    );
    assert_eq!(answer.body["results"][0]["problem"]["status"], 422);
    shop.relay().await;
}

#[tokio::test]
async fn a_list_is_for_operators() {
    let shop = shop(&["o-1"]).await;
    let request = Request::new("POST", "/api/operator/shipping/acts")
        .json(&json!({ "acts": [{ "order_id": "o-1", "act": "pack" }] }));
    assert_eq!(shop.http(&request).await.status, 401);
}
