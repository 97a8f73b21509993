//! Shipments as the operator sees them.

use contracts::orders::OrderedLine;
use identifiers::{AddressId, CustomerId, OrderId, Region, Sku, Timestamp};
use serde::Serialize;

use crate::shipment::{ShipmentState, ShipmentStatus};

/// A shipment.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Shipment")]
pub struct ShipmentView {
    order_id: OrderId,
    status: ShipmentStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<CustomerId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
    /// The address that it goes to, where the customer named one: `GET
    /// /api/operator/customers/{customer_id}/addresses/{address_id}` has what stands on the label.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery_address_id: Option<AddressId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight_grams: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<Timestamp>,
    lines: Vec<LineView>,
    parcels: Vec<ParcelView>,
    returns: Vec<ReturnView>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "ShipmentLine")]
struct LineView {
    sku: Sku,
    quantity: u32,
    packed: u32,
    dispatched: u32,
    returned: u32,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Parcel")]
struct ParcelView {
    parcel: usize,
    carrier: String,
    tracking_number: String,
    lines: Vec<OrderedLine>,
    dispatched_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Return")]
struct ReturnView {
    return_number: usize,
    lines: Vec<OrderedLine>,
    restock: bool,
    received_at: Timestamp,
}

impl ShipmentView {
    /// The view of a stored shipment. One that was cancelled before its confirmation came has no lines.
    pub fn of(state: &ShipmentState) -> Self {
        let shipment = match state {
            ShipmentState::Confirmed(shipment) => shipment,
            ShipmentState::CancelledUnconfirmed { order_id } => {
                return Self {
                    order_id: order_id.clone(),
                    status: state.status(),
                    customer_id: None,
                    region: None,
                    delivery_address_id: None,
                    weight_grams: None,
                    created_at: None,
                    lines: Vec::new(),
                    parcels: Vec::new(),
                    returns: Vec::new(),
                };
            }
        };
        let lines = shipment.lines.iter().enumerate();
        let parcels = shipment.parcels.iter().enumerate();
        let returns = shipment.returns.iter().enumerate();
        Self {
            order_id: shipment.order_id.clone(),
            status: shipment.status(),
            customer_id: Some(shipment.customer_id.clone()),
            region: Some(shipment.region.clone()),
            delivery_address_id: shipment.delivery_address_id.clone(),
            weight_grams: Some(shipment.weight_grams),
            created_at: Some(shipment.created_at),
            lines: lines
                .map(|(position, line)| LineView {
                    sku: line.sku.clone(),
                    quantity: line.quantity,
                    packed: line.packed,
                    dispatched: shipment.dispatched(position),
                    returned: shipment.returned(position),
                })
                .collect(),
            parcels: parcels
                .map(|(position, parcel)| ParcelView {
                    parcel: position + 1,
                    carrier: parcel.carrier.clone(),
                    tracking_number: parcel.tracking_number.clone(),
                    lines: shipment.ordered_lines(&parcel.quantities),
                    dispatched_at: parcel.dispatched_at,
                    delivered_at: parcel.delivered_at,
                })
                .collect(),
            returns: returns
                .map(|(position, returned)| ReturnView {
                    return_number: position + 1,
                    lines: shipment.ordered_lines(&returned.quantities),
                    restock: returned.restock,
                    received_at: returned.received_at,
                })
                .collect(),
        }
    }
}
