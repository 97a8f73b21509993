//! One attempt to take money for an intent, as the provider's books show it.

use serde::{Deserialize, Serialize};

use crate::cards::Failure;

/// A charge. A declined attempt leaves a failed one; an approved attempt a live one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Charge {
    pub id: String,
    pub created_seconds: i64,
    pub amount_minor: i64,
    pub amount_captured_minor: i64,
    /// Money given back after it was captured.
    pub amount_refunded_minor: i64,
    /// The part of a hold that was let go uncaptured. Stripe's API counts it into `amount_refunded`.
    pub amount_released_minor: i64,
    pub captured: bool,
    pub failure: Option<Failure>,
    pub method: String,
}

impl Charge {
    /// The id of an intent's `attempt`-th charge: it carries the intent's, so that one is found from the other.
    pub fn id_of(intent_id: &str, attempt: usize) -> String {
        format!("ch_{}{attempt:02}", intent_id.trim_start_matches("pi_"))
    }

    /// The intent that a charge id belongs to.
    pub fn intent_id_of(charge_id: &str) -> Option<String> {
        let body = charge_id.strip_prefix("ch_")?;
        let cut = body.len().checked_sub(2)?;
        Some(format!("pi_{}", body.get(..cut)?))
    }

    pub fn approved(&self) -> bool {
        self.failure.is_none()
    }

    /// What a refund may still take.
    pub fn refundable_minor(&self) -> i64 {
        self.amount_captured_minor - self.amount_refunded_minor
    }
}
