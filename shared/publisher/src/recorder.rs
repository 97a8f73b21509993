//! A publisher that keeps what it is given: for tests and simulation.

use std::sync::{Arc, Mutex, PoisonError};

use contracts::CloudEvent;

use crate::{PublishFailure, Publisher};

/// Keeps events until they are taken. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    published: Arc<Mutex<Vec<CloudEvent>>>,
}

impl Recorder {
    /// Takes what was published since the last call.
    pub fn take(&self) -> Vec<CloudEvent> {
        std::mem::take(
            &mut self
                .published
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

impl Publisher for Recorder {
    async fn publish(&self, events: &[CloudEvent]) -> Vec<Result<(), PublishFailure>> {
        self.published
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(events);
        events.iter().map(|_| Ok(())).collect()
    }
}
