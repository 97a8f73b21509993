//! The one primitive. Everything that changes state goes one way:
//! load, decide, evolve, commit; then publish, then acknowledge.
//!
//! Owns the two traits that an aggregate implements, the stored document with its record of handled messages, and
//! [`execute`]. Does not own publishing ([`publisher`]'s business) or triggers ([`door`]'s).
//!
//! [`publisher`]: ../publisher/index.html
//! [`door`]: ../door/index.html

mod aggregate;
mod committed;
mod document;
mod execute;
mod pause;
mod relay;
mod remembered;

pub use aggregate::{Aggregate, Stored};
pub use committed::note_committed;
pub use execute::{
    ExecuteError, Failure, Loaded, Outcome, Part, Step, execute, execute_part, load, read,
};
pub use pause::{MAX_ATTEMPTS, pause_before};
pub use relay::{Announced, HandledMessage, UnreadableDocument, announced_since, history, relay};
pub use remembered::{ANNOUNCED_KEPT_SECONDS, KEY_KEPT_SECONDS};
