//! What the tests share: a shop with one order to be paid.

use std::sync::Arc;

use contracts::CloudEvent;
use contracts::orders::{CancellationReason, OrderCancelled, PaymentRequested};
use contracts::shipping::ShipmentDispatched;
use harness::{Answer, Harness, Request, event};
use identifiers::{Clock as _, CustomerId, OrderId, Timestamp};
use money::{Currency, Money};
use payments::Payments;
use payments::fake::{APPROVES, FakeProvider};
use payments::payment::Payment;
use serde_json::Value;
use store::MemoryStore;

pub const ORDER: &str = "order-1";
pub const CUSTOMER: &str = "customer-1";
pub const SECRETS: [&str; 2] = ["whsec_new", "whsec_old"];
/// What the order costs.
pub const TOTAL: Money = Money::new(5280, Currency::JPY);

pub struct Shop {
    pub harness: Harness<Payments<MemoryStore, FakeProvider>>,
    pub provider: Arc<FakeProvider>,
    began_at: Timestamp,
}

impl Shop {
    pub fn open() -> Self {
        let store = MemoryStore::new(payments::INDEXES);
        let provider = Arc::new(FakeProvider::default());
        let secrets = SECRETS.map(str::to_owned).to_vec();
        let harness = Harness::new(
            store.clone(),
            Payments::new(store, Arc::clone(&provider), secrets),
        );
        let began_at = harness.clock.now();
        provider.set_now(began_at);
        Self {
            harness,
            provider,
            began_at,
        }
    }

    /// A shop whose payment was asked for by the message, and whose call was recorded and not made: as when the function
    /// dies just then.
    pub async fn with_intent_only() -> (Self, CloudEvent) {
        let before = Self::open();
        let requested = before.requested_with(APPROVES);
        before.deliver(&requested).await;
        let intent_only = before.harness.store.take_changes().remove(0);
        assert_eq!(intent_only.version, 1);
        let shop = Self::open();
        store::Store::commit(&shop.harness.store, &intent_only, store::Expected::Absent)
            .await
            .unwrap();
        (shop, requested)
    }

    /// Moves the clock, and the provider's with it.
    pub fn wait_seconds(&self, seconds: i64) {
        self.harness.clock.advance_seconds(seconds);
        self.provider.set_now(self.harness.clock.now());
    }

    /// Ticks the schedule and lets the stream publish what that committed; returns the types of what was published.
    pub async fn tick(&self) -> Vec<String> {
        self.harness.tick().await.expect("the sweep succeeds");
        self.harness.relay().await;
        self.harness.published_types()
    }

    pub fn requested_with(&self, payment_method: &str) -> CloudEvent {
        self.requested(1, TOTAL, payment_method, 3)
    }

    pub fn requested(
        &self,
        attempt: u32,
        amount: Money,
        payment_method: &str,
        version: u64,
    ) -> CloudEvent {
        let data = PaymentRequested {
            order_id: order_id(),
            customer_id: CustomerId::new(CUSTOMER).unwrap(),
            attempt,
            amount,
            payment_method: payment_method.to_owned(),
            pay_until: self.began_at.plus_seconds(3600),
        };
        event(ORDER, version, 0, &data)
    }

    pub fn cancelled(&self) -> CloudEvent {
        let data = OrderCancelled {
            order_id: order_id(),
            customer_id: CustomerId::new(CUSTOMER).unwrap(),
            reason: CancellationReason::CustomerRequest,
            total: TOTAL,
        };
        event(ORDER, 9, 0, &data)
    }

    pub fn dispatched(&self, parcel: u32) -> CloudEvent {
        let data = ShipmentDispatched {
            order_id: order_id(),
            customer_id: CustomerId::new(CUSTOMER).unwrap(),
            parcel,
            lines: Vec::new(),
            carrier: "yamato".to_owned(),
            tracking_number: "1234".to_owned(),
            complete: false,
            dispatched_at: self.began_at,
        };
        event(ORDER, 4 + u64::from(parcel), 0, &data)
    }

    /// Delivers one event that must be taken; returns the types of what was published before it was acknowledged.
    pub async fn deliver(&self, event: &CloudEvent) -> Vec<String> {
        let failed = self.harness.deliver(std::slice::from_ref(event)).await;
        assert!(failed.is_empty(), "{} was not taken", event.event_type);
        self.harness.published_types()
    }

    pub async fn payment(&self) -> Payment {
        let payment = decider::read::<Payment, _>(&self.harness.store, &order_id())
            .await
            .unwrap();
        payment.expect("there is a payment")
    }

    pub async fn shown(&self) -> Value {
        let path = format!("/api/operator/payments/{ORDER}");
        let answer = self
            .harness
            .http(&Request::new("GET", &path).by_operator("op"))
            .await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        answer.body
    }

    pub async fn refund(&self, key: &str, body: &Value) -> Answer {
        let path = format!("/api/operator/payments/{ORDER}/refund");
        let request = Request::new("POST", &path)
            .by_operator("op")
            .header("Idempotency-Key", key)
            .json(body);
        self.harness.http(&request).await
    }

    /// The provider's own view, which must agree with the charter's invariants at every moment.
    pub fn check_provider(&self) {
        let booked = self.provider.booked();
        for attempt in 1..=3 {
            let live = booked
                .iter()
                .filter(|one| one.intent.attempt == Some(attempt) && one.live_hold().is_some());
            assert!(
                live.count() <= 1,
                "two live authorisations of attempt {attempt}: {booked:?}"
            );
        }
        for one in &booked {
            let refunded: i64 = one.refunds.values().sum();
            assert!(
                refunded <= one.captured_minor && one.captured_minor <= one.held_minor,
                "{one:?}"
            );
        }
    }

    pub async fn authorised() -> Self {
        let shop = Self::open();
        let said = shop.deliver(&shop.requested_with(APPROVES)).await;
        assert_eq!(said, ["payments.PaymentAuthorized.v1"]);
        shop
    }

    pub async fn captured() -> Self {
        let shop = Self::authorised().await;
        assert_eq!(
            shop.deliver(&shop.dispatched(1)).await,
            ["payments.PaymentCaptured.v1"]
        );
        shop
    }
}

pub fn order_id() -> OrderId {
    OrderId::new(ORDER).unwrap()
}
