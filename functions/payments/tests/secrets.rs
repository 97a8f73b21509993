//! The function's start reads its secrets from the Parameter Store, or says which it could not read.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use door::Environment;
use serde_json::{Value, json};

const KEY: &str = "/noren/payments/provider-secret-key";
const WEBHOOKS: &str = "/noren/payments/webhook-secrets";

/// A Parameter Store that answers so and counts how often it is asked.
async fn store(
    answer: impl Fn(usize) -> (StatusCode, Value) + Clone + Send + Sync + 'static,
) -> (String, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let handler = move |headers: HeaderMap, body: Bytes| {
        let (answer, counter) = (answer.clone(), Arc::clone(&counter));
        async move {
            assert_eq!(headers["x-amz-target"], "AmazonSSM.GetParameters");
            let authorization = headers["authorization"].to_str().unwrap();
            assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"));
            assert!(authorization.contains("/eu-west-1/ssm/aws4_request"));
            assert_eq!(headers["x-amz-security-token"], "token");
            let asked_for: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(
                asked_for,
                json!({ "Names": [KEY, WEBHOOKS], "WithDecryption": true })
            );
            let (status, body) = answer(counter.fetch_add(1, Ordering::SeqCst));
            (status, body.to_string())
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        axum::serve(listener, Router::new().route("/", post(handler)))
            .await
            .unwrap();
    });
    (format!("http://{address}"), asked)
}

fn environment(endpoint: &str) -> Environment {
    [
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_SESSION_TOKEN", "token"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ENDPOINT_URL", endpoint),
        ("TABLE_NAME", "table"),
        ("TOPIC_ARN", "arn:aws:sns:eu-west-1:000000000000:topic"),
        ("DEAD_LETTER_QUEUE_URL", "http://127.0.0.1/queue"),
        ("PAYMENT_PROVIDER_URL", "https://api.stripe.com"),
        ("TOKEN_ISSUER", "https://issuer.example.com"),
        ("TOKEN_AUDIENCE", "noren-storefront"),
        ("PAYMENT_PROVIDER_SECRET_KEY_NAME", KEY),
        ("PAYMENT_WEBHOOK_SECRETS_NAME", WEBHOOKS),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into_iter()
    .collect()
}

fn parameter(name: &str, value: &str) -> Value {
    json!({ "Name": name, "Type": "SecureString", "Value": value, "Version": 1 })
}

fn found(parameters: &[Value]) -> (StatusCode, Value) {
    let body = json!({ "Parameters": parameters, "InvalidParameters": [] });
    (StatusCode::OK, body)
}

async fn refusal(endpoint: &str) -> String {
    match payments::start(environment(endpoint)).await {
        Ok(_) => panic!("it started"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn both_are_read_by_one_request() {
    let (endpoint, asked) = store(|_| {
        found(&[
            parameter(WEBHOOKS, "whsec_new,whsec_old"),
            parameter(KEY, "sk_test_1"),
        ])
    })
    .await;
    payments::start(environment(&endpoint)).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_store_that_is_busy_is_asked_again() {
    let (endpoint, asked) = store(|times| match times {
        0 => (StatusCode::SERVICE_UNAVAILABLE, json!({})),
        1 => (
            StatusCode::BAD_REQUEST,
            json!({ "__type": "ThrottlingException", "message": "Rate exceeded" }),
        ),
        _ => found(&[
            parameter(KEY, "sk_test_1"),
            parameter(WEBHOOKS, "whsec_new"),
        ]),
    })
    .await;
    payments::start(environment(&endpoint)).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_refusal_is_told_and_not_tried_again() {
    let (endpoint, asked) = store(|_| {
        (
            StatusCode::BAD_REQUEST,
            json!({ "__type": "AccessDeniedException", "Message": "not authorized to perform ssm:GetParameters" }),
        )
    })
    .await;
    let error = refusal(&endpoint).await;
    assert!(
        error.contains("PAYMENT_PROVIDER_SECRET_KEY_NAME"),
        "{error}"
    );
    assert!(error.contains("not authorized"), "{error}");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_parameter_that_is_not_there_is_named() {
    let (endpoint, _) = store(|_| found(&[parameter(KEY, "sk_test_1")])).await;
    let error = refusal(&endpoint).await;
    assert!(error.contains("PAYMENT_WEBHOOK_SECRETS_NAME"), "{error}");
    assert!(error.contains(WEBHOOKS), "{error}");
}

#[tokio::test]
async fn a_senseless_secret_is_refused_and_not_repeated() {
    for (key, webhooks, named) in [
        ("sk test\n", "whsec", "PAYMENT_PROVIDER_SECRET_KEY_NAME"),
        ("sk_test_1", " , ", "PAYMENT_WEBHOOK_SECRETS_NAME"),
    ] {
        let (endpoint, _) =
            store(move |_| found(&[parameter(KEY, key), parameter(WEBHOOKS, webhooks)])).await;
        let error = refusal(&endpoint).await;
        assert!(error.contains(named), "{error}");
        assert!(
            !error.contains("sk test") && !error.contains("sk_test_1"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_not_repeated() {
    let (endpoint, _) = store(|_| (StatusCode::OK, json!({ "Parameters": ["sk_test_1"] }))).await;
    let error = refusal(&endpoint).await;
    assert!(error.contains("cannot be read"), "{error}");
    assert!(!error.contains("sk_test_1"), "{error}");
}

#[tokio::test]
async fn nothing_is_asked_for_what_is_given_by_value() {
    let given = [
        ("PAYMENT_PROVIDER_SECRET_KEY", "sk_test_1"),
        ("PAYMENT_WEBHOOK_SECRETS", "whsec_new"),
    ];
    let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let names: Vec<(String, String)> = [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_REGION",
        "TABLE_NAME",
        "TOPIC_ARN",
        "DEAD_LETTER_QUEUE_URL",
        "PAYMENT_PROVIDER_URL",
        "TOKEN_ISSUER",
        "TOKEN_AUDIENCE",
    ]
    .into_iter()
    .map(|name| {
        let value = environment("http://127.0.0.1:1")
            .require(name)
            .unwrap()
            .to_owned();
        (name.to_owned(), value)
    })
    .collect();
    let environment: Environment = names.into_iter().chain(given).collect();
    payments::start(environment).await.unwrap();
}
