//! The shipment of one order: what is to be packed, which parcels have left, which arrived, what came back.
//!
//! Pure. Every guard holds for ever, so a message that comes twice or late changes nothing, whenever it comes.

use std::collections::BTreeSet;

use contracts::orders::OrderedLine;
use decider::Aggregate;
use identifiers::{CustomerId, MessageId, OrderId, Region, Sku, Timestamp};
use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    fn new(new: &NewShipment) -> Self {
        let line = |line: &OrderedLine| Line {
            sku: line.sku.clone(),
            quantity: line.quantity,
            packed: 0,
        };
        Self {
            order_id: new.order_id.clone(),
            customer_id: new.customer_id.clone(),
            region: new.region.clone(),
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

    fn undispatched(&self) -> Vec<Quantity> {
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

    /// The lines as quantities by position, in the order of the positions, each within `left`.
    fn quantities(
        &self,
        lines: &[OrderedLine],
        what: &'static str,
        left: impl Fn(usize, &Line) -> u32,
    ) -> Result<Vec<Quantity>, ShipmentRejection> {
        let mut quantities = Vec::with_capacity(lines.len());
        for wanted in lines {
            let position = self.lines.iter().position(|line| line.sku == wanted.sku);
            let position =
                position.ok_or_else(|| ShipmentRejection::NotOrdered(wanted.sku.clone()))?;
            let left = left(position, &self.lines[position]);
            if wanted.quantity > left {
                return Err(ShipmentRejection::TooMany {
                    sku: wanted.sku.clone(),
                    left,
                    what,
                });
            }
            quantities.push(Quantity(position, wanted.quantity));
        }
        quantities.sort_by_key(|quantity| quantity.0);
        Ok(quantities)
    }

    fn pack(&self, lines: Option<&[OrderedLine]>) -> Result<Vec<ShipmentEvent>, ShipmentRejection> {
        let totals = match lines {
            Some(lines) => self.quantities(lines, "are ordered", |_, line| line.quantity)?,
            None => {
                let lines = self.lines.iter().enumerate();
                lines
                    .map(|(position, line)| Quantity(position, line.quantity))
                    .collect()
            }
        };
        let quantities: Vec<Quantity> = totals
            .into_iter()
            .map(|Quantity(position, total)| {
                Quantity(position, total.saturating_sub(self.lines[position].packed))
            })
            .filter(|quantity| quantity.1 > 0)
            .collect();
        if quantities.is_empty() {
            return Ok(Vec::new());
        }
        Ok(vec![ShipmentEvent::Packed { quantities }])
    }

    fn dispatch(
        &self,
        carrier: &str,
        tracking_number: &str,
        lines: Option<&[OrderedLine]>,
        at: Timestamp,
    ) -> Result<Vec<ShipmentEvent>, ShipmentRejection> {
        let undispatched = self.undispatched();
        let known = self.parcels.iter().position(|parcel| {
            parcel.carrier == carrier && parcel.tracking_number == tracking_number
        });
        if let Some(position) = known {
            let repeated = match lines {
                // The parcel took all that was left then, and nothing is left now.
                None => undispatched.is_empty(),
                Some(lines) => {
                    let quantities =
                        self.quantities(lines, "are ordered", |_, line| line.quantity)?;
                    quantities == self.parcels[position].quantities
                }
            };
            if repeated {
                return Ok(Vec::new());
            }
            let parcel = number_after(position);
            return Err(ShipmentRejection::TrackingNumberTaken { parcel });
        }
        if undispatched.is_empty() {
            return Err(ShipmentRejection::NothingLeft);
        }
        let quantities = match lines {
            None => undispatched.clone(),
            Some(lines) => self.quantities(lines, "have not left yet", |position, line| {
                line.quantity.saturating_sub(self.dispatched(position))
            })?,
        };
        Ok(vec![ShipmentEvent::Dispatched {
            complete: quantities == undispatched,
            number: number_after(self.parcels.len()),
            parcel: Parcel {
                carrier: carrier.to_owned(),
                tracking_number: tracking_number.to_owned(),
                quantities,
                dispatched_at: at,
                delivered_at: None,
            },
        }])
    }

    fn deliver(
        &self,
        parcel: Option<u32>,
        at: Timestamp,
    ) -> Result<Vec<ShipmentEvent>, ShipmentRejection> {
        if self.parcels.is_empty() {
            return Err(ShipmentRejection::NothingDispatched);
        }
        if let Some(number) = parcel
            && (number == 0 || number as usize > self.parcels.len())
        {
            return Err(ShipmentRejection::NoSuchParcel(number));
        }
        let under_way: Vec<u32> = (0..self.parcels.len())
            .filter(|position| self.parcels[*position].delivered_at.is_none())
            .map(number_after)
            .collect();
        let arriving: Vec<u32> = under_way
            .iter()
            .copied()
            .filter(|number| parcel.is_none_or(|wanted| wanted == *number))
            .collect();
        let all_arrive = arriving == under_way && self.undispatched().is_empty();
        let last = arriving.last().copied();
        Ok(arriving
            .into_iter()
            .map(|number| ShipmentEvent::Delivered {
                number,
                complete: all_arrive && Some(number) == last,
                at,
            })
            .collect())
    }

    fn receive_return(
        &self,
        message_id: &MessageId,
        lines: &[OrderedLine],
        restock: bool,
        at: Timestamp,
    ) -> Result<Vec<ShipmentEvent>, ShipmentRejection> {
        if self
            .returns
            .iter()
            .any(|returned| returned.message_id == *message_id)
        {
            return Ok(Vec::new());
        }
        if self.parcels.is_empty() {
            return Err(ShipmentRejection::NothingDispatched);
        }
        let quantities = self.quantities(lines, "can come back", |position, _| {
            self.dispatched(position)
                .saturating_sub(self.returned(position))
        })?;
        Ok(vec![ShipmentEvent::ReturnReceived {
            number: number_after(self.returns.len()),
            returned: Return {
                message_id: message_id.clone(),
                quantities,
                restock,
                received_at: at,
            },
        }])
    }

    fn evolve(mut self, event: &ShipmentEvent) -> Self {
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

/// The number, counted from 1, of what stands at or would be added at the position.
fn number_after(position: usize) -> u32 {
    u32::try_from(position).map_or(u32::MAX, |position| position.saturating_add(1))
}

fn make_sense(lines: &[OrderedLine]) -> bool {
    let skus: BTreeSet<&Sku> = lines.iter().map(|line| &line.sku).collect();
    !lines.is_empty() && skus.len() == lines.len() && lines.iter().all(|line| line.quantity > 0)
}

impl Aggregate for Shipment {
    type Command = ShipmentCommand;
    type Event = ShipmentEvent;
    type State = ShipmentState;
    type Rejection = ShipmentRejection;

    fn decide(
        state: Option<&ShipmentState>,
        command: &ShipmentCommand,
    ) -> Result<Vec<ShipmentEvent>, ShipmentRejection> {
        let shipment = match (state, command) {
            (None, ShipmentCommand::Create(new)) if make_sense(&new.lines) => {
                return Ok(vec![ShipmentEvent::Created(new.clone())]);
            }
            (None, ShipmentCommand::Create(_)) => return Err(ShipmentRejection::SenselessLines),
            (Some(_), ShipmentCommand::Create(_)) => return Ok(Vec::new()),
            (
                None | Some(ShipmentState::CancelledUnconfirmed { .. }),
                ShipmentCommand::Cancel { order_id },
            ) => {
                let order_id = order_id.clone();
                return Ok(vec![ShipmentEvent::CancelledUnconfirmed { order_id }]);
            }
            (Some(ShipmentState::Confirmed(shipment)), ShipmentCommand::Cancel { .. }) => {
                // What has left cannot be cancelled any more, and that it left has been said.
                let has_left = !shipment.parcels.is_empty();
                return Ok(if has_left {
                    Vec::new()
                } else {
                    vec![ShipmentEvent::Cancelled]
                });
            }
            (None, _) => return Err(ShipmentRejection::Unknown),
            (Some(ShipmentState::CancelledUnconfirmed { .. }), _) => {
                return Err(ShipmentRejection::Cancelled);
            }
            (Some(ShipmentState::Confirmed(shipment)), _) => shipment,
        };
        if shipment.cancelled {
            return Err(ShipmentRejection::Cancelled);
        }
        match command {
            // Answered above, whatever the state.
            ShipmentCommand::Create(_) | ShipmentCommand::Cancel { .. } => Ok(Vec::new()),
            ShipmentCommand::Pack { lines } => shipment.pack(lines.as_deref()),
            ShipmentCommand::Dispatch {
                carrier,
                tracking_number,
                lines,
                at,
            } => shipment.dispatch(carrier, tracking_number, lines.as_deref(), *at),
            ShipmentCommand::Deliver { parcel, at } => shipment.deliver(*parcel, *at),
            ShipmentCommand::ReceiveReturn {
                message_id,
                lines,
                restock,
                at,
            } => shipment.receive_return(message_id, lines, *restock, *at),
        }
    }

    fn evolve(state: Option<ShipmentState>, event: &ShipmentEvent) -> ShipmentState {
        match (state, event) {
            (Some(ShipmentState::Confirmed(shipment)), event) => {
                ShipmentState::Confirmed(shipment.evolve(event))
            }
            (_, ShipmentEvent::Created(new)) => ShipmentState::Confirmed(Self::new(new)),
            (_, ShipmentEvent::CancelledUnconfirmed { order_id }) => {
                ShipmentState::CancelledUnconfirmed {
                    order_id: order_id.clone(),
                }
            }
            (Some(state), _) => state,
            (None, _) => unreachable!("only a creation or a cancellation happens to no shipment"),
        }
    }
}
