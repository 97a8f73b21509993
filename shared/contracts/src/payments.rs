//! What payments says.

use identifiers::{CustomerId, OrderId, Timestamp};
use money::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::published_by;

/// The provider holds an order's amount for us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentAuthorized {
    /// The order.
    pub order_id: OrderId,
    /// The attempt that succeeded.
    pub attempt: u32,
    /// What is held.
    pub amount: Money,
    /// When the provider lets go of it, unless it is captured before.
    pub authorized_until: Timestamp,
}

/// The provider refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentDeclined {
    /// The order.
    pub order_id: OrderId,
    /// The attempt that failed.
    pub attempt: u32,
    /// The provider's code for why, such as `insufficient_funds`; `too_late` and `cancelled` are ours.
    pub reason: String,
}

/// The customer must confirm the payment with the issuer, or pay in cash, before it is authorised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentActionRequired {
    /// The order.
    pub order_id: OrderId,
    /// The attempt that waits.
    pub attempt: u32,
    /// Until when it waits.
    pub act_until: Timestamp,
}

/// The money is ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentCaptured {
    /// The order.
    pub order_id: OrderId,
    /// What was captured.
    pub amount: Money,
}

/// The hold has ended without a capture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentVoided {
    /// The order.
    pub order_id: OrderId,
    /// Why.
    pub reason: VoidReason,
}

/// Why a hold has ended without a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VoidReason {
    /// The order was cancelled.
    OrderCancelled,
    /// The customer did not act in time, or the provider let go of the hold.
    Lapsed,
}

/// Money went back to the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentRefunded {
    /// The order.
    pub order_id: OrderId,
    /// Who gets it.
    pub customer_id: CustomerId,
    /// Counts the order's refunds, from 1.
    pub refund: u32,
    /// What went back this time.
    pub amount: Money,
    /// What has gone back in all.
    pub refunded_total: Money,
}

published_by!("payments":
    PaymentAuthorized, PaymentDeclined, PaymentActionRequired, PaymentCaptured, PaymentVoided, PaymentRefunded
);
