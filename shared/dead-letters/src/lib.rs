#![doc = include_str!("../README.md")]
//!
//! # What this crate owns
//!
//! How such queues are known by their names, a look that hides messages and shows them again, reading why a message failed,
//! sending it again, and taking it out. Does not own who may do that, nor the record of who did.

mod depth;
mod letter;
mod look;
mod queue;
mod redrive;

pub use depth::{Depth, depth};
pub use letter::Letter;
pub use look::{Bounds, Look, UnreadableQueue};
pub use queue::{FailedQueue, Kind, among, logical_id};
pub use redrive::{delete, send_again};
