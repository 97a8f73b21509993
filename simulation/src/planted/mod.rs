//! Where mistakes are planted: hooks at the ports and at the bus, all of which do nothing by themselves.
//!
//! A mistake is made by lying to the real code about its surroundings or to the surroundings about the real code: a
//! condition that is not checked, a failure that is not told, an answer that is changed. So a mistake exists in tests
//! of this crate only, and no function ever contains one.

use std::fmt::Debug;

use contracts::CloudEvent;
use publisher::PublishFailure;
use store::{Expected, Key, Record, Write};

use crate::site::Site;

/// What a commit becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// It is made, with what the hook made of record and condition.
    Really,
    /// It is not made, and said to be.
    NotAtAll,
}

/// A planted mistake: overrides what it does wrong.
pub trait Plant: Debug + Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;

    /// What a context reads of an item.
    fn on_load(&self, _site: Site, _key: &Key, record: Option<Record>) -> Option<Record> {
        record
    }

    /// What a context writes of one item, and under which condition.
    fn on_commit(&self, _site: Site, _record: &mut Record, _expected: &mut Expected) -> Committed {
        Committed::Really
    }

    /// What a context writes of several items.
    fn on_transact(&self, _site: Site, _writes: &mut Vec<Write>) -> Committed {
        Committed::Really
    }

    /// What a context is told about what it published.
    fn on_published(
        &self,
        _site: Site,
        _events: &[CloudEvent],
        _results: &mut Vec<Result<(), PublishFailure>>,
    ) {
    }

    /// Whether an event that a context published reaches its topic.
    fn reaches_topic(&self, _site: Site, _event: &CloudEvent) -> bool {
        true
    }

    /// What a context consumes instead of an event's text.
    fn on_consume(&self, _site: Site, body: String) -> String {
        body
    }

    /// The idempotency key that reaches the provider.
    fn on_provider_key(&self, key: &str) -> String {
        key.to_owned()
    }

    /// What a function answers to a batch of its queue or of its table's stream.
    fn on_batch_answer(&self, _site: Site, answer: Vec<u8>) -> Vec<u8> {
        answer
    }

    /// Whether a batch of a queue is acknowledged as soon as it is received.
    fn acknowledges_first(&self, _site: Site) -> bool {
        false
    }

    /// Whether the schedule ticks for a context.
    fn ticks(&self, _site: Site) -> bool {
        true
    }
}
