//! What inventory does about each event that it hears.

use std::collections::BTreeMap;

use contracts::inventory::AdjustmentReason;
use contracts::orders::{OrderCancelled, OrderPlaced, OrderedLine};
use contracts::shipping::{ReturnReceived, ShipmentDispatched};
use contracts::{CloudEvent, EventData, UnreadableEvent};
use decider::ExecuteError;
use door::ConsumeError;
use identifiers::{LocationId, OrderId, Timestamp};
use store::{Origin, Store};

use crate::DEFAULT_LOCATION;
use crate::movement::{Movement, MovementId};
use crate::receive::{RecordError, record};
use crate::reservation::{Command, Dispatch, Quantity, Rejection, Reserve};
use crate::settle::settle;
use crate::stock::{MAX_ON_HAND, Stocks};

/// The event types that inventory hears.
pub(crate) const HEARS: &[&str] = &[
    OrderPlaced::TYPE,
    OrderCancelled::TYPE,
    ShipmentDispatched::TYPE,
    ReturnReceived::TYPE,
];

pub(crate) async fn consume<S: Store>(
    store: &S,
    event: &CloudEvent,
    now: Timestamp,
) -> Result<Vec<CloudEvent>, ConsumeError> {
    match event.event_type.as_str() {
        OrderPlaced::TYPE => {
            let placed: OrderPlaced = event.data()?;
            let reserve = Reserve {
                order_id: placed.order_id.clone(),
                lines: by_sku(placed.lines),
                until: placed.reserve_until,
                now,
                stocks: Stocks::new(),
            };
            step(
                store,
                event,
                now,
                &placed.order_id,
                Command::Reserve(reserve),
            )
            .await
        }
        OrderCancelled::TYPE => {
            let OrderCancelled { order_id, .. } = event.data()?;
            let release = Command::Release {
                order_id: order_id.clone(),
            };
            step(store, event, now, &order_id, release).await
        }
        ShipmentDispatched::TYPE => {
            let dispatched: ShipmentDispatched = event.data()?;
            let dispatch = Dispatch {
                parcel: dispatched.parcel,
                lines: by_sku(dispatched.lines),
                stocks: Stocks::new(),
            };
            step(
                store,
                event,
                now,
                &dispatched.order_id,
                Command::Dispatch(dispatch),
            )
            .await
        }
        ReturnReceived::TYPE => take_back(store, event, now, event.data()?).await,
        other => Err(UnreadableEvent::UnknownType(other.to_owned()).into()),
    }
}

async fn step<S: Store>(
    store: &S,
    event: &CloudEvent,
    now: Timestamp,
    order_id: &OrderId,
    command: Command,
) -> Result<Vec<CloudEvent>, ConsumeError> {
    match settle(store, order_id, &event.as_cause(now), command).await {
        Ok(events) => Ok(events),
        Err(ExecuteError::Rejected(rejection @ Rejection::NotReservedYet)) => {
            Err(ConsumeError::NotYet(rejection.to_string()))
        }
        Err(ExecuteError::Rejected(rejection)) => Err(ConsumeError::Refused(rejection.to_string())),
        Err(ExecuteError::Failed(failure)) => Err(failure.into()),
    }
}

/// Puts returned goods back on the shelf, if they can be sold again. Which shelf the event does not say, so it is the
/// default location's.
async fn take_back<S: Store>(
    store: &S,
    event: &CloudEvent,
    now: Timestamp,
    returned: ReturnReceived,
) -> Result<Vec<CloudEvent>, ConsumeError> {
    if !returned.restock {
        return Ok(Vec::new());
    }
    let location_id = LocationId::new(DEFAULT_LOCATION).expect("it is a location id");
    // Named by the return and not by the message: the guard holds for ever, whatever message tells of it.
    let wish = format!("return:{}:{}", returned.order_id, returned.return_number);
    let mut movements = Vec::with_capacity(returned.lines.len());
    for line in by_sku(returned.lines) {
        let by = i64::try_from(line.quantity).unwrap_or(i64::MAX);
        if by == 0 || by > MAX_ON_HAND {
            let reason = format!("the quantity of {} is {}", line.sku, line.quantity);
            return Err(ConsumeError::Refused(reason));
        }
        let movement = Movement {
            sku: line.sku.clone(),
            location_id: location_id.clone(),
            by,
            reason: AdjustmentReason::Returned,
            moved_at: now,
        };
        movements.push((MovementId::new(line.sku, &wish), movement));
    }
    match record(store, &event.as_cause(now), Origin::Queue, &movements).await {
        Ok(recorded) => Ok(recorded.events),
        Err(RecordError::Failed(failure)) => Err(failure.into()),
        Err(
            refused @ (RecordError::NotEnough { .. }
            | RecordError::TooMany { .. }
            | RecordError::TooManyLocations { .. }
            | RecordError::Reused { .. }),
        ) => Err(ConsumeError::Refused(refused.to_string())),
    }
}

/// The lines in the order of SKUs, each SKU once. Events name each once already; what does not is added up here, so
/// that no transaction touches an item twice.
pub(crate) fn by_sku(lines: Vec<OrderedLine>) -> Vec<Quantity> {
    let mut quantities = BTreeMap::new();
    for line in lines {
        *quantities.entry(line.sku).or_insert(0_u64) += u64::from(line.quantity);
    }
    let lines = quantities.into_iter();
    lines
        .map(|(sku, quantity)| Quantity { sku, quantity })
        .collect()
}
