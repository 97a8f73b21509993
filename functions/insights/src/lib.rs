//! The insights context: read models of all that the others say, and the failed messages, for the operators' console.
//!
//! Owns each order's timeline and summary, the list of orders, sales by day and product, warnings of low stock, how events
//! flow, and the record of what operators did about failed messages. Does not own any of the facts: what it holds can be
//! behind, and nothing else rests on it. It says nothing.

mod config;
mod consumer;
pub mod day;
pub mod fact;
pub mod failed;
pub mod flow;
mod hears;
mod http;
pub mod order;
pub mod orders;
pub mod reading;
pub mod sales;
pub mod stock;
mod store;
pub mod timeline;
pub mod title;

use std::sync::Arc;

use ::store::{Cursor, Page, Store, StoreFailure};
use contracts::CloudEvent;
use door::{ConsumeError, Context, Environment, Function, StartError, Sweep};
use identifiers::Timestamp;

pub use config::Config;
pub use store::INDEXES;

use failed::FailedQueues;

/// The insights context over a table and the queues of failed messages.
#[derive(Debug, Clone)]
pub struct Insights<S> {
    store: S,
    failed: Arc<FailedQueues>,
    config: Arc<Config>,
}

impl<S: Store + Clone> Insights<S> {
    /// The context over that table and those queues.
    pub fn new(store: S, failed: FailedQueues, config: Config) -> Self {
        Self {
            store,
            failed: Arc::new(failed),
            config: Arc::new(config),
        }
    }
}

impl<S: Store + Clone> Context for Insights<S> {
    const HEARS: &'static [&'static str] = hears::HEARS;

    fn router(&self) -> axum::Router {
        http::router(self.clone())
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

    async fn consume_together(
        &self,
        events: &[&CloudEvent],
        now: Timestamp,
    ) -> Vec<Option<Vec<CloudEvent>>> {
        consumer::consume_together(self, events, now).await
    }

    async fn sweep(&self, now: Timestamp) -> Result<Sweep, decider::Failure> {
        // What nobody looks at is told by an alarm. Nothing is counted where nothing lies, so that the metric costs nothing.
        let failed_messages = self.failed.waiting().await;
        if failed_messages > 0 {
            metrics::count("FailedMessages", failed_messages);
        }
        let zone = &self.config.time_zone;
        let due = sales::settle(&self.store, zone, now).await?;
        Ok(Sweep { due, failed: 0 })
    }

    async fn scan(&self, after: Option<&Cursor>, limit: usize) -> Result<Page, StoreFailure> {
        self.store.scan(after, limit).await
    }
}

/// Starts the function with the clients of its environment.
///
/// # Errors
/// When a variable is missing or makes no sense.
pub async fn start(environment: Environment) -> Result<Function, StartError> {
    let config = Config::from_environment(&environment)?;
    door::start(&environment, |store, sdk| {
        let failed = FailedQueues::from_environment(&environment, sdk)?;
        Ok(Insights::new(store, failed, config))
    })
}
