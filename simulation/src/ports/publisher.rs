//! A context's topic: batches of ten, each entry with a result of its own.

use std::sync::Arc;

use contracts::CloudEvent;
use publisher::{PublishFailure, Publisher};
use serde_json::value::RawValue;

use crate::fabric::{Effect, Fabric, Port};
use crate::faults::Fault;
use crate::site::Site;

/// `PublishBatch` takes at most ten entries.
const MAX_ENTRIES: usize = 10;

/// A context's topic.
#[derive(Debug, Clone)]
pub struct WorldPublisher {
    /// What all ports share.
    pub fabric: Arc<Fabric>,
    /// The context.
    pub site: Site,
}

impl Publisher for WorldPublisher {
    async fn publish(&self, events: &[CloudEvent]) -> Vec<Result<(), PublishFailure>> {
        let plant = self.fabric.parts().plant.clone();
        let mut results = Vec::with_capacity(events.len());
        for batch in events.chunks(MAX_ENTRIES) {
            results.extend(self.publish_batch(batch).await);
        }
        if let Some(plant) = plant {
            plant.on_published(self.site, events, &mut results);
        }
        results
    }
}

impl WorldPublisher {
    async fn publish_batch(&self, batch: &[CloudEvent]) -> Vec<Result<(), PublishFailure>> {
        let fate = self.fabric.begin(Port::Publish).await;
        let failure = |event: &CloudEvent| PublishFailure {
            event_id: event.id.to_string(),
            reason: "InternalError".to_owned(),
        };
        let mut results = Vec::with_capacity(batch.len());
        {
            let mut parts = self.fabric.parts();
            let is_newer = parts
                .running
                .as_ref()
                .is_some_and(|running| running.is_newer);
            for (position, event) in batch.iter().enumerate() {
                // At least one entry fails where some do.
                let fails = fate.fault == Some(Fault::PublishPartlyFailed)
                    && (position == 0 || parts.dice.below(2) == 0);
                if fails {
                    results.push(Err(failure(event)));
                    continue;
                }
                let mut said = event.clone();
                if is_newer {
                    said.data = with_a_field_more(&said.data);
                }
                parts
                    .effects
                    .push(Effect::Published(self.site, said, is_newer));
                results.push(match fate.fault {
                    Some(Fault::PublishTimeoutDone) => Err(failure(event)),
                    _ => Ok(()),
                });
            }
        }
        self.fabric.end(fate).await;
        results
    }
}

/// What a version says that knows one fact more.
fn with_a_field_more(data: &RawValue) -> Box<RawValue> {
    let text = data.get();
    let Some(rest) = text.strip_suffix('}') else {
        return data.to_owned();
    };
    let comma = if rest.ends_with('{') { "" } else { "," };
    let more = format!("{rest}{comma}\"said_by_a_newer_version\":true}}");
    RawValue::from_string(more).unwrap_or_else(|_| data.to_owned())
}
