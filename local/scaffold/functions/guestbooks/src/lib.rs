//! The guestbooks context: one guestbook for each order, opened by its customer, closed when the order is completed.
//!
//! Owns guestbooks. Does not own orders: it hears when one is completed.

mod consumer;
pub mod guestbook;
mod http;
mod store;

use ::store::{Cursor, Page, Store, StoreFailure};
use contracts::CloudEvent;
use door::{ConsumeError, Context, Environment, Function, StartError};
use identifiers::Timestamp;

pub use store::INDEXES;

/// The guestbooks context over a table.
#[derive(Debug, Clone)]
pub struct Guestbooks<S> {
    store: S,
}

impl<S: Store + Clone> Guestbooks<S> {
    /// The context over that table.
    pub fn new(store: S) -> Self {
        Self { store }
    }
}

impl<S: Store + Clone> Context for Guestbooks<S> {
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
    door::start(&environment, |store, _| Ok(Guestbooks::new(store)))
}
