//! A publisher that fails: for tests of what is done then.

use contracts::CloudEvent;

use crate::{PublishFailure, Publisher};

/// A topic that takes nothing.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use contracts::CloudEvent;
/// use publisher::{Deaf, Publisher as _};
///
/// let event = CloudEvent::read(contracts::orders::EVENTS[0].example).unwrap();
/// let results = Deaf.publish(std::slice::from_ref(&event)).await;
/// assert_eq!(results[0].as_ref().unwrap_err().event_id, event.id.to_string());
/// # });
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Deaf;

impl Publisher for Deaf {
    async fn publish(&self, events: &[CloudEvent]) -> Vec<Result<(), PublishFailure>> {
        let refused = |event: &CloudEvent| PublishFailure {
            event_id: event.id.to_string(),
            reason: "it takes nothing".to_owned(),
        };
        events.iter().map(refused).map(Err).collect()
    }
}
