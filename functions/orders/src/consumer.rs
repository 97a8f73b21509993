//! From other contexts' events to the order's own commands.

use contracts::carts::CartCheckedOut;
use contracts::catalog::{PriceChanged, ProductPublished, ProductRetired};
use contracts::inventory::{ReservationFailure, StockReservationFailed, StockReserved};
use contracts::orders::OrderConfirmed;
use contracts::payments::{
    PaymentActionRequired, PaymentAuthorized, PaymentCaptured, PaymentDeclined, PaymentRefunded,
    PaymentVoided, VoidReason,
};
use contracts::shipping::{
    ShipmentCancelled, ShipmentDelivered, ShipmentDispatched, ShippingRateChanged,
};
use contracts::{CloudEvent, EventData};
use decider::{ExecuteError, Outcome};
use door::ConsumeError;
use identifiers::{OrderId, Timestamp};
use store::{Origin, Store};

use crate::order::{CancellationReason, Order, OrderCommand, OrderRejection};
use crate::{Orders, checkout, price};

/// The event types that orders hears.
pub(crate) const HEARS: &[&str] = &[
    ProductPublished::TYPE,
    PriceChanged::TYPE,
    ProductRetired::TYPE,
    StockReserved::TYPE,
    StockReservationFailed::TYPE,
    PaymentAuthorized::TYPE,
    PaymentDeclined::TYPE,
    PaymentActionRequired::TYPE,
    PaymentCaptured::TYPE,
    PaymentVoided::TYPE,
    PaymentRefunded::TYPE,
    ShipmentDispatched::TYPE,
    ShipmentDelivered::TYPE,
    ShipmentCancelled::TYPE,
    ShippingRateChanged::TYPE,
    CartCheckedOut::TYPE,
];

pub(crate) async fn consume<S: Store>(
    orders: &Orders<S>,
    event: &CloudEvent,
    now: Timestamp,
) -> Result<Vec<CloudEvent>, ConsumeError> {
    let version = event.aggregateversion;
    match event.event_type.as_str() {
        ProductPublished::TYPE => {
            price::copy_published(&orders.store, &event.data()?, version).await?
        }
        PriceChanged::TYPE => price::copy_changed(&orders.store, &event.data()?, version).await?,
        ProductRetired::TYPE => price::copy_retired(&orders.store, &event.data()?, version).await?,
        ShippingRateChanged::TYPE => {
            price::copy_rate(&orders.store, &event.data()?, version).await?
        }
        CartCheckedOut::TYPE => return checkout::place(orders, event, now).await,
        _ => {
            let (order_id, note) = note(orders, event, now)?;
            return take_note(orders, event, now, &order_id, &note).await;
        }
    }
    Ok(Vec::new())
}

fn note<S>(
    orders: &Orders<S>,
    event: &CloudEvent,
    now: Timestamp,
) -> Result<(OrderId, OrderCommand), contracts::UnreadableEvent> {
    Ok(match event.event_type.as_str() {
        StockReserved::TYPE => (
            event.data::<StockReserved>()?.order_id,
            OrderCommand::NoteStockReserved,
        ),
        StockReservationFailed::TYPE => {
            let failed: StockReservationFailed = event.data()?;
            let reason = match failed.reason {
                ReservationFailure::OutOfStock => CancellationReason::OutOfStock,
                // An order whose stock was released has been cancelled already: the state guard sees to that.
                ReservationFailure::TooLate | ReservationFailure::Released => {
                    CancellationReason::TimedOut
                }
            };
            (
                failed.order_id,
                OrderCommand::NoteReservationFailed { reason },
            )
        }
        PaymentAuthorized::TYPE => {
            let authorized: PaymentAuthorized = event.data()?;
            (
                authorized.order_id,
                OrderCommand::NotePaymentAuthorized {
                    attempt: authorized.attempt,
                },
            )
        }
        PaymentDeclined::TYPE => {
            let declined: PaymentDeclined = event.data()?;
            (
                declined.order_id,
                OrderCommand::NotePaymentDeclined {
                    attempt: declined.attempt,
                },
            )
        }
        PaymentActionRequired::TYPE => {
            let required: PaymentActionRequired = event.data()?;
            let reply_by = orders.config.reply_by(required.act_until);
            (
                required.order_id,
                OrderCommand::NoteActionRequired {
                    attempt: required.attempt,
                    reply_by,
                },
            )
        }
        PaymentCaptured::TYPE => {
            let captured: PaymentCaptured = event.data()?;
            let amount_minor = captured.amount.amount_minor;
            (
                captured.order_id,
                OrderCommand::NotePaymentCaptured { amount_minor },
            )
        }
        PaymentVoided::TYPE => {
            let voided: PaymentVoided = event.data()?;
            let lapsed = match voided.reason {
                VoidReason::Lapsed => true,
                VoidReason::OrderCancelled => false,
            };
            (
                voided.order_id,
                OrderCommand::NotePaymentVoided {
                    lapsed,
                    reply_by: orders.config.reply_by(now),
                },
            )
        }
        PaymentRefunded::TYPE => {
            let refunded: PaymentRefunded = event.data()?;
            let refunded_total_minor = refunded.refunded_total.amount_minor;
            (
                refunded.order_id,
                OrderCommand::NotePaymentRefunded {
                    refunded_total_minor,
                },
            )
        }
        ShipmentDispatched::TYPE => {
            let dispatched: ShipmentDispatched = event.data()?;
            (
                dispatched.order_id,
                OrderCommand::NoteDispatched {
                    complete: dispatched.complete,
                },
            )
        }
        ShipmentDelivered::TYPE => {
            let delivered: ShipmentDelivered = event.data()?;
            (
                delivered.order_id,
                OrderCommand::NoteDelivered {
                    complete: delivered.complete,
                },
            )
        }
        ShipmentCancelled::TYPE => (
            event.data::<ShipmentCancelled>()?.order_id,
            OrderCommand::NoteShipmentCancelled,
        ),
        other => return Err(contracts::UnreadableEvent::UnknownType(other.to_owned())),
    })
}

async fn take_note<S: Store>(
    orders: &Orders<S>,
    event: &CloudEvent,
    now: Timestamp,
    order_id: &OrderId,
    note: &OrderCommand,
) -> Result<Vec<CloudEvent>, ConsumeError> {
    let cause = event.as_cause(now);
    match decider::execute::<Order, _>(&orders.store, order_id, &cause, Origin::Queue, note).await {
        Ok(outcome) => {
            note_confirmed(&outcome, now);
            Ok(outcome.events)
        }
        // A reply about an order that is not there: it may be about to be, after a restore; the dead-letter queue
        // has it in the end, since it is not for us to drop.
        Err(ExecuteError::Rejected(OrderRejection::Unknown)) => Err(ConsumeError::NotYet(format!(
            "order {order_id} is not known"
        ))),
        Err(error) => Err(ConsumeError::from_execute(error)),
    }
}

/// How long it took from placing the order to its confirmation.
fn note_confirmed(outcome: &Outcome<Order>, now: Timestamp) {
    let confirms = |event: &CloudEvent| event.event_type == OrderConfirmed::TYPE;
    if outcome.repeated || !outcome.events.iter().any(confirms) {
        return;
    }
    if let Some(order) = &outcome.state {
        let placed_at = order.placed_at.milliseconds();
        metrics::observe("CheckoutToConfirmed", now.milliseconds() - placed_at);
    }
}
