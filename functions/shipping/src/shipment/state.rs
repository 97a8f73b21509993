//! A shipment as it is stored, and what can be read from it.

use contracts::orders::OrderedLine;
use identifiers::{AddressId, CustomerId, MessageId, OrderId, Region, Sku, Timestamp};
use serde::{Deserialize, Serialize};

use super::message::{NewShipment, ShipmentEvent};

/// A shipment as it is stored. Names are short because each kilobyte of an item counts on each of its writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShipmentState {
    /// The order's cancellation came before its confirmation, which shall find this.
    #[serde(rename = "u")]
    CancelledUnconfirmed {
        /// The order.
        #[serde(rename = "o")]
        order_id: OrderId,
    },
    /// The order was confirmed.
    #[serde(rename = "c")]
    Confirmed(Shipment),
}

/// The shipment of a confirmed order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// The order.
    #[serde(rename = "o")]
    pub order_id: OrderId,
    /// Who placed it.
    #[serde(rename = "c")]
    pub customer_id: CustomerId,
    /// Where it goes.
    #[serde(rename = "r")]
    pub region: Region,
    /// The address in the customer's address book that it goes to, where one was named.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub delivery_address_id: Option<AddressId>,
    /// The weight of it all, in grams.
    #[serde(rename = "w")]
    pub weight_grams: u64,
    /// When it was created.
    #[serde(rename = "a")]
    pub created_at: Timestamp,
    /// Whether the order is off.
    #[serde(rename = "x", default, skip_serializing_if = "is_false")]
    pub cancelled: bool,
    /// What is to be shipped.
    #[serde(rename = "l")]
    pub lines: Vec<Line>,
    /// What has left, in that order.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    pub parcels: Vec<Parcel>,
    /// What came back, in that order.
    #[serde(rename = "b", default, skip_serializing_if = "Vec::is_empty")]
    pub returns: Vec<Return>,
}

/// A line of the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What.
    #[serde(rename = "k")]
    pub sku: Sku,
    /// How many.
    #[serde(rename = "q")]
    pub quantity: u32,
    /// How many of them are packed, those that left included.
    #[serde(rename = "p", default, skip_serializing_if = "is_zero")]
    pub packed: u32,
}

/// A number of pieces of one line, by the line's position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quantity(pub usize, pub u32);

/// A parcel that left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// Who carries it.
    #[serde(rename = "c")]
    pub carrier: String,
    /// The carrier's number for it.
    #[serde(rename = "t")]
    pub tracking_number: String,
    /// What is in it.
    #[serde(rename = "l")]
    pub quantities: Vec<Quantity>,
    /// When it left.
    #[serde(rename = "a")]
    pub dispatched_at: Timestamp,
    /// When it arrived.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Timestamp>,
}

/// Goods that came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    /// The wish that it was received with.
    #[serde(rename = "m")]
    pub message_id: MessageId,
    /// What came back.
    #[serde(rename = "l")]
    pub quantities: Vec<Quantity>,
    /// Whether it can be sold again.
    #[serde(rename = "r")]
    pub restock: bool,
    /// When it came.
    #[serde(rename = "a")]
    pub received_at: Timestamp,
}

/// How far a shipment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShipmentStatus {
    /// Something is still to be packed, and nothing has left.
    ToPack,
    /// All is packed, and nothing has left.
    Packed,
    /// Something has left and something has not.
    PartiallyDispatched,
    /// All has left.
    Dispatched,
    /// All has arrived.
    Delivered,
    /// The order is off.
    Cancelled,
}

fn is_false(value: &bool) -> bool {
    !value
}

fn is_zero(value: &u32) -> bool {
    *value == 0
}

impl ShipmentState {
    /// How far it is.
    pub fn status(&self) -> ShipmentStatus {
        match self {
            Self::CancelledUnconfirmed { .. } => ShipmentStatus::Cancelled,
            Self::Confirmed(shipment) => shipment.status(),
        }
    }

    /// Whether somebody has yet to pack or dispatch something of it.
    pub fn is_open(&self) -> bool {
        match self.status() {
            ShipmentStatus::ToPack
            | ShipmentStatus::Packed
            | ShipmentStatus::PartiallyDispatched => true,
            ShipmentStatus::Dispatched | ShipmentStatus::Delivered | ShipmentStatus::Cancelled => {
                false
            }
        }
    }
}

impl Shipment {
    pub(super) fn new(new: &NewShipment) -> Self {
        let line = |line: &OrderedLine| Line {
            sku: line.sku.clone(),
            quantity: line.quantity,
            packed: 0,
        };
        Self {
            order_id: new.order_id.clone(),
            customer_id: new.customer_id.clone(),
            region: new.region.clone(),
            delivery_address_id: new.delivery_address_id.clone(),
            weight_grams: new.weight_grams,
            created_at: new.at,
            cancelled: false,
            lines: new.lines.iter().map(line).collect(),
            parcels: Vec::new(),
            returns: Vec::new(),
        }
    }

    /// How far it is.
    pub fn status(&self) -> ShipmentStatus {
        if self.cancelled {
            ShipmentStatus::Cancelled
        } else if self.parcels.is_empty() {
            if self.lines.iter().all(|line| line.packed >= line.quantity) {
                ShipmentStatus::Packed
            } else {
                ShipmentStatus::ToPack
            }
        } else if !self.undispatched().is_empty() {
            ShipmentStatus::PartiallyDispatched
        } else if self
            .parcels
            .iter()
            .all(|parcel| parcel.delivered_at.is_some())
        {
            ShipmentStatus::Delivered
        } else {
            ShipmentStatus::Dispatched
        }
    }

    /// How many pieces of a line have left.
    pub fn dispatched(&self, position: usize) -> u32 {
        let parcels = self.parcels.iter();
        pieces(parcels.flat_map(|parcel| &parcel.quantities), position)
    }

    /// How many pieces of a line came back.
    pub fn returned(&self, position: usize) -> u32 {
        let returns = self.returns.iter();
        pieces(returns.flat_map(|returned| &returned.quantities), position)
    }

    /// Quantities with the SKUs of their lines.
    pub fn ordered_lines(&self, quantities: &[Quantity]) -> Vec<OrderedLine> {
        quantities
            .iter()
            .filter_map(|Quantity(position, quantity)| {
                let line = self.lines.get(*position)?;
                Some(OrderedLine {
                    sku: line.sku.clone(),
                    quantity: *quantity,
                })
            })
            .collect()
    }

    pub(super) fn undispatched(&self) -> Vec<Quantity> {
        let left = |position: usize, line: &Line| {
            Quantity(
                position,
                line.quantity.saturating_sub(self.dispatched(position)),
            )
        };
        let lines = self.lines.iter().enumerate();
        lines
            .map(|(position, line)| left(position, line))
            .filter(|quantity| quantity.1 > 0)
            .collect()
    }

    pub(super) fn evolve(mut self, event: &ShipmentEvent) -> Self {
        match event {
            // An order is confirmed once; `decide` lets no second creation through.
            ShipmentEvent::Created(_) | ShipmentEvent::CancelledUnconfirmed { .. } => {}
            ShipmentEvent::Cancelled => self.cancelled = true,
            ShipmentEvent::Packed { quantities } => {
                for Quantity(position, quantity) in quantities {
                    if let Some(line) = self.lines.get_mut(*position) {
                        line.packed = line.packed.saturating_add(*quantity);
                    }
                }
            }
            ShipmentEvent::Dispatched { parcel, .. } => {
                self.parcels.push(parcel.clone());
                for Quantity(position, _) in &parcel.quantities {
                    let dispatched = self.dispatched(*position);
                    if let Some(line) = self.lines.get_mut(*position) {
                        line.packed = line.packed.max(dispatched);
                    }
                }
            }
            ShipmentEvent::Delivered { number, at, .. } => {
                let position = (*number as usize).saturating_sub(1);
                if let Some(parcel) = self.parcels.get_mut(position) {
                    parcel.delivered_at = Some(*at);
                }
            }
            ShipmentEvent::ReturnReceived { returned, .. } => self.returns.push(returned.clone()),
        }
        self
    }
}

fn pieces<'a>(quantities: impl Iterator<Item = &'a Quantity>, position: usize) -> u32 {
    quantities
        .filter(|quantity| quantity.0 == position)
        .fold(0, |sum, quantity| sum.saturating_add(quantity.1))
}
