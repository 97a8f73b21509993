//! News: what another context's event has to tell a customer.

use contracts::orders::{CancellationReason, OrderCancelled, OrderConfirmed, OrderedLine};
use contracts::payments::PaymentRefunded;
use contracts::shipping::ShipmentDispatched;
use contracts::{CloudEvent, EventData, UnreadableEvent};
use identifiers::{CustomerId, OrderId};
use money::Money;

use crate::notice::{Kind, Notice};

/// Something to tell a customer about an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// The order.
    pub order_id: OrderId,
    /// Who is told.
    pub customer_id: CustomerId,
    /// Which notice it is.
    pub notice: Notice,
    /// What the notice says.
    pub facts: Facts,
}

/// What a notice says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Facts {
    /// The order is sure.
    OrderConfirmed {
        /// What will be shipped.
        lines: Vec<OrderedLine>,
        /// What it costs.
        total: Money,
    },
    /// A parcel has left.
    ShipmentDispatched {
        /// Which parcel of the order.
        parcel: u32,
        /// What is in it.
        lines: Vec<OrderedLine>,
        /// Who carries it.
        carrier: String,
        /// The carrier's number for it.
        tracking_number: String,
        /// Whether all of the order has now left.
        complete: bool,
    },
    /// The order is off.
    OrderCancelled {
        /// Why.
        reason: CancellationReason,
        /// What it would have cost.
        total: Money,
    },
    /// Money went back.
    PaymentRefunded {
        /// How much, this time.
        amount: Money,
        /// How much in all.
        refunded_total: Money,
    },
}

impl News {
    /// Reads what the event has to tell.
    ///
    /// # Errors
    /// When the event cannot be read, or its type is none that is heard.
    pub fn read(event: &CloudEvent) -> Result<Self, UnreadableEvent> {
        match event.event_type.as_str() {
            OrderConfirmed::TYPE => {
                let said: OrderConfirmed = event.data()?;
                Ok(Self {
                    order_id: said.order_id,
                    customer_id: said.customer_id,
                    notice: Notice::new(Kind::OrderConfirmed, 1),
                    facts: Facts::OrderConfirmed {
                        lines: said.lines,
                        total: said.total,
                    },
                })
            }
            OrderCancelled::TYPE => {
                let said: OrderCancelled = event.data()?;
                Ok(Self {
                    order_id: said.order_id,
                    customer_id: said.customer_id,
                    notice: Notice::new(Kind::OrderCancelled, 1),
                    facts: Facts::OrderCancelled {
                        reason: said.reason,
                        total: said.total,
                    },
                })
            }
            ShipmentDispatched::TYPE => {
                let said: ShipmentDispatched = event.data()?;
                Ok(Self {
                    order_id: said.order_id,
                    customer_id: said.customer_id,
                    notice: Notice::new(Kind::ShipmentDispatched, said.parcel),
                    facts: Facts::ShipmentDispatched {
                        parcel: said.parcel,
                        lines: said.lines,
                        carrier: said.carrier,
                        tracking_number: said.tracking_number,
                        complete: said.complete,
                    },
                })
            }
            PaymentRefunded::TYPE => {
                let said: PaymentRefunded = event.data()?;
                Ok(Self {
                    order_id: said.order_id,
                    customer_id: said.customer_id,
                    notice: Notice::new(Kind::PaymentRefunded, said.refund),
                    facts: Facts::PaymentRefunded {
                        amount: said.amount,
                        refunded_total: said.refunded_total,
                    },
                })
            }
            other => Err(UnreadableEvent::UnknownType(other.to_owned())),
        }
    }
}
