//! Payments through its real door, in memory, with the fake provider.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on ends with a panic"
)]

mod faults;
mod flow;
mod requests;
mod samples;
mod shop;
mod webhooks;
