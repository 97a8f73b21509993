//! What shipping says.

use identifiers::{CustomerId, OrderId, Region, Timestamp};
use money::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::published_by;
use crate::orders::OrderedLine;

/// A confirmed order waits to be packed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShipmentCreated {
    /// The order.
    pub order_id: OrderId,
}

/// Nothing of an order has left, and nothing will: it can be cancelled whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShipmentCancelled {
    /// The order.
    pub order_id: OrderId,
}

/// A parcel has left. The pivot of an order: from here on it is refunded, not cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShipmentDispatched {
    /// The order.
    pub order_id: OrderId,
    /// Whose it is.
    pub customer_id: CustomerId,
    /// Counts the order's parcels, from 1.
    pub parcel: u32,
    /// What is in the parcel.
    pub lines: Vec<OrderedLine>,
    /// Who carries it.
    pub carrier: String,
    /// The carrier's number for it.
    pub tracking_number: String,
    /// Whether all of the order has now left.
    pub complete: bool,
    /// When it left.
    pub dispatched_at: Timestamp,
}

/// A parcel has arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShipmentDelivered {
    /// The order.
    pub order_id: OrderId,
    /// The parcel.
    pub parcel: u32,
    /// Whether all of the order has now arrived.
    pub complete: bool,
}

/// Goods have come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReturnReceived {
    /// The order.
    pub order_id: OrderId,
    /// Counts the order's returns, from 1.
    pub return_number: u32,
    /// What came back.
    pub lines: Vec<OrderedLine>,
    /// Whether it can be sold again.
    pub restock: bool,
}

/// What it costs to ship to a region is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShippingRateChanged {
    /// The region.
    pub region: Region,
    /// The fees, by weight, lightest first; heavier than the last is not carried.
    pub brackets: Vec<RateBracket>,
}

/// A fee up to a weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RateBracket {
    /// The heaviest order that the fee covers, in grams.
    pub up_to_grams: u64,
    /// The fee, tax included.
    pub fee: Money,
}

published_by!("shipping":
    ShipmentCreated, ShipmentCancelled, ShipmentDispatched, ShipmentDelivered, ReturnReceived, ShippingRateChanged
);
