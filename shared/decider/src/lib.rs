#![doc = include_str!("../README.md")]
//!
//! # What this crate owns
//!
//! The two traits that an aggregate implements, the stored document with its record of handled messages, and [`execute`].
//! Everything that changes state goes one way: load, decide, evolve, commit; then publish, then acknowledge. Does not own
//! publishing (`publisher`'s business) or triggers (`door`'s).

mod aggregate;
mod committed;
mod document;
mod execute;
mod failure;
mod loaded;
mod pause;
mod relay;
mod remembered;
mod step;

pub use aggregate::{Aggregate, Stored};
pub use committed::note_committed;
pub use execute::{Outcome, Part, execute, execute_part};
pub use failure::{ExecuteError, Failure};
pub use loaded::{Loaded, load, read};
pub use pause::{MAX_ATTEMPTS, pause_before};
pub use relay::{Announced, HandledMessage, UnreadableDocument, announced_since, history, relay};
pub use remembered::{ANNOUNCED_KEPT_SECONDS, KEY_KEPT_SECONDS};
pub use step::Step;
