//! What an operator's acts come to: packing, dispatch, delivery, returns.

use contracts::orders::OrderedLine;
use identifiers::{MessageId, Timestamp};

use super::message::{ShipmentEvent, ShipmentRejection};
use super::state::{Line, Parcel, Quantity, Return, Shipment};

impl Shipment {
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

    pub(super) fn pack(
        &self,
        lines: Option<&[OrderedLine]>,
    ) -> Result<Vec<ShipmentEvent>, ShipmentRejection> {
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

    pub(super) fn dispatch(
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

    pub(super) fn deliver(
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

    pub(super) fn receive_return(
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
}

/// The number, counted from 1, of what stands at or would be added at the position.
fn number_after(position: usize) -> u32 {
    u32::try_from(position).map_or(u32::MAX, |position| position.saturating_add(1))
}
