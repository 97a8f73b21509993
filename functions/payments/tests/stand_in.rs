//! The Stripe implementation against the local stand-in, over loopback HTTP.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on ends with a panic"
)]

use std::sync::{Arc, Mutex};

use contracts::CloudEvent;
use contracts::orders::{CancellationReason, OrderCancelled, PaymentRequested};
use contracts::shipping::ShipmentDispatched;
use harness::{Harness, Request, event};
use identifiers::{Clock as _, CustomerId, OrderId};
use money::{Currency, Money};
use payment_stand_in::{Clock, LedgerEntry, ManualClock, OnRequest, Options, StandIn, Verdict};
use payments::provider::{Authorisation, Phase, Provider as _, ProviderFailure, RefundWish};
use payments::{Payments, Stripe};
use serde_json::json;
use store::MemoryStore;

const TOTAL: Money = Money::new(1980, Currency::JPY);
const SECRET: &str = "whsec_test";

struct Served {
    stand_in: StandIn,
    url: String,
    /// What goes wrong with the next requests that change something.
    verdicts: Arc<Mutex<Vec<Verdict>>>,
    clock: ManualClock,
}

impl Served {
    async fn open() -> Self {
        let verdicts: Arc<Mutex<Vec<Verdict>>> = Arc::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let clock = ManualClock::starting_at("2026-11-24T09:30:00Z".parse().unwrap());
        let of_hook = Arc::clone(&verdicts);
        let faults: OnRequest = Arc::new(move |request| {
            let mut verdicts = of_hook.lock().unwrap();
            if request.method == "POST" && !verdicts.is_empty() {
                verdicts.remove(0)
            } else {
                Verdict::Proceed
            }
        });
        let options = Options {
            base_url: url.clone(),
            clock: Clock::Manual(clock.clone()),
            faults: Some(faults),
            ..Options::default()
        };
        let stand_in = StandIn::open(options).unwrap();
        let router = stand_in.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            stand_in,
            url,
            verdicts,
            clock,
        }
    }

    fn stripe(&self) -> Stripe {
        Stripe::new(
            &self.url,
            "sk_test_1",
            Some("https://shop.example/orders/{order_id}".to_owned()),
        )
    }

    fn goes_wrong(&self, verdict: Verdict) {
        self.verdicts.lock().unwrap().push(verdict);
    }

    fn ledger(&self) -> Vec<LedgerEntry> {
        self.stand_in.ledger().unwrap()
    }

    /// The customer goes to where the payment is confirmed, and confirms or not.
    async fn act(&self, intent_id: &str, outcome: &str) {
        let path = format!("/stand-in/actions/{intent_id}/{outcome}");
        let request = http::Request::post(path)
            .body(axum::body::Body::empty())
            .unwrap();
        let response = tower::ServiceExt::oneshot(self.stand_in.router(), request)
            .await
            .unwrap();
        assert!(
            response.status().is_success() || response.status().is_redirection(),
            "{}",
            response.status()
        );
    }
}

fn order_id() -> OrderId {
    OrderId::new("order-1").unwrap()
}

fn wish<'a>(order_id: &'a OrderId, payment_method: &'a str, key: &'a str) -> Authorisation<'a> {
    Authorisation {
        order_id,
        attempt: 1,
        amount: TOTAL,
        payment_method,
        key,
    }
}

#[tokio::test]
async fn a_payment_goes_from_hold_to_capture_to_refund() {
    let served = Served::open().await;
    let (stripe, order_id) = (served.stripe(), order_id());
    let held = stripe
        .authorise(&wish(&order_id, "pm_card_visa", "order-1:authorise:1"))
        .await
        .unwrap();
    assert_eq!(
        (held.order_id.as_ref(), held.attempt, held.amount),
        (Some(&order_id), Some(1), TOTAL)
    );
    let Phase::Held { until } = held.phase else {
        panic!("{held:?}")
    };
    assert_eq!(until.to_string(), "2026-12-01T09:30:00.000Z");
    assert_eq!(
        stripe.look(&held.intent_id).await.unwrap().as_ref(),
        Some(&held)
    );
    assert_eq!(
        stripe.find(&order_id, 1).await.unwrap().as_ref(),
        Some(&held)
    );
    assert_eq!(stripe.find(&order_id, 2).await.unwrap(), None);
    assert_eq!(stripe.look("pi_none").await.unwrap(), None);

    let captured = stripe
        .capture(&held.intent_id, "order-1:capture:1")
        .await
        .unwrap();
    assert_eq!(captured.phase, Phase::Captured);
    let again = stripe
        .capture(&held.intent_id, "order-1:capture:2")
        .await
        .unwrap_err();
    assert!(matches!(again, ProviderFailure::Refused { .. }), "{again}");

    let intent_id = held.intent_id.as_str();
    let refund = RefundWish {
        intent_id,
        number: 1,
        amount: Money::new(500, Currency::JPY),
        key: "order-1:refund:1",
    };
    assert_eq!(stripe.find_refund(intent_id, 1).await.unwrap(), None);
    let refund_id = stripe.refund(&refund).await.unwrap();
    assert_eq!(
        stripe.refund(&refund).await.unwrap(),
        refund_id,
        "the same key is the same refund"
    );
    assert_eq!(
        stripe.find_refund(intent_id, 1).await.unwrap(),
        Some(refund_id)
    );
    let too_much = RefundWish {
        number: 2,
        amount: TOTAL,
        key: "order-1:refund:2",
        ..refund
    };
    assert!(matches!(
        stripe.refund(&too_much).await,
        Err(ProviderFailure::Refused { .. })
    ));
    let ledger = served.ledger();
    assert_eq!(
        (
            ledger.len(),
            ledger[0].amount_captured_minor,
            ledger[0].amount_refunded_minor
        ),
        (1, 1980, 500)
    );
}

#[tokio::test]
async fn declines_and_refusals_say_why() {
    let served = Served::open().await;
    let (stripe, order_id) = (served.stripe(), order_id());
    for (method, expected) in [
        (
            "pm_card_chargeDeclinedInsufficientFunds",
            "insufficient_funds",
        ),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
    ] {
        let failed = stripe
            .authorise(&wish(&order_id, method, method))
            .await
            .unwrap();
        assert_eq!(
            failed.phase,
            Phase::Failed {
                code: expected.to_owned()
            }
        );
    }
    let unknown = stripe
        .authorise(&wish(&order_id, "pm_none", "k"))
        .await
        .unwrap_err();
    assert!(
        matches!(&unknown, ProviderFailure::Refused { code, .. } if code == "resource_missing"),
        "{unknown}"
    );
    let krona = Authorisation {
        amount: Money::new(100, "ISK".parse().unwrap()),
        ..wish(&order_id, "pm_card_visa", "i")
    };
    assert!(matches!(
        stripe.authorise(&krona).await,
        Err(ProviderFailure::Refused { .. })
    ));
    let wrong_key = Stripe::new(&served.url, "nonsense", None);
    let failure = wrong_key
        .authorise(&wish(&order_id, "pm_card_visa", "w"))
        .await
        .unwrap_err();
    assert!(
        matches!(failure, ProviderFailure::Unreachable(_)),
        "our own fault declines nobody: {failure}"
    );
}

#[tokio::test]
async fn a_payment_that_needs_its_customer_says_where() {
    let served = Served::open().await;
    let (stripe, order_id) = (served.stripe(), order_id());
    let waiting = stripe
        .authorise(&wish(&order_id, "pm_card_threeDSecure2Required", "k1"))
        .await
        .unwrap();
    let Phase::ActionRequired { url: Some(url) } = &waiting.phase else {
        panic!("{waiting:?}")
    };
    assert!(url.starts_with(&served.url), "{url}");
    let voided = stripe.void(&waiting.intent_id, "k2").await.unwrap();
    assert_eq!(voided.phase, Phase::Cancelled);
}

#[tokio::test]
async fn what_went_wrong_says_what_may_be_done_next() {
    let served = Served::open().await;
    let (stripe, order_id) = (served.stripe(), order_id());
    let wish = wish(&order_id, "pm_card_visa", "order-1:authorise:1");
    for verdict in [
        Verdict::Down,
        Verdict::Fail500BeforeDoing,
        Verdict::TimeOutAfterDoing,
    ] {
        served.goes_wrong(verdict);
        assert!(
            matches!(
                stripe.authorise(&wish).await,
                Err(ProviderFailure::Unreachable(_))
            ),
            "{verdict:?}"
        );
    }
    assert!(
        matches!(
            stripe.authorise(&wish).await.unwrap().phase,
            Phase::Held { .. }
        ),
        "the key finds what was done"
    );
    served.goes_wrong(Verdict::Fail500);
    let burnt = Authorisation {
        key: "burnt",
        ..wish
    };
    assert!(matches!(
        stripe.authorise(&burnt).await,
        Err(ProviderFailure::Unreachable(_))
    ));
    assert_eq!(
        stripe.authorise(&burnt).await,
        Err(ProviderFailure::KeyBurnt),
        "the failure is stored under the key"
    );
    let changed = Authorisation {
        amount: Money::new(1, Currency::USD),
        ..wish
    };
    assert_eq!(
        stripe.authorise(&changed).await,
        Err(ProviderFailure::KeyBurnt),
        "as is an answer to something else"
    );
    let gone = Stripe::new("http://127.0.0.1:9", "sk_test_1", None);
    assert!(matches!(
        gone.look("pi_1").await,
        Err(ProviderFailure::Unreachable(_))
    ));
}

struct Shop {
    served: Served,
    harness: Harness<Payments<MemoryStore, Stripe>>,
}

impl Shop {
    async fn open() -> Self {
        let served = Served::open().await;
        let store = MemoryStore::new(payments::INDEXES);
        let payments = Payments::new(
            store.clone(),
            Arc::new(served.stripe()),
            vec![SECRET.to_owned()],
        );
        Self {
            served,
            harness: Harness::new(store, payments),
        }
    }

    fn wait_seconds(&self, seconds: i64) {
        self.harness.clock.advance_seconds(seconds);
        self.served
            .clock
            .advance(jiff::SignedDuration::from_secs(seconds));
    }

    async fn deliver(&self, event: CloudEvent) -> Vec<String> {
        assert!(self.harness.deliver(&[event]).await.is_empty());
        self.harness.published_types()
    }

    async fn tick(&self) -> Vec<String> {
        self.harness.tick().await.unwrap();
        self.harness.relay().await;
        self.harness.published_types()
    }

    fn requested(&self, payment_method: &str) -> CloudEvent {
        let pay_until = self.harness.clock.now().plus_seconds(3600);
        let customer_id = CustomerId::new("customer-1").unwrap();
        let payment_method = payment_method.to_owned();
        let data = PaymentRequested {
            order_id: order_id(),
            customer_id,
            attempt: 1,
            amount: TOTAL,
            payment_method,
            pay_until,
        };
        event("order-1", 3, 0, &data)
    }

    fn dispatched(&self) -> CloudEvent {
        let data = ShipmentDispatched {
            order_id: order_id(),
            customer_id: CustomerId::new("customer-1").unwrap(),
            parcel: 1,
            lines: Vec::new(),
            carrier: "yamato".to_owned(),
            tracking_number: "1234".to_owned(),
            complete: true,
            dispatched_at: self.harness.clock.now(),
        };
        event("order-1", 5, 0, &data)
    }

    fn cancelled(&self) -> CloudEvent {
        let data = OrderCancelled {
            order_id: order_id(),
            customer_id: CustomerId::new("customer-1").unwrap(),
            reason: CancellationReason::CustomerRequest,
            total: TOTAL,
        };
        event("order-1", 5, 0, &data)
    }
}

#[tokio::test]
async fn the_whole_flow_agrees_with_the_providers_ledger() {
    let shop = Shop::open().await;
    assert_eq!(
        shop.deliver(shop.requested("pm_card_visa")).await,
        ["payments.PaymentAuthorized.v1"]
    );
    assert_eq!(
        shop.deliver(shop.dispatched()).await,
        ["payments.PaymentCaptured.v1"]
    );
    let refund = Request::new("POST", "/api/operator/payments/order-1/refund")
        .by_operator("op")
        .header("Idempotency-Key", "wish-1")
        .json(&json!({ "amount": { "amount_minor": 980, "currency": "JPY" } }));
    let refunded = shop.harness.http(&refund).await;
    assert_eq!(
        (refunded.status, &refunded.body["status"]),
        (200, &json!("partially_refunded"))
    );
    shop.harness.relay().await;
    let ledger = shop.served.ledger();
    assert_eq!(ledger.len(), 1);
    let entry = &ledger[0];
    assert_eq!(
        (entry.amount_captured_minor, entry.amount_refunded_minor),
        (1980, 980)
    );
    assert_eq!(
        (entry.order_id.as_deref(), entry.attempt.as_deref()),
        (Some("order-1"), Some("1"))
    );
}

#[tokio::test]
async fn faults_of_the_provider_leave_one_payment() {
    for verdict in [
        Verdict::Down,
        Verdict::TimeOutAfterDoing,
        Verdict::Fail500,
        Verdict::Fail500WithoutDoing,
        Verdict::Fail500BeforeDoing,
    ] {
        let shop = Shop::open().await;
        shop.served.goes_wrong(verdict);
        assert!(
            shop.deliver(shop.requested("pm_card_visa"))
                .await
                .is_empty(),
            "{verdict:?}"
        );
        let mut said = Vec::new();
        for _ in 0..10 {
            shop.wait_seconds(60);
            said.extend(shop.tick().await);
        }
        assert_eq!(said, ["payments.PaymentAuthorized.v1"], "{verdict:?}");
        shop.served.goes_wrong(verdict);
        assert!(shop.deliver(shop.cancelled()).await.is_empty());
        for _ in 0..3 {
            shop.wait_seconds(60);
            said.extend(shop.tick().await);
        }
        assert_eq!(
            said.last().map(String::as_str),
            Some("payments.PaymentVoided.v1"),
            "{verdict:?}"
        );
        let ledger = shop.served.ledger();
        assert_eq!(ledger.len(), 1, "{verdict:?}");
        assert_eq!(
            (ledger[0].amount_held_minor, ledger[0].amount_captured_minor),
            (0, 0),
            "{verdict:?}"
        );
    }
}

#[tokio::test]
async fn a_confirmed_payment_is_heard_of_by_webhook() {
    for (outcome, said) in [
        ("succeed", "payments.PaymentAuthorized.v1"),
        ("fail", "payments.PaymentDeclined.v1"),
    ] {
        let shop = Shop::open().await;
        let waiting = shop
            .deliver(shop.requested("pm_card_threeDSecure2Required"))
            .await;
        assert_eq!(waiting, ["payments.PaymentActionRequired.v1"]);
        let intent_id = shop.served.ledger()[0].payment_intent.clone();
        shop.served.act(&intent_id, outcome).await;
        let body = json!({
            "id": "evt_1", "type": "payment_intent.amount_capturable_updated",
            "data": { "object": { "id": intent_id, "object": "payment_intent" } },
        })
        .to_string();
        let at_seconds = shop.harness.clock.now().seconds();
        let header = payment_stand_in::sign(&[SECRET.to_owned()], at_seconds, body.as_bytes());
        let request = Request::new("POST", "/api/payments/webhook")
            .header("Stripe-Signature", &header)
            .text(body);
        assert_eq!(shop.harness.http(&request).await.status, 200);
        shop.harness.relay().await;
        assert_eq!(shop.harness.published_types(), [said]);
    }
}

#[tokio::test]
async fn a_lapsed_hold_is_voided_and_not_captured() {
    let shop = Shop::open().await;
    shop.deliver(shop.requested("pm_card_visa")).await;
    shop.wait_seconds(7 * 24 * 3600 + 60);
    assert_eq!(shop.tick().await, ["payments.PaymentVoided.v1"]);
    assert!(shop.deliver(shop.dispatched()).await.is_empty());
    assert_eq!(shop.served.ledger()[0].amount_captured_minor, 0);
}
