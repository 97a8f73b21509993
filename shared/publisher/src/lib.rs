//! Publishing committed events to the context's own topic, with every entry of every answer checked.
//!
//! Owns batching and the check. Does not own what is published, nor the retry: a failed event is a failed message,
//! and its trigger (queue or stream) brings it again.

mod recorder;
mod sns;

use std::future::Future;

use contracts::CloudEvent;

pub use recorder::Recorder;
pub use sns::SnsPublisher;

/// An event that did not reach the topic, or may not have.
#[derive(Debug, Clone, thiserror::Error)]
#[error("publishing {event_id} failed: {reason}")]
pub struct PublishFailure {
    /// Which event.
    pub event_id: String,
    /// What the topic or the network said.
    pub reason: String,
}

/// Where a context's events go.
pub trait Publisher: Send + Sync + 'static {
    /// Publishes the events; one result per event, in their order.
    fn publish(
        &self,
        events: &[CloudEvent],
    ) -> impl Future<Output = Vec<Result<(), PublishFailure>>> + Send;
}

impl<P: Publisher> Publisher for std::sync::Arc<P> {
    async fn publish(&self, events: &[CloudEvent]) -> Vec<Result<(), PublishFailure>> {
        (**self).publish(events).await
    }
}
