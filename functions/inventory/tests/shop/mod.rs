//! What the tests of inventory share: events as other contexts publish them, and stores that are read or that fail.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(dead_code, reason = "each test file uses its own part of this module")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use contracts::CloudEvent;
use contracts::orders::{CancellationReason, OrderCancelled, OrderPlaced, OrderedLine};
use contracts::shipping::{ReturnReceived, ShipmentDispatched};
use decider::Loaded;
use door::{ConsumeError, Context as _};
use identifiers::{CustomerId, OrderId, Sku, Timestamp};
use inventory::Inventory;
use inventory::reservation::Reservation;
use inventory::stock::Stock;
use money::Money;
use store::{
    Adjustment, CommitFailure, Consistency, CounterChange, Cursor, Expected, Key, MemoryStore,
    Page, Query, Record, Store, StoreFailure, TransactFailure, Write,
};

/// The instant at which the harness's clock stands.
pub const NOW: Timestamp = Timestamp::from_milliseconds(1_795_512_600_000);

pub fn sku(name: &str) -> Sku {
    Sku::new(name).unwrap()
}

pub fn order(name: &str) -> OrderId {
    OrderId::new(name).unwrap()
}

pub fn lines(lines: &[(&str, u32)]) -> Vec<OrderedLine> {
    let lines = lines.iter().map(|(name, quantity)| OrderedLine {
        sku: sku(name),
        quantity: *quantity,
    });
    lines.collect()
}

/// So many lines of one each, of the SKUs `S0000` and up.
pub fn many_lines(count: usize) -> Vec<OrderedLine> {
    let lines = (0..count).map(|number| OrderedLine {
        sku: sku(&format!("S{number:04}")),
        quantity: 1,
    });
    lines.collect()
}

fn yen(amount_minor: i64) -> Money {
    serde_json::from_value(serde_json::json!({ "amount_minor": amount_minor, "currency": "JPY" }))
        .unwrap()
}

fn customer() -> CustomerId {
    CustomerId::new("customer-1").unwrap()
}

pub fn placed(order_id: &str, lines: Vec<OrderedLine>) -> CloudEvent {
    placed_until(order_id, lines, NOW.plus_seconds(600))
}

pub fn placed_until(
    order_id: &str,
    lines: Vec<OrderedLine>,
    reserve_until: Timestamp,
) -> CloudEvent {
    let data = OrderPlaced {
        order_id: order(order_id),
        customer_id: customer(),
        lines,
        total: yen(1980),
        reserve_until,
    };
    harness::event(order_id, 1, 0, &data)
}

pub fn cancelled(order_id: &str) -> CloudEvent {
    let data = OrderCancelled {
        order_id: order(order_id),
        customer_id: customer(),
        reason: CancellationReason::CustomerRequest,
        total: yen(1980),
    };
    harness::event(order_id, 2, 0, &data)
}

pub fn dispatched(order_id: &str, parcel: u32, lines: Vec<OrderedLine>) -> CloudEvent {
    let data = ShipmentDispatched {
        order_id: order(order_id),
        customer_id: customer(),
        parcel,
        lines,
        carrier: "Yamato".to_owned(),
        tracking_number: format!("{parcel}"),
        complete: false,
        dispatched_at: NOW,
    };
    harness::event(order_id, u64::from(parcel) + 1, 0, &data)
}

pub fn returned(
    order_id: &str,
    return_number: u32,
    lines: Vec<OrderedLine>,
    restock: bool,
) -> CloudEvent {
    let data = ReturnReceived {
        order_id: order(order_id),
        return_number,
        lines,
        restock,
    };
    harness::event(order_id, u64::from(return_number) + 100, 0, &data)
}

/// The names of events, without context and version.
pub fn names(events: &[CloudEvent]) -> Vec<&str> {
    let name = |event| CloudEvent::event_type_name(event);
    events.iter().map(name).collect()
}

trait EventTypeName {
    fn event_type_name(&self) -> &str;
}

impl EventTypeName for CloudEvent {
    fn event_type_name(&self) -> &str {
        self.event_type.split('.').nth(1).unwrap_or_default()
    }
}

/// Lays stock in the table, as receipts would have left it.
pub async fn stock_up<S: Store>(store: &S, name: &str, location: &str, count: i64, threshold: i64) {
    let mut changes = vec![
        change(&format!("available:{location}"), count),
        change(&format!("received:{location}"), count),
    ];
    if threshold > 0 {
        changes.push(change(&format!("threshold:{location}"), threshold));
    }
    let adjustment = Adjustment {
        key: inventory::stock_key(&sku(name)),
        changes,
    };
    store.transact(&[Write::Adjust(adjustment)]).await.unwrap();
}

pub async fn stock_up_many(store: &MemoryStore, count: usize, each: i64) {
    for number in 0..count {
        stock_up(store, &format!("S{number:04}"), "main", each, 0).await;
    }
}

fn change(counter: &str, by: i64) -> CounterChange {
    CounterChange {
        counter: counter.to_owned(),
        by,
        before: None,
    }
}

pub async fn stock_of<S: Store>(store: &S, name: &str) -> Stock {
    let record = store
        .load(&inventory::stock_key(&sku(name)), Consistency::Strong)
        .await
        .unwrap();
    record.as_ref().map(Stock::from_record).unwrap_or_default()
}

pub async fn available<S: Store>(store: &S, name: &str) -> i64 {
    stock_of(store, name).await.available()
}

pub async fn reservation<S: Store>(store: &S, order_id: &str) -> Option<Reservation> {
    decider::read::<Reservation, S>(store, &order(order_id))
        .await
        .unwrap()
}

/// Hands the event to the consumer until it is taken, as a queue would; returns what is published at the end.
pub async fn until_taken<S: Store + Clone>(
    context: &Inventory<S>,
    event: &CloudEvent,
) -> Vec<CloudEvent> {
    for _ in 0..100 {
        match context.consume(event, NOW).await {
            Ok(events) => return events,
            Err(error) if error.is_passing() => {}
            Err(error) => panic!("{error}"),
        }
    }
    panic!("{} was not taken in a hundred deliveries", event.id);
}

pub async fn consume<S: Store + Clone>(
    context: &Inventory<S>,
    event: &CloudEvent,
) -> Result<Vec<CloudEvent>, ConsumeError> {
    context.consume(event, NOW).await
}

/// Checks what must hold at every moment: nothing below zero, and every unit that was received is available, held, or
/// has left, place by place.
pub fn check_conservation(store: &MemoryStore) {
    let mut out = BTreeMap::new();
    let mut stocks = BTreeMap::new();
    for record in store.all() {
        if record.key.sk == "stock" {
            let name = record.key.pk.trim_start_matches("stock#").to_owned();
            stocks.insert(sku(&name), Stock::from_record(&record));
        } else if record.key.sk == "reservation" {
            let id = order(record.key.pk.trim_start_matches("reservation#"));
            let loaded: Loaded<Reservation> = Loaded::from_record(&id, Some(record)).unwrap();
            for (place, count) in loaded.state().unwrap().taken_since(None) {
                *out.entry(place).or_insert(0) += count;
            }
        }
    }
    for (sku, stock) in &stocks {
        for (location_id, level) in &stock.locations {
            let taken = out.remove(&(sku.clone(), location_id.clone())).unwrap_or(0);
            assert!(level.available >= 0, "{sku} at {location_id}: {level:?}");
            assert_eq!(
                level.allocated(),
                taken,
                "{sku} at {location_id}: {level:?}"
            );
        }
    }
    assert!(out.is_empty(), "taken from nowhere: {out:?}");
}

/// How a failing store fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The write is not done, and the store says so.
    NotDone,
    /// The write is done, and the answer is lost.
    DoneUnknown,
    /// The write is not done, and whether it was is not known.
    NotDoneUnknown,
}

/// A store whose writes fail from the nth on, until it is mended: a process that dies there.
#[derive(Debug, Clone)]
pub struct FailingStore {
    pub inner: MemoryStore,
    writes_left: Arc<AtomicUsize>,
    fault: Fault,
}

impl FailingStore {
    pub fn new(inner: MemoryStore, writes: usize, fault: Fault) -> Self {
        Self {
            inner,
            writes_left: Arc::new(AtomicUsize::new(writes)),
            fault,
        }
    }

    pub fn mend(&self) {
        self.writes_left.store(usize::MAX, Ordering::SeqCst);
    }

    fn has_writes_left(&self) -> bool {
        let less = |left: usize| left.checked_sub(1);
        self.writes_left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, less)
            .is_ok()
    }

    fn failure(&self) -> StoreFailure {
        StoreFailure {
            operation: "write",
            subject: "any".to_owned(),
            message: "the machine is gone".to_owned(),
            outcome_unknown: self.fault != Fault::NotDone,
        }
    }
}

impl Store for FailingStore {
    async fn load(
        &self,
        key: &Key,
        consistency: Consistency,
    ) -> Result<Option<Record>, StoreFailure> {
        self.inner.load(key, consistency).await
    }
    async fn load_many(&self, keys: &[Key]) -> Result<Vec<Record>, StoreFailure> {
        self.inner.load_many(keys).await
    }
    async fn commit(&self, record: &Record, expected: Expected) -> Result<(), CommitFailure> {
        if self.has_writes_left() {
            return self.inner.commit(record, expected).await;
        }
        if self.fault == Fault::DoneUnknown {
            self.inner.commit(record, expected).await?;
        }
        Err(self.failure().into())
    }
    async fn transact(&self, writes: &[Write]) -> Result<(), TransactFailure> {
        if self.has_writes_left() {
            return self.inner.transact(writes).await;
        }
        if self.fault == Fault::DoneUnknown {
            self.inner.transact(writes).await?;
        }
        Err(self.failure().into())
    }
    async fn query(&self, query: &Query) -> Result<Page, StoreFailure> {
        self.inner.query(query).await
    }
    async fn scan(&self, after: Option<&Cursor>, limit: usize) -> Result<Page, StoreFailure> {
        self.inner.scan(after, limit).await
    }
}

/// A store whose eventually consistent reads all come from an earlier moment, as DynamoDB's may.
#[derive(Debug, Clone)]
pub struct StaleStore {
    pub now: MemoryStore,
    then: MemoryStore,
}

impl StaleStore {
    /// From here on, only strong reads see what is written.
    pub async fn from_now_on(now: &MemoryStore) -> Self {
        let then = MemoryStore::new(inventory::INDEXES);
        for record in now.all() {
            then.commit(&record, Expected::Absent).await.unwrap();
        }
        Self {
            now: now.clone(),
            then,
        }
    }
}

impl Store for StaleStore {
    async fn load(
        &self,
        key: &Key,
        consistency: Consistency,
    ) -> Result<Option<Record>, StoreFailure> {
        tokio::task::yield_now().await;
        match consistency {
            Consistency::Eventual => self.then.load(key, consistency).await,
            Consistency::Strong => self.now.load(key, consistency).await,
        }
    }
    async fn load_many(&self, keys: &[Key]) -> Result<Vec<Record>, StoreFailure> {
        tokio::task::yield_now().await;
        self.then.load_many(keys).await
    }
    async fn commit(&self, record: &Record, expected: Expected) -> Result<(), CommitFailure> {
        tokio::task::yield_now().await;
        self.now.commit(record, expected).await
    }
    async fn transact(&self, writes: &[Write]) -> Result<(), TransactFailure> {
        tokio::task::yield_now().await;
        self.now.transact(writes).await
    }
    async fn query(&self, query: &Query) -> Result<Page, StoreFailure> {
        self.then.query(query).await
    }
    async fn scan(&self, after: Option<&Cursor>, limit: usize) -> Result<Page, StoreFailure> {
        self.now.scan(after, limit).await
    }
}
