//! Webhooks over a real socket.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use jiff::SignedDuration;
use payment_stand_in::{DeliveryReport, Options, StandIn, WebhookDelivery, sign};

use crate::harness::{Provider, held, status};

/// An endpoint that keeps what it gets and answers as told.
#[derive(Clone, Default)]
struct Endpoint {
    received: Arc<Mutex<Vec<(String, String)>>>,
    answers: Arc<AtomicU16>,
}

impl Endpoint {
    async fn start() -> (Self, String) {
        let endpoint = Self::default();
        endpoint.answers.store(200, Ordering::SeqCst);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/webhooks", post(receive))
            .with_state(endpoint.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (endpoint, url)
    }

    fn types(&self) -> Vec<String> {
        self.bodies()
            .iter()
            .map(|event| event["type"].as_str().unwrap().to_owned())
            .collect()
    }

    fn bodies(&self) -> Vec<serde_json::Value> {
        self.received
            .lock()
            .unwrap()
            .iter()
            .map(|(body, _)| serde_json::from_str(body).unwrap())
            .collect()
    }
}

async fn receive(State(endpoint): State<Endpoint>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers["stripe-signature"].to_str().unwrap().to_owned();
    endpoint
        .received
        .lock()
        .unwrap()
        .push((String::from_utf8(body.to_vec()).unwrap(), signature));
    status(endpoint.answers.load(Ordering::SeqCst))
}

async fn provider(options: Options) -> (Provider, Endpoint) {
    let (endpoint, url) = Endpoint::start().await;
    (
        Provider::with(Options {
            webhook_url: Some(url),
            ..options
        }),
        endpoint,
    )
}

#[tokio::test]
async fn events_arrive_signed_with_every_active_secret() {
    let secrets = vec!["whsec_new".to_owned(), "whsec_old".to_owned()];
    let (provider, endpoint) = provider(Options {
        webhook_secrets: secrets.clone(),
        ..Options::default()
    })
    .await;
    provider.authorised().await;
    let report = provider.stand_in.deliver_due().await.unwrap();
    assert_eq!(
        report,
        DeliveryReport {
            delivered: 3,
            postponed: 0,
            given_up: 0
        }
    );
    let now_seconds = provider.clock.now().as_second();
    for (body, signature) in endpoint.received.lock().unwrap().iter() {
        assert_eq!(signature, &sign(&secrets, now_seconds, body.as_bytes()));
        assert_eq!(signature.matches(",v1=").count(), 2);
        let forged = body.replace("1200", "1201");
        assert_ne!(signature, &sign(&secrets, now_seconds, forged.as_bytes()));
    }
    assert_eq!(
        provider.stand_in.deliver_due().await.unwrap(),
        DeliveryReport::default()
    );
}

#[tokio::test]
async fn each_path_tells_its_events() {
    let (provider, endpoint) = provider(Options::default()).await;
    let id = provider.authorised().await;
    provider
        .post(&format!("/v1/payment_intents/{id}/capture"), "")
        .await
        .ok();
    provider
        .post("/v1/refunds", &format!("payment_intent={id}"))
        .await
        .ok();
    provider
        .post("/v1/payment_intents", &held("pm_card_chargeDeclined"))
        .await
        .refused(402);
    provider
        .post(
            "/v1/payment_intents",
            &held("pm_card_authenticationRequired"),
        )
        .await
        .ok();
    let id = provider.authorised().await;
    provider
        .post(&format!("/v1/payment_intents/{id}/cancel"), "")
        .await
        .ok();
    provider.stand_in.deliver_due().await.unwrap();
    let types = endpoint.types();
    for expected in [
        "payment_intent.created",
        "payment_intent.amount_capturable_updated",
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.requires_action",
        "payment_intent.canceled",
        "charge.succeeded",
        "charge.failed",
        "charge.captured",
        "charge.refunded",
        "refund.created",
    ] {
        assert!(
            types.iter().any(|found| found == expected),
            "{expected} in {types:?}"
        );
    }
}

#[tokio::test]
async fn only_enabled_events_are_sent() {
    let events = vec!["payment_intent.canceled".to_owned()];
    let (provider, endpoint) = provider(Options {
        webhook_events: events,
        ..Options::default()
    })
    .await;
    let id = provider.authorised().await;
    provider
        .post(&format!("/v1/payment_intents/{id}/cancel"), "")
        .await
        .ok();
    provider.stand_in.deliver_due().await.unwrap();
    assert_eq!(endpoint.types(), ["payment_intent.canceled"]);
    assert_eq!(provider.event_types().await.len(), 6);
}

#[tokio::test]
async fn a_failing_endpoint_is_tried_again_with_back_off() {
    let (provider, endpoint) = provider(Options::default()).await;
    endpoint.answers.store(500, Ordering::SeqCst);
    provider
        .post("/v1/payment_intents", "amount=500&currency=jpy")
        .await
        .ok();
    for wait in [1, 2, 4, 8] {
        let report = provider.stand_in.deliver_due().await.unwrap();
        assert_eq!(
            report,
            DeliveryReport {
                delivered: 0,
                postponed: 1,
                given_up: 0
            }
        );
        provider
            .clock
            .advance(SignedDuration::from_millis(wait * 1000 - 1));
        assert_eq!(
            provider.stand_in.deliver_due().await.unwrap(),
            DeliveryReport::default(),
            "not before {wait} s"
        );
        provider.clock.advance(SignedDuration::from_millis(1));
    }
    assert_eq!(endpoint.received.lock().unwrap().len(), 4);
    endpoint.answers.store(204, Ordering::SeqCst);
    assert_eq!(provider.stand_in.deliver_due().await.unwrap().delivered, 1);
    assert_eq!(provider.stand_in.webhooks_waiting().await.unwrap(), 0);
    let bodies = endpoint.bodies();
    assert!(
        bodies.iter().all(|body| body == &bodies[0]),
        "every attempt carries the same event"
    );
}

#[tokio::test]
async fn a_dead_endpoint_is_given_up_after_three_days() {
    let options = Options {
        webhook_url: Some("http://127.0.0.1:9/webhooks".to_owned()),
        ..Options::default()
    };
    let provider = Provider::with(options);
    provider
        .post("/v1/payment_intents", "amount=500&currency=jpy")
        .await
        .ok();
    assert_eq!(provider.stand_in.deliver_due().await.unwrap().postponed, 1);
    assert_eq!(
        provider.get("/v1/events").await.ok()["data"][0]["pending_webhooks"],
        1
    );
    provider.clock.advance(SignedDuration::from_hours(72));
    assert_eq!(provider.stand_in.deliver_due().await.unwrap().given_up, 1);
    assert_eq!(provider.stand_in.webhooks_waiting().await.unwrap(), 0);
    assert_eq!(
        provider.get("/v1/events").await.ok()["data"][0]["pending_webhooks"],
        0
    );
}

#[tokio::test]
async fn what_waits_survives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let (endpoint, url) = Endpoint::start().await;
    let options = || Options {
        webhook_url: Some(url.clone()),
        directory: Some(directory.path().to_owned()),
        ..Options::default()
    };
    let provider = Provider::with(options());
    provider.authorised().await;
    drop(provider);
    let provider = Provider::with(options());
    assert_eq!(provider.stand_in.deliver_due().await.unwrap().delivered, 3);
    assert_eq!(endpoint.types().len(), 3);
}

#[tokio::test]
async fn disorder_twice_late_and_mixed() {
    let delivery = WebhookDelivery {
        duplicate_percent: 100,
        shuffle: true,
        delay: Duration::from_secs(5),
    };
    let (provider, endpoint) = provider(Options {
        delivery,
        seed: Some(3),
        ..Options::default()
    })
    .await;
    for _ in 0..4 {
        provider.authorised().await;
    }
    assert_eq!(
        provider.stand_in.deliver_due().await.unwrap(),
        DeliveryReport::default(),
        "nothing before the delay"
    );
    provider.clock.advance(SignedDuration::from_secs(6));
    assert_eq!(provider.stand_in.deliver_due().await.unwrap().delivered, 24);
    let ids: Vec<String> = endpoint
        .bodies()
        .iter()
        .map(|event| event["id"].as_str().unwrap().to_owned())
        .collect();
    let made = provider.get("/v1/events?limit=100").await.ok();
    for event in made["data"].as_array().unwrap() {
        let copies = ids
            .iter()
            .filter(|id| *id == event["id"].as_str().unwrap())
            .count();
        assert_eq!(copies, 2);
    }
    let in_order: Vec<&str> = made["data"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|event| event["id"].as_str().unwrap())
        .collect();
    let mut firsts: Vec<&str> = Vec::new();
    for id in &ids {
        if !firsts.contains(&id.as_str()) {
            firsts.push(id);
        }
    }
    assert_ne!(firsts, in_order);
}

#[tokio::test]
async fn the_loop_delivers_by_itself() {
    let (endpoint, url) = Endpoint::start().await;
    let provider = Provider::with(Options {
        webhook_url: Some(url),
        ..Options::default()
    });
    let stand_in = provider.stand_in.clone();
    let running = tokio::spawn(async move { stand_in.run().await });
    provider.authorised().await;
    tokio::time::timeout(Duration::from_secs(20), async {
        while endpoint.types().len() < 3 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("three webhooks arrive");
    running.abort();
}

#[test]
fn only_plain_http_endpoints() {
    for url in ["https://example.com/", "ftp://x", "not a url", "/path"] {
        let options = Options {
            webhook_url: Some(url.to_owned()),
            ..Options::default()
        };
        let Err(error) = StandIn::open(options) else {
            panic!("{url} was taken")
        };
        assert!(error.to_string().contains(url));
    }
}
