//! Every event from its commit to its effects.

use std::hash::Hasher as _;

use rustc_hash::{FxHashMap, FxHasher};
use serde::Deserialize;

use super::document::Announced;
use super::{Findings, Invariant};
use crate::site::Site;

/// An event's way.
#[derive(Debug, Clone)]
pub struct EventInfo {
    /// Its id.
    pub id: Box<str>,
    /// Its type.
    pub event_type: Box<str>,
    /// Whether the stream publishes it, rather than the function that committed it.
    pub is_relayed: bool,
    /// How often it reached its topic.
    pub published: u32,
    /// By whom it is heard, a bit for each.
    pub heard_by: u8,
    /// Who has acknowledged it.
    pub taken_by: u8,
    facts: u64,
}

/// Every event.
#[derive(Debug, Default)]
pub struct Messages {
    /// By number.
    pub events: Vec<EventInfo>,
    by_id: FxHashMap<Box<str>, u32>,
    once: FxHashMap<u64, u32>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Numbers {
    parcel: u32,
    refund: u32,
    return_number: u32,
}

/// Which of its kind an event is about; 0 where there is only one.
type Which = fn(&Numbers) -> u32;

/// What of a type can happen only once, if anything: a name for it, and which of the facts counts.
fn once(event_type: &str) -> Option<(&'static str, Which)> {
    let only: Which = |_| 0;
    Some(match event_type {
        "orders.OrderConfirmed.v1" => ("confirmed", only),
        // An order ends once, in one way.
        "orders.OrderCancelled.v1" | "orders.OrderCompleted.v1" => ("ended", only),
        "inventory.StockReleased.v1" => ("released", only),
        "inventory.StockAdjusted.v1" => ("moved", only),
        "payments.PaymentCaptured.v1" => ("captured", only),
        "payments.PaymentRefunded.v1" => ("refunded", |numbers| numbers.refund),
        "shipping.ShipmentCreated.v1" => ("created", only),
        "shipping.ShipmentDispatched.v1" => ("dispatched", |numbers| numbers.parcel),
        "shipping.ShipmentDelivered.v1" => ("delivered", |numbers| numbers.parcel),
        "shipping.ReturnReceived.v1" => ("returned", |numbers| numbers.return_number),
        _ => return None,
    })
}

fn hash_of(parts: impl std::hash::Hash) -> u64 {
    let mut hasher = FxHasher::default();
    parts.hash(&mut hasher);
    hasher.finish()
}

impl Messages {
    /// The number of the event of that id.
    pub fn number(&self, id: &str) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    /// An event was committed; returns its number.
    pub fn committed(
        &mut self,
        site: Site,
        subject: &str,
        version: u64,
        position: usize,
        said: &Announced<'_>,
        findings: &mut Findings,
    ) -> u32 {
        let id = format!("{}.{subject}.{version}.{position}", site.name());
        let number = self.events.len() as u32;
        let before = self.by_id.insert(id.as_str().into(), number);
        findings.check(Invariant::EffectOnce, before.is_none(), || {
            format!("two events have the id {id}")
        });
        if let Some((what, which)) = once(said.t) {
            let numbers: Numbers = serde_json::from_str(said.d.get()).unwrap_or_default();
            let fact = hash_of((what, subject, which(&numbers)));
            let earlier = self.once.insert(fact, number);
            findings.check(Invariant::EffectOnce, earlier.is_none(), || {
                format!("{what} twice: {id} ({})", said.t)
            });
        }
        self.events.push(EventInfo {
            id: id.into(),
            event_type: said.t.into(),
            is_relayed: false,
            published: 0,
            heard_by: 0,
            taken_by: 0,
            facts: hash_of((said.t, said.d.get())),
        });
        number
    }

    /// An event reached its topic; returns its number, if it was committed before. `is_same`: whether its facts are
    /// just those that were committed.
    pub fn published(
        &mut self,
        id: &str,
        event_type: &str,
        facts: Option<&str>,
        findings: &mut Findings,
    ) -> Option<u32> {
        let number = self.number(id);
        findings.check(Invariant::PublishedWasCommitted, number.is_some(), || {
            format!("{id} ({event_type})")
        });
        let event = &mut self.events[number? as usize];
        event.published += 1;
        if let Some(facts) = facts {
            let is_same = event.facts == hash_of((event_type, facts));
            findings.check(Invariant::RepeatedIsSame, is_same, || {
                format!("{id} ({event_type})")
            });
        }
        number
    }
}
