//! The services as their clients see them: the AWS SDK over HTTP, and the engine's own methods.

mod durability;
mod engine;
mod protocols;
mod redrive;
mod service;
mod sns;
mod sqs;
mod visibility;
