//! The gate: may the published language become what the code says now? If not, whom would it break?

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use crate::catalogue::{Catalogue, Consumer};
use crate::compatibility::{Breach, Side, breaches};
use crate::published::Published;
use crate::schema;

/// A change of one schema that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The schema: an event type, or the envelope.
    pub name: String,
    /// What about it is breaking, against all that was ever published under that name.
    pub breaches: Vec<Breach>,
    /// Who hears it in this template.
    pub consumers: Vec<Consumer>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.name)?;
        for breach in &self.breaches {
            writeln!(formatter, "  {breach}")?;
        }
        if self.consumers.is_empty() {
            return write!(
                formatter,
                "  would break consumers outside this template, if there are any; none in it hears this"
            );
        }
        let consumers = self.consumers.iter();
        let consumers = consumers.map(|one| format!("{} (by {})", one.context, one.subscription));
        let consumers = consumers.collect::<Vec<_>>().join(", ");
        write!(formatter, "  would break {consumers}")
    }
}

/// Judges the current schemas, by name, against every revision published.
pub fn judge(
    published: &Published,
    current: &[(String, Value)],
    catalogue: &Catalogue,
) -> Vec<Refusal> {
    let changed = current.iter().map(|(name, schema)| {
        let found = published.schemas(name);
        let found = found.flat_map(|revision| breaches(revision, schema));
        (name.clone(), found.collect::<BTreeSet<Breach>>())
    });
    let gone = published
        .names()
        .filter(|name| !current.iter().any(|(current, _)| current == name))
        .map(|name| (name.to_owned(), BTreeSet::from([gone()])));
    changed
        .chain(gone)
        .filter(|(_, breaches)| !breaches.is_empty())
        .map(|(name, breaches)| Refusal {
            consumers: consumers(catalogue, &name),
            breaches: breaches.into_iter().collect(),
            name,
        })
        .collect()
}

fn gone() -> Breach {
    Breach {
        property: "the event type".to_owned(),
        change: "is published and no longer in the code (when nobody hears it any more, retire it)"
            .to_owned(),
        side: Side::Both,
    }
}

/// Who reads what follows that schema. Everybody reads the envelope.
fn consumers(catalogue: &Catalogue, name: &str) -> Vec<Consumer> {
    if name != schema::ENVELOPE {
        return catalogue.consumers(name);
    }
    let subscriptions = catalogue.subscriptions.iter();
    subscriptions
        .map(|one| Consumer {
            context: one.consumer.clone(),
            subscription: one.declared.logical_id.clone(),
            queue: one.queue.logical_id.clone(),
        })
        .collect()
}
