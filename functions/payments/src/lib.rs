//! The payments context: one payment per order, with its append-only ledger, and the provider's webhooks.
//!
//! Owns what is held, taken and given back for an order, and every call to the payment provider. Does not own amounts
//! (orders says how much), nor when goods leave (shipping says so).

mod announcement;
pub mod authorising;
pub mod call;
mod config;
mod consumer;
mod deadlines;
pub mod decision;
pub mod fake;
pub mod hint;
mod http;
pub mod ledger;
pub mod payment;
pub mod payment_event;
pub mod provider;
pub mod reply;
pub mod signature;
mod store;
mod stripe;
mod stripe_object;
mod till;
mod view;
mod webhook;

use std::sync::Arc;

use ::store::{Cursor, Page, Store, StoreFailure};
use contracts::CloudEvent;
use door::{ConsumeError, Context, Environment, Function, StartError, Sweep};
use identifiers::Timestamp;

pub use config::Config;
pub use fake::FakeProvider;
pub use store::INDEXES;
pub use stripe::Stripe;

use crate::provider::Provider;

/// The payments context over a table and a provider.
#[derive(Debug)]
pub struct Payments<S, P> {
    pub(crate) store: S,
    pub(crate) provider: Arc<P>,
    pub(crate) webhook_secrets: Arc<[String]>,
}

impl<S: Clone, P> Clone for Payments<S, P> {
    fn clone(&self) -> Self {
        Self {
            store: self.store.clone(),
            provider: Arc::clone(&self.provider),
            webhook_secrets: Arc::clone(&self.webhook_secrets),
        }
    }
}

impl<S: Store, P: Provider> Payments<S, P> {
    /// The context over that table, with that provider, whose webhooks are signed with any of the secrets.
    pub fn new(store: S, provider: Arc<P>, webhook_secrets: Vec<String>) -> Self {
        Self {
            store,
            provider,
            webhook_secrets: webhook_secrets.into(),
        }
    }
}

impl<S: Store + Clone, P: Provider> Context for Payments<S, P> {
    const HEARS: &'static [&'static str] = consumer::HEARS;

    fn router(&self) -> axum::Router {
        http::router(Arc::new(self.clone()))
    }

    fn description() -> openapi::Description {
        http::description::<S, P>()
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

/// Starts the function with its own table, topic, dead-letter queue and payment provider.
///
/// # Errors
/// When an environment variable is missing or not usable, or a secret that one names cannot be read.
pub async fn start(environment: Environment) -> Result<Function, StartError> {
    let config = Config::read(&environment).await?;
    let provider = Stripe::new(
        &config.provider_url,
        &config.provider_secret_key,
        config.return_url,
    );
    door::start(&environment, |store, _| {
        Ok(Payments::new(
            store,
            Arc::new(provider),
            config.webhook_secrets,
        ))
    })
}
