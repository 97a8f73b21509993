//! What orders counts when its store is in its way: a write that another was before, a read that fails, an event that the
//! topic does not take.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use contracts::CloudEvent;
use contracts::inventory::StockReserved;
use door::{DeadLetterRecorder, Door};
use harness::{Harness, ManualClock, Request, event, queue_batch, stream_batch};
use orders::{Config, INDEXES, Orders};
use publisher::{Deaf, Publisher, Recorder};
use serde_json::{Value, json};
use store::{
    CommitFailure, Consistency, Cursor, Expected, Key, MemoryStore, Page, Query, Record, Store,
    StoreFailure, TransactFailure, Write,
};

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The table in memory, whose next write comes after another's, or whose reads fail.
#[derive(Clone)]
struct Troubled {
    table: MemoryStore,
    rival: Arc<Mutex<Option<Work>>>,
    is_down: Arc<AtomicBool>,
}

impl Troubled {
    fn over(table: &MemoryStore) -> Self {
        Self {
            table: table.clone(),
            rival: Arc::default(),
            is_down: Arc::default(),
        }
    }
}

impl Store for Troubled {
    async fn load(
        &self,
        key: &Key,
        consistency: Consistency,
    ) -> Result<Option<Record>, StoreFailure> {
        if self.is_down.load(Ordering::SeqCst) {
            return Err(StoreFailure {
                operation: "read",
                subject: "any".to_owned(),
                message: "nobody answers".to_owned(),
                outcome_unknown: false,
            });
        }
        self.table.load(key, consistency).await
    }

    async fn load_many(&self, keys: &[Key]) -> Result<Vec<Record>, StoreFailure> {
        self.table.load_many(keys).await
    }

    async fn commit(&self, record: &Record, expected: Expected) -> Result<(), CommitFailure> {
        let rival = self.rival.lock().unwrap().take();
        if let Some(rival) = rival {
            rival.await;
        }
        self.table.commit(record, expected).await
    }

    async fn transact(&self, writes: &[Write]) -> Result<(), TransactFailure> {
        self.table.transact(writes).await
    }

    async fn query(&self, query: &Query) -> Result<Page, StoreFailure> {
        self.table.query(query).await
    }

    async fn scan(&self, after: Option<&Cursor>, limit: usize) -> Result<Page, StoreFailure> {
        self.table.scan(after, limit).await
    }

    async fn wait(&self, _: Duration) {}
}

fn golden(name: &str) -> CloudEvent {
    let path = format!(
        "{}/../../shared/contracts/examples/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    CloudEvent::read(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn fact(event: &CloudEvent, pointer: &str) -> Value {
    let data: Value = serde_json::from_str(event.data.get()).unwrap();
    data.pointer(pointer).unwrap().clone()
}

struct Shop {
    table: MemoryStore,
    store: Troubled,
    harness: Harness<Orders<Troubled>>,
}

impl Shop {
    async fn open() -> Self {
        let table = MemoryStore::new(INDEXES);
        let store = Troubled::over(&table);
        let context = Orders::new(store.clone(), Config::default());
        let harness = Harness::new(table.clone(), context);
        let heard = [
            "catalog.ProductPublished.v1",
            "shipping.ShippingRateChanged.v1",
        ];
        assert!(harness.deliver(&heard.map(golden)).await.is_empty());
        Self {
            table,
            store,
            harness,
        }
    }

    /// Places an order, and returns what inventory says about it.
    async fn place(&self) -> CloudEvent {
        let product = golden("catalog.ProductPublished.v1");
        let rate = golden("shipping.ShippingRateChanged.v1");
        let wish = json!({
            "lines": [{ "sku": fact(&product, "/variants/0/sku"), "quantity": 1 }],
            "region": fact(&rate, "/region"),
            "payment_method": "pm_card_visa",
        });
        let request = Request::new("POST", "/api/orders")
            .by_customer("c-1")
            .header("Idempotency-Key", "k-1")
            .json(&wish);
        let placed = self.harness.http(&request).await;
        assert_eq!(placed.status, 201, "{}", placed.body);
        let order_id = placed.body["order_id"].as_str().unwrap();
        let reserved = StockReserved {
            order_id: order_id.parse().unwrap(),
        };
        event(order_id, 1, 0, &reserved)
    }

    /// Another process of the function over the same table.
    fn other<P: Publisher>(
        &self,
        publisher: P,
    ) -> Door<Orders<MemoryStore>, P, DeadLetterRecorder, ManualClock> {
        Door::new(
            Arc::new(Orders::new(self.table.clone(), Config::default())),
            publisher,
            DeadLetterRecorder::default(),
            self.harness.clock.clone(),
        )
    }

    fn counted<const N: usize>(&self, names: [&str; N]) -> [u64; N] {
        names.map(|name| self.harness.counted(name))
    }
}

/// The same message is handled by two at once: the one that comes second finds the version gone and reads again.
#[tokio::test]
async fn a_write_that_another_was_before_is_counted_as_a_conflict() {
    let shop = Shop::open().await;
    let answer = shop.place().await;
    shop.harness.relay().await;
    let (other, batch) = (
        shop.other(Recorder::default()),
        queue_batch(&[answer.to_json()]),
    );
    let rival: Work = Box::pin(async move {
        let (handled, recorded) = metrics::recording(other.handle(batch.as_bytes())).await;
        handled.unwrap();
        assert_eq!((recorded.of("Commits"), recorded.of("Conflicts")), (1, 0));
    });
    *shop.store.rival.lock().unwrap() = Some(rival);

    let names = ["Conflicts", "Duplicates", "Commits", "Unhandled"];
    let [conflicts, duplicates, commits, unhandled] = shop.counted(names);
    assert_eq!((conflicts, duplicates, unhandled), (0, 0, 0));
    assert!(shop.harness.deliver(&[answer]).await.is_empty());
    assert_eq!(shop.counted(names), [1, 1, commits, 0]);
}

/// What calls a new version back sees each trigger that it does not handle.
#[tokio::test]
async fn what_is_not_handled_is_counted_whatever_brought_it() {
    let shop = Shop::open().await;
    let answer = shop.place().await;
    shop.harness.relay().await;
    let names = ["Failed", "ComeAgain", "DeadLetters", "Unhandled"];
    let unknown = Request::new("GET", "/api/orders/nobody").by_customer("c-1");
    assert_eq!(shop.harness.http(&unknown).await.status, 404);
    assert_eq!(shop.counted(names), [0; 4]);

    shop.store.is_down.store(true, Ordering::SeqCst);
    let order = format!("/api/orders/{}", answer.subject);
    let shown = Request::new("GET", &order).by_customer("c-1");
    assert!(shop.harness.http(&shown).await.status >= 500);
    assert_eq!(shop.counted(names), [1, 0, 0, 1]);
    assert_eq!(shop.harness.deliver(&[answer]).await, [0]);
    assert_eq!(shop.counted(names), [1, 1, 0, 2]);
    let no_event = ["no event".to_owned()];
    assert!(shop.harness.deliver_bodies(&no_event).await.is_empty());
    assert_eq!(shop.counted(names), [1, 1, 1, 3]);
}

/// Queues keep no order: what comes before that which it answers waits, and no version is called back for it.
#[tokio::test]
async fn what_waits_for_another_is_no_failure() {
    let shop = Shop::open().await;
    let early = StockReserved {
        order_id: "nobody".parse().unwrap(),
    };
    let early = event("nobody", 1, 0, &early);
    assert_eq!(shop.harness.deliver(&[early]).await, [0]);
    assert_eq!(shop.counted(["ComeAgain", "Unhandled"]), [1, 0]);
}

#[tokio::test]
async fn what_is_not_published_is_not_handled() {
    let shop = Shop::open().await;
    let answer = shop.place().await;
    let deaf = shop.other(Deaf);
    let of_stream = stream_batch(&shop.table.take_changes());
    for batch in [of_stream, queue_batch(&[answer.to_json()])] {
        let (handled, recorded) = metrics::recording(deaf.handle(batch.as_bytes())).await;
        let handled: Value = serde_json::from_slice(&handled.unwrap()).unwrap();
        assert_eq!(handled["batchItemFailures"].as_array().unwrap().len(), 1);
        let counts = ["NotPublished", "Unhandled"].map(|name| recorded.of(name));
        assert_eq!(counts, [1, 1]);
    }
}
