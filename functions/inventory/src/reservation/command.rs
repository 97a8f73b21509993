//! What a reservation is asked to do, and why it refuses.

use identifiers::{OrderId, Sku, Timestamp};

use super::{Ending, MAX_LINES, Reservation, Status};
use crate::stock::Stocks;

/// A quantity of one SKU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// What.
    pub sku: Sku,
    /// How many.
    pub quantity: u64,
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
