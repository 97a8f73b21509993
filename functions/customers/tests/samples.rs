//! The sample payloads in `events/customers`: each is handled by the real door, and is just what a run brings today.
//! `UPDATE_EVENTS=1 cargo test -p customers --test samples` writes them anew.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use contracts::EventData as _;
use contracts::customers::{CustomerErased, CustomerRegistered};
use customers::{Customers, INDEXES};
use harness::{Harness, Request, Samples, stream_batch};
use identifiers::Clock as _;
use serde_json::json;
use store::MemoryStore;

#[tokio::test]
async fn every_sample_is_handled() {
    let store = MemoryStore::new(INDEXES);
    let book = Harness::new(store.clone(), Customers::new(store));
    let mut samples = Samples::of("customers");
    let now = book.clock.now();
    let by = |method: &str, path: &str| Request::new(method, path).by_customer("customer-1");

    let profile = json!({ "name": "山田 花子", "phone": "03-1234-5678", "language": "ja" });
    let set = by("PUT", "/api/customers/me").json(&profile).payload(now, 0);
    let set = book.http_payload(&samples.hold("http_set_profile", &set)).await;
    assert_eq!(set.status, 200);
    let committed = book.store.take_changes();
    let committed = samples.hold("dynamodb_customer_registered", &stream_batch(&committed));
    let answer = book.invoke(&committed).await.unwrap();
    assert_eq!(answer, r#"{"batchItemFailures":[]}"#);
    assert_eq!(book.published_types(), [CustomerRegistered::TYPE]);

    let home = json!({
        "recipient": "山田 花子", "postal_code": "150-0001", "region": "JP-13", "city": "渋谷区",
        "street": "神宮前1-2-3 のれん荘 201", "country": "JP",
    });
    let add = by("POST", "/api/customers/me/addresses").header("Idempotency-Key", "key-1");
    let add = add.json(&home).payload(now, 1);
    let added = book.http_payload(&samples.hold("http_add_address", &add)).await;
    assert_eq!(added.status, 201);
    let consent = json!({ "marketing": true, "text_version": "2026-11" });
    let agree = by("PUT", "/api/customers/me/consent").json(&consent).payload(now, 2);
    let agreed = book.http_payload(&samples.hold("http_set_consent", &agree)).await;
    assert_eq!(agreed.status, 200);

    let id = added.body["address_id"].as_str().unwrap();
    let path = format!("/api/operator/customers/customer-1/addresses/{id}");
    let pack = Request::new("GET", &path).by_operator("operator-1").payload(now, 3);
    let packed = book.http_payload(&samples.hold("http_show_customer_address", &pack)).await;
    assert_eq!(packed.body["city"], "渋谷区");
    book.relay().await;

    let erase = by("DELETE", "/api/customers/me").payload(now, 4);
    let erased = book.http_payload(&samples.hold("http_erase_self", &erase)).await;
    assert_eq!(erased.status, 200);
    let committed = book.store.take_changes();
    let committed = samples.hold("dynamodb_customer_erased", &stream_batch(&committed));
    let answer = book.invoke(&committed).await.unwrap();
    assert_eq!(answer, r#"{"batchItemFailures":[]}"#);
    assert_eq!(book.published_types(), [CustomerErased::TYPE]);
}
