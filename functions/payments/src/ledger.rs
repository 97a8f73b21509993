//! The append-only ledger of a payment, and the refunds that were asked for. Pure data.

use identifiers::{MessageId, Timestamp};
use serde::{Deserialize, Serialize};

/// The most refunds that one order may have. Each is kept for ever, so that a repeat of its request is known again.
pub const MAX_REFUNDS: usize = 50;

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What happened.
    #[serde(rename = "k")]
    pub kind: EntryKind,
    /// In which attempt.
    #[serde(rename = "n")]
    pub attempt: u32,
    /// How much it was about, in minor units.
    #[serde(rename = "m")]
    pub amount_minor: i64,
    /// The provider's id: of the payment, or of the refund.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<String>,
    /// Why, where there is a why.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it was learnt.
    #[serde(rename = "t")]
    pub at: Timestamp,
}

/// What a line of the ledger records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EntryKind {
    /// The amount is held.
    #[serde(rename = "a")]
    Authorized,
    /// The attempt came to nothing.
    #[serde(rename = "d")]
    Declined,
    /// The hold ended without a capture.
    #[serde(rename = "v")]
    Voided,
    /// The amount was taken.
    #[serde(rename = "c")]
    Captured,
    /// The amount was given back.
    #[serde(rename = "r")]
    Refunded,
}

/// A refund that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// How much, in minor units.
    #[serde(rename = "m")]
    pub amount_minor: i64,
    /// The wish that asked for it: the same wish again is the same refund, for ever.
    #[serde(rename = "k")]
    pub wish: MessageId,
    /// What came of it.
    #[serde(rename = "s")]
    pub outcome: RefundOutcome,
}

/// What came of a refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefundOutcome {
    /// Nothing yet.
    #[serde(rename = "p")]
    Pending,
    /// The money went back.
    #[serde(rename = "d")]
    Done,
    /// The provider refused it, with that code.
    #[serde(rename = "r")]
    Refused(String),
}
