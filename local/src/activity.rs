//! What is under way right now: requests and invocations. It tells a stack that is still from one that only looks so
//! because the work is just between two places.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts what begins and what is running.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    begun: AtomicU64,
    ended: AtomicU64,
}

/// One thing under way; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Running(Arc<Activity>);

impl Activity {
    pub(crate) fn begin(self: &Arc<Self>) -> Running {
        self.begun.fetch_add(1, Ordering::SeqCst);
        Running(Arc::clone(self))
    }

    /// How much has begun since the start. Two equal readings with nothing running mean that nothing ran in between.
    pub(crate) fn begun(&self) -> u64 {
        self.begun.load(Ordering::SeqCst)
    }

    /// How much is under way.
    pub(crate) fn running(&self) -> u64 {
        // Read in this order, so that what begins in between counts as running rather than as less than nothing.
        let ended = self.ended.load(Ordering::SeqCst);
        self.begun().saturating_sub(ended)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::SeqCst);
    }
}
