//! The stand-in through its HTTP door, with form-encoded requests, against what Stripe documents.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on ends with a panic"
)]

mod errors;
mod faults;
mod harness;
mod idempotency;
mod ledger;
mod lifecycle;
mod listing;
mod pages;
mod speed;
mod time;
mod webhooks;
