//! What insights takes from what others say: of an order, of stock, of titles, or nothing but that it was said.
//!
//! Owns which part of an event can matter here; which event says it stands in `reading.rs`.

use identifiers::{CustomerId, OrderId, Sku};
use money::Money;

use crate::order::{FulfilmentStatus, Line, OrderStatus, PaymentStatus};
use crate::stock::StockNews;
use crate::title::Title;

/// What an event says of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// It was placed.
    Placed {
        /// By whom.
        customer_id: CustomerId,
        /// What the customer pays.
        total: Money,
        /// What was ordered.
        lines: Vec<Line>,
    },
    /// Its payment was asked for.
    PaymentRequested {
        /// Who pays.
        customer_id: CustomerId,
        /// Which attempt it is, from 1.
        attempt: u32,
    },
    /// It stands so.
    Status {
        /// Whose it is.
        customer_id: CustomerId,
        /// How.
        status: OrderStatus,
    },
    /// Its payment stands so.
    Payment {
        /// How.
        status: PaymentStatus,
        /// By which attempt; 0 where none is said.
        attempt: u32,
    },
    /// Its money is ours.
    Captured(Money),
    /// Money went back.
    Refunded {
        /// Who got it.
        customer_id: CustomerId,
        /// How much in all.
        total: Money,
    },
    /// Its parcels are that far.
    Fulfilled {
        /// Whose it is, where that is said.
        customer_id: Option<CustomerId>,
        /// How far.
        status: FulfilmentStatus,
    },
    /// It was spoken of, and its summary stays as it is.
    Mentioned {
        /// Whose it is, where that is said.
        customer_id: Option<CustomerId>,
    },
}

impl Fact {
    /// Whose the order is, where that is said.
    pub fn customer_id(&self) -> Option<&CustomerId> {
        match self {
            Self::Placed { customer_id, .. }
            | Self::PaymentRequested { customer_id, .. }
            | Self::Status { customer_id, .. }
            | Self::Refunded { customer_id, .. } => Some(customer_id),
            Self::Fulfilled { customer_id, .. } | Self::Mentioned { customer_id } => {
                customer_id.as_ref()
            }
            Self::Payment { .. } | Self::Captured(_) => None,
        }
    }
}

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// An order.
    Order(OrderId, Fact),
    /// What SKUs are called, by language.
    Titles(Vec<Sku>, Title),
    /// A SKU's stock.
    Stock(StockNews),
    /// Nothing that is kept here: it is counted, and that is all.
    Flow,
}
