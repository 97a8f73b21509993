#![doc = include_str!("../README.md")]
//!
//! # What this crate owns
//!
//! What a trigger looks like, partial batch failures, problem+json, who the caller is, dead letters with a reason, the
//! environment a function starts in, its run loop, and what it tells of each invocation: logs, metrics, spans; the same code
//! on AWS and on one machine. Not what a context does about any of it.

mod aws;
mod body;
mod caller;
mod callers;
mod context;
mod dead_letter;
mod description;
mod entry;
mod environment;
mod exporter;
mod function;
mod gateway;
mod guest;
mod guest_desk;
mod parameters;
mod problem;
mod publish_again;
mod queue;
mod request;
pub mod secrets;
mod shopper;
mod sign;
mod signature;
mod start;
mod stream;
mod telemetry;
mod trigger;
mod trust;

pub use aws::{connector, http_client, sdk_config};
pub use body::{Body, MAX_BODY_BYTES, RawBody};
pub use caller::{Caller, OPERATE_SCOPE, OPERATORS, SHOP_SCOPE};
pub use callers::Callers;
pub use context::{ConsumeError, Context, Sweep};
pub use dead_letter::{DeadLetterRecorder, DeadLetters, NoDeadLetters, SqsDeadLetters};
pub use description::{describe, refuses_bodies};
pub use entry::Door;
pub use environment::{Environment, MissingVariable};
pub use function::{Function, Invocation, InvocationError, StartError, run};
pub use guest::{GUEST_SECONDS, GUEST_TOKEN, GuestKeys, GuestToken};
pub use guest_desk::{Guest, GuestDesk};
pub use parameters::Parameters;
pub use problem::{FieldProblem, Problem};
pub use publish_again::{MOST_ITEMS, PublishAgain, PublishedAgain};
pub use request::{Arrival, IdempotencyKey, RequestCause, UnkeyedCause};
pub use shopper::{Customer, Operator, Shopper};
pub use start::start;
pub use telemetry::UNDIVIDED_METRICS;
pub use trigger::{Trigger, UnknownTrigger};
