#![doc = include_str!("../README.md")]
//!
//! # What this crate owns
//!
//! The form of a line, and the keys that every line of an invocation has. Not what is logged, nor at which level.

mod invocation;
mod lines;

pub use invocation::{Invocation, correlated, invoked, keys};
pub use lines::JsonLines;
