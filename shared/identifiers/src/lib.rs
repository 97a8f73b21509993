#![doc = include_str!("../README.md")]
//!
//! # What this crate owns
//!
//! How an identifier may look and how an instant is written. Does not own what any of them means: that is each context's
//! business.

mod clock;
mod identifier;
mod timestamp;

pub use clock::{Clock, SystemClock};
pub use identifier::{
    AddressId, CartId, CorrelationId, CustomerId, InvalidIdentifier, LocationId, MessageId,
    OrderId, ProductId, Region, Sku,
};
pub use timestamp::{InvalidTimestamp, Timestamp};
