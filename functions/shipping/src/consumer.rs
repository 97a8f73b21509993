//! What shipping does about what orders says.

use contracts::orders::{CancellationRequested, OrderConfirmed};
use contracts::{CloudEvent, EventData, UnreadableEvent};
use decider::execute;
use door::ConsumeError;
use identifiers::Timestamp;
use store::{Origin, Store};

use crate::shipment::{NewShipment, Shipment, ShipmentCommand};

/// The event types that shipping hears.
pub const HEARS: &[&str] = &[OrderConfirmed::TYPE, CancellationRequested::TYPE];

/// Does what is to be done about an event; returns what is to be published before it is acknowledged.
pub async fn consume<S: Store>(
    store: &S,
    event: &CloudEvent,
    now: Timestamp,
) -> Result<Vec<CloudEvent>, ConsumeError> {
    let (order_id, command) = match event.event_type.as_str() {
        OrderConfirmed::TYPE => {
            let confirmed: OrderConfirmed = event.data()?;
            let new = NewShipment {
                order_id: confirmed.order_id.clone(),
                customer_id: confirmed.customer_id,
                region: confirmed.region,
                delivery_address_id: confirmed.delivery_address_id,
                weight_grams: confirmed.weight_grams,
                lines: confirmed.lines,
                at: event.time,
            };
            (confirmed.order_id, ShipmentCommand::Create(new))
        }
        CancellationRequested::TYPE => {
            let CancellationRequested { order_id, .. } = event.data()?;
            (order_id.clone(), ShipmentCommand::Cancel { order_id })
        }
        other => return Err(UnreadableEvent::UnknownType(other.to_owned()).into()),
    };
    let cause = event.as_cause(now);
    let outcome = execute::<Shipment, S>(store, &order_id, &cause, Origin::Queue, &command)
        .await
        .map_err(ConsumeError::from_execute)?;
    Ok(outcome.events)
}
