//! What notifications says.

use identifiers::{CustomerId, OrderId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::published_by;

/// A customer was told something. Says neither the address nor the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotificationSent {
    /// The order it was about.
    pub order_id: OrderId,
    /// Who was told.
    pub customer_id: CustomerId,
    /// Which message: `order_confirmed`, `shipment_dispatched`, `order_cancelled`, `payment_refunded`.
    pub kind: String,
    /// The language it was written in: `ja`, `en`.
    pub language: String,
}

published_by!("notifications": NotificationSent);
