//! A notice: one thing that a customer is told about an order.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a customer can be told.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "NoticeKind")]
pub enum Kind {
    /// The order is sure.
    OrderConfirmed,
    /// A parcel has left.
    ShipmentDispatched,
    /// The order is off.
    OrderCancelled,
    /// Money went back.
    PaymentRefunded,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [
        Self::OrderConfirmed,
        Self::ShipmentDispatched,
        Self::OrderCancelled,
        Self::PaymentRefunded,
    ];

    /// The kind's name, in events, templates and keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OrderConfirmed => "order_confirmed",
            Self::ShipmentDispatched => "shipment_dispatched",
            Self::OrderCancelled => "order_cancelled",
            Self::PaymentRefunded => "payment_refunded",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing to tell: a kind, and which of them where an order has several. It, not the message that brings it, is
/// what is told once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Notice {
    /// What it tells.
    pub kind: Kind,
    /// Which parcel or refund of the order; 1 where there is only one.
    pub number: u32,
}

impl Notice {
    /// The notice of that kind and number.
    pub const fn new(kind: Kind, number: u32) -> Self {
        Self { kind, number }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.number)
    }
}
