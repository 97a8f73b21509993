//! Guestbooks through its door, as Lambda brings what it handles. The payloads stand in `events/guestbooks/`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use guestbooks::{Guestbooks, INDEXES};
use harness::{Harness, Request, stream_batch};
use serde_json::{Value, json};
use store::MemoryStore;

const ORDER: &str = "019ac5d2-7c40-7a31-9f6e-2f0b8d1c4e57";

fn guestbooks() -> Harness<Guestbooks<MemoryStore>> {
    let store = MemoryStore::new(INDEXES);
    Harness::new(store.clone(), Guestbooks::new(store))
}

fn sample(name: &str) -> Vec<u8> {
    let path = format!(
        "{}/../../events/guestbooks/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn path() -> String {
    format!("/api/guestbooks/{ORDER}")
}

fn note(by: &str, note: &str) -> Request {
    Request::new("PUT", &path())
        .by_customer(by)
        .json(&json!({ "note": note }))
}

/// The positions of the batch's messages that failed.
async fn deliver(guestbooks: &Harness<Guestbooks<MemoryStore>>, name: &str) -> Value {
    let answer = guestbooks.invoke(&sample(name)).await.unwrap();
    serde_json::from_slice(&answer).unwrap()
}

#[tokio::test]
async fn a_guestbook_is_written_in_read_and_closed_by_the_orders_completion() {
    let guestbooks = guestbooks();
    let written = guestbooks
        .http_payload(&sample("http_write_guestbook"))
        .await;
    assert_eq!(written.status, 200, "{}", written.body);
    assert_eq!(written.body["status"], "open");
    guestbooks.relay().await;

    let none = json!({ "batchItemFailures": [] });
    assert_eq!(deliver(&guestbooks, "sqs_order_completed").await, none);
    let shown = guestbooks
        .http_payload(&sample("http_show_guestbook"))
        .await;
    assert_eq!(shown.body["status"], "closed", "{}", shown.body);
    let late = guestbooks.http(&note("c-7f3a91", "too late")).await;
    assert_eq!(late.status, 409, "{}", late.body);
    // Nothing is said to others yet.
    assert!(guestbooks.published_types().is_empty());
}

/// What a request has written comes back by the table's stream, which is where it would be published.
#[tokio::test]
async fn the_stream_brings_what_a_request_wrote() {
    let guestbooks = guestbooks();
    let request = sample("http_write_guestbook");
    assert_eq!(guestbooks.http_payload(&request).await.status, 200);
    let brought = stream_batch(&guestbooks.store.take_changes());
    let brought: Value = serde_json::from_str(&brought).unwrap();
    let kept: Value = serde_json::from_slice(&sample("dynamodb_guestbook_written")).unwrap();
    assert_eq!(kept, brought, "the sample is stale:\n{brought:#}");
    let none = json!({ "batchItemFailures": [] });
    assert_eq!(
        deliver(&guestbooks, "dynamodb_guestbook_written").await,
        none
    );
}

#[tokio::test]
async fn a_repeated_message_changes_nothing() {
    let guestbooks = guestbooks();
    for _ in 0..3 {
        let none = json!({ "batchItemFailures": [] });
        assert_eq!(deliver(&guestbooks, "sqs_order_completed").await, none);
    }
    assert_eq!(guestbooks.store.take_changes().len(), 1);
}

#[tokio::test]
async fn a_poison_message_goes_aside_and_the_rest_of_its_batch_is_handled() {
    let guestbooks = guestbooks();
    let failed = guestbooks.deliver_bodies(&["no event".to_owned()]).await;
    assert!(failed.is_empty(), "{failed:?}");
    let reasons = guestbooks.dead_letter_reasons();
    assert_eq!(reasons.len(), 1);
    assert!(reasons[0].contains("CloudEvents"), "{reasons:?}");
}

#[tokio::test]
async fn anothers_guestbook_is_as_none_and_bad_bodies_name_the_field() {
    let guestbooks = guestbooks();
    assert_eq!(guestbooks.http(&note("c-1", "mine")).await.status, 200);
    guestbooks.relay().await;
    for (request, status) in [
        (Request::new("GET", &path()), 401),
        (Request::new("GET", &path()).by_operator("o-1"), 403),
        (Request::new("GET", &path()).by_customer("c-2"), 404),
        (note("c-2", "yours"), 404),
        (note("c-1", " "), 400),
    ] {
        let answer = guestbooks.http(&request).await;
        assert_eq!(answer.status, status, "{request:?} {}", answer.body);
    }
    let unknown = Request::new("PUT", &path()).by_customer("c-1");
    let unknown = unknown.json(&json!({ "note": "n", "colour": "red" }));
    let answer = guestbooks.http(&unknown).await;
    assert!(
        answer.body.to_string().contains("colour"),
        "{}",
        answer.body
    );
}
