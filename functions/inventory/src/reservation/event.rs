//! What happened to a reservation. Some of it is announced; the context's store module says what.

use contracts::inventory::LowStock;
use identifiers::{OrderId, Sku};

use super::{Ending, Quantity, Refusal};
use crate::stock::Portion;

/// Portions of one SKU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portions {
    /// What.
    pub sku: Sku,
    /// Where from, and how many.
    pub portions: Vec<Portion>,
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
