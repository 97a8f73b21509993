//! What a customer was told about one order: the aggregate that makes each notice be told once.
//!
//! Sending has no undo and no key by which the provider would know a repeat, so a notice is claimed before it is sent
//! and marked after. A claim is a lease: whoever died between the two leaves one that runs out.

use decider::Aggregate;
use identifiers::{CustomerId, OrderId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::contact::Language;
use crate::notice::{Kind, Notice};

/// How long a claim keeps others from sending: five minutes, by which two processes' clocks may be apart, and half a
/// minute, which is longer than a function runs. The queue brings a message ten times ninety seconds long, so that
/// whoever takes a dead process's claim over still comes in time.
pub const LEASE_SECONDS: i64 = 330;

/// What was told about an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Who is told.
    #[serde(rename = "c")]
    pub customer_id: CustomerId,
    /// The notices, in the order in which they were first taken up.
    #[serde(rename = "n")]
    pub entries: Vec<Entry>,
}

/// A notice, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What it tells.
    #[serde(rename = "k")]
    pub kind: Kind,
    /// Which parcel or refund.
    #[serde(rename = "i")]
    pub number: u32,
    /// How far it is.
    #[serde(flatten)]
    pub progress: Progress,
}

/// How far a notice is. Times are in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "p")]
pub enum Progress {
    /// Somebody is about to send it.
    #[serde(rename = "c")]
    Claimed {
        /// Since when.
        #[serde(rename = "a", with = "milliseconds")]
        at: Timestamp,
    },
    /// It was sent.
    #[serde(rename = "s")]
    Sent {
        /// When.
        #[serde(rename = "a", with = "milliseconds")]
        at: Timestamp,
        /// In which language.
        #[serde(rename = "l")]
        language: Language,
    },
    /// It was not sent, and will not be.
    #[serde(rename = "x")]
    Skipped {
        /// When.
        #[serde(rename = "a", with = "milliseconds")]
        at: Timestamp,
        /// Why.
        #[serde(rename = "r")]
        reason: SkipReason,
    },
}

/// Why a notice is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SkippedBecause")]
pub enum SkipReason {
    /// Nobody knows where to reach the customer.
    NoContact,
    /// The customer is erased.
    Erased,
    /// A confirmation that comes after the cancellation would tell the customer that the order is still on.
    Superseded,
}

/// What is to be done about a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TellCommand {
    /// The order that it is about.
    pub order_id: OrderId,
    /// Who is told.
    pub customer_id: CustomerId,
    /// What.
    pub notice: Notice,
    /// The present instant.
    pub at: Timestamp,
    /// Which step of telling it.
    pub act: Act,
}

/// A step of telling a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Take it upon oneself to send it.
    Claim,
    /// Note that it was sent.
    MarkSent(Language),
    /// Note that it will not be.
    Skip(SkipReason),
}

/// What happened to a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progressed {
    /// The order.
    pub order_id: OrderId,
    /// Who is told.
    pub customer_id: CustomerId,
    /// What.
    pub notice: Notice,
    /// How far it is now.
    pub progress: Progress,
}

/// Why a step is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TellRejection {
    /// Somebody else has claimed it and may be sending it right now.
    BeingTold,
    /// It is marked as sent without a claim.
    NotClaimed,
    /// The order is another customer's.
    OthersOrder,
}

impl Told {
    /// How far the notice is, if it was ever taken up.
    pub fn progress(&self, notice: Notice) -> Option<Progress> {
        let entry = self
            .entries
            .iter()
            .find(|entry| Notice::new(entry.kind, entry.number) == notice)?;
        Some(entry.progress)
    }

    /// Whether the customer has been told that the order is off, or is being told.
    fn tells_of_cancellation(&self) -> bool {
        match self.progress(Notice::new(Kind::OrderCancelled, 1)) {
            Some(Progress::Claimed { .. } | Progress::Sent { .. }) => true,
            Some(Progress::Skipped { .. }) | None => false,
        }
    }
}

impl Aggregate for Told {
    type Command = TellCommand;
    type Event = Progressed;
    type State = Self;
    type Rejection = TellRejection;

    fn decide(
        state: Option<&Self>,
        command: &TellCommand,
    ) -> Result<Vec<Progressed>, TellRejection> {
        if state.is_some_and(|told| told.customer_id != command.customer_id) {
            return Err(TellRejection::OthersOrder);
        }
        let at = command.at;
        let progress = state.and_then(|told| told.progress(command.notice));
        let is_free = match progress {
            None => true,
            Some(Progress::Claimed { at: since }) => at >= since.plus_seconds(LEASE_SECONDS),
            Some(Progress::Sent { .. } | Progress::Skipped { .. }) => return Ok(Vec::new()),
        };
        let next = match command.act {
            Act::MarkSent(language) if progress.is_some() => Progress::Sent { at, language },
            Act::MarkSent(_) => return Err(TellRejection::NotClaimed),
            Act::Claim | Act::Skip(_) if !is_free => return Err(TellRejection::BeingTold),
            Act::Skip(reason) => Progress::Skipped { at, reason },
            Act::Claim
                if command.notice.kind == Kind::OrderConfirmed
                    && state.is_some_and(Self::tells_of_cancellation) =>
            {
                Progress::Skipped {
                    at,
                    reason: SkipReason::Superseded,
                }
            }
            Act::Claim => Progress::Claimed { at },
        };
        Ok(vec![Progressed {
            order_id: command.order_id.clone(),
            customer_id: command.customer_id.clone(),
            notice: command.notice,
            progress: next,
        }])
    }

    fn evolve(state: Option<Self>, event: &Progressed) -> Self {
        let mut told = state.unwrap_or_else(|| Self {
            customer_id: event.customer_id.clone(),
            entries: Vec::new(),
        });
        let Notice { kind, number } = event.notice;
        let known = told
            .entries
            .iter_mut()
            .find(|entry| (entry.kind, entry.number) == (kind, number));
        match known {
            Some(entry) => entry.progress = event.progress,
            None => told.entries.push(Entry {
                kind,
                number,
                progress: event.progress,
            }),
        }
        told
    }
}

/// Numbers take half the room of texts in an item that every notice writes twice.
mod milliseconds {
    use identifiers::Timestamp;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(at.milliseconds())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(deserializer).map(Timestamp::from_milliseconds)
    }
}
