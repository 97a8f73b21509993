//! Notifications through their door, as Lambda brings what they handle.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use contracts::customers::CustomerErased;
use contracts::notifications::NotificationSent;
use contracts::orders::{CancellationReason, OrderCancelled, OrderConfirmed, OrderedLine};
use contracts::payments::PaymentRefunded;
use contracts::shipping::ShipmentDispatched;
use contracts::{CloudEvent, EventData};
use harness::{Answer, Harness, Request};
use identifiers::{CustomerId, OrderId, Region, Sku, Timestamp};
use money::{Currency, Money};
use notifications::mail::{Mail, MailFailure, Mailer, Recorder};
use notifications::told::LEASE_SECONDS;
use notifications::{Config, INDEXES, Notifications};
use serde_json::{Value, json};
use store::{MemoryStore, item_size_bytes};
use tokio::sync::Notify;

const ORDER: &str = "019ac5d2-7c40-7a31-9f6e-2f0b8d1c4e57";
const CUSTOMER: &str = "c-7f3a91";
const ADDRESS: &str = "taro@example.com";
const SAID: &str = "notifications.NotificationSent.v1";

type Shop<M = Recorder> = Harness<Notifications<MemoryStore, M>>;

fn shop_with<M: Mailer>(store: &MemoryStore, mailer: M) -> Shop<M> {
    let config = Config {
        mail_from: "shop@example.com".into(),
        shop_name: "Noren".into(),
        shop_url: "https://shop.example.com".into(),
    };
    Harness::new(
        store.clone(),
        Notifications::new(store.clone(), mailer, &config),
    )
}

fn shop() -> (Shop, Recorder) {
    let mails = Recorder::default();
    (shop_with(&MemoryStore::new(INDEXES), mails.clone()), mails)
}

async fn shop_with_contact() -> (Shop, Recorder) {
    let (shop, mails) = shop();
    set_contact(&shop, CUSTOMER, ADDRESS, "ja").await;
    (shop, mails)
}

async fn set_contact<M: Mailer>(shop: &Shop<M>, customer: &str, email: &str, language: &str) {
    let answer = put(
        shop,
        customer,
        &json!({ "email": email, "language": language }),
    )
    .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    shop.relay().await;
}

async fn put<M: Mailer>(shop: &Shop<M>, customer: &str, body: &Value) -> Answer {
    let request = Request::new("PUT", "/api/notifications/contact").by_customer(customer);
    shop.http(&request.json(body)).await
}

async fn told<M: Mailer>(shop: &Shop<M>) -> Answer {
    let path = format!("/api/operator/notifications/{ORDER}");
    shop.http(&Request::new("GET", &path).by_operator("operator-1"))
        .await
}

fn payload(name: &str) -> Vec<u8> {
    let path = format!(
        "{}/../../events/notifications/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Hands over a batch of `events/`; returns the ids of the messages that failed.
async fn batch<M: Mailer>(shop: &Shop<M>, name: &str) -> Vec<String> {
    let answer = shop.invoke(&payload(name)).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    let failures = answer["batchItemFailures"].as_array().unwrap();
    failures
        .iter()
        .map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned())
        .collect()
}

fn order_id() -> OrderId {
    OrderId::new(ORDER).unwrap()
}

fn customer_id() -> CustomerId {
    CustomerId::new(CUSTOMER).unwrap()
}

fn about<E: EventData>(version: u64, data: &E) -> CloudEvent {
    harness::event(ORDER, version, 0, data)
}

fn line() -> OrderedLine {
    OrderedLine {
        sku: Sku::new("SENCHA-100G").unwrap(),
        quantity: 2,
    }
}

fn confirmed() -> CloudEvent {
    about(
        3,
        &OrderConfirmed {
            order_id: order_id(),
            customer_id: customer_id(),
            lines: vec![line()],
            weight_grams: 200,
            region: Region::new("JP-13").unwrap(),
            total: Money::new(1_980, Currency::JPY),
        },
    )
}

fn cancelled() -> CloudEvent {
    about(
        4,
        &OrderCancelled {
            order_id: order_id(),
            customer_id: customer_id(),
            reason: CancellationReason::OutOfStock,
            total: Money::new(1_980, Currency::JPY),
        },
    )
}

fn dispatched(parcel: u32) -> CloudEvent {
    about(
        u64::from(parcel) + 2,
        &ShipmentDispatched {
            order_id: order_id(),
            customer_id: customer_id(),
            parcel,
            lines: vec![line()],
            carrier: "Yamato".into(),
            tracking_number: "4912-3456-7890".into(),
            complete: parcel > 1,
            dispatched_at: Timestamp::from_milliseconds(1_795_512_600_000),
        },
    )
}

fn refunded(refund: u32) -> CloudEvent {
    about(
        u64::from(refund) + 4,
        &PaymentRefunded {
            order_id: order_id(),
            customer_id: customer_id(),
            refund,
            amount: Money::new(500, Currency::JPY),
            refunded_total: Money::new(500 * i64::from(refund), Currency::JPY),
        },
    )
}

#[tokio::test]
async fn a_customer_is_told_each_thing_once_in_their_language() {
    let (shop, mails) = shop();
    let set = shop.http_payload(&payload("http-set-contact")).await;
    assert_eq!(
        (set.status, set.body),
        (200, json!({ "email": ADDRESS, "language": "ja" }))
    );
    assert_eq!(shop.relay().await, 1);
    assert!(shop.published().is_empty(), "an address is no news");

    let files = [
        ("sqs-order-confirmed", "order_confirmed", "6,320円"),
        (
            "sqs-shipment-dispatched",
            "shipment_dispatched",
            "4912-3456-7890",
        ),
        ("sqs-payment-refunded", "payment_refunded", "3,500円"),
        (
            "sqs-order-cancelled",
            "order_cancelled",
            "お客様のお申し出により",
        ),
    ];
    for (file, kind, says) in files {
        assert!(batch(&shop, file).await.is_empty(), "{file}");
        let sent = mails.take();
        assert_eq!(sent.len(), 1, "{file}");
        assert_eq!(
            (sent[0].to.reveal(), sent[0].notice.kind.as_str()),
            (ADDRESS, kind)
        );
        assert!(sent[0].text.contains(says), "{}", sent[0].text);

        let first = shop.published();
        let said: NotificationSent = first[0].data().unwrap();
        assert_eq!((first.len(), first[0].event_type.as_str()), (1, SAID));
        assert_eq!((said.kind.as_str(), said.language.as_str()), (kind, "ja"));

        // A repeat tells nothing and says the same event again, for its first message may not have got that far.
        shop.clock.advance_seconds(86_400);
        assert!(batch(&shop, file).await.is_empty());
        assert!(mails.take().is_empty(), "{file} was told twice");
        let again = shop.published();
        assert_eq!((again.len(), again[0].to_json()), (1, first[0].to_json()));
    }

    let view = shop.http_payload(&payload("http-notifications")).await;
    assert_eq!(view.status, 200);
    assert_eq!(
        view.body["contact"],
        json!({ "masked_email": "t***@example.com", "language": "ja" })
    );
    let first = json!({
        "kind": "order_confirmed", "number": 1, "status": "sent", "language": "ja", "at": "2026-11-24T09:30:00.000Z"
    });
    assert_eq!(view.body["notifications"][0], first);
    assert_eq!(view.body["notifications"].as_array().unwrap().len(), 4);
    assert!(!view.body.to_string().contains(ADDRESS));
}

#[tokio::test]
async fn a_contact_may_change_and_the_latest_is_used() {
    let (shop, mails) = shop_with_contact().await;
    shop.deliver(&[confirmed()]).await;
    set_contact(&shop, CUSTOMER, "hanako@example.org", "en").await;
    shop.deliver(&[dispatched(1), dispatched(2)]).await;
    let sent = mails.take();
    let reached: Vec<_> = sent.iter().map(|mail| mail.to.reveal()).collect();
    assert_eq!(
        reached,
        [ADDRESS, "hanako@example.org", "hanako@example.org"]
    );
    assert!(sent[0].text.contains("ご注文が確定しました"));
    assert!(sent[1].text.contains("Part of your order"));
    assert!(sent[2].text.contains("The rest of your order"));
    set_contact(&shop, CUSTOMER, "hanako@example.org", "en").await;
}

#[tokio::test]
async fn a_contact_is_set_once_for_its_key_and_a_key_used_again_does_not_keep_the_old_one_in_silence()
 {
    let (shop, _) = shop();
    let contact = |email: &str| json!({ "email": email, "language": "en" });
    let setting = Request::new("PUT", "/api/notifications/contact").by_customer(CUSTOMER);
    let set = setting.json(&contact(ADDRESS));
    let set = shop.holds_key(&set, &contact("new@example.com")).await;
    assert_eq!(set.body["email"], ADDRESS);
    // Without a key, the same again writes nothing, and another address is set.
    assert_eq!(put(&shop, CUSTOMER, &contact(ADDRESS)).await.status, 200);
    assert_eq!(shop.relay().await, 0);
    let answer = put(&shop, CUSTOMER, &contact("new@example.com")).await;
    assert_eq!(answer.body["email"], "new@example.com");
    assert_eq!(shop.relay().await, 1);
}

#[tokio::test]
async fn a_contact_asked_for_again_does_not_come_back() {
    let (shop, _) = shop();
    let setting = |number: usize| {
        let contact = json!({ "email": format!("mail-{number}@example.com"), "language": "en" });
        let request = Request::new("PUT", "/api/notifications/contact").by_customer(CUSTOMER);
        request.json(&contact)
    };
    let later: Vec<_> = (1..20).map(setting).collect();
    shop.holds_key_through("first", &setting(0), &later).await;
}

#[tokio::test]
async fn duplicates_in_one_batch_and_a_republished_event_are_told_once() {
    let (shop, mails) = shop_with_contact().await;
    let failed = shop.deliver(&[confirmed(), confirmed(), confirmed()]).await;
    assert_eq!((failed, mails.take().len()), (Vec::new(), 1));
    shop.published();
    // The same fact under another id: what was told is told by notice, not by message.
    let mut other = confirmed();
    other.id = "orders.other.9.0".parse().unwrap();
    assert!(shop.deliver(&[other]).await.is_empty());
    assert!(mails.take().is_empty() && shop.published().is_empty());
}

/// Holds every mail back until it is let go.
#[derive(Clone, Default)]
struct Slow {
    mails: Recorder,
    reached: Arc<Notify>,
    let_go: Arc<Notify>,
}

impl Mailer for Slow {
    async fn send(&self, mail: &Mail) -> Result<(), MailFailure> {
        self.reached.notify_one();
        self.let_go.notified().await;
        self.mails.send(mail).await
    }
}

#[tokio::test]
async fn a_delivery_beside_one_that_is_sending_waits() {
    let store = MemoryStore::new(INDEXES);
    let slow = Slow::default();
    let mails = Recorder::default();
    let (first, second) = (
        shop_with(&store, slow.clone()),
        shop_with(&store, mails.clone()),
    );
    set_contact(&first, CUSTOMER, ADDRESS, "ja").await;

    let batch = [confirmed()];
    let ((), failed) = tokio::join!(
        async {
            slow.reached.notified().await;
            second.clock.advance_seconds(LEASE_SECONDS - 1);
            assert_eq!(
                second.deliver(&[confirmed()]).await,
                [0],
                "the claim is young"
            );
            assert_eq!(
                told(&second).await.body["notifications"][0]["status"],
                "sending"
            );
            assert!(second.published().is_empty() && mails.take().is_empty());
            slow.let_go.notify_one();
        },
        first.deliver(&batch),
    );
    assert!(failed.is_empty());
    assert_eq!(
        (slow.mails.take().len(), first.published_types()),
        (1, vec![SAID.to_owned()])
    );
    assert!(second.deliver(&[confirmed()]).await.is_empty());
    assert!(mails.take().is_empty());
    assert_eq!(second.published_types(), [SAID]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_deliveries_at_once_tell_once() {
    for _ in 0..20 {
        let store = MemoryStore::new(INDEXES);
        let mails = Recorder::default();
        set_contact(&shop_with(&store, mails.clone()), CUSTOMER, ADDRESS, "ja").await;
        let deliveries = (0..10).map(|_| {
            let shop = shop_with(&store, mails.clone());
            tokio::spawn(async move { shop.deliver(&[confirmed()]).await })
        });
        let failed = futures::future::join_all(deliveries).await;
        let acknowledged = failed
            .into_iter()
            .filter(|failed| failed.as_ref().unwrap().is_empty());
        assert!(acknowledged.count() >= 1);
        assert_eq!(mails.take().len(), 1);
    }
}

#[tokio::test]
async fn a_claim_whose_sender_died_runs_out_and_the_notice_is_sent() {
    let (shop, mails) = shop_with_contact().await;
    let died = MailFailure::Failed {
        code: "timed out".into(),
    };
    mails.fail_next(died);
    assert_eq!(shop.deliver(&[confirmed()]).await, [0]);
    shop.clock.advance_seconds(LEASE_SECONDS - 1);
    assert_eq!(
        shop.deliver(&[confirmed()]).await,
        [0],
        "the lease still runs"
    );
    assert!(mails.take().is_empty() && shop.published().is_empty());
    shop.clock.advance_seconds(1);
    assert!(shop.deliver(&[confirmed()]).await.is_empty());
    assert_eq!(
        (mails.take().len(), shop.published_types()),
        (1, vec![SAID.to_owned()])
    );
    assert!(shop.dead_letter_reasons().is_empty());
}

#[tokio::test]
async fn a_mail_that_is_refused_is_a_dead_letter_that_can_be_redriven() {
    let (shop, mails) = shop_with_contact().await;
    mails.fail_next(MailFailure::Refused {
        code: "MessageRejected".into(),
    });
    assert!(shop.deliver(&[confirmed()]).await.is_empty());
    let reasons = shop.dead_letter_reasons();
    assert!(
        reasons[0].contains("MessageRejected") && !reasons[0].contains(ADDRESS),
        "{reasons:?}"
    );
    shop.clock.advance_seconds(3_600);
    assert!(shop.deliver(&[confirmed()]).await.is_empty());
    assert_eq!(mails.take().len(), 1);
}

#[tokio::test]
async fn without_a_contact_it_is_noted_in_one_write_that_nothing_was_sent() {
    let (shop, mails) = shop();
    for repeat in 0..2 {
        assert!(shop.deliver(&[cancelled()]).await.is_empty());
        assert_eq!(
            shop.store.take_changes().len(),
            if repeat == 0 { 1 } else { 0 }
        );
    }
    assert!(mails.take().is_empty() && shop.published().is_empty());
    let view = told(&shop).await;
    assert_eq!(view.body["contact"], Value::Null);
    let skipped = &view.body["notifications"][0];
    assert_eq!(
        (&skipped["status"], &skipped["reason"]),
        (&json!("skipped"), &json!("no_contact"))
    );

    set_contact(&shop, CUSTOMER, ADDRESS, "ja").await;
    assert!(shop.deliver(&[cancelled()]).await.is_empty());
    assert!(mails.take().is_empty(), "what was skipped stays so");
}

#[tokio::test]
async fn an_order_cancelled_before_its_confirmation_is_told_so_and_not_confirmed_after() {
    let (shop, mails) = shop_with_contact().await;
    assert!(shop.deliver(&[cancelled()]).await.is_empty());
    assert!(mails.take()[0].text.contains("在庫切れ"));
    assert_eq!(shop.published_types(), [SAID]);
    for _ in 0..2 {
        assert!(shop.deliver(&[confirmed()]).await.is_empty());
    }
    assert!(mails.take().is_empty() && shop.published().is_empty());
    assert_eq!(
        told(&shop).await.body["notifications"][1]["reason"],
        "superseded"
    );
}

#[tokio::test]
async fn an_order_costs_two_writes_a_notice_and_its_item_one_unit_each() {
    let (shop, mails) = shop_with_contact().await;
    shop.store.take_changes();
    let events = [
        confirmed(),
        dispatched(1),
        dispatched(2),
        refunded(1),
        refunded(2),
        cancelled(),
    ];
    for (count, event) in events.into_iter().enumerate() {
        shop.clock.advance_seconds(3_600);
        assert!(shop.deliver(&[event]).await.is_empty());
        let writes = shop.store.take_changes();
        assert_eq!(writes.len(), 2);
        for record in writes {
            let bytes = item_size_bytes(&record);
            assert!(
                bytes <= 1024,
                "{bytes} bytes after {} notices: {}",
                count + 1,
                record.document
            );
            assert!(!record.document.contains(ADDRESS));
        }
    }
    assert_eq!(mails.take().len(), 6);
}

#[tokio::test]
async fn poison_in_a_batch_harms_nobody_else() {
    let (shop, mails) = shop_with_contact().await;
    assert!(batch(&shop, "sqs-with-poison").await.is_empty());
    let kinds: Vec<_> = mails
        .take()
        .iter()
        .map(|mail| mail.notice.kind.as_str())
        .collect();
    assert_eq!(kinds, ["order_confirmed", "shipment_dispatched"]);
    let mut reasons = shop.dead_letter_reasons();
    reasons.sort();
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    for wanted in [
        "data of payments.PaymentRefunded.v1",
        "not a CloudEvents",
        "orders.OrderPlaced.v1",
    ] {
        assert!(
            reasons.iter().any(|reason| reason.contains(wanted)),
            "{wanted}: {reasons:?}"
        );
    }
}

#[tokio::test]
async fn an_event_that_gives_the_order_to_somebody_else_is_a_dead_letter() {
    let (shop, mails) = shop_with_contact().await;
    shop.deliver(&[confirmed()]).await;
    mails.take();
    set_contact(&shop, "c-other", "other@example.com", "en").await;
    let others = OrderCancelled {
        order_id: order_id(),
        customer_id: CustomerId::new("c-other").unwrap(),
        reason: CancellationReason::TimedOut,
        total: Money::new(1, Currency::JPY),
    };
    assert!(shop.deliver(&[about(9, &others)]).await.is_empty());
    assert!(mails.take().is_empty());
    assert!(shop.dead_letter_reasons()[0].contains("OthersOrder"));
}

#[tokio::test]
async fn a_bad_contact_is_refused_by_field_and_changes_nothing() {
    let (shop, _) = shop();
    let long = format!("{}@example.com", "x".repeat(254));
    let cases = [
        (
            json!({ "email": "taro@example.com\r\nBcc: x@example.com", "language": "ja" }),
            "email",
        ),
        (json!({ "email": "taro", "language": "ja" }), "email"),
        (json!({ "email": long, "language": "ja" }), "email"),
        (json!({ "email": 7, "language": "ja" }), "email"),
        (json!({ "email": ADDRESS, "language": "fr" }), "language"),
        (
            json!({ "email": ADDRESS, "language": "ja", "customer_id": "c-other" }),
            "customer_id",
        ),
        (json!({ "email": ADDRESS }), "language"),
        (json!([]), "body"),
    ];
    for (body, field) in cases {
        let answer = put(&shop, CUSTOMER, &body).await;
        assert_eq!(
            (answer.status, &answer.body["errors"][0]["field"]),
            (400, &json!(field)),
            "{body}: {answer:?}"
        );
        assert!(
            !answer.body.to_string().contains("taro@example.com\\r"),
            "{answer:?}"
        );
    }
    assert!(shop.store.all().is_empty());
}

#[tokio::test]
async fn each_route_takes_its_own_callers_only() {
    let (shop, _) = shop();
    let contact = json!({ "email": ADDRESS, "language": "ja" });
    let set = || Request::new("PUT", "/api/notifications/contact").json(&contact);
    let see = || Request::new("GET", &format!("/api/operator/notifications/{ORDER}"));
    for (request, status) in [
        (set(), 401),
        (set().by_operator("operator-1"), 403),
        (see(), 401),
        (see().by_customer(CUSTOMER), 403),
        (see().by_operator("operator-1"), 404),
        (
            Request::new("GET", "/api/operator/notifications/no%20id").by_operator("operator-1"),
            404,
        ),
    ] {
        let answer = shop.http(&request).await;
        assert_eq!(answer.status, status, "{request:?}");
    }
    assert!(shop.store.all().is_empty());
}

#[tokio::test]
async fn a_record_of_the_stream_publishes_no_contact() {
    let (shop, _) = shop();
    let answer = shop.invoke(&payload("stream")).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer["batchItemFailures"], json!([]));
    assert!(shop.published().is_empty());
}

#[tokio::test]
async fn no_event_log_line_or_dead_letter_names_the_address() {
    let (shop, mails) = shop_with_contact().await;
    put(
        &shop,
        CUSTOMER,
        &json!({ "email": "taro@example.com,x", "language": "ja" }),
    )
    .await;
    mails.fail_next(MailFailure::Failed {
        code: "Throttling".into(),
    });
    mails.fail_next(MailFailure::Refused {
        code: "MessageRejected".into(),
    });
    shop.deliver(&[confirmed(), dispatched(1), refunded(1), cancelled()])
        .await;
    // A contact that is damaged in the store must not be quoted by the error that says so.
    let mut damaged = shop
        .store
        .all()
        .into_iter()
        .find(|item| item.key.pk.starts_with("contact#"))
        .unwrap();
    damaged.document = damaged
        .document
        .replace("taro@example.com", "taro@example.com,");
    let version = damaged.version;
    damaged.version += 1;
    store::Store::commit(&shop.store, &damaged, store::Expected::Version(version))
        .await
        .unwrap();
    assert_eq!(shop.deliver(&[refunded(2)]).await, [0]);
    shop.relay().await;

    let logged = shop.logged();
    for wanted in ["Throttling", "MessageRejected", "contact#c-7f3a91"] {
        assert!(logged.contains(wanted), "the log lacks {wanted}: {logged}");
    }
    let events: String = shop.published().iter().map(CloudEvent::to_json).collect();
    let letters = shop.dead_letter_reasons().join("\n");
    assert!(events.contains("NotificationSent") && letters.contains("MessageRejected"));
    for text in [&logged, &events, &letters] {
        assert!(!text.contains("taro"), "{text}");
    }
}

fn erasure() -> CloudEvent {
    let erased = CustomerErased {
        customer_id: CustomerId::new(CUSTOMER).unwrap(),
        erased_at: Timestamp::from_milliseconds(1_795_512_600_000),
    };
    harness::event(CUSTOMER, 7, 0, &erased)
}

#[tokio::test]
async fn whoever_is_erased_is_told_nothing_more_and_nothing_is_left_of_their_address() {
    let (shop, mails) = shop_with_contact().await;
    assert!(shop.deliver(&[erasure()]).await.is_empty());
    assert!(shop.deliver(&[erasure()]).await.is_empty());
    let items = format!("{:?}", shop.store.all());
    assert!(!items.contains("example.com"), "{items}");

    assert!(shop.deliver(&[confirmed()]).await.is_empty());
    assert!(mails.take().is_empty());
    assert!(shop.published().is_empty());
    let view = told(&shop).await.body;
    let notice = &view["notifications"][0];
    assert_eq!(notice["skipped_because"], "erased", "{view}");
    assert_eq!(
        notice["reason"], "no_contact",
        "what callers of before know"
    );
    assert_eq!(view["contact"], Value::Null);
    assert_eq!(view["erased_at"], "2026-11-24T09:30:00.000Z");
}

#[tokio::test]
async fn an_erasure_that_comes_before_the_address_wins() {
    let (shop, mails) = shop();
    assert!(shop.deliver(&[erasure()]).await.is_empty());
    let late = json!({ "email": ADDRESS, "language": "ja" });
    let refused = put(&shop, CUSTOMER, &late).await;
    assert_eq!(
        (refused.status, &refused.body["type"]),
        (410, &json!("urn:noren:problem:customer-erased"))
    );
    assert!(shop.deliver(&[confirmed()]).await.is_empty());
    assert!(mails.take().is_empty());
    // Others are not concerned.
    set_contact(&shop, "c-2", ADDRESS, "ja").await;
    assert!(shop.published().is_empty());
}

#[tokio::test]
async fn a_repeat_of_a_contact_that_was_set_before_the_erasure_is_refused() {
    let (shop, _) = shop();
    let set = Request::new("PUT", "/api/notifications/contact").by_customer(CUSTOMER);
    let set = set
        .header("Idempotency-Key", "key-1")
        .json(&json!({ "email": ADDRESS, "language": "ja" }));
    assert_eq!(shop.http(&set).await.status, 200);
    shop.relay().await;
    assert!(shop.deliver(&[erasure()]).await.is_empty());
    assert_eq!(shop.http(&set).await.status, 410);
}
