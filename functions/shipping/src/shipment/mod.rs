//! The shipment of one order: what is to be packed, which parcels have left, which arrived, what came back.
//!
//! Pure. Every guard holds for ever, so a message that comes twice or late changes nothing, whenever it comes.

mod acts;
mod message;
mod state;

use std::collections::BTreeSet;

use contracts::orders::OrderedLine;
use decider::Aggregate;
use identifiers::Sku;

pub use message::{NewShipment, ShipmentCommand, ShipmentEvent, ShipmentRejection};
pub use state::{Line, Parcel, Quantity, Return, Shipment, ShipmentState, ShipmentStatus};

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
