//! What is set aside for one order: the reservation, and everything that can happen to it.
//!
//! Owns what is held and what has left, per line and location, and the all-or-nothing outcome over as many
//! transactions as the lines need. Does not own the SKUs' counters: each step's stock writes are derived from the
//! change of this state ([`Reservation::taken_since`]).

mod decide;
mod evolve;

use std::collections::BTreeMap;

use contracts::inventory::{LowStock, ReservationFailure, Shortage};
use decider::Aggregate;
use identifiers::{LocationId, OrderId, Sku, Timestamp};
use serde::{Deserialize, Serialize};

use crate::stock::{Portion, Stocks};

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

/// A quantity of one SKU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// What.
    pub sku: Sku,
    /// How many.
    pub quantity: u64,
}

/// Portions of one SKU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portions {
    /// What.
    pub sku: Sku,
    /// Where from, and how many.
    pub portions: Vec<Portion>,
}

/// What a reservation is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Set the lines aside, all or none.
    Reserve(Reserve),
    /// Give back what has not left.
    Release {
        /// The order.
        order_id: OrderId,
    },
    /// Note that a parcel has left.
    Dispatch(Dispatch),
}

/// Set an order's lines aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserve {
    /// The order.
    pub order_id: OrderId,
    /// What is to be set aside: each SKU once, in their order.
    pub lines: Vec<Quantity>,
    /// After this instant nothing is set aside any more.
    pub until: Timestamp,
    /// The present instant.
    pub now: Timestamp,
    /// The stock of the lines that are still to be taken, as it was read.
    pub stocks: Stocks,
}

/// Note that a parcel has left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    /// Which of the order's parcels.
    pub parcel: u32,
    /// What is in it: each SKU once, in their order.
    pub lines: Vec<Quantity>,
    /// The stock of the lines, as it was read; used only where the parcel left after the release.
    pub stocks: Stocks,
}

/// What happened to a reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Lines are to be set aside.
    Asked {
        /// Which.
        lines: Vec<Quantity>,
    },
    /// Lines were taken.
    Took {
        /// Which, and from where.
        lines: Vec<Portions>,
    },
    /// Taking a line made its stock run low.
    Crossed(LowStock),
    /// All lines are set aside.
    Reserved {
        /// The order.
        order_id: OrderId,
    },
    /// What was taken shall be given back.
    GaveUp {
        /// How it will end.
        ending: Ending,
    },
    /// What lines held was given back.
    GaveBack {
        /// Of which SKUs.
        skus: Vec<Sku>,
    },
    /// Nothing is held any more, or ever was.
    Ended {
        /// The order.
        order_id: OrderId,
        /// How.
        ending: Ending,
    },
    /// The release came before the request: the request shall find this.
    Forestalled,
    /// A warning of low stock is announced.
    Warned(LowStock),
    /// The request came once more, under another message's name, and is answered once more.
    AnsweredReserved {
        /// The order.
        order_id: OrderId,
    },
    /// The request is answered with why nothing is set aside; nothing changes.
    AnsweredFailed {
        /// The order.
        order_id: OrderId,
        /// Why.
        refusal: Refusal,
    },
    /// A parcel has left with goods that were set aside.
    Dispatched {
        /// Which.
        parcel: u32,
        /// What left, and from where.
        lines: Vec<Portions>,
    },
    /// A parcel left after the release; its goods are taken from the stock again.
    LeftLate {
        /// Which.
        parcel: u32,
        /// What left, and from where.
        lines: Vec<Portions>,
        /// How many of the parcel's lines are taken now, if not all.
        unfinished: Option<usize>,
    },
}

/// Why a reservation refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It has no lines.
    #[error("there are no lines")]
    NoLines,
    /// It has too many lines.
    #[error("there are more than {MAX_LINES} lines")]
    TooManyLines,
    /// A line is of nothing.
    #[error("the quantity of {sku} is zero")]
    ZeroQuantity {
        /// Which.
        sku: Sku,
    },
    /// The reservation is not complete, or not visible, yet: the parcel's message must come again.
    #[error("nothing is known to be set aside for the order yet")]
    NotReservedYet,
    /// Nothing was set aside for the order, so nothing of it can leave.
    #[error("nothing was set aside for the order")]
    NothingReserved,
    /// More would leave than was set aside.
    #[error("more of {sku} left than was set aside")]
    MoreThanReserved {
        /// Of what.
        sku: Sku,
    },
    /// The parcel left after the release, and what it held is set aside for others by now. The shelf has less than
    /// the counters say: somebody has to count.
    #[error("{sku} left after it was released, and there is too little of it in stock now")]
    SoldMeanwhile {
        /// Of what.
        sku: Sku,
    },
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

impl Command {
    /// The SKUs whose stock must be known to decide on the command in this state.
    pub fn needs_stock_of(&self, state: Option<&Reservation>) -> Vec<Sku> {
        let of_lines = |lines: &[Quantity]| lines.iter().map(|line| line.sku.clone()).collect();
        match (self, state.map(|state| &state.status)) {
            (Self::Reserve(reserve), None) => of_lines(&reserve.lines),
            (Self::Reserve(_), Some(Status::Reserving)) => {
                let lines = state.iter().flat_map(|state| &state.lines);
                let untaken = lines.filter(|line| line.parts.is_empty());
                untaken.map(|line| line.sku.clone()).collect()
            }
            (Self::Dispatch(dispatch), Some(Status::Ended(Ending::Released))) => {
                of_lines(&dispatch.lines)
            }
            (Self::Reserve(_) | Self::Dispatch(_), _) | (Self::Release { .. }, _) => Vec::new(),
        }
    }

    /// Where the stock that was read is kept, for commands that have any.
    pub fn stocks_mut(&mut self) -> Option<&mut Stocks> {
        match self {
            Self::Reserve(reserve) => Some(&mut reserve.stocks),
            Self::Dispatch(dispatch) => Some(&mut dispatch.stocks),
            Self::Release { .. } => None,
        }
    }

    /// The stock that was read.
    pub fn stocks(&self) -> Option<&Stocks> {
        match self {
            Self::Reserve(reserve) => Some(&reserve.stocks),
            Self::Dispatch(dispatch) => Some(&dispatch.stocks),
            Self::Release { .. } => None,
        }
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
