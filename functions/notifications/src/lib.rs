//! The notifications context: what a customer is told about an order, in which language, and that it was told once.
//!
//! Owns how customers can be reached, the texts, and the record of what was sent or skipped. Does not own orders,
//! payments or parcels: it hears about those.

mod amount;
mod config;
mod consumer;
pub mod contact;
mod http;
pub mod letter;
pub mod mail;
pub mod news;
pub mod notice;
pub mod reach;
mod ses;
mod store;
pub mod told;
mod view;

use std::sync::Arc;

use ::store::{Cursor, Page, Store, StoreFailure};
use contracts::CloudEvent;
use door::{ConsumeError, Context, Environment, Function, StartError};
use identifiers::Timestamp;

pub use config::Config;
pub use ses::SesMailer;
pub use store::INDEXES;

use letter::Letters;
use mail::Mailer;

/// The notifications context over a table and a way to send mail.
#[derive(Debug, Clone)]
pub struct Notifications<S, M> {
    store: S,
    mailer: M,
    letters: Arc<Letters>,
}

impl<S: Store + Clone, M: Mailer> Notifications<S, M> {
    /// The context over that table, sending with that mailer, for the shop that the settings name.
    pub fn new(store: S, mailer: M, config: &Config) -> Self {
        let letters = Arc::new(Letters::new(config));
        Self {
            store,
            mailer,
            letters,
        }
    }
}

impl<S: Store + Clone, M: Mailer> Context for Notifications<S, M> {
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
        consumer::consume(self, event, now).await
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
        Ok(Notifications::new(
            store,
            SesMailer::new(sdk, &config),
            &config,
        ))
    })
}
