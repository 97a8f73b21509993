//! A call to the provider, recorded before it is made.
//!
//! Owns its name, its idempotency key and how long it waits between tries. The record is what a redelivered message or
//! a sweep resumes from, and what makes captures and voids exclude each other.

use identifiers::{OrderId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::payment_event::Ending;

/// The wait after the first failure, in seconds; it doubles each time.
const FIRST_WAIT_SECONDS: i64 = 30;
/// The longest wait between two tries, in seconds.
const LONGEST_WAIT_SECONDS: i64 = 15 * 60;

/// How long a key is relied on, in seconds. Stripe may forget one after 24 hours
/// (<https://docs.stripe.com/api/idempotent_requests>); the hour less is for clocks that differ.
pub const KEY_LIFE_SECONDS: i64 = 23 * 60 * 60;

/// What the provider is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Hold the amount.
    #[serde(rename = "a")]
    Authorise,
    /// Say whether an attempt that nobody waits for any more left a hold. Changes nothing.
    #[serde(rename = "f")]
    Find,
    /// Take the held amount.
    #[serde(rename = "c")]
    Capture,
    /// Let go of the hold, or of the payment that waits for its customer.
    #[serde(rename = "v")]
    Void {
        /// Why.
        #[serde(rename = "e")]
        ending: Ending,
    },
    /// Give money back.
    #[serde(rename = "r")]
    Refund {
        /// Which refund of the order, from 1.
        #[serde(rename = "n")]
        number: u32,
    },
}

/// What tells one pending call of a payment from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallName {
    /// What is asked.
    pub step: Step,
    /// About which attempt.
    pub attempt: u32,
}

/// A call of which no result is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// What is asked.
    #[serde(rename = "s")]
    pub step: Step,
    /// About which attempt.
    #[serde(rename = "n")]
    pub attempt: u32,
    /// The provider's id of the payment it is about, where it is known.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub intent_id: Option<String>,
    /// Counts the keys used for it, from 1: another one is taken when a failure is stored under the one before.
    #[serde(
        rename = "k",
        default = "first_key",
        skip_serializing_if = "is_first_key"
    )]
    pub key_number: u32,
    /// When its present key was first used.
    #[serde(rename = "t")]
    pub since: Timestamp,
    /// When it was first known that a failure is stored under its present key.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub burnt_at: Option<Timestamp>,
    /// How often it brought no result.
    #[serde(rename = "f", default, skip_serializing_if = "is_none_yet")]
    pub tries: u32,
    /// When the sweep shall make it again. None while the message that began it is its retry.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
}

fn first_key() -> u32 {
    1
}

fn is_first_key(key_number: &u32) -> bool {
    *key_number == 1
}

fn is_none_yet(tries: &u32) -> bool {
    *tries == 0
}

impl Call {
    /// A call that is made now, by whoever records it.
    pub fn new(step: Step, attempt: u32, intent_id: Option<String>, now: Timestamp) -> Self {
        Self {
            step,
            attempt,
            intent_id,
            key_number: 1,
            since: now,
            burnt_at: None,
            tries: 0,
            next_at: None,
        }
    }

    /// The same call, left to the sweep from that instant on.
    #[must_use]
    pub fn due_at(self, next_at: Timestamp) -> Self {
        Self {
            next_at: Some(next_at),
            ..self
        }
    }

    /// Its name.
    pub fn name(&self) -> CallName {
        CallName {
            step: self.step,
            attempt: self.attempt,
        }
    }

    /// Whether it has that name.
    pub fn is(&self, name: CallName) -> bool {
        self.name() == name
    }

    /// Whether it finds out what became of an authorisation.
    pub fn is_authorising(&self) -> bool {
        matches!(self.step, Step::Authorise | Step::Find)
    }

    /// Whether the sweep shall make it by then.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.next_at.is_some_and(|next_at| next_at <= now)
    }

    /// When it is tried again after one more failure.
    pub fn next_try(&self, now: Timestamp) -> Timestamp {
        let doubled = FIRST_WAIT_SECONDS << self.tries.min(16);
        now.plus_seconds(doubled.min(LONGEST_WAIT_SECONDS))
    }

    /// Whether the provider may have forgotten its key.
    pub fn key_is_old(&self, now: Timestamp) -> bool {
        now >= self.since.plus_seconds(KEY_LIFE_SECONDS)
    }

    /// Its idempotency key: `<order>:<step>:<attempt>`, of a refund `<order>:refund:<number>`; with `.<key number>`
    /// after the first.
    pub fn key(&self, order_id: &OrderId) -> String {
        let (step, number) = match self.step {
            Step::Authorise | Step::Find => ("authorise", self.attempt),
            Step::Capture => ("capture", self.attempt),
            Step::Void { .. } => ("void", self.attempt),
            Step::Refund { number } => ("refund", number),
        };
        if self.key_number == 1 {
            format!("{order_id}:{step}:{number}")
        } else {
            format!("{order_id}:{step}:{number}.{}", self.key_number)
        }
    }
}
