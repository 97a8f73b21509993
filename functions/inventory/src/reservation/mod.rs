//! What is set aside for one order: the reservation, and everything that can happen to it.
//!
//! Owns what is held and what has left, per line and location, and the all-or-nothing outcome over as many
//! transactions as the lines need. Does not own the SKUs' counters: each step's stock writes are derived from the
//! change of this state ([`Reservation::taken_since`]).

mod command;
mod decide;
mod event;
mod evolve;

use std::collections::BTreeMap;

use contracts::inventory::{LowStock, ReservationFailure, Shortage};
use decider::Aggregate;
use identifiers::{LocationId, Sku};
use serde::{Deserialize, Serialize};

pub use command::{Command, Dispatch, Quantity, Rejection, Reserve};
pub use event::{Event, Portions};

/// How many lines one step takes or gives back: a transaction has 100 writes, of which one is the reservation's.
pub const LINES_PER_STEP: usize = store::MAX_TRANSACTION_ITEMS - 1;

/// The most lines that an order can have.
pub const MAX_LINES: usize = 1000;

/// How many shortages a refusal names; the contract of `StockReservationFailed`.
pub const MAX_SHORTAGES: usize = 20;

/// An order's reservation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// How far it is.
    #[serde(rename = "st")]
    pub status: Status,
    /// The order's lines by SKU, each SKU once. None where nothing was ever set aside.
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    /// The parcels that have left.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    pub parcels: Vec<u32>,
    /// Warnings of low stock that steps so far have led to, to be announced with the last step.
    #[serde(rename = "w", default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<LowStock>,
    /// The parcel that left after the release and whose lines are being taken from the stock, and how many are.
    #[serde(rename = "late", default, skip_serializing_if = "Option::is_none")]
    pub late: Option<(u32, usize)>,
}

/// How far a reservation is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Some lines are taken, and more shall be.
    Reserving,
    /// All lines are set aside.
    Reserved,
    /// Some of it has left.
    PartlyConsumed,
    /// All of it has left.
    Consumed,
    /// Lines are being given back; so will it end.
    Releasing(Ending),
    /// Nothing is held any more.
    Ended(Ending),
}

/// How a reservation ends other than by leaving.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The order was cancelled. Also a tombstone, where the cancel came first: a later request finds it.
    Released,
    /// It could not be made.
    Failed(Refusal),
}

/// Why a reservation could not be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Why.
    #[serde(rename = "r")]
    pub reason: ReservationFailure,
    /// The lines that fell short; at most [`MAX_SHORTAGES`].
    #[serde(rename = "s", default, skip_serializing_if = "Vec::is_empty")]
    pub shortages: Vec<Shortage>,
}

/// A line of a reservation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What.
    #[serde(rename = "s")]
    pub sku: Sku,
    /// How many were ordered.
    #[serde(rename = "q")]
    pub quantity: u64,
    /// Where from. Empty until they are taken.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

/// What one location gives to a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "(LocationId, u64, u64)", from = "(LocationId, u64, u64)")]
pub struct Part {
    /// Where.
    pub location_id: LocationId,
    /// How many are set aside.
    pub held: u64,
    /// How many have left.
    pub consumed: u64,
}

impl From<Part> for (LocationId, u64, u64) {
    fn from(part: Part) -> Self {
        (part.location_id, part.held, part.consumed)
    }
}

impl From<(LocationId, u64, u64)> for Part {
    fn from((location_id, held, consumed): (LocationId, u64, u64)) -> Self {
        Self {
            location_id,
            held,
            consumed,
        }
    }
}

impl Line {
    /// How many are set aside.
    pub fn held(&self) -> u64 {
        self.parts.iter().map(|part| part.held).sum()
    }

    /// How many have left.
    pub fn consumed(&self) -> u64 {
        self.parts.iter().map(|part| part.consumed).sum()
    }
}

impl Reservation {
    /// Whether more steps must follow before anything is announced and the message recorded.
    pub fn is_under_way(&self) -> bool {
        match &self.status {
            Status::Reserving | Status::Releasing(_) => true,
            Status::Reserved | Status::PartlyConsumed | Status::Consumed | Status::Ended(_) => {
                self.late.is_some()
            }
        }
    }

    /// The lines that were short, where that is why it fails.
    pub fn shortages(&self) -> &[Shortage] {
        match &self.status {
            Status::Releasing(Ending::Failed(refusal)) | Status::Ended(Ending::Failed(refusal)) => {
                &refusal.shortages
            }
            Status::Reserving
            | Status::Reserved
            | Status::PartlyConsumed
            | Status::Consumed
            | Status::Releasing(Ending::Released)
            | Status::Ended(Ending::Released) => &[],
        }
    }

    /// What this state has taken from the stock beyond what the earlier state had: positive where taken, negative
    /// where given back, nothing where unchanged. What is held and what has left count alike.
    pub fn taken_since(&self, earlier: Option<&Self>) -> BTreeMap<(Sku, LocationId), i64> {
        let mut taken = BTreeMap::new();
        let mut add = |reservation: &Self, sign: i64| {
            for line in &reservation.lines {
                for part in &line.parts {
                    let place = (line.sku.clone(), part.location_id.clone());
                    let count = i64::try_from(part.held + part.consumed)
                        .expect("a part is drawn from a counter, which is no larger");
                    *taken.entry(place).or_insert(0) += sign * count;
                }
            }
        };
        add(self, 1);
        if let Some(earlier) = earlier {
            add(earlier, -1);
        }
        taken.retain(|_, count| *count != 0);
        taken
    }
}

impl Aggregate for Reservation {
    type Command = Command;
    type Event = Event;
    type State = Self;
    type Rejection = Rejection;

    fn decide(state: Option<&Self>, command: &Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Reserve(reserve) => decide::reserve(state, reserve),
            Command::Release { order_id } => Ok(decide::release(state, order_id)),
            Command::Dispatch(dispatch) => decide::dispatch(state, dispatch),
        }
    }

    fn evolve(state: Option<Self>, event: &Event) -> Self {
        evolve::evolve(state, event)
    }
}
