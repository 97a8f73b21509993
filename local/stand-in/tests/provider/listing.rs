//! Lists, searches and events.

use std::time::Duration;

use jiff::SignedDuration;
use payment_stand_in::Options;
use serde_json::Value;

use crate::harness::Provider;

fn ids(list: &Value) -> Vec<String> {
    list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|object| object["id"].as_str().unwrap().to_owned())
        .collect()
}

async fn five(provider: &Provider) -> Vec<String> {
    let mut made = Vec::new();
    for number in 0..5 {
        let form = format!(
            "amount={}&currency=jpy&metadata[order_id]=o-{}",
            500 + number,
            number % 2
        );
        made.push(
            provider.post("/v1/payment_intents", &form).await.ok()["id"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
        provider.clock.advance(SignedDuration::from_secs(10));
    }
    made.reverse();
    made
}

#[tokio::test]
async fn pages_newest_first_in_both_directions() {
    let provider = Provider::new();
    let made = five(&provider).await;
    let first = provider.get("/v1/payment_intents?limit=2").await.ok();
    assert_eq!(
        (first["object"].as_str(), first["has_more"].as_bool()),
        (Some("list"), Some(true))
    );
    assert_eq!(ids(&first), made[0..2]);
    let second = provider
        .get(&format!(
            "/v1/payment_intents?limit=2&starting_after={}",
            made[1]
        ))
        .await
        .ok();
    assert_eq!(ids(&second), made[2..4]);
    let last = provider
        .get(&format!(
            "/v1/payment_intents?limit=2&starting_after={}",
            made[3]
        ))
        .await
        .ok();
    assert_eq!(
        (ids(&last), last["has_more"].as_bool()),
        (made[4..].to_vec(), Some(false))
    );
    let back = provider
        .get(&format!(
            "/v1/payment_intents?limit=2&ending_before={}",
            made[3]
        ))
        .await
        .ok();
    assert_eq!(ids(&back), made[1..3]);
    assert_eq!(ids(&provider.get("/v1/payment_intents").await.ok()), made);
    let since = crate::harness::start().as_second() + 30;
    let recent = provider
        .get(&format!("/v1/payment_intents?created%5Bgte%5D={since}"))
        .await
        .ok();
    assert_eq!(ids(&recent), made[0..2]);
}

#[tokio::test]
async fn bad_pages() {
    let provider = Provider::new();
    let cases = [
        ("/v1/payment_intents?limit=0", "parameter_invalid_integer"),
        ("/v1/payment_intents?limit=101", "parameter_invalid_integer"),
        (
            "/v1/payment_intents?starting_after=pi_x",
            "resource_missing",
        ),
        (
            "/v1/payment_intents?starting_after=pi_x&ending_before=pi_y",
            "parameters_exclusive",
        ),
        ("/v1/payment_intents?colour=red", "parameter_unknown"),
        ("/v1/payment_intents/search", "parameter_missing"),
        (
            "/v1/payment_intents/search?query=shape:'round'",
            "search_query_invalid",
        ),
    ];
    for (path, code) in cases {
        assert_eq!(
            provider.get(path).await.refused(400)["code"],
            code,
            "{path}"
        );
    }
}

#[tokio::test]
async fn search_by_metadata_with_pages() {
    let provider = Provider::new();
    let made = five(&provider).await;
    let path = "/v1/payment_intents/search?limit=2&query=metadata%5B'order_id'%5D:'o-0'%20AND%20status:'requires_payment_method'";
    let first = provider.get(path).await.ok();
    assert_eq!(first["object"], "search_result");
    assert_eq!(ids(&first), [made[0].clone(), made[2].clone()]);
    let next = provider
        .get(&format!(
            "{path}&page={}",
            first["next_page"].as_str().unwrap()
        ))
        .await
        .ok();
    assert_eq!(
        (ids(&next), next["has_more"].as_bool()),
        (vec![made[4].clone()], Some(false))
    );
    let none = provider
        .get("/v1/payment_intents/search?query=metadata%5B'order_id'%5D:'o-7'")
        .await
        .ok();
    assert!(ids(&none).is_empty());
}

#[tokio::test]
async fn search_may_run_behind_while_lists_do_not() {
    let provider = Provider::with(Options {
        search_lag: Duration::from_secs(30),
        ..Options::default()
    });
    provider
        .post("/v1/payment_intents", "amount=500&currency=jpy")
        .await
        .ok();
    let path = "/v1/payment_intents/search?query=currency:'jpy'";
    assert!(ids(&provider.get(path).await.ok()).is_empty());
    assert_eq!(
        ids(&provider.get("/v1/payment_intents").await.ok()).len(),
        1
    );
    provider.clock.advance(SignedDuration::from_secs(30));
    assert_eq!(ids(&provider.get(path).await.ok()).len(), 1);
}

#[tokio::test]
async fn expanding_within_a_list() {
    let provider = Provider::new();
    provider.authorised().await;
    let list = provider
        .get("/v1/payment_intents?expand%5B%5D=data.latest_charge&expand%5B%5D=data.payment_method")
        .await
        .ok();
    assert_eq!(list["data"][0]["latest_charge"]["object"], "charge");
    assert_eq!(list["data"][0]["payment_method"]["card"]["last4"], "4242");
}

#[tokio::test]
async fn events_by_type_and_id() {
    let provider = Provider::new();
    let answer = provider
        .post_with_key(
            "/v1/payment_intents",
            &crate::harness::held("pm_card_visa"),
            "key-1",
        )
        .await;
    let request_id = answer.headers["request-id"].to_str().unwrap().to_owned();
    let intent = answer.ok();
    let list = provider.get("/v1/events?type=payment_intent.*").await.ok();
    let types: Vec<&str> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        types,
        [
            "payment_intent.amount_capturable_updated",
            "payment_intent.created"
        ]
    );
    let event = &list["data"][0];
    assert_eq!(event["data"]["object"], intent);
    assert_eq!(event["request"]["idempotency_key"], "key-1");
    assert_eq!(event["request"]["id"], request_id.as_str());
    let one = provider
        .get(&format!("/v1/events/{}", event["id"].as_str().unwrap()))
        .await
        .ok();
    assert_eq!(&one, event);
    let one_type = provider.get("/v1/events?type=charge.succeeded").await.ok();
    assert_eq!(one_type["data"].as_array().unwrap().len(), 1);
}
