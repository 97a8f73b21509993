//! The inventory context: stock per SKU and location, reservations, and the ledger of movements.
//!
//! Owns what can be sold and what is set aside for whom. Does not own what a SKU is (catalog's), when an order gives up
//! waiting (orders') or what is in which parcel (shipping's).

mod consumer;
mod http;
pub mod movement;
mod receive;
pub mod reservation;
mod settle;
pub mod stock;
mod store;
mod threshold;
mod threshold_wish;
mod together;
mod view;

use ::store::{Cursor, Page, Store, StoreFailure};
use contracts::CloudEvent;
use door::{ConsumeError, Context, Environment, Function, StartError};
use identifiers::Timestamp;

pub use store::{INDEXES, reservation_key, stock_key};

/// Where stock lies when nobody says where.
pub const DEFAULT_LOCATION: &str = "main";

/// The inventory context over a table.
#[derive(Debug, Clone)]
pub struct Inventory<S> {
    store: S,
}

impl<S: Store> Inventory<S> {
    /// The context over that table.
    pub fn new(store: S) -> Self {
        Self { store }
    }
}

impl<S: Store + Clone> Context for Inventory<S> {
    const HEARS: &'static [&'static str] = consumer::HEARS;

    fn router(&self) -> axum::Router {
        http::router(self.store.clone())
    }

    fn description() -> openapi::Description {
        http::description::<S>()
    }

    async fn consume(
        &self,
        event: &CloudEvent,
        now: Timestamp,
    ) -> Result<Vec<CloudEvent>, ConsumeError> {
        consumer::consume(&self.store, event, now).await
    }

    async fn consume_together(
        &self,
        events: &[&CloudEvent],
        now: Timestamp,
    ) -> Vec<Option<Vec<CloudEvent>>> {
        together::reserve_together(&self.store, events, now).await
    }

    async fn scan(&self, after: Option<&Cursor>, limit: usize) -> Result<Page, StoreFailure> {
        self.store.scan(after, limit).await
    }
}

/// Starts the function with its own table, topic and dead-letter queue.
///
/// # Errors
/// When an environment variable is missing.
pub async fn start(environment: Environment) -> Result<Function, StartError> {
    door::start(&environment, |store, _| Ok(Inventory::new(store)))
}
