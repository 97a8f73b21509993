#![doc = include_str!("../README.md")]
//!
//! # What this crate owns
//!
//! What a task counts, and its form in the embedded metric format. Not when it is written, nor where to.

mod emf;
mod recorder;

pub use emf::{Declared, Emf};
pub use recorder::{Recorded, count, is_recorded, observe, recording, tally};
