//! What carries messages and commits: queues behind topics, and streams of tables.
//!
//! By AWS's rules, and with the template's numbers.

mod queue;
mod stream;

pub use queue::{Message, Queue, VISIBILITY_MS, batch_payload};
pub use stream::{SHARDS, Stream, Verdict, batch_payload as stream_payload};
