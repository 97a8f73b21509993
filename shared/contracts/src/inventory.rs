//! What inventory says.

use identifiers::{LocationId, OrderId, Sku};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::published_by;

/// All of an order's lines are set aside, each in its exact quantity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StockReserved {
    /// The order that the stock is set aside for.
    pub order_id: OrderId,
}

/// An order's lines could not be set aside; none of them is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StockReservationFailed {
    /// The order.
    pub order_id: OrderId,
    /// Why.
    pub reason: ReservationFailure,
    /// The lines that fell short, where that is why; at most twenty of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shortages: Vec<Shortage>,
}

/// Why nothing was set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReservationFailure {
    /// At least one line is short.
    OutOfStock,
    /// The request came after the instant until which the order would have waited.
    TooLate,
    /// The order was cancelled before its request came.
    Released,
}

/// A line that fell short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shortage {
    /// What was asked for.
    pub sku: Sku,
    /// How many were asked for.
    pub requested: u32,
    /// How many there were.
    pub available: u32,
}

/// What was set aside for an order can be sold again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StockReleased {
    /// The order.
    pub order_id: OrderId,
}

/// Stock was received, counted, lost or restocked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StockAdjusted {
    /// What was moved.
    pub sku: Sku,
    /// Where.
    pub location_id: LocationId,
    /// By how many: positive for more, negative for less.
    pub by: i64,
    /// Why.
    pub reason: AdjustmentReason,
}

/// Why stock changed otherwise than by an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdjustmentReason {
    /// A delivery came in.
    Received,
    /// A count found another number.
    Counted,
    /// Goods were damaged.
    Damaged,
    /// Goods are gone.
    Lost,
    /// A customer's return went back on the shelf.
    Returned,
}

/// What can be sold of a SKU has fallen to its warning level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LowStock {
    /// What is running low.
    pub sku: Sku,
    /// Where.
    pub location_id: LocationId,
    /// How many were left when it was noticed.
    pub available: u32,
    /// The level that it fell below.
    pub threshold: u32,
}

published_by!("inventory": StockReserved, StockReservationFailed, StockReleased, StockAdjusted, LowStock);
