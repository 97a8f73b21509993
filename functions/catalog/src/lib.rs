//! The catalog context: products, their variants, prices, tax classes and categories.
//!
//! Owns what is sold and at which price, drafts to retirement, bulk import, lists and search. Does not own stock, nor
//! what an order has cost: orders keeps its own copy of the prices that this context publishes.

pub mod category;
mod change;
pub mod content;
pub mod fold;
mod http;
mod import;
mod listing;
pub mod product;
pub mod shelf;
mod store;
mod view;

use ::store::{Cursor, Page, Store, StoreFailure};
use contracts::{CloudEvent, UnreadableEvent};
use door::{ConsumeError, Context, Environment, Function, StartError};
use identifiers::Timestamp;

use crate::shelf::ShelfReader;

pub use store::INDEXES;

/// The catalog context over a table.
#[derive(Debug, Clone)]
pub struct Catalog<S> {
    store: S,
    reader: ShelfReader,
}

impl<S: Store + Clone> Catalog<S> {
    /// The context over that table.
    pub fn new(store: S) -> Self {
        Self {
            store,
            reader: ShelfReader::default(),
        }
    }
}

impl<S: Store + Clone> Context for Catalog<S> {
    const HEARS: &'static [&'static str] = &[];

    fn router(&self) -> axum::Router {
        http::router(self.clone())
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

/// Starts the function with the clients of its environment.
///
/// # Errors
/// When a variable is missing.
pub async fn start(environment: Environment) -> Result<Function, StartError> {
    door::start(&environment, |store, _| Ok(Catalog::new(store)))
}
