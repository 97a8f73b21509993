//! Who hears what: an edge for each event type and each context that hears it.

use std::sync::LazyLock;

use serde::Deserialize;

/// The published subscriptions, as the event catalogue writes them from the template.
const SUBSCRIPTIONS: &str = include_str!("../../subscriptions.json");

/// An event type, and a context that hears it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Edge {
    /// `<context>.<EventName>.v<major>`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The context that hears it.
    pub consumer: String,
}

impl Edge {
    /// The name of an edge: `orders.OrderPlaced.v1@inventory`.
    pub fn name_of(event_type: &str, consumer: &str) -> String {
        format!("{event_type}@{consumer}")
    }

    /// Its name.
    pub fn name(&self) -> String {
        Self::name_of(&self.event_type, &self.consumer)
    }

    /// The context that says it.
    pub fn publisher(&self) -> &str {
        self.event_type.split('.').next().unwrap_or_default()
    }
}

/// Every edge, but for those to insights itself.
pub fn edges() -> &'static [Edge] {
    static EDGES: LazyLock<Vec<Edge>> = LazyLock::new(|| {
        let all: Vec<Edge> = serde_json::from_str(SUBSCRIPTIONS)
            .expect("the committed subscriptions are held by a test to be those of the template");
        let others = all.into_iter().filter(|edge| edge.consumer != "insights");
        others.collect()
    });
    &EDGES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_subscriptions_are_read() {
        let placed = edges()
            .iter()
            .find(|edge| edge.name() == "orders.OrderPlaced.v1@inventory");
        assert_eq!(placed.map(Edge::publisher), Some("orders"));
    }
}
