//! What the HTTP routes answer.

use contracts::inventory::{AdjustmentReason, ReservationFailure, Shortage};
use identifiers::{LocationId, OrderId, Sku, Timestamp};
use serde::Serialize;

use crate::movement::Movement;
use crate::reservation::{Ending, Line, Reservation, Status};
use crate::stock::Stock;

/// What a shopper sees of a SKU's stock.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Availability")]
pub(crate) struct AvailabilityView<'a> {
    sku: &'a Sku,
    available: i64,
}

/// What an operator sees of a SKU's stock.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Stock")]
pub(crate) struct StockView<'a> {
    sku: &'a Sku,
    locations: Vec<LevelView<'a>>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "StockLevel")]
struct LevelView<'a> {
    location_id: &'a LocationId,
    received: i64,
    available: i64,
    allocated: i64,
    low_stock_threshold: i64,
}

/// A page of a SKU's movements.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "MovementPage")]
pub(crate) struct MovementsView {
    pub movements: Vec<MovementView>,
    pub next: Option<String>,
}

/// An entry of the ledger.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Movement")]
pub(crate) struct MovementView {
    location_id: LocationId,
    by: i64,
    reason: AdjustmentReason,
    moved_at: Timestamp,
}

/// What an operator sees of a reservation.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Reservation")]
pub(crate) struct ReservationView<'a> {
    order_id: &'a OrderId,
    #[schemars(extend("enum" = ["reserving", "reserved", "partly_consumed", "consumed", "releasing", "released", "failed"]))]
    status: &'static str,
    lines: Vec<LineView<'a>>,
    parcels: &'a [u32],
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<ReservationFailure>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    shortages: &'a [Shortage],
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "ReservationLine")]
struct LineView<'a> {
    sku: &'a Sku,
    quantity: u64,
    held: u64,
    consumed: u64,
    locations: Vec<PartView<'a>>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "ReservationPart")]
struct PartView<'a> {
    location_id: &'a LocationId,
    held: u64,
    consumed: u64,
}

impl<'a> AvailabilityView<'a> {
    pub fn of(sku: &'a Sku, stock: &Stock) -> Self {
        Self {
            sku,
            available: stock.available(),
        }
    }
}

impl<'a> StockView<'a> {
    pub fn of(sku: &'a Sku, stock: &'a Stock) -> Self {
        let locations = stock
            .locations
            .iter()
            .map(|(location_id, level)| LevelView {
                location_id,
                received: level.received,
                available: level.available,
                allocated: level.allocated(),
                low_stock_threshold: level.threshold,
            });
        Self {
            sku,
            locations: locations.collect(),
        }
    }
}

impl From<Movement> for MovementView {
    fn from(movement: Movement) -> Self {
        let Movement {
            sku: _,
            location_id,
            by,
            reason,
            moved_at,
        } = movement;
        Self {
            location_id,
            by,
            reason,
            moved_at,
        }
    }
}

impl<'a> ReservationView<'a> {
    pub fn of(order_id: &'a OrderId, reservation: &'a Reservation) -> Self {
        let (status, reason) = match &reservation.status {
            Status::Reserving => ("reserving", None),
            Status::Reserved => ("reserved", None),
            Status::PartlyConsumed => ("partly_consumed", None),
            Status::Consumed => ("consumed", None),
            Status::Releasing(Ending::Released) => ("releasing", None),
            Status::Releasing(Ending::Failed(refusal)) => ("releasing", Some(refusal.reason)),
            Status::Ended(Ending::Released) => ("released", None),
            Status::Ended(Ending::Failed(refusal)) => ("failed", Some(refusal.reason)),
        };
        Self {
            order_id,
            status,
            lines: reservation.lines.iter().map(LineView::of).collect(),
            parcels: &reservation.parcels,
            reason,
            shortages: reservation.shortages(),
        }
    }
}

impl<'a> LineView<'a> {
    fn of(line: &'a Line) -> Self {
        let parts = line.parts.iter().map(|part| PartView {
            location_id: &part.location_id,
            held: part.held,
            consumed: part.consumed,
        });
        Self {
            sku: &line.sku,
            quantity: line.quantity,
            held: line.held(),
            consumed: line.consumed(),
            locations: parts.collect(),
        }
    }
}
