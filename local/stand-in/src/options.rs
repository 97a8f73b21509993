//! What a host may choose about the stand-in.

use std::path::PathBuf;
use std::time::Duration;

use crate::clock::Clock;
use crate::fault::OnRequest;

/// Choices made when the stand-in is opened.
#[derive(Clone)]
pub struct Options {
    /// Where the ledger lives (`payments.sqlite` within); a temporary one that ends with the process when `None`.
    pub directory: Option<PathBuf>,
    /// Where the router is reachable, without a trailing slash; next-action links start with it.
    pub base_url: String,
    /// The endpoint that webhooks are posted to (plain HTTP); none are sent when `None`.
    pub webhook_url: Option<String>,
    /// The event types to send, as Stripe's `enabled_events`; `*` stands for all.
    pub webhook_events: Vec<String>,
    /// Every active signing secret. Stripe keeps the old one active for up to 24 hours after a roll and signs with both.
    pub webhook_secrets: Vec<String>,
    /// How the network between provider and endpoint behaves.
    pub delivery: WebhookDelivery,
    /// The time source.
    pub clock: Clock,
    /// How long a new intent stays invisible to search. Stripe's is eventually consistent (under a minute, as documented);
    /// listing and reading by id are not affected.
    pub search_lag: Duration,
    /// Asked before every API request what shall go wrong with it.
    pub faults: Option<OnRequest>,
    /// Seeds ids and delivery disorder, for runs that must repeat exactly; drawn from the system when `None`.
    pub seed: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            directory: None,
            base_url: "http://127.0.0.1:8094".to_owned(),
            webhook_url: None,
            webhook_events: vec!["*".to_owned()],
            webhook_secrets: vec!["whsec_stand_in".to_owned()],
            delivery: WebhookDelivery::default(),
            clock: Clock::System,
            search_lag: Duration::ZERO,
            faults: None,
            seed: None,
        }
    }
}

/// The disorder that Stripe's documents warn of: events may come twice, late, and in any order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebhookDelivery {
    /// Of a hundred events, how many are sent twice.
    pub duplicate_percent: u8,
    /// Whether events are sent out of order: each waits up to another half second, and those due together are mixed.
    pub shuffle: bool,
    /// How long every event waits before its first delivery.
    pub delay: Duration,
}
