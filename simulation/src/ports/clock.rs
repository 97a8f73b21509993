//! The clock that a process reads: the world's, and its own error.

use std::sync::Arc;

use identifiers::{Clock, Timestamp};

use crate::fabric::Fabric;

/// The clock of whichever process reads it.
#[derive(Debug, Clone)]
pub struct WorldClock(pub Arc<Fabric>);

impl Clock for WorldClock {
    fn now(&self) -> Timestamp {
        let parts = self.0.parts();
        let skew_ms = parts.running.as_ref().map_or(0, |running| running.skew_ms);
        Timestamp::from_milliseconds(parts.now + skew_ms)
    }
}
