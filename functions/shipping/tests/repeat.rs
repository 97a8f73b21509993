//! A repeat of a request is told by its key; what makes no sense is refused under any.

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
