//! The sample payloads in `events/catalog`: each is handled by the real door, and is just what a run brings today.
//! `UPDATE_EVENTS=1 cargo test -p catalog --test samples` writes them anew.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use catalog::{Catalog, INDEXES};
use harness::{Answer, Harness, Request, Samples, stream_batch};
use identifiers::Clock as _;
use serde_json::{Value, json};
use store::MemoryStore;

/// A shop that is given samples one after the other.
struct Run {
    shop: Harness<Catalog<MemoryStore>>,
    samples: Samples,
    serial: u64,
}

impl Run {
    async fn http(&mut self, name: &str, request: &Request) -> Answer {
        self.serial += 1;
        let payload = request.payload(self.shop.clock.now(), self.serial);
        let sample = self.samples.hold(name, &payload);
        let answer = self.shop.http_payload(&sample).await;
        assert!((200..300).contains(&answer.status), "{name}: {answer:?}");
        answer
    }
}

fn operator(method: &str, path: &str) -> Request {
    Request::new(method, path).by_operator("operator-1")
}

fn variant(sku: &str, yen: i64, weight_grams: u32, size: Option<&str>) -> Value {
    let price = json!({ "amount_minor": yen, "currency": "JPY" });
    let mut variant =
        json!({ "sku": sku, "price": price, "tax_class": "reduced", "weight_grams": weight_grams });
    if let Some(size) = size {
        variant["name"] = json!({ "en": size, "ja": size });
    }
    variant
}

fn sencha() -> Value {
    json!({
        "product_id": "sencha",
        "category": "Tea",
        "title": { "en": "Sencha, first flush", "ja": "煎茶 一番茶" },
        "description": { "ja": "静岡県産。" },
        "variants": [
            variant("SENCHA-100G", 1080, 120, Some("100 g")),
            variant("SENCHA-500G", 4860, 540, Some("500 g")),
        ],
    })
}

fn genmaicha() -> Value {
    json!({
        "product_id": "genmaicha",
        "category": "Tea",
        "title": { "en": "Genmaicha", "ja": "玄米茶" },
        "variants": [variant("GENMAICHA-200G", 756, 220, None)],
    })
}

const CSV: &str =
    "product_id,sku,title_en,title_ja,category,price_minor,currency,tax_class,weight_grams
hojicha,HOJICHA-100G,Hojicha,ほうじ茶,Tea,864,JPY,reduced,120
hojicha,HOJICHA-300G,Hojicha,ほうじ茶,Tea,2160,JPY,reduced,330
kyusu,KYUSU-360,Kyusu teapot,急須,Teaware,3500,JPY,standard,650
";

#[tokio::test]
async fn every_sample_is_handled() {
    let store = MemoryStore::new(INDEXES);
    let mut run = Run {
        shop: Harness::new(store.clone(), Catalog::new(store)),
        samples: Samples::of("catalog"),
        serial: 0,
    };
    let create = operator("POST", "/api/operator/products").json(&sencha());
    assert_eq!(run.http("create-product", &create).await.status, 201);
    run.shop.store.take_changes();
    let publish = operator("POST", "/api/operator/products/sencha/publish");
    run.http("publish-product", &publish).await;

    let changes = run.shop.store.take_changes();
    let stream = run.samples.hold("stream", &stream_batch(&changes));
    let answer = run.shop.invoke(&stream).await.unwrap();
    assert_eq!(answer, r#"{"batchItemFailures":[]}"#);
    assert_eq!(run.shop.published_types(), ["catalog.ProductPublished.v1"]);

    let shown = run
        .http("get-product", &Request::new("GET", "/api/products/sencha"))
        .await;
    assert_eq!(shown.body["title"]["ja"], "煎茶 一番茶");
    let search = Request::new("GET", "/api/products?q=%E8%8C%B6&limit=10");
    let listed = run.http("list-products", &search).await;
    assert_eq!(listed.body["products"][0]["product_id"], "sencha");
    let called = json!({ "name": "Tea", "title": { "en": "Tea", "ja": "茶" } });
    let name = operator("PUT", "/api/operator/categories").json(&called);
    assert_eq!(run.http("name-category", &name).await.body, called);
    let categories = run
        .http("list-categories", &Request::new("GET", "/api/categories"))
        .await;
    assert_eq!(
        categories.body["categories"],
        json!([{ "name": "Tea", "title": { "en": "Tea", "ja": "茶" }, "products": 1 }])
    );

    let import = |query: &str| operator("POST", &format!("/api/operator/products/import{query}"));
    let lines = import("")
        .header("content-type", "application/x-ndjson")
        .text(format!("{}\n{}\n", sencha(), genmaicha()));
    let imported = run.http("import-json-lines", &lines).await;
    assert_eq!(
        (&imported.body["created"], &imported.body["unchanged"]),
        (&json!(1), &json!(1))
    );
    let table = import("?from=1").header("content-type", "text/csv");
    let imported = run.http("import-csv", &table.text(CSV)).await;
    assert_eq!(imported.body["created"], 2);

    let price =
        json!({ "sku": "SENCHA-100G", "price": { "amount_minor": 1180, "currency": "JPY" } });
    let reprice = operator("POST", "/api/operator/products/sencha/price").json(&price);
    let repriced = run.http("change-price", &reprice).await;
    assert_eq!(repriced.body["variants"][0]["price"]["amount_minor"], 1180);
    let retire = operator("POST", "/api/operator/products/sencha/retire");
    let retired = run.http("retire-product", &retire).await;
    assert_eq!(retired.body["status"], "retired");
    run.shop.relay().await;
    assert_eq!(run.shop.published().len(), 5);

    let again = r#"{"publish_again":{"since":"2026-11-24T08:30:00Z"}}"#;
    let again = run.samples.hold("publish-again", again);
    let again: Value = serde_json::from_slice(&run.shop.invoke(&again).await.unwrap()).unwrap();
    assert_eq!(again["events"], 6, "{again}");
}
