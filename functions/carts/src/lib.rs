//! The carts context: one open cart for each customer and guest, and guests' sessions.
//!
//! Owns what is in a cart, the prices that its owner has seen, and the checkout, which happens once for each version of a
//! cart. Does not own prices (catalog says them) nor orders: a checkout is said, and orders places the order.

pub mod cart;
mod consumer;
mod http;
mod shelf;
mod store;
mod view;

use ::store::{Cursor, Page, Store, StoreFailure};
use contracts::CloudEvent;
use door::{ConsumeError, Context, Environment, Function, StartError};
use identifiers::Timestamp;

pub use store::INDEXES;

/// The carts context over a table.
#[derive(Debug, Clone)]
pub struct Carts<S> {
    store: S,
}

impl<S: Store + Clone> Carts<S> {
    /// The context over that table.
    pub fn new(store: S) -> Self {
        Self { store }
    }
}

impl<S: Store + Clone> Context for Carts<S> {
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

/// Starts the function with its own table, topic and dead-letter queue.
///
/// # Errors
/// When an environment variable is missing or not usable.
pub async fn start(environment: Environment) -> Result<Function, StartError> {
    door::start(&environment, |store, _| Ok(Carts::new(store)))
}
