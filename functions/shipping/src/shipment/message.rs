//! What is asked of a shipment, what happens to it, and why it refuses.

use contracts::orders::OrderedLine;
use identifiers::{AddressId, CustomerId, MessageId, OrderId, Region, Sku, Timestamp};

use super::state::{Parcel, Quantity, Return};

/// What is asked of a shipment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShipmentCommand {
    /// The order is confirmed and shall be shipped.
    Create(NewShipment),
    /// The order shall be off if nothing of it has left. The answer is said again each time it is asked.
    Cancel {
        /// The order.
        order_id: OrderId,
    },
    /// So many of each SKU are packed, in all; everything, where no lines are given.
    Pack {
        /// How many of each SKU are packed, counted from the first.
        lines: Option<Vec<OrderedLine>>,
    },
    /// A parcel leaves. What was not packed before counts as packed.
    Dispatch {
        /// Who carries it.
        carrier: String,
        /// The carrier's number for it; one number is one parcel.
        tracking_number: String,
        /// What is in it; all that has not left yet, where no lines are given.
        lines: Option<Vec<OrderedLine>>,
        /// When it leaves.
        at: Timestamp,
    },
    /// A parcel has arrived; all that have left, where none is named.
    Deliver {
        /// Counts the order's parcels, from 1.
        parcel: Option<u32>,
        /// When it arrived.
        at: Timestamp,
    },
    /// Goods have come back.
    ReceiveReturn {
        /// What was handed in with this wish; the same wish is done once.
        message_id: MessageId,
        /// What came back.
        lines: Vec<OrderedLine>,
        /// Whether it can be sold again.
        restock: bool,
        /// When it came.
        at: Timestamp,
    },
}

/// A confirmed order, as far as shipping needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewShipment {
    /// The order.
    pub order_id: OrderId,
    /// Who placed it.
    pub customer_id: CustomerId,
    /// Where it goes.
    pub region: Region,
    /// The address in the customer's address book that it goes to, where one was named.
    pub delivery_address_id: Option<AddressId>,
    /// The weight of it all, in grams.
    pub weight_grams: u64,
    /// What is to be shipped: each SKU once.
    pub lines: Vec<OrderedLine>,
    /// When it was confirmed.
    pub at: Timestamp,
}

/// What happened to a shipment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShipmentEvent {
    /// It waits to be packed.
    Created(NewShipment),
    /// Nothing of it has left, and nothing will.
    Cancelled,
    /// The same, before it was known that the order is confirmed.
    CancelledUnconfirmed {
        /// The order.
        order_id: OrderId,
    },
    /// More of it is packed.
    Packed {
        /// How many more, by position of the line.
        quantities: Vec<Quantity>,
    },
    /// A parcel left.
    Dispatched {
        /// The parcel.
        parcel: Parcel,
        /// Counts the order's parcels, from 1.
        number: u32,
        /// Whether all of the order has now left.
        complete: bool,
    },
    /// A parcel arrived.
    Delivered {
        /// Counts the order's parcels, from 1.
        number: u32,
        /// Whether all of the order has now arrived.
        complete: bool,
        /// When it arrived.
        at: Timestamp,
    },
    /// Goods came back.
    ReturnReceived {
        /// What came back.
        returned: Return,
        /// Counts the order's returns, from 1.
        number: u32,
    },
}

/// Why a shipment refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShipmentRejection {
    /// No order of that id was confirmed.
    #[error("no confirmed order of that id is known")]
    Unknown,
    /// The order is off.
    #[error("the order is cancelled")]
    Cancelled,
    /// The confirmed order has no lines, a line of none, or a SKU twice.
    #[error("an order's lines must be at least one, each of at least one piece and of another SKU")]
    SenselessLines,
    /// A SKU is none of the order's.
    #[error("{0} is not part of the order")]
    NotOrdered(Sku),
    /// More than there is.
    #[error("only {left} of {sku} {what}")]
    TooMany {
        /// Which SKU.
        sku: Sku,
        /// How many there are.
        left: u32,
        /// What they are: `are ordered`, `have not left yet`, `can come back`.
        what: &'static str,
    },
    /// Everything has left already.
    #[error("all of the order has been dispatched")]
    NothingLeft,
    /// Nothing has left yet.
    #[error("nothing has been dispatched yet")]
    NothingDispatched,
    /// The carrier's number belongs to another parcel of the order.
    #[error("parcel {parcel} has this tracking number and other contents")]
    TrackingNumberTaken {
        /// Which parcel.
        parcel: u32,
    },
    /// No such parcel.
    #[error("the order has no parcel {0}")]
    NoSuchParcel(u32),
}
