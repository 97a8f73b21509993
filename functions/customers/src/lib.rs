//! The customers context: who a customer is, where they live, what they agreed to, and that they are forgotten.
//!
//! Owns profiles, address books, consent, and the erasure that every context hears of. Does not own sign-in (the issuer
//! has the accounts), how a customer is written to (notifications) or what they bought (orders).

pub mod address;
mod change;
pub mod consent;
pub mod customer;
mod http;
pub mod personal;
mod store;
mod view;

use ::store::{Cursor, Page, Store, StoreFailure};
use contracts::{CloudEvent, UnreadableEvent};
use door::{ConsumeError, Context, Environment, Function, StartError};
use identifiers::Timestamp;

pub use store::INDEXES;

/// The customers context over a table.
#[derive(Debug, Clone)]
pub struct Customers<S> {
    store: S,
}

impl<S: Store + Clone> Customers<S> {
    /// The context over that table.
    pub fn new(store: S) -> Self {
        Self { store }
    }
}

impl<S: Store + Clone> Context for Customers<S> {
    const HEARS: &'static [&'static str] = &[];

    fn router(&self) -> axum::Router {
        http::router(self.store.clone())
    }

    fn description() -> openapi::Description {
        http::description::<S>()
    }

    async fn consume(
        &self,
        event: &CloudEvent,
        _: Timestamp,
    ) -> Result<Vec<CloudEvent>, ConsumeError> {
        Err(UnreadableEvent::UnknownType(event.event_type.clone()).into())
    }

    async fn scan(&self, after: Option<&Cursor>, limit: usize) -> Result<Page, StoreFailure> {
        self.store.scan(after, limit).await
    }
}

/// Starts the function with its own table and topic.
///
/// # Errors
/// When an environment variable is missing or not usable.
pub async fn start(environment: Environment) -> Result<Function, StartError> {
    door::start(&environment, |store, _| Ok(Customers::new(store)))
}
