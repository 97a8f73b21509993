//! The services as their clients see them: the AWS SDK over HTTP, and the engine's own methods.

// Clippy allows unwrap in test functions only; everything here is for them.
#![allow(clippy::unwrap_used)]

mod durability;
mod engine;
mod protocols;
mod redrive;
mod service;
mod sns;
mod sqs;
mod visibility;
