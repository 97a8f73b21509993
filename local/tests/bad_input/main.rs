//! Bad input, at every way in: whatever is sent, nothing breaks, nothing changes, and the answer names what is wrong.
//!
//! The table of routes in `routes.rs` is held against `template.yaml`, and every event type that a context hears has its
//! committed example: a new way in without cases fails here. The mass runs at the door of each context, in memory; a
//! handful over the whole local stack.

#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

mod call;
mod corpus;
mod hard_json;
mod messages;
mod mutation;
mod parsers;
mod requests;
mod routes;
mod senseless;
mod strangers;
mod targets;
mod whole_stack;
mod world;
