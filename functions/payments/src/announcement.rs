//! What payments says about what happened to a payment.

use contracts::payments::{
    PaymentActionRequired, PaymentAuthorized, PaymentCaptured, PaymentDeclined, PaymentRefunded,
    PaymentVoided, VoidReason,
};
use contracts::{Announcement, EventData};
use money::Money;

use crate::payment::{Payment, Status};
use crate::payment_event::{Ending, PaymentEvent};

/// What other contexts are told about the event, in the state after its step.
pub(crate) fn announce(event: &PaymentEvent, payment: &Payment) -> Option<Announcement> {
    let amount = payment.amount?;
    match event {
        PaymentEvent::Authorized { attempt, until, .. } => said(&PaymentAuthorized {
            order_id: payment.order_id.clone(),
            attempt: *attempt,
            amount,
            authorized_until: *until,
        }),
        PaymentEvent::Declined {
            attempt, reason, ..
        } => {
            let (order_id, reason) = (payment.order_id.clone(), reason.clone());
            said(&PaymentDeclined {
                order_id,
                attempt: *attempt,
                reason,
            })
        }
        PaymentEvent::ActionRequired {
            attempt, act_until, ..
        } => {
            let order_id = payment.order_id.clone();
            said(&PaymentActionRequired {
                order_id,
                attempt: *attempt,
                act_until: *act_until,
            })
        }
        PaymentEvent::Captured { .. } => said(&PaymentCaptured {
            order_id: payment.order_id.clone(),
            amount,
        }),
        PaymentEvent::Voided { ending, .. } => {
            let reason = match ending {
                Ending::OrderCancelled => VoidReason::OrderCancelled,
                Ending::ActionNotCompleted | Ending::Lapsed => VoidReason::Lapsed,
                // Nobody was told of this hold, so nobody is told of its end.
                Ending::GivenUp => return None,
            };
            said(&PaymentVoided {
                order_id: payment.order_id.clone(),
                reason,
            })
        }
        PaymentEvent::Refunded { number, .. } => {
            let position = usize::try_from(*number).ok()?.checked_sub(1)?;
            let refund = payment.refunds.get(position)?;
            said(&PaymentRefunded {
                order_id: payment.order_id.clone(),
                customer_id: payment.customer_id.clone(),
                refund: *number,
                amount: Money::new(refund.amount_minor, amount.currency),
                refunded_total: Money::new(payment.refunded_minor(), amount.currency),
            })
        }
        PaymentEvent::AskedAgain => answer_again(payment, amount),
        PaymentEvent::OrderCancelled { .. }
        | PaymentEvent::Requested { .. }
        | PaymentEvent::CallBegan(_)
        | PaymentEvent::CallParked { .. }
        | PaymentEvent::KeyBurnt { .. }
        | PaymentEvent::CallRenewed { .. }
        | PaymentEvent::CallDropped(_)
        | PaymentEvent::HoldFound { .. }
        | PaymentEvent::HoldStands { .. }
        | PaymentEvent::RefundBegan { .. }
        | PaymentEvent::RefundRefused { .. }
        | PaymentEvent::LeftToSweep => None,
    }
}

/// The answer to a request, once more: the one who asks has not heard it.
fn answer_again(payment: &Payment, amount: Money) -> Option<Announcement> {
    let (order_id, attempt) = (payment.order_id.clone(), payment.attempt);
    match payment.status {
        Status::Cancelled | Status::Requested => None,
        Status::ActionRequired => {
            let act_until = payment.until.or(payment.pay_until)?;
            said(&PaymentActionRequired {
                order_id,
                attempt,
                act_until,
            })
        }
        Status::Authorized | Status::Captured => {
            let authorized_until = payment.until.or(payment.pay_until)?;
            said(&PaymentAuthorized {
                order_id,
                attempt,
                amount,
                authorized_until,
            })
        }
        Status::Declined => {
            let reason = payment.last_reason().unwrap_or("declined").to_owned();
            said(&PaymentDeclined {
                order_id,
                attempt,
                reason,
            })
        }
        Status::Voided => {
            let by_order = payment.last_reason() == Some(Ending::OrderCancelled.as_str());
            let reason = if by_order {
                VoidReason::OrderCancelled
            } else {
                VoidReason::Lapsed
            };
            said(&PaymentVoided { order_id, reason })
        }
    }
}

fn said<E: EventData>(event: &E) -> Option<Announcement> {
    Some(Announcement::of(event))
}
