//! Where mistakes are planted: hooks at the ports and at what carries messages, all of which do nothing by themselves.
//!
//! A mistake is made by lying to the real code about its surroundings or to the surroundings about the real code: a
//! condition that is not checked, a failure that is not told, an answer that is changed. So a mistake exists in tests
//! of this crate only, and no function ever contains one.

use std::fmt::Debug;

use contracts::CloudEvent;
use door::{PublishAgain, PublishedAgain};
use payments::provider::{Intent, ProviderFailure};
use publisher::PublishFailure;
use store::{CommitFailure, Expected, Key, Record, TransactFailure, Write};

use crate::site::Site;

/// What a commit becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// It is made, with what the hook made of record and condition.
    Really,
    /// It is made, whatever stands there.
    Unconditionally,
    /// It is made, and these writes with it.
    With(Vec<Write>),
    /// It is not made, and said to be.
    NotAtAll,
}

/// When a queue's message is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acknowledges {
    /// When what it led to has been published.
    WhenPublished,
    /// Just before that is published.
    BeforePublishing,
    /// As soon as it is received.
    OnReceipt,
}

/// What becomes of a message that a function puts in its dead-letter queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Burial {
    /// It gets there.
    Real,
    /// It does not, and is said to.
    Dropped,
    /// It cannot be put there.
    Fails,
}

/// A call of the payment provider that changes a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charge {
    /// Hold an amount.
    Authorise,
    /// Take what is held.
    Capture,
    /// Let go of it.
    Void,
}

/// What the provider answers to such a call.
pub type Charged = Result<Intent, ProviderFailure>;

/// A planted mistake: overrides what it does wrong.
#[allow(
    unused_variables,
    reason = "a hook's arguments are named for those who override it"
)]
pub trait Plant: Debug + Send + Sync {
    /// What a context reads of an item.
    fn on_load(&self, site: Site, key: &Key, record: Option<Record>) -> Option<Record> {
        record
    }

    /// Whether a read that must see the latest write does.
    fn reads_surely(&self, site: Site) -> bool {
        true
    }

    /// What a context writes of one item, and under which condition.
    fn on_commit(&self, site: Site, record: &mut Record, expected: &mut Expected) -> Committed {
        Committed::Really
    }

    /// What a context is told of a write of one item that failed.
    ///
    /// # Errors
    /// With the failure, unless the hook conceals it.
    fn on_commit_failure(
        &self,
        site: Site,
        record: &Record,
        failure: CommitFailure,
    ) -> Result<(), CommitFailure> {
        Err(failure)
    }

    /// What a context writes of several items.
    fn on_transact(&self, site: Site, writes: &mut Vec<Write>) -> Committed {
        Committed::Really
    }

    /// What a context is told of a write of several items that failed.
    ///
    /// # Errors
    /// With the failure, unless the hook conceals it.
    fn on_transact_failure(
        &self,
        site: Site,
        failure: TransactFailure,
    ) -> Result<(), TransactFailure> {
        Err(failure)
    }

    /// Whether a context publishes what a commit emits before it makes the commit.
    fn publishes_first(&self, site: Site) -> bool {
        false
    }

    /// What a context is told about what it published.
    fn on_published(
        &self,
        site: Site,
        events: &[CloudEvent],
        results: &mut Vec<Result<(), PublishFailure>>,
    ) {
    }

    /// What a context puts on its topic instead of an event; whether it gets there.
    fn reaches_topic(&self, site: Site, event: &mut CloudEvent) -> bool {
        true
    }

    /// What an operator asks a context to publish again.
    fn on_publish_again(&self, site: Site, wanted: &mut PublishAgain) {}

    /// What an operator takes for the answer to that; none where it failed.
    fn on_published_again(
        &self,
        site: Site,
        answer: Option<PublishedAgain>,
    ) -> Option<PublishedAgain> {
        answer
    }

    /// Whether a topic hands events of a type to a context's queue.
    fn delivers(&self, to: Site, event_type: &str) -> bool {
        true
    }

    /// What a context consumes instead of an event's text.
    fn on_consume(&self, site: Site, body: String) -> String {
        body
    }

    /// When a context's messages are acknowledged.
    fn acknowledges(&self, site: Site) -> Acknowledges {
        Acknowledges::WhenPublished
    }

    /// What a function answers to a batch of its queue.
    fn on_queue_answer(&self, site: Site, answer: Vec<u8>) -> Vec<u8> {
        answer
    }

    /// Whether a message that was received too often becomes a dead letter.
    fn gives_up(&self, site: Site) -> bool {
        true
    }

    /// What becomes of a message that a function puts in its dead-letter queue.
    fn on_bury(&self, site: Site, reason: &str) -> Burial {
        Burial::Real
    }

    /// Whether a commit of a request or a tick gets past the filter of the table's stream.
    fn reaches_stream(&self, site: Site, record: &Record) -> bool {
        true
    }

    /// What a function answers to a batch of its table's stream.
    fn on_stream_answer(&self, site: Site, answer: Vec<u8>) -> Vec<u8> {
        answer
    }

    /// Whether the schedule ticks for a context.
    fn ticks(&self, site: Site) -> bool {
        true
    }

    /// What a function gets instead of a request, as the gateway's payload.
    fn on_request(&self, site: Site, payload: String) -> String {
        payload
    }

    /// Whether webhooks' signatures are checked.
    fn checks_signatures(&self) -> bool {
        true
    }

    /// The idempotency key that reaches the provider.
    fn on_provider_key(&self, key: &str) -> String {
        key.to_owned()
    }

    /// Whether a hold is taken as soon as it is got.
    fn captures_at_once(&self) -> bool {
        false
    }

    /// Whether a call reaches the provider; where it does not, it is answered as if it had been done.
    fn makes(&self, charge: Charge) -> bool {
        true
    }

    /// What a context is told of a call that it made; `before` is how the payment stood, where there was one.
    ///
    /// # Errors
    /// As the provider refuses or fails.
    fn on_charged(&self, charge: Charge, before: Option<&Intent>, answer: Charged) -> Charged {
        answer
    }

    /// What a context sees when it looks at a payment; `told` is what the webhook says that it is just handling.
    fn on_look(&self, told: Option<&Intent>, found: Option<Intent>) -> Option<Intent> {
        found
    }

    /// What a context finds when it searches for the payment of an attempt.
    fn on_find(&self, found: Option<Intent>) -> Option<Intent> {
        found
    }
}
