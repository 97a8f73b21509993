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

use toys::{Behaviour, Toy, send};

fn options() -> StackOptions {
    let template = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    let toy = Toy::new(|_| Behaviour::Answer(json!({ "statusCode": 200, "body": "" })));
    StackOptions {
        replaced: ["payments", "notifications"]
            .map(|binary| (binary.to_owned(), toy.invoker()))
            .into(),
        ..StackOptions::in_memory(template)
    }
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
