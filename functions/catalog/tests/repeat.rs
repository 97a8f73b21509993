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

#[tokio::test]
async fn each_change_is_done_once_for_its_key_and_the_key_is_for_nothing_else() {
    let store = MemoryStore::new(INDEXES);
    let shop = Harness::new(store.clone(), Catalog::new(store));
    let yen = |amount: i64| json!({ "amount_minor": amount, "currency": "JPY" });
    let variant = |amount: i64| json!({ "sku": "tea-1", "price": yen(amount), "tax_class": "reduced", "weight_grams": 90 });
    let post = |path: &str| {
        let path = format!("/api/operator/products{path}");
        Request::new("POST", &path).by_operator("ops")
    };
    let product = |amount: i64| product(&json!([variant(amount)]));
    let made = post("").json(&product(540));
    shop.holds_key(&made, &product(541)).await;
    let price = |amount: i64| json!({ "sku": "tea-1", "price": yen(amount) });
    // Each route has a product of its own story: a key belongs to what the path names.
    for (act, body, other) in [
        ("/tea/price", Some(price(600)), price(601)),
        ("/tea/publish", None, json!({ "again": true })),
        ("/tea/retire", None, json!({ "again": true })),
    ] {
        let request = match &body {
            Some(body) => post(act).json(body),
            None => post(act),
        };
        let key = format!("of {act}");
        shop.holds_key_named(&key, &request, &other).await;
    }
    assert!(shop.counted("Duplicates") >= 8);
    let named = |title: &str| json!({ "name": "Tea", "title": { "en": title } });
    let naming = Request::new("PUT", "/api/operator/categories").by_operator("ops");
    let naming = naming.json(&named("Teas"));
    shop.holds_key_named("of the category", &naming, &named("All teas"))
        .await;
}

#[tokio::test]
async fn a_price_asked_for_again_does_not_come_back_within_the_hour_for_which_its_key_is_held() {
    let store = MemoryStore::new(INDEXES);
    let shop = Harness::new(store.clone(), Catalog::new(store));
    let yen = |amount: i64| json!({ "amount_minor": amount, "currency": "JPY" });
    let post = |path: &str, body: &Value| {
        let path = format!("/api/operator/products{path}");
        Request::new("POST", &path).by_operator("ops").json(body)
    };
    let variant =
        json!({ "sku": "tea-1", "price": yen(540), "tax_class": "reduced", "weight_grams": 90 });
    let made = shop.http(&post("", &product(&json!([variant])))).await;
    assert_eq!(made.status, 201);
    let price = |amount: i64| {
        post(
            "/tea/price",
            &json!({ "sku": "tea-1", "price": yen(amount) }),
        )
    };
    let later: Vec<_> = (601..640).map(price).collect();
    shop.holds_key_through("first", &price(600), &later).await;

    shop.clock.advance_seconds(decider::KEY_KEPT_SECONDS + 1);
    assert_eq!(shop.http(&price(700)).await.status, 200);
    let again = price(600).header("Idempotency-Key", "first");
    let again = shop.http(&again).await;
    assert_eq!(
        again.body["variants"][0]["price"],
        yen(600),
        "the key is free again"
    );
    shop.relay().await;
}
