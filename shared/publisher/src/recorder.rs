//! A publisher that keeps what it is given: for tests and simulation.

use std::sync::{Arc, Mutex, PoisonError};

use contracts::CloudEvent;

use crate::{PublishFailure, Publisher};

/// Keeps events until they are taken. Clones share them.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use contracts::CloudEvent;
/// use publisher::{Publisher as _, Recorder};
///
/// let topic = Recorder::default();
/// let of_the_context = topic.clone();
/// let event = CloudEvent::read(contracts::orders::EVENTS[0].example).unwrap();
/// of_the_context.publish(&[event]).await;
/// assert_eq!(topic.take()[0].event_type, contracts::orders::EVENTS[0].name);
/// # });
/// ```
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    published: Arc<Mutex<Vec<CloudEvent>>>,
}

impl Recorder {
    /// Takes what was published since the last call.
    ///
    /// ```
    /// assert!(publisher::Recorder::default().take().is_empty());
    /// ```
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
