#![doc = include_str!("../README.md")]
//!
//! # What this crate owns
//!
//! Batching, and the check of every entry of every answer. Does not own what is published, nor the retry: a failed event is a
//! failed message, and its trigger (queue or stream) brings it again.

mod deaf;
mod recorder;
mod sns;

use std::future::Future;

use contracts::CloudEvent;

pub use deaf::Deaf;
pub use recorder::Recorder;
pub use sns::SnsPublisher;

/// An event that did not reach the topic, or may not have.
///
/// ```
/// use publisher::PublishFailure;
///
/// let failure = PublishFailure { event_id: "orders.o-1.1.0".to_owned(), reason: "InternalError: no reason given".to_owned() };
/// assert_eq!(failure.to_string(), "publishing orders.o-1.1.0 failed: InternalError: no reason given");
/// ```
#[derive(Debug, Clone, thiserror::Error)]
#[error("publishing {event_id} failed: {reason}")]
pub struct PublishFailure {
    /// Which event.
    pub event_id: String,
    /// What the topic or the network said.
    pub reason: String,
}

/// Where a context's events go.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use contracts::CloudEvent;
/// use publisher::{PublishFailure, Publisher, Recorder};
///
/// /// Lets the first event through and no other: what becomes of a batch of which a part fails?
/// struct OneOnly(Recorder);
///
/// impl Publisher for OneOnly {
///     async fn publish(&self, events: &[CloudEvent]) -> Vec<Result<(), PublishFailure>> {
///         let (first, others) = events.split_at(events.len().min(1));
///         let mut results = self.0.publish(first).await;
///         results.extend(others.iter().map(|event| {
///             Err(PublishFailure { event_id: event.id.to_string(), reason: "throttled".to_owned() })
///         }));
///         results
///     }
/// }
///
/// let event = CloudEvent::read(contracts::orders::EVENTS[0].example).unwrap();
/// let results = OneOnly(Recorder::default()).publish(&[event.clone(), event]).await;
/// assert!(results[0].is_ok() && results[1].is_err());
/// # });
/// ```
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
