//! A wish to set a threshold, by its idempotency key. A SKU's item has counters only and remembers no message, so a wish that
//! has a key is an item beside it, written in the same transaction: it cannot be there without what it stands for.

use std::fmt;

use contracts::Announcement;
use decider::{Aggregate, Stored};
use identifiers::{MessageId, Sku, Timestamp};
use serde::{Deserialize, Serialize};
use store::Key;

/// How long a key is known for. A client that repeats a request does so within seconds.
const KNOWN_SECONDS: i64 = 24 * 60 * 60;

/// A wish that was fulfilled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ThresholdWish {
    /// When.
    pub at: Timestamp,
}

/// What identifies one.
#[derive(Debug, Clone)]
pub(crate) struct WishId {
    /// The SKU whose threshold it is.
    pub sku: Sku,
    /// The request.
    pub message_id: MessageId,
}

impl fmt::Display for WishId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message_id)
    }
}

impl Aggregate for ThresholdWish {
    type Command = Timestamp;
    type Event = Timestamp;
    type State = Self;
    type Rejection = std::convert::Infallible;

    fn decide(state: Option<&Self>, now: &Timestamp) -> Result<Vec<Timestamp>, Self::Rejection> {
        Ok(state.is_none().then_some(*now).into_iter().collect())
    }

    fn evolve(_: Option<Self>, at: &Timestamp) -> Self {
        Self { at: *at }
    }
}

impl Stored for ThresholdWish {
    type Id = WishId;

    fn key(id: &WishId) -> Key {
        Key::new(
            format!("stock#{}", id.sku),
            format!("wish#{}", id.message_id),
        )
    }

    fn expires_at_seconds(state: &Self) -> Option<i64> {
        Some(state.at.seconds() + KNOWN_SECONDS)
    }

    fn announce(_: &Timestamp, _: &Self) -> Option<Announcement> {
        None
    }
}
