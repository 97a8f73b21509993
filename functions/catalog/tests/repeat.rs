//! A repeat of a request is told by its key; what makes no sense is refused under any.

use catalog::{Catalog, INDEXES};
use harness::{Harness, Request};
use serde_json::{Value, json};
use store::MemoryStore;

fn product(variants: &Value) -> Value {
    json!({ "product_id": "tea", "category": "Tea", "title": { "en": "Tea" }, "variants": variants })
}

#[tokio::test]
async fn a_body_that_makes_no_sense_is_refused_under_a_key_that_was_used() {
    let store = MemoryStore::new(INDEXES);
    let shop = Harness::new(store.clone(), Catalog::new(store));
    let send = async |path: &str, body: &Value| {
        let request = Request::new("POST", path)
            .by_operator("ops")
            .header("Idempotency-Key", "key-1")
            .json(body);
        shop.http(&request).await.status
    };
    let yen = |amount: i64| json!({ "amount_minor": amount, "currency": "JPY" });
    let variant =
        json!({ "sku": "tea-1", "price": yen(540), "tax_class": "reduced", "weight_grams": 90 });
    let (good, bad) = (product(&json!([variant])), product(&json!([])));
    let path = "/api/operator/products";
    assert_eq!(send(path, &good).await, 201);
    assert_eq!(send(path, &bad).await, 400);
    let price = |amount| json!({ "sku": "tea-1", "price": yen(amount) });
    let path = "/api/operator/products/tea/price";
    assert_eq!(send(path, &price(0)).await, 400);
    shop.relay().await;
}
