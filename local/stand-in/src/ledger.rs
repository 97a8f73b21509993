//! The provider's books as invariants need them: what was held, taken and given back for each payment.

use rusqlite::types::Value as SqlValue;
use serde::{Deserialize, Serialize};

use crate::book::{Book, BookError};
use crate::intent::Intent;

/// One payment intent in the provider's own view. Amounts are in the currency's minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// The intent's id.
    pub payment_intent: String,
    /// `metadata[order_id]`.
    pub order_id: Option<String>,
    /// `metadata[attempt]`.
    pub attempt: Option<String>,
    /// Stripe's status, such as `requires_capture`.
    pub status: String,
    /// ISO 4217, lower case.
    pub currency: String,
    /// What was asked for.
    pub amount_minor: i64,
    /// What the customer's bank agreed to, ever; it stays when the hold is let go.
    pub amount_authorised_minor: i64,
    /// What is held now and can be captured.
    pub amount_held_minor: i64,
    /// What was taken.
    pub amount_captured_minor: i64,
    /// What was let go uncaptured.
    pub amount_released_minor: i64,
    /// What was given back after it was taken.
    pub amount_refunded_minor: i64,
    /// Attempts that the bank refused.
    pub declined_attempts: usize,
    /// `automatic` for a hold that lapsed.
    pub cancellation_reason: Option<String>,
    /// Seconds since the Unix epoch.
    pub created_seconds: i64,
}

/// Which entries to read.
#[derive(Clone, Debug)]
pub struct LedgerFilter {
    /// Only this order's.
    pub order_id: Option<String>,
    /// Only those after this intent.
    pub after: Option<String>,
    /// At most so many.
    pub limit: usize,
}

impl Default for LedgerFilter {
    fn default() -> Self {
        Self {
            order_id: None,
            after: None,
            limit: 100,
        }
    }
}

pub(crate) fn read(book: &Book, filter: &LedgerFilter) -> Result<Vec<LedgerEntry>, BookError> {
    let mut condition = "1".to_owned();
    let mut values = Vec::new();
    if let Some(order_id) = &filter.order_id {
        condition.push_str(
            " AND seq IN (SELECT intent_seq FROM metadata WHERE key = 'order_id' AND value = ?)",
        );
        values.push(SqlValue::Text(order_id.clone()));
    }
    if let Some(after) = &filter.after {
        condition.push_str(" AND seq > coalesce((SELECT seq FROM intents WHERE id = ?), 0)");
        values.push(SqlValue::Text(after.clone()));
    }
    condition.push_str(&format!(
        " ORDER BY seq LIMIT {}",
        i64::try_from(filter.limit).unwrap_or(i64::MAX)
    ));
    let found = book.intents_where(&condition, &values)?;
    Ok(found
        .into_iter()
        .map(|(_, intent)| entry(&intent))
        .collect())
}

fn entry(intent: &Intent) -> LedgerEntry {
    let approved = intent.approved_charge();
    LedgerEntry {
        payment_intent: intent.id.clone(),
        order_id: intent.metadata.get("order_id").cloned(),
        attempt: intent.metadata.get("attempt").cloned(),
        status: intent.status.as_str().to_owned(),
        currency: intent.currency.clone(),
        amount_minor: intent.amount_minor,
        amount_authorised_minor: approved.map_or(0, |charge| charge.amount_minor),
        amount_held_minor: intent.amount_capturable_minor(),
        amount_captured_minor: intent.amount_received_minor(),
        amount_released_minor: approved.map_or(0, |charge| charge.amount_released_minor),
        amount_refunded_minor: approved.map_or(0, |charge| charge.amount_refunded_minor),
        declined_attempts: intent
            .charges
            .iter()
            .filter(|charge| !charge.approved())
            .count(),
        cancellation_reason: intent.cancellation_reason.clone(),
        created_seconds: intent.created_seconds,
    }
}
