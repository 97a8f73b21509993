//! Where things stand in the table, and the writes of a reservation's step.

use std::collections::BTreeMap;

use contracts::Announcement;
use contracts::inventory::{StockReleased, StockReservationFailed, StockReserved};
use decider::Stored;
use identifiers::{LocationId, OrderId, Sku};
use store::{Adjustment, CounterChange, Index, Key, Projection};

use crate::movement::MovementId;
use crate::reservation::{Ending, Event, Reservation};
use crate::stock::{Stock, Stocks};

/// The indexes of the table: a SKU's movements by time. A movement never changes, so neither does its index entry.
pub const INDEXES: &[Index] = &[MOVEMENTS];

/// A SKU's movements by time.
pub const MOVEMENTS: Index = Index {
    name: "movements",
    partition: "moved_sku",
    sort: "moved_at",
    projection: Projection::All,
};

/// The item with a SKU's counters.
pub fn stock_key(sku: &Sku) -> Key {
    Key::new(format!("stock#{sku}"), "stock")
}

/// The item with an order's reservation.
pub fn reservation_key(order_id: &OrderId) -> Key {
    Key::new(format!("reservation#{order_id}"), "reservation")
}

/// The item with one movement of a SKU.
pub(crate) fn movement_key(id: &MovementId) -> Key {
    Key::new(
        format!("stock#{}", id.sku),
        format!("movement#{}", id.name()),
    )
}

pub(crate) fn available_counter(location_id: &LocationId) -> String {
    format!("available:{location_id}")
}

pub(crate) fn received_counter(location_id: &LocationId) -> String {
    format!("received:{location_id}")
}

pub(crate) fn threshold_counter(location_id: &LocationId) -> String {
    format!("threshold:{location_id}")
}

impl Stored for Reservation {
    type Id = OrderId;

    const ANNOUNCED_KEPT_SECONDS: i64 = 0;

    fn key(order_id: &OrderId) -> Key {
        reservation_key(order_id)
    }

    fn announce(event: &Event, _: &Reservation) -> Option<Announcement> {
        match event {
            Event::Reserved { order_id } | Event::AnsweredReserved { order_id } => {
                Some(Announcement::of(&StockReserved {
                    order_id: order_id.clone(),
                }))
            }
            Event::Ended {
                order_id,
                ending: Ending::Failed(refusal),
            }
            | Event::AnsweredFailed { order_id, refusal } => {
                Some(Announcement::of(&StockReservationFailed {
                    order_id: order_id.clone(),
                    reason: refusal.reason,
                    shortages: refusal.shortages.clone(),
                }))
            }
            Event::Ended {
                order_id,
                ending: Ending::Released,
            } => Some(Announcement::of(&StockReleased {
                order_id: order_id.clone(),
            })),
            Event::Warned(warning) => Some(Announcement::of(warning)),
            Event::Asked { .. }
            | Event::Took { .. }
            | Event::Crossed(_)
            | Event::GaveUp { .. }
            | Event::GaveBack { .. }
            | Event::Forestalled
            | Event::Dispatched { .. }
            | Event::LeftLate { .. } => None,
        }
    }
}

/// The stock writes that go with a reservation's step: whatever the reservation takes, the stock loses, and the other
/// way round. Derived from the two states and nothing else, so that no step can move one without the other. What is
/// drawn is drawn under the conditions of the stock that was read.
pub(crate) fn stock_writes(
    before: Option<&Reservation>,
    after: &Reservation,
    read: Option<&Stocks>,
) -> Vec<(Sku, Adjustment)> {
    let unread = Stock::default();
    let mut by_sku: BTreeMap<Sku, Vec<CounterChange>> = BTreeMap::new();
    for ((sku, location_id), taken) in after.taken_since(before) {
        let stock = read.and_then(|stocks| stocks.get(&sku)).unwrap_or(&unread);
        let changes = stock.change(&location_id, -taken);
        by_sku.entry(sku).or_default().extend(changes);
    }
    let writes = by_sku.into_iter().map(|(sku, changes)| {
        let key = stock_key(&sku);
        (sku, Adjustment { key, changes })
    });
    writes.collect()
}
