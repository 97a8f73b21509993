//! Money given back, or a hold let go: Stripe keeps both as refunds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub id: String,
    pub created_seconds: i64,
    pub intent_id: String,
    pub charge_id: String,
    pub amount_minor: i64,
    pub currency: String,
    pub reason: Option<String>,
    pub metadata: BTreeMap<String, String>,
    /// Whether it let an uncaptured hold go, so that no money moved.
    pub release: bool,
}
