//! The order's process: what happens on which message, and what the other contexts are then told.
//!
//! ```text
//! PlaceOrder -> OrderPlaced -> [inventory] StockReserved -> PaymentRequested
//!   -> [payments] PaymentAuthorized -> OrderConfirmed -> [shipping] ShipmentDispatched
//!   -> [payments] PaymentCaptured, and ShipmentDelivered -> OrderCompleted
//! any refusal or lapse -> OrderCancelled -> stock is released, the hold voided
//! ```
//!
//! Dispatch is the pivot: before it an order is cancelled, after it refunded. Whether a parcel has left, only shipping
//! knows; so a confirmed order is cancelled by asking shipping first (`CancellationRequested`), and `OrderCancelled`
//! is said only when shipping has answered that nothing will leave. What was said twice, late or out of order changes
//! nothing: each arm asks what state the order is in, and that holds for ever.

use contracts::orders::{
    CancellationRequested, OrderCancelled, OrderCompleted, OrderConfirmed, OrderPlaced,
    OrderedLine, PaymentRequested, ReturnRequested,
};
use contracts::{Announcement, EventData};
use decider::Aggregate;
use identifiers::Timestamp;

use crate::order::{
    CancellationReason, FulfilmentStatus, Order, OrderCommand, OrderEvent, OrderRejection,
    OrderStatus, PaymentStatus,
};
use crate::returning;

/// How often a reply from inventory or payments is asked for again before the order is cancelled.
pub const MAX_ASKED_AGAIN: u32 = 2;

/// The longest wait for shipping's answer, in waits for a first reply: from one to the next the wait doubles up to it, so
/// that an outage of a day is followed by some thirty questions an order and not by three hundred.
pub const LONGEST_WAIT_IN_REPLIES: i64 = 12;

impl Aggregate for Order {
    type Command = OrderCommand;
    type Event = OrderEvent;
    type State = Self;
    type Rejection = OrderRejection;

    fn decide(
        state: Option<&Self>,
        command: &OrderCommand,
    ) -> Result<Vec<OrderEvent>, OrderRejection> {
        let Some(order) = state else {
            return match command {
                OrderCommand::Place(order) => Ok(vec![OrderEvent::Placed(order.clone())]),
                OrderCommand::Refuse(order) => Ok(vec![OrderEvent::Refused(order.clone())]),
                _ => Err(OrderRejection::Unknown),
            };
        };
        match command {
            OrderCommand::Place(wish) => place_again(order, wish),
            OrderCommand::Cancel {
                customer_id,
                reason,
                reply_by,
            } => {
                if customer_id
                    .as_ref()
                    .is_some_and(|customer_id| *customer_id != order.customer_id)
                {
                    return Err(OrderRejection::Unknown);
                }
                cancel(order, *reason, *reply_by)
            }
            OrderCommand::RequestReturn { customer_id, wish } => {
                if *customer_id != order.customer_id {
                    return Err(OrderRejection::Unknown);
                }
                returning::request(order, wish)
            }
            OrderCommand::MeetDeadline { now, reply_by } => Ok(match order.deadline {
                Some(deadline) if deadline <= *now => overdue(order, *now, *reply_by),
                Some(_) | None => Vec::new(),
            }),
            note => Ok(take_note(order, note)),
        }
    }

    fn evolve(state: Option<Self>, event: &OrderEvent) -> Self {
        match (state, event) {
            (_, OrderEvent::Placed(order) | OrderEvent::Refused(order)) => (**order).clone(),
            (Some(order), event) => order.after(event),
            (None, _) => unreachable!(
                "decide lets nothing but OrderPlaced happen to an order that does not exist"
            ),
        }
    }
}

fn place_again(order: &Order, wish: &Order) -> Result<Vec<OrderEvent>, OrderRejection> {
    let same = order.customer_id == wish.customer_id && order.request_digest == wish.request_digest;
    if same {
        Ok(Vec::new())
    } else {
        Err(OrderRejection::KeyReused)
    }
}

fn cancel(
    order: &Order,
    reason: CancellationReason,
    reply_by: Timestamp,
) -> Result<Vec<OrderEvent>, OrderRejection> {
    match order.status {
        OrderStatus::Placed | OrderStatus::AwaitingPayment => {
            Ok(vec![OrderEvent::Cancelled { reason }])
        }
        OrderStatus::Confirmed if order.fulfilment == FulfilmentStatus::Unfulfilled => {
            Ok(vec![OrderEvent::CancellationRequested { reason, reply_by }])
        }
        OrderStatus::Confirmed | OrderStatus::Completed => Err(OrderRejection::AlreadyDispatched),
        OrderStatus::Cancelling | OrderStatus::Cancelled => Ok(Vec::new()),
    }
}

/// A reply has been too long in coming: ask again, and in the end compensate. Only the answer whether a parcel has
/// left is asked for without end, since nothing safe can be done without it.
fn overdue(order: &Order, now: Timestamp, reply_by: Timestamp) -> Vec<OrderEvent> {
    match order.status {
        OrderStatus::Placed | OrderStatus::AwaitingPayment
            if order.asked_again < MAX_ASKED_AGAIN =>
        {
            vec![OrderEvent::AskedAgain { reply_by }]
        }
        OrderStatus::Placed | OrderStatus::AwaitingPayment => {
            let reason = match order.payment {
                PaymentStatus::ActionRequired => CancellationReason::PaymentLapsed,
                _ => CancellationReason::TimedOut,
            };
            vec![OrderEvent::Cancelled { reason }]
        }
        OrderStatus::Cancelling => {
            let wait_seconds = reply_by.seconds() - now.seconds();
            let waits = (2_i64 << order.asked_again.min(8)).min(LONGEST_WAIT_IN_REPLIES);
            vec![OrderEvent::AskedAgain {
                reply_by: now.plus_seconds(wait_seconds * waits),
            }]
        }
        OrderStatus::Confirmed | OrderStatus::Completed | OrderStatus::Cancelled => Vec::new(),
    }
}

fn take_note(order: &Order, note: &OrderCommand) -> Vec<OrderEvent> {
    let awaits =
        |attempt: u32| order.status == OrderStatus::AwaitingPayment && order.attempt == attempt;
    match note {
        OrderCommand::NoteStockReserved => match order.status {
            OrderStatus::Placed => vec![OrderEvent::PaymentRequested],
            OrderStatus::AwaitingPayment
            | OrderStatus::Confirmed
            | OrderStatus::Cancelling
            | OrderStatus::Completed
            | OrderStatus::Cancelled => Vec::new(),
        },
        OrderCommand::NoteReservationFailed { reason } => match order.status {
            OrderStatus::Placed => vec![OrderEvent::Cancelled { reason: *reason }],
            OrderStatus::AwaitingPayment
            | OrderStatus::Confirmed
            | OrderStatus::Cancelling
            | OrderStatus::Completed
            | OrderStatus::Cancelled => Vec::new(),
        },
        OrderCommand::NotePaymentAuthorized { attempt } if awaits(*attempt) => {
            vec![OrderEvent::Confirmed]
        }
        OrderCommand::NotePaymentDeclined { attempt } if awaits(*attempt) => {
            let reason = CancellationReason::PaymentDeclined;
            vec![
                OrderEvent::PaymentDeclined,
                OrderEvent::Cancelled { reason },
            ]
        }
        OrderCommand::NoteActionRequired { attempt, reply_by } if awaits(*attempt) => {
            match order.payment {
                PaymentStatus::Requested => vec![OrderEvent::ActionRequired {
                    reply_by: *reply_by,
                }],
                _ => Vec::new(),
            }
        }
        OrderCommand::NotePaymentAuthorized { .. }
        | OrderCommand::NotePaymentDeclined { .. }
        | OrderCommand::NoteActionRequired { .. } => Vec::new(),
        OrderCommand::NotePaymentCaptured { .. } if order.captured_minor > 0 => Vec::new(),
        OrderCommand::NotePaymentCaptured { amount_minor } => {
            let captured = OrderEvent::PaymentCaptured {
                amount_minor: *amount_minor,
            };
            and_completed(
                order,
                order.fulfilment == FulfilmentStatus::Delivered,
                captured,
            )
        }
        OrderCommand::NotePaymentVoided { lapsed, reply_by } => voided(order, *lapsed, *reply_by),
        OrderCommand::NotePaymentRefunded {
            refunded_total_minor,
        } => {
            if *refunded_total_minor > order.refunded_minor {
                vec![OrderEvent::PaymentRefunded {
                    refunded_total_minor: *refunded_total_minor,
                }]
            } else {
                Vec::new()
            }
        }
        OrderCommand::NoteDispatched { complete } => dispatched(order, *complete),
        OrderCommand::NoteDelivered { complete: true }
            if order.fulfilment < FulfilmentStatus::Delivered =>
        {
            let delivered = OrderEvent::Fulfilled(FulfilmentStatus::Delivered);
            and_completed(order, is_payment_over(order), delivered)
        }
        OrderCommand::NoteDelivered { .. } => Vec::new(),
        OrderCommand::NoteShipmentCancelled => match (order.status, order.cancellation) {
            (OrderStatus::Cancelling, Some(reason)) => vec![OrderEvent::Cancelled { reason }],
            _ => Vec::new(),
        },
        OrderCommand::Place(_)
        | OrderCommand::Refuse(_)
        | OrderCommand::Cancel { .. }
        | OrderCommand::RequestReturn { .. }
        | OrderCommand::MeetDeadline { .. } => Vec::new(),
    }
}

/// Whether nothing can come of the payment any more: the money is ours, or a parcel left while the hold was lapsing and
/// there is nothing to take. That loss stands on the payment's axis, not in an order that never ends.
fn is_payment_over(order: &Order) -> bool {
    order.captured_minor > 0 || order.payment == PaymentStatus::Voided
}

/// Delivered, and the payment over, in whichever order the two are heard of, is completed.
fn and_completed(order: &Order, other_half_done: bool, event: OrderEvent) -> Vec<OrderEvent> {
    if other_half_done && !order.is_terminal() {
        vec![event, OrderEvent::Completed]
    } else {
        vec![event]
    }
}

fn voided(order: &Order, lapsed: bool, reply_by: Timestamp) -> Vec<OrderEvent> {
    if matches!(
        order.payment,
        PaymentStatus::Voided | PaymentStatus::Declined
    ) || order.captured_minor > 0
    {
        return Vec::new();
    }
    let reason = CancellationReason::PaymentLapsed;
    match order.status {
        OrderStatus::AwaitingPayment if lapsed => {
            vec![OrderEvent::PaymentVoided, OrderEvent::Cancelled { reason }]
        }
        OrderStatus::Confirmed if lapsed && order.fulfilment == FulfilmentStatus::Unfulfilled => {
            vec![
                OrderEvent::PaymentVoided,
                OrderEvent::CancellationRequested { reason, reply_by },
            ]
        }
        OrderStatus::Placed
        | OrderStatus::AwaitingPayment
        | OrderStatus::Confirmed
        | OrderStatus::Cancelling
        | OrderStatus::Completed
        | OrderStatus::Cancelled => and_completed(
            order,
            order.fulfilment == FulfilmentStatus::Delivered,
            OrderEvent::PaymentVoided,
        ),
    }
}

fn dispatched(order: &Order, complete: bool) -> Vec<OrderEvent> {
    let reached = if complete {
        FulfilmentStatus::Dispatched
    } else {
        FulfilmentStatus::PartiallyDispatched
    };
    let mut events = Vec::new();
    if reached > order.fulfilment {
        events.push(OrderEvent::Fulfilled(reached));
    }
    if order.status == OrderStatus::Cancelling {
        events.push(OrderEvent::CancellationWithdrawn);
    }
    events
}

/// What the other contexts are told about an event, in the state after its step.
pub(crate) fn announce(event: &OrderEvent, order: &Order) -> Option<Announcement> {
    match event {
        OrderEvent::Placed(_) => said(&order_placed(order)),
        OrderEvent::PaymentRequested => said(&payment_requested(order)),
        OrderEvent::Confirmed => said(&OrderConfirmed {
            order_id: order.order_id.clone(),
            customer_id: order.customer_id.clone(),
            lines: ordered_lines(order),
            weight_grams: order.weight_grams(),
            region: order.region.clone(),
            delivery_address_id: order.delivery_address_id.clone(),
            total: order.money(order.total_minor),
        }),
        OrderEvent::CancellationRequested { reason, .. } => {
            said(&cancellation_requested(order, *reason))
        }
        OrderEvent::Cancelled { reason } => said(&OrderCancelled {
            order_id: order.order_id.clone(),
            customer_id: order.customer_id.clone(),
            reason: *reason,
            total: order.money(order.total_minor),
        }),
        OrderEvent::Completed => said(&OrderCompleted {
            order_id: order.order_id.clone(),
            customer_id: order.customer_id.clone(),
        }),
        OrderEvent::ReturnRequested(wish) => said(&ReturnRequested {
            order_id: order.order_id.clone(),
            customer_id: order.customer_id.clone(),
            return_id: wish.return_id.clone(),
            lines: wish.lines.clone(),
            reason: wish.reason,
        }),
        OrderEvent::AskedAgain { .. } => match (order.status, order.cancellation) {
            (OrderStatus::Placed, _) => said(&order_placed(order)),
            (OrderStatus::AwaitingPayment, _) => said(&payment_requested(order)),
            (OrderStatus::Cancelling, Some(reason)) => said(&cancellation_requested(order, reason)),
            _ => None,
        },
        OrderEvent::Refused(_)
        | OrderEvent::ActionRequired { .. }
        | OrderEvent::PaymentDeclined
        | OrderEvent::PaymentCaptured { .. }
        | OrderEvent::PaymentVoided
        | OrderEvent::PaymentRefunded { .. }
        | OrderEvent::Fulfilled(_)
        | OrderEvent::CancellationWithdrawn => None,
    }
}

fn said<E: EventData>(event: &E) -> Option<Announcement> {
    Some(Announcement::of(event))
}

fn ordered_lines(order: &Order) -> Vec<OrderedLine> {
    order
        .lines
        .iter()
        .map(|line| OrderedLine {
            sku: line.sku.clone(),
            quantity: line.quantity,
        })
        .collect()
}

fn order_placed(order: &Order) -> OrderPlaced {
    OrderPlaced {
        order_id: order.order_id.clone(),
        customer_id: order.customer_id.clone(),
        lines: ordered_lines(order),
        total: order.money(order.total_minor),
        reserve_until: order.obtain_until,
    }
}

fn payment_requested(order: &Order) -> PaymentRequested {
    PaymentRequested {
        order_id: order.order_id.clone(),
        customer_id: order.customer_id.clone(),
        attempt: order.attempt,
        amount: order.money(order.total_minor),
        payment_method: order.payment_method.clone(),
        pay_until: order.obtain_until,
    }
}

fn cancellation_requested(order: &Order, reason: CancellationReason) -> CancellationRequested {
    CancellationRequested {
        order_id: order.order_id.clone(),
        customer_id: order.customer_id.clone(),
        reason,
    }
}
