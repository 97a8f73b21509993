//! A handful over the whole local stack: gateway, functions, tables and queues as they are deployed.

#[path = "../toys/mod.rs"]
mod toys;

use std::path::PathBuf;

use http::{Request, Response, StatusCode};
use local_messaging::{MessageAttribute, MessageAttributes};
use noren::{Stack, StackOptions};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::world::{about, example};

async fn start() -> Stack {
    let template = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    Stack::start(StackOptions::in_memory(template))
        .await
        .unwrap()
}

async fn call(
    stack: &Stack,
    method: &str,
    path: &str,
    who: &str,
    body: impl Into<bytes::Bytes>,
) -> Response<bytes::Bytes> {
    let request = Request::builder()
        .method(method)
        .uri(format!("{}{path}", stack.addresses().http_api))
        .header("Authorization", format!("Bearer {who}"))
        .header("Content-Type", "application/json");
    let request = match (method, path) {
        ("POST", "/api/orders") => request.header("Idempotency-Key", "a-key"),
        _ => request,
    };
    toys::send(request, body).await
}

async fn good(stack: &Stack, method: &str, path: &str, body: Value) -> Value {
    let answer = call(stack, method, path, "operator:o-1", body.to_string()).await;
    assert!(
        answer.status().is_success(),
        "{method} {path}: {:?}",
        answer.body()
    );
    toys::json(&answer)
}

/// Sends bytes as they are; gives the status of the answer, and its body.
async fn raw(stack: &Stack, request: &[u8]) -> (u16, String) {
    let address = stack.addresses().http_api.strip_prefix("http://").unwrap();
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    connection.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    (
        status.unwrap_or_else(|| panic!("no answer: {answer:?}")),
        answer,
    )
}

/// Every item of every table, in an order of its own.
async fn tables(stack: &Stack) -> Vec<String> {
    let mut items = Vec::new();
    for table in &stack.template().tables {
        let scan = toys::dynamodb(stack, "Scan", json!({ "TableName": table.name })).await;
        let found = scan["Items"].as_array().unwrap();
        items.extend(found.iter().map(|item| format!("{} {item}", table.name)));
    }
    items.sort();
    items
}

async fn filled() -> Stack {
    let stack = start().await;
    for (id, category) in [("a", "Tea"), ("b", "Tea"), ("c", "Cups"), ("d", "Cups")] {
        let product = json!({
            "product_id": id, "category": category, "title": { "en": id },
            "variants": [{ "sku": format!("SKU-{id}"), "price": { "amount_minor": 500, "currency": "JPY" },
                           "tax_class": "reduced", "weight_grams": 200 }],
        });
        good(&stack, "POST", "/api/operator/products", product).await;
        let publish = format!("/api/operator/products/{id}/publish");
        call(&stack, "POST", &publish, "operator:o-1", "").await;
    }
    for sku in ["SKU-a", "SKU-b"] {
        for _ in 0..2 {
            let path = format!("/api/operator/stock/{sku}/receive");
            good(&stack, "POST", &path, json!({ "quantity": 5 })).await;
        }
    }
    toys::quiet(&stack).await;
    stack
}

#[tokio::test]
async fn bad_requests_are_refused_and_no_table_changes() {
    let stack = filled().await;
    let before = tables(&stack).await;
    assert!(before.len() > 10, "{before:?}");
    let order = |line: Value| {
        json!({ "lines": [line], "region": "JP-13", "payment_method": "pm_card_visa" }).to_string()
    };
    let nested = "[".repeat(100_000);
    let cases: Vec<(&str, &str, &str, Vec<u8>, u16)> = vec![
        ("POST", "/api/orders", "customer:c-1", b"{".to_vec(), 400),
        (
            "POST",
            "/api/orders",
            "customer:c-1",
            b"\xff\xfe".to_vec(),
            400,
        ),
        (
            "POST",
            "/api/orders",
            "customer:c-1",
            nested.into_bytes(),
            400,
        ),
        (
            "POST",
            "/api/orders",
            "customer:c-1",
            order(json!({ "sku": "SKU-a", "quantity": 0 })).into(),
            400,
        ),
        (
            "POST",
            "/api/orders",
            "customer:c-1",
            order(json!({ "sku": "SKU-a", "quantity": 1, "price": 1 })).into(),
            400,
        ),
        (
            "POST",
            "/api/orders",
            "customer:c-1",
            order(json!({ "sku": "茶\u{0}", "quantity": 1 })).into(),
            400,
        ),
        (
            "POST",
            "/api/orders",
            "customer:c-1",
            vec![b' '; 2 * 1024 * 1024],
            413,
        ),
        (
            "POST",
            "/api/orders",
            "customer:c-1",
            vec![b' '; 11 * 1024 * 1024],
            413,
        ),
        (
            "POST",
            "/api/orders",
            "operator:o-1",
            order(json!({ "sku": "SKU-a", "quantity": 1 })).into(),
            403,
        ),
        (
            "POST",
            "/api/payments/webhook",
            "customer:c-1",
            b"{}".to_vec(),
            400,
        ),
        (
            "POST",
            "/api/operator/products",
            "customer:c-1",
            b"{}".to_vec(),
            403,
        ),
        (
            "PUT",
            "/api/notifications/contact",
            "customer:c-1",
            b"{\"email\":\"a@b\",\"language\":\"ja\"}".to_vec(),
            400,
        ),
        ("DELETE", "/api/orders", "customer:c-1", Vec::new(), 404),
        (
            "GET",
            "/api/products/%E8%8C%B6",
            "customer:c-1",
            Vec::new(),
            404,
        ),
        (
            "GET",
            "/api/products/a%20b",
            "customer:c-1",
            Vec::new(),
            404,
        ),
        (
            "GET",
            "/api/products/a%3Fb%23c",
            "customer:c-1",
            Vec::new(),
            404,
        ),
        (
            "GET",
            "/api/products/%2e%2e",
            "customer:c-1",
            Vec::new(),
            404,
        ),
        ("GET", "/api/products/%00", "customer:c-1", Vec::new(), 404),
        ("GET", "/api/products/%FF", "customer:c-1", Vec::new(), 400),
        (
            "GET",
            "/api/stock/%E8%8C%B6",
            "customer:c-1",
            Vec::new(),
            400,
        ),
        (
            "GET",
            "/api/products?limit=-1",
            "customer:c-1",
            Vec::new(),
            400,
        ),
        (
            "GET",
            "/api/products?cursor=e30",
            "customer:c-1",
            Vec::new(),
            400,
        ),
    ];
    for (method, path, who, body, status) in cases {
        let shown = String::from_utf8_lossy(&body)
            .chars()
            .take(80)
            .collect::<String>();
        let answer = call(&stack, method, path, who, body).await;
        assert_eq!(
            answer.status().as_u16(),
            status,
            "{method} {path} {shown}: {:?}",
            answer.body()
        );
    }
    toys::quiet(&stack).await;
    assert_eq!(tables(&stack).await, before);
    stack.stop().await;
}

#[tokio::test]
async fn headers_that_are_not_ascii_reach_the_function() {
    let stack = filled().await;
    for header in [
        &b"User-Agent: Jos\xe9"[..],
        b"User-Agent: \xe8\x8c\xb6",
        b"X-Name: \xff\xfe",
        b"Cookie: a=\xe9; b=c",
        b"Referer: http://127.0.0.1/\xe8\x8c\xb6",
    ] {
        let mut request =
            b"GET /api/products HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n".to_vec();
        request.extend(header);
        request.extend(b"\r\n\r\n");
        let (status, answer) = raw(&stack, &request).await;
        assert_eq!(
            status,
            200,
            "{:?}: {answer}",
            String::from_utf8_lossy(header)
        );
    }
    for request in [
        &b"GET /api/products?q=\xff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"[..],
        b"GET /api/products?q=%FF%00&q2 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"POST /api/payments/webhook HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nStripe-Signature: \xe9\r\nContent-Length: 2\r\n\r\n{}",
        b"POST /api/payments/webhook HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: \xe9\r\nContent-Length: 2\r\n\r\n{}",
    ] {
        let (status, answer) = raw(&stack, request).await;
        assert!((400..500).contains(&status), "{:?}: {answer}", String::from_utf8_lossy(request));
    }
    stack.stop().await;
}

#[tokio::test]
async fn a_cursor_of_another_partition_is_refused_by_the_tables_too() {
    let stack = filled().await;
    let next = async |path: &str| {
        let page = good(&stack, "GET", path, json!(null)).await;
        page["next"]
            .as_str()
            .unwrap_or_else(|| panic!("{path}: {page}"))
            .to_owned()
    };
    let listings = [
        "/api/products?category=Tea&limit=1",
        "/api/products?category=Cups&limit=1",
        "/api/products?limit=1",
        "/api/operator/stock/SKU-a/movements?limit=1",
        "/api/operator/stock/SKU-b/movements?limit=1",
    ];
    for listing in listings {
        let cursor = next(listing).await;
        for other in listings {
            let answer = call(
                &stack,
                "GET",
                &format!("{other}&cursor={cursor}"),
                "operator:o-1",
                "",
            )
            .await;
            let expected = if other == listing {
                StatusCode::OK
            } else {
                StatusCode::BAD_REQUEST
            };
            assert_eq!(
                answer.status(),
                expected,
                "{listing} for {other}: {:?}",
                answer.body()
            );
        }
    }
    stack.stop().await;
}

#[tokio::test]
async fn an_unreadable_message_is_put_aside_with_the_reason_and_its_batch_is_done() {
    let stack = start().await;
    let queues = &stack.template().queues;
    let arn = |logical_id: &str| {
        let queue = queues.iter().find(|queue| queue.logical_id == logical_id);
        queue
            .unwrap_or_else(|| panic!("no queue {logical_id}"))
            .arn
            .clone()
    };
    let (queue, dead_letters) = (arn("ShippingQueue"), arn("ShippingDeadLetters"));
    let confirmed = example("orders.OrderConfirmed.v1");
    let mut unknown = confirmed.clone();
    unknown["type"] = json!("nobody.Said\u{1}This.v1");
    let mut negative = confirmed.clone();
    negative["data"]["weight_grams"] = json!(-1);
    let bad = [
        "no json".to_owned(),
        "[]".to_owned(),
        unknown.to_string(),
        negative.to_string(),
    ];
    let mut all: Vec<String> = (0..6)
        .map(|n| about(&confirmed, &format!("o-{n}")).to_string())
        .collect();
    for (position, body) in bad.iter().enumerate() {
        all.insert(2 * position, body.clone());
    }
    for body in &all {
        let attributes = MessageAttributes::from([(
            "type".to_owned(),
            MessageAttribute::string("orders.OrderConfirmed.v1"),
        )]);
        stack
            .messaging()
            .send(&queue, body, attributes)
            .await
            .unwrap();
    }
    toys::quiet(&stack).await;
    let waiting = good(&stack, "GET", "/api/operator/shipments", json!(null)).await;
    assert_eq!(
        waiting["shipments"].as_array().unwrap().len(),
        6,
        "{waiting}"
    );

    let url = stack
        .messaging()
        .all_queues()
        .into_iter()
        .find(|queue| queue.arn == dead_letters)
        .unwrap()
        .url;
    let variables = [
        ("AWS_ENDPOINT_URL", stack.addresses().aws.as_str()),
        ("AWS_REGION", "ap-northeast-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let config = door::sdk_config(&variables.into_iter().collect()).unwrap();
    let received = aws_sdk_sqs::Client::new(&config)
        .receive_message()
        .queue_url(url)
        .max_number_of_messages(10)
        .message_attribute_names("All")
        .send()
        .await
        .unwrap();
    let mut dead = Vec::new();
    for message in received.messages() {
        let reason = message.message_attributes().unwrap().get("reason").unwrap();
        dead.push((
            message.body().unwrap().to_owned(),
            reason.string_value().unwrap().to_owned(),
        ));
    }
    assert_eq!(dead.len(), bad.len(), "{dead:?}");
    for (body, part) in bad.iter().zip([
        "not a CloudEvents",
        "not a CloudEvents",
        "nobody.Said\u{fffd}This.v1",
        "weight_grams",
    ]) {
        let found = dead.iter().find(|(dead, _)| dead == body);
        let (_, reason) = found.unwrap_or_else(|| panic!("{body} is no dead letter: {dead:?}"));
        assert!(reason.contains(part), "{reason}");
    }
    stack.stop().await;
}
