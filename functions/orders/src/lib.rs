//! The orders context: the order and its process.
//!
//! Owns orders, the flow from placing to delivery, and the copies of prices and shipping rates that totals are made
//! from. Does not own stock, money or parcels: it asks the contexts that do, by events, and takes note of replies.

mod checkout;
pub mod config;
mod consumer;
mod deadlines;
mod http;
pub mod order;
pub mod price;
pub mod process;
mod quote;
pub mod returning;
mod store;
mod view;

use std::sync::Arc;

use ::store::{Cursor, Page, Store, StoreFailure};
use contracts::CloudEvent;
use door::{ConsumeError, Context, Environment, Function, StartError, Sweep};
use identifiers::Timestamp;

pub use config::Config;
pub use store::INDEXES;

/// The orders context over a table.
#[derive(Debug, Clone)]
pub struct Orders<S> {
    pub(crate) store: S,
    pub(crate) config: Config,
}

impl<S: Store> Orders<S> {
    /// The context over that table.
    pub fn new(store: S, config: Config) -> Self {
        Self { store, config }
    }
}

impl<S: Store + Clone> Context for Orders<S> {
    const HEARS: &'static [&'static str] = consumer::HEARS;

    fn router(&self) -> axum::Router {
        http::router(Arc::new(self.clone()))
    }

    fn description() -> openapi::Description {
        http::description::<S>()
    }

    async fn consume(
        &self,
        event: &CloudEvent,
        now: Timestamp,
    ) -> Result<Vec<CloudEvent>, ConsumeError> {
        consumer::consume(self, event, now).await
    }

    async fn sweep(&self, now: Timestamp) -> Result<Sweep, decider::Failure> {
        deadlines::sweep(self, now).await
    }

    async fn scan(&self, after: Option<&Cursor>, limit: usize) -> Result<Page, StoreFailure> {
        self.store.scan(after, limit).await
    }
}

/// Starts the function with its own table, topic and dead-letter queue.
///
/// # Errors
/// When an environment variable is missing or not usable.
pub async fn start(environment: Environment) -> Result<Function, StartError> {
    let config = Config::from_environment(&environment)?;
    door::start(&environment, |store, _| Ok(Orders::new(store, config)))
}
