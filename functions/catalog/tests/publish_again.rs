//! However often prices change, the last word on each SKU can be said again.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use catalog::{Catalog, INDEXES};
use contracts::catalog::PriceChanged;
use door::PublishedAgain;
use harness::{Harness, Request};
use serde_json::{Value, json};
use store::{MemoryStore, item_size_bytes};

async fn operate(shop: &Harness<Catalog<MemoryStore>>, path: &str, body: Value) {
    let request = Request::new("POST", path).by_operator("operator-1");
    let answer = shop.http(&request.json(&body)).await;
    assert!(
        (200..300).contains(&answer.status),
        "{path}: {:?}",
        answer.body
    );
}

#[tokio::test]
async fn the_last_price_of_each_sku_is_remembered_and_older_ones_are_not() {
    let store = MemoryStore::new(INDEXES);
    let shop = Harness::new(store.clone(), Catalog::new(store));
    let yen = |amount: i64| json!({ "amount_minor": amount, "currency": "JPY" });
    let variant = |sku: &str| json!({ "sku": sku, "price": yen(500), "tax_class": "reduced", "weight_grams": 90 });
    let product = json!({
        "product_id": "sencha", "category": "tea", "title": { "en": "Sencha", "ja": "煎茶" },
        "variants": [variant("S-50"), variant("S-100"), variant("S-500")],
    });
    operate(&shop, "/api/operator/products", product).await;
    operate(&shop, "/api/operator/products/sencha/publish", json!({})).await;
    let price = async |sku: &str, amount: i64| {
        let body = json!({ "sku": sku, "price": yen(amount) });
        operate(&shop, "/api/operator/products/sencha/price", body).await;
    };
    price("S-50", 510).await;
    for amount in 1..=100 {
        price("S-100", 1000 + amount).await;
    }
    let item = shop
        .store
        .all()
        .into_iter()
        .find(|item| item.key.sk == "product");
    assert!(
        item_size_bytes(&item.unwrap()) < 2048,
        "it does not grow with each price"
    );
    // The stream loses all of it.
    shop.store.take_changes();

    let wanted = br#"{"publish_again":{"since":"2026-11-24T08:30:00Z"}}"#;
    let answer = shop.invoke(wanted).await.unwrap();
    let done: PublishedAgain = serde_json::from_slice(&answer).unwrap();
    assert_eq!((done.forgetful, done.unreadable), (Vec::new(), Vec::new()));
    let said = shop.published();
    let types: Vec<&str> = said.iter().map(|event| event.event_type.as_str()).collect();
    let changed = "catalog.PriceChanged.v1";
    assert_eq!(
        types[..2],
        ["catalog.ProductPublished.v1", changed],
        "{types:?}"
    );
    let prices = said.iter().filter(|event| event.event_type == changed);
    let prices: Vec<(String, i64)> = prices
        .map(|event| event.data::<PriceChanged>().unwrap().variant)
        .map(|variant| (variant.sku.to_string(), variant.price.amount_minor))
        .collect();
    assert_eq!(prices[0], ("S-50".to_owned(), 510));
    assert_eq!(prices.last(), Some(&("S-100".to_owned(), 1100)));
    assert_eq!(
        prices.len(),
        5,
        "the last four, and what nothing has outdone"
    );
}
