//! The shipping context: shipments, parcels, returns, and what shipping costs.
//!
//! Owns what is packed, what has left and arrived, what came back, and the rates by region and weight; it alone knows
//! whether an order can still be cancelled whole. Does not own stock, payments or the order's own status.

mod consumer;
mod http;
mod listing;
pub mod rate;
pub mod shipment;
mod store;
mod view;
mod worklist;

use ::store::{Cursor, Page, Store, StoreFailure};
use contracts::CloudEvent;
use door::{ConsumeError, Context, Environment, Function, StartError};
use identifiers::Timestamp;

pub use store::INDEXES;

/// The shipping context over a table.
#[derive(Debug, Clone)]
pub struct Shipping<S> {
    store: S,
}

impl<S: Store + Clone> Shipping<S> {
    /// The context over that table.
    pub fn new(store: S) -> Self {
        Self { store }
    }
}

impl<S: Store + Clone> Context for Shipping<S> {
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

    async fn scan(&self, after: Option<&Cursor>, limit: usize) -> Result<Page, StoreFailure> {
        self.store.scan(after, limit).await
    }
}

/// Starts the function with the clients of its environment.
///
/// # Errors
/// When a variable is missing.
pub async fn start(environment: Environment) -> Result<Function, StartError> {
    door::start(&environment, |store, _| Ok(Shipping::new(store)))
}
