//! How shipments and rates are kept, found and heard.

use std::collections::BTreeMap;

use contracts::Announcement;
use contracts::shipping::{
    ReturnReceived, ShipmentCancelled, ShipmentCreated, ShipmentDelivered, ShipmentDispatched,
    ShippingRateChanged,
};
use decider::Stored;
use identifiers::{OrderId, Region};
use store::{Index, Indexed, Key, Projection};

use crate::rate::{Rate, RateChanged};
use crate::shipment::{Shipment, ShipmentEvent, ShipmentState};

/// What waits for somebody to pack or dispatch, the longest waiting first. Sparse: an entry is written when a shipment
/// is created and removed when all of it has left, and nothing in between costs an index write.
pub const BY_STATUS: Index = Index {
    name: "by_status",
    partition: "work_list",
    sort: "created_at",
    projection: Projection::KeysOnly,
};

/// The partition of [`BY_STATUS`] that holds what waits.
pub const OPEN: &str = "open";

/// The indexes of shipping's table.
pub const INDEXES: &[Index] = &[BY_STATUS];

impl Stored for Shipment {
    type Id = OrderId;

    // A shipment meets a creation, perhaps a cancellation asked for again, and then an operator's few acts.
    const REMEMBERED: usize = 16;

    fn key(order_id: &OrderId) -> Key {
        Key::new(format!("shipment#{order_id}"), "shipment")
    }

    fn indexed(state: &ShipmentState) -> BTreeMap<String, Indexed> {
        match state {
            ShipmentState::Confirmed(shipment) if state.is_open() => [
                (
                    BY_STATUS.partition.to_owned(),
                    Indexed::Text(OPEN.to_owned()),
                ),
                (
                    BY_STATUS.sort.to_owned(),
                    Indexed::Text(shipment.created_at.to_string()),
                ),
            ]
            .into(),
            ShipmentState::Confirmed(_) | ShipmentState::CancelledUnconfirmed { .. } => {
                BTreeMap::new()
            }
        }
    }

    fn announce(event: &ShipmentEvent, state: &ShipmentState) -> Option<Announcement> {
        let shipment = match state {
            ShipmentState::Confirmed(shipment) => shipment,
            ShipmentState::CancelledUnconfirmed { order_id } => {
                let order_id = order_id.clone();
                return Some(Announcement::of(&ShipmentCancelled { order_id }));
            }
        };
        let order_id = shipment.order_id.clone();
        match event {
            ShipmentEvent::Created(_) => Some(Announcement::of(&ShipmentCreated { order_id })),
            ShipmentEvent::Cancelled | ShipmentEvent::CancelledUnconfirmed { .. } => {
                Some(Announcement::of(&ShipmentCancelled { order_id }))
            }
            // Nobody outside acts on it.
            ShipmentEvent::Packed { .. } => None,
            ShipmentEvent::Dispatched {
                parcel,
                number,
                complete,
            } => Some(Announcement::of(&ShipmentDispatched {
                order_id,
                customer_id: shipment.customer_id.clone(),
                parcel: *number,
                lines: shipment.ordered_lines(&parcel.quantities),
                carrier: parcel.carrier.clone(),
                tracking_number: parcel.tracking_number.clone(),
                complete: *complete,
                dispatched_at: parcel.dispatched_at,
            })),
            ShipmentEvent::Delivered {
                number, complete, ..
            } => Some(Announcement::of(&ShipmentDelivered {
                order_id,
                parcel: *number,
                complete: *complete,
            })),
            ShipmentEvent::ReturnReceived { returned, number } => {
                Some(Announcement::of(&ReturnReceived {
                    order_id,
                    return_number: *number,
                    lines: shipment.ordered_lines(&returned.quantities),
                    restock: returned.restock,
                }))
            }
        }
    }
}

impl Stored for Rate {
    type Id = Region;

    const REMEMBERED: usize = 4;

    fn key(region: &Region) -> Key {
        Key::new(format!("rate#{region}"), "rate")
    }

    fn announce(RateChanged(rate): &RateChanged, _: &Rate) -> Option<Announcement> {
        Some(Announcement::of(&ShippingRateChanged {
            region: rate.region.clone(),
            brackets: rate.brackets.clone(),
        }))
    }

    fn outdoes(_: &Announcement, _: &Announcement) -> bool {
        true // Each says the whole rate.
    }
}
