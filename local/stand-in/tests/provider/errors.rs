//! Requests that are refused, in Stripe's shape, with nothing changed.

use axum::body::Body;
use http::Request;

use crate::harness::Provider;

#[tokio::test]
async fn keys() {
    let basic = |pair: &str| {
        use base64::Engine;
        format!(
            "Basic {}",
            base64::engine::general_purpose::STANDARD.encode(pair)
        )
    };
    let cases = [
        (None, 401),
        (Some("Bearer sk_test_abc".to_owned()), 200),
        (Some("bearer sk_test_abc".to_owned()), 200),
        (Some(basic("sk_test_abc:")), 200),
        (Some(basic("sk_live_abc:")), 401),
        (Some("Bearer sk_live_abc".to_owned()), 401),
        (Some("Bearer sk_test_".to_owned()), 401),
        (Some("Bearer".to_owned()), 401),
        (Some("Basic !!!".to_owned()), 401),
        (Some("sk_test_abc".to_owned()), 401),
    ];
    let provider = Provider::new();
    for (authorization, status) in cases {
        let mut request = Request::get("/v1/payment_intents");
        if let Some(value) = &authorization {
            request = request.header("authorization", value);
        }
        let answer = provider.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{authorization:?}");
        if status == 401 {
            assert_eq!(answer.json()["error"]["type"], "invalid_request_error");
            assert!(
                !answer.text.contains("sk_live_abc"),
                "a key must not be echoed"
            );
        }
    }
}

#[tokio::test]
async fn bad_parameters() {
    let long = "x".repeat(501);
    let cases = [
        ("currency=jpy".to_owned(), "parameter_missing", "amount"),
        ("amount=500".to_owned(), "parameter_missing", "currency"),
        (
            "amount=abc&currency=jpy".to_owned(),
            "parameter_invalid_integer",
            "amount",
        ),
        (
            "amount=1.5&currency=jpy".to_owned(),
            "parameter_invalid_integer",
            "amount",
        ),
        (
            "amount=&currency=jpy".to_owned(),
            "parameter_invalid_empty",
            "amount",
        ),
        (
            "amount=-1&currency=jpy".to_owned(),
            "parameter_invalid_integer",
            "amount",
        ),
        (
            "amount=49&currency=jpy".to_owned(),
            "amount_too_small",
            "amount",
        ),
        (
            "amount=100000000&currency=jpy".to_owned(),
            "amount_too_large",
            "amount",
        ),
        (
            "amount=500&currency=yen".to_owned(),
            "invalid_currency",
            "currency",
        ),
        (
            "amount=500&currency=jpy&capture_method=later".to_owned(),
            "parameter_invalid_enum",
            "capture_method",
        ),
        (
            "amount=500&currency=jpy&confirm=yes".to_owned(),
            "parameter_invalid_boolean",
            "confirm",
        ),
        (
            "amount=500&currency=jpy&payment_method=pm_nope".to_owned(),
            "resource_missing",
            "payment_method",
        ),
        (
            "amount=500&currency=jpy&payment_method_types[]=sofort".to_owned(),
            "payment_intent_invalid_parameter",
            "payment_method_types",
        ),
        (
            "amount=500&currency=jpy&payment_method_types=card".to_owned(),
            "parameter_invalid_array",
            "payment_method_types",
        ),
        (
            "amount=500&currency=jpy&metadata=x".to_owned(),
            "parameter_invalid_object",
            "metadata",
        ),
        (
            format!("amount=500&currency=jpy&metadata[a]={long}"),
            "metadata_invalid",
            "metadata[a]",
        ),
        (
            "amount=500&currency=jpy&shipping[name]=x".to_owned(),
            "parameter_unknown",
            "shipping",
        ),
        (
            "amount=500&currency=jpy&expand[]=customer".to_owned(),
            "property_cannot_be_expanded",
            "expand",
        ),
    ];
    let provider = Provider::new();
    for (form, code, param) in cases {
        let error = provider
            .post("/v1/payment_intents", &form)
            .await
            .refused(400);
        assert_eq!(error["type"], "invalid_request_error", "{form}");
        assert_eq!(error["code"], code, "{form}");
        assert_eq!(error["param"], param, "{form}");
        assert!(
            error["doc_url"]
                .as_str()
                .unwrap()
                .starts_with("https://docs.stripe.com/error-codes#")
        );
    }
    assert!(provider.stand_in.ledger().unwrap().is_empty());
}

#[tokio::test]
async fn nothing_there() {
    let provider = Provider::new();
    for path in [
        "/v1/payment_intents/pi_x",
        "/v1/refunds/re_x",
        "/v1/events/evt_x",
        "/v1/charges/ch_x01",
    ] {
        assert_eq!(
            provider.get(path).await.refused(404)["code"],
            "resource_missing",
            "{path}"
        );
    }
    for path in [
        "/v1/payment_intents/pi_x/capture",
        "/v1/payment_intents/pi_x/cancel",
        "/v1/payment_intents/pi_x/confirm",
    ] {
        assert_eq!(
            provider.post(path, "").await.refused(404)["code"],
            "resource_missing",
            "{path}"
        );
    }
    assert_eq!(
        provider
            .post("/v1/refunds", "payment_intent=pi_x")
            .await
            .refused(400)["code"],
        "resource_missing"
    );
    assert_eq!(
        provider.post("/v1/refunds", "").await.refused(400)["code"],
        "parameter_missing"
    );
    let unknown = provider.get("/v1/customers").await.refused(404);
    assert!(
        unknown["message"]
            .as_str()
            .unwrap()
            .starts_with("Unrecognized request URL (GET: /v1/customers)")
    );
}

#[tokio::test]
async fn unreadable_requests() {
    let provider = Provider::new();
    let json = Request::post("/v1/payment_intents")
        .header("authorization", "Bearer sk_test_1")
        .header("content-type", "application/json")
        .body(Body::from("{}"))
        .unwrap();
    assert_eq!(provider.send(json).await.status, 400);
    assert_eq!(
        provider.post("/v1/payment_intents", "a[b=1").await.status,
        400
    );
    let large = format!("description={}", "x".repeat(300_000));
    assert_eq!(
        provider.post("/v1/payment_intents", &large).await.status,
        413
    );
}
