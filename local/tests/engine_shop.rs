//! The product's own template in one process: requests reach the contexts, and what they store survives.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

mod toys;

use std::path::PathBuf;

use http::{Request, StatusCode};
use noren::{Stack, StackOptions};
use serde_json::json;

use toys::send;

fn options() -> StackOptions {
    let template = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    StackOptions::in_memory(template)
}

#[tokio::test]
async fn an_order_for_an_unknown_sku_reaches_orders_and_is_refused_by_it() {
    let stack = Stack::start(options()).await.unwrap();
    let order = json!({
        "lines": [{ "sku": "NO-SUCH-SKU", "quantity": 1 }],
        "region": "JP-13",
        "payment_method": "pm_card_visa",
    });
    let request = Request::post(format!("{}/api/orders", stack.addresses().http_api))
        .header("Authorization", "Bearer customer:c-1")
        .header("Idempotency-Key", "k-1")
        .header("Content-Type", "application/json");
    let response = send(request, order.to_string()).await;
    assert_eq!(
        response.status(),
        StatusCode::UNPROCESSABLE_ENTITY,
        "{:?}",
        response.body()
    );
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    stack.stop().await;
}

#[tokio::test]
async fn stock_received_before_a_stop_is_there_after_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let options = || StackOptions {
        data_directory: Some(directory.path().to_owned()),
        ..options()
    };
    let stack = Stack::start(options()).await.unwrap();
    let base = stack.addresses().http_api.clone();
    let request = Request::post(format!("{base}/api/operator/stock/TEA/receive"))
        .header("Authorization", "Bearer operator:o-1")
        .header("Content-Type", "application/json");
    let response = send(request, json!({ "quantity": 7 }).to_string()).await;
    assert_eq!(response.status(), StatusCode::OK, "{:?}", response.body());
    toys::quiet(&stack).await;
    stack.stop().await;

    let stack = Stack::start(options()).await.unwrap();
    let base = stack.addresses().http_api.clone();
    let response = send(Request::get(format!("{base}/api/stock/TEA")), "").await;
    assert_eq!(
        toys::json(&response)["available"],
        7,
        "{:?}",
        response.body()
    );
    stack.stop().await;
}

/// Calls a route as an operator.
async fn operate(
    stack: &Stack,
    method: &str,
    path: &str,
    body: serde_json::Value,
) -> serde_json::Value {
    let request = Request::builder()
        .method(method)
        .uri(format!("{}{path}", stack.addresses().http_api))
        .header("Authorization", "Bearer operator:o-1")
        .header("Content-Type", "application/json");
    let response = send(request, body.to_string()).await;
    assert!(
        response.status().is_success(),
        "{method} {path}: {:?}",
        response.body()
    );
    toys::json(&response)
}

#[tokio::test]
async fn a_placed_order_reserves_stock_is_paid_and_confirmed() {
    let stack = Stack::start(options()).await.unwrap();
    let product = json!({
        "product_id": "TEA", "category": "drinks", "title": { "en": "Tea", "ja": "お茶" },
        "variants": [{ "sku": "TEA-1", "price": { "amount_minor": 500, "currency": "JPY" },
                       "tax_class": "reduced", "weight_grams": 200 }],
    });
    operate(&stack, "POST", "/api/operator/products", product).await;
    operate(
        &stack,
        "POST",
        "/api/operator/products/TEA/publish",
        json!({}),
    )
    .await;
    operate(
        &stack,
        "POST",
        "/api/operator/stock/TEA-1/receive",
        json!({ "quantity": 5 }),
    )
    .await;
    let fee = json!({ "amount_minor": 300, "currency": "JPY" });
    let brackets = json!({ "brackets": [{ "up_to_grams": 10000, "fee": fee }] });
    operate(
        &stack,
        "PUT",
        "/api/operator/shipping/rates/JP-13",
        brackets,
    )
    .await;
    toys::quiet(&stack).await;

    let order = json!({
        "lines": [{ "sku": "TEA-1", "quantity": 2 }],
        "region": "JP-13",
        "payment_method": "pm_card_visa",
    });
    let place = Request::post(format!("{}/api/orders", stack.addresses().http_api))
        .header("Authorization", "Bearer customer:c-1")
        .header("Idempotency-Key", "k-1")
        .header("Content-Type", "application/json");
    let placed = send(place, order.to_string()).await;
    assert_eq!(placed.status(), StatusCode::CREATED, "{:?}", placed.body());
    let order_id = toys::json(&placed)["order_id"].as_str().unwrap().to_owned();
    let seen = toys::quiet(&stack).await;
    assert!(seen.dead_letters.is_empty(), "{seen:?}");
    let order = operate(
        &stack,
        "GET",
        &format!("/api/operator/orders/{order_id}"),
        json!(null),
    )
    .await;
    assert_eq!(order["status"], "confirmed", "{order}");
    let stock = operate(&stack, "GET", "/api/stock/TEA-1", json!(null)).await;
    assert_eq!(stock["available"], 3);
    stack.stop().await;
}
