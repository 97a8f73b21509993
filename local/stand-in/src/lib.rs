//! A Stripe-compatible payment provider for local use.
//!
//! Owns the provider's side of a payment: its API as Stripe documents it, its ledger, and its webhooks. It binds no
//! port: the host serves [`StandIn::router`] on loopback and spawns [`StandIn::run`]. It knows nothing of Noren's own
//! orders or payments, and is never part of a deployed function.

mod api;
mod book;
mod cards;
mod charge;
mod clerk;
mod clock;
mod currency;
mod delivery;
mod endpoints;
mod event;
mod fault;
mod form;
mod idempotency;
mod intent;
mod ledger;
mod metadata;
mod options;
mod outage;
mod pages;
mod refund;
mod refusal;
mod render;
mod search;
mod signature;
mod stand_in;

pub use book::BookError;
pub use clock::{Clock, ManualClock};
pub use delivery::DeliveryReport;
pub use fault::{OnRequest, RequestSummary, Verdict};
pub use ledger::{LedgerEntry, LedgerFilter};
pub use options::{Options, WebhookDelivery};
pub use signature::sign;
pub use stand_in::{OpenError, StandIn};
