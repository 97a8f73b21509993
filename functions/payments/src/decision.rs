//! What a payment is asked to do, and what it makes of it. Pure.
//!
//! One payment per order, and one call at a time that holds, takes or lets go of its amount: a capture and a void
//! exclude each other because each is recorded before it is made and is not begun while the other is pending. Every
//! message is answered by the state it meets, so that one that comes twice, late or out of order changes nothing.

use decider::Aggregate;
use identifiers::{CustomerId, MessageId, OrderId, Timestamp};
use money::{Currency, Money};

use crate::call::{Call, CallName, Step};
use crate::ledger::MAX_REFUNDS;
use crate::payment::{MAX_ATTEMPTS, Payment, Status};
use crate::payment_event::{Ending, PaymentEvent};
use crate::provider::Intent;
use crate::reply::{self, Reply};
use crate::{authorising, hint};

/// How long a call that was begun by somebody who is still at it is left alone, in seconds: longer than a function runs.
pub(crate) const LEASE_SECONDS: i64 = 30;

/// What a payment is asked to do.
#[derive(Debug, Clone)]
pub enum PaymentCommand {
    /// Have the order's amount held.
    Request(PaymentRequest),
    /// The order is off: let go of the hold, or give back what was taken.
    CancelOrder {
        /// Which order.
        order_id: OrderId,
        /// Whose it was.
        customer_id: CustomerId,
        /// The present.
        now: Timestamp,
    },
    /// A parcel has left: take the held amount.
    CaptureOnDispatch {
        /// The present.
        now: Timestamp,
    },
    /// Give money back.
    Refund {
        /// How much; all that is left where none is said.
        amount: Option<Money>,
        /// The wish: the same one again is the same refund.
        wish: MessageId,
        /// The present.
        now: Timestamp,
    },
    /// Take note of what came of a call.
    NoteReply {
        /// Which call.
        call: CallName,
        /// What came of it.
        reply: Reply,
        /// The present.
        now: Timestamp,
    },
    /// Take note of how the payment stands with the provider, who was asked without a call being pending.
    NoteIntent {
        /// How it stands.
        intent: Intent,
        /// The present.
        now: Timestamp,
    },
    /// Do what time alone demands.
    MeetDeadline {
        /// The present.
        now: Timestamp,
    },
    /// Keep in mind that a message's call, if one is pending, is the sweep's: another delivery of the message that is still
    /// at it has nothing more to record.
    LeaveToSweep,
}

/// A request for a payment.
#[derive(Debug, Clone)]
pub struct PaymentRequest {
    /// For which order.
    pub order_id: OrderId,
    /// Who pays.
    pub customer_id: CustomerId,
    /// Counts the payment methods tried, from 1.
    pub attempt: u32,
    /// How much.
    pub amount: Money,
    /// The provider's token of the payment method.
    pub payment_method: String,
    /// Until when an authorisation may be sought.
    pub pay_until: Timestamp,
    /// The present.
    pub now: Timestamp,
}

/// Why a payment refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaymentRejection {
    /// No payment was asked for.
    #[error("there is no payment for the order")]
    Unknown,
    /// The amount is not above nothing.
    #[error("the amount must be above 0")]
    AmountNotPositive,
    /// The same attempt was asked for with another amount, or the provider has another one.
    #[error("the amount is not the one that was asked for")]
    AmountDiffers,
    /// The currency is not the payment's.
    #[error("the payment is in {0}")]
    CurrencyDiffers(Currency),
    /// The attempt before has not come to nothing.
    #[error("the attempt before has not come to an end")]
    AttemptInProgress,
    /// Attempts count from 1 and have a bound.
    #[error("an attempt is a number from 1 to {MAX_ATTEMPTS}")]
    AttemptOutOfRange,
    /// The amount is not held yet, as far as is known here.
    #[error("the payment is not authorised yet")]
    NotAuthorizedYet,
    /// Nothing was captured.
    #[error("nothing was captured that could be refunded")]
    NotCaptured,
    /// The refund would give back more than was captured.
    #[error("at most {0} can be refunded")]
    ExceedsCaptured(Money),
    /// The order has had too many refunds.
    #[error("an order can have at most {MAX_REFUNDS} refunds")]
    TooManyRefunds,
}

impl Aggregate for Payment {
    type Command = PaymentCommand;
    type Event = PaymentEvent;
    type State = Self;
    type Rejection = PaymentRejection;

    fn decide(
        state: Option<&Self>,
        command: &PaymentCommand,
    ) -> Result<Vec<PaymentEvent>, PaymentRejection> {
        match (state, command) {
            (_, PaymentCommand::Request(request)) => on_request(state, request),
            (
                _,
                PaymentCommand::CancelOrder {
                    order_id,
                    customer_id,
                    now,
                },
            ) => {
                let off = PaymentEvent::OrderCancelled {
                    order_id: order_id.clone(),
                    customer_id: customer_id.clone(),
                };
                Ok(match state {
                    None => vec![off],
                    Some(payment) if payment.order_cancelled => Vec::new(),
                    Some(payment) => std::iter::once(off)
                        .chain(on_order_cancelled(payment, *now))
                        .collect(),
                })
            }
            (None, PaymentCommand::CaptureOnDispatch { .. }) => {
                Err(PaymentRejection::NotAuthorizedYet)
            }
            (None, PaymentCommand::Refund { .. }) => Err(PaymentRejection::Unknown),
            (
                None,
                PaymentCommand::NoteReply { .. }
                | PaymentCommand::NoteIntent { .. }
                | PaymentCommand::MeetDeadline { .. }
                | PaymentCommand::LeaveToSweep,
            ) => Ok(Vec::new()),
            (Some(_), PaymentCommand::LeaveToSweep) => Ok(vec![PaymentEvent::LeftToSweep]),
            (Some(payment), PaymentCommand::CaptureOnDispatch { now }) => {
                on_dispatch(payment, *now)
            }
            (Some(payment), PaymentCommand::Refund { amount, wish, now }) => {
                on_refund(payment, *amount, wish, *now)
            }
            (Some(payment), PaymentCommand::NoteReply { call, reply, now }) => {
                reply::on_reply(payment, *call, reply, *now)
            }
            (Some(payment), PaymentCommand::NoteIntent { intent, now }) => {
                hint::on_intent(payment, intent, *now)
            }
            (Some(payment), PaymentCommand::MeetDeadline { now }) => Ok(on_deadline(payment, *now)),
        }
    }

    fn evolve(state: Option<Self>, event: &PaymentEvent) -> Self {
        match state {
            None => Self::begin(event),
            Some(payment) => payment.after(event),
        }
    }
}

fn on_request(
    state: Option<&Payment>,
    request: &PaymentRequest,
) -> Result<Vec<PaymentEvent>, PaymentRejection> {
    if request.amount.amount_minor <= 0 {
        return Err(PaymentRejection::AmountNotPositive);
    }
    if !(1..=MAX_ATTEMPTS).contains(&request.attempt) {
        return Err(PaymentRejection::AttemptOutOfRange);
    }
    let Some(payment) = state else {
        return Ok(begun(request));
    };
    if request.attempt < payment.attempt {
        return Ok(Vec::new());
    }
    if request.attempt == payment.attempt {
        return if payment.amount != Some(request.amount) {
            Err(PaymentRejection::AmountDiffers)
        } else {
            Ok(vec![PaymentEvent::AskedAgain])
        };
    }
    if let Some(currency) = payment
        .currency()
        .filter(|currency| *currency != request.amount.currency)
    {
        return Err(PaymentRejection::CurrencyDiffers(currency));
    }
    if payment.order_cancelled
        && matches!(
            payment.status,
            Status::Cancelled | Status::Declined | Status::Voided
        )
    {
        return Ok(vec![
            requested(request),
            declined(request.attempt, "cancelled", request.now),
        ]);
    }
    match payment.status {
        Status::Cancelled | Status::Declined | Status::Voided => Ok(begun(request)),
        Status::Requested | Status::ActionRequired | Status::Authorized | Status::Captured => {
            Err(PaymentRejection::AttemptInProgress)
        }
    }
}

fn begun(request: &PaymentRequest) -> Vec<PaymentEvent> {
    let next = if request.now >= request.pay_until {
        declined(request.attempt, "too_late", request.now)
    } else {
        PaymentEvent::CallBegan(Call::new(
            Step::Authorise,
            request.attempt,
            None,
            request.now,
        ))
    };
    vec![requested(request), next]
}

fn requested(request: &PaymentRequest) -> PaymentEvent {
    PaymentEvent::Requested {
        order_id: request.order_id.clone(),
        customer_id: request.customer_id.clone(),
        attempt: request.attempt,
        amount: request.amount,
        payment_method: request.payment_method.clone(),
        pay_until: request.pay_until,
    }
}

pub(crate) fn declined(attempt: u32, reason: &str, at: Timestamp) -> PaymentEvent {
    PaymentEvent::Declined {
        attempt,
        reason: reason.to_owned(),
        at,
    }
}

fn on_order_cancelled(payment: &Payment, now: Timestamp) -> Vec<PaymentEvent> {
    let attempt = payment.attempt;
    match payment.status {
        Status::Requested => match payment.authorising(attempt) {
            // Whether the provider holds the amount is not known, and it must not be asked to. Whoever is at the call
            // just now will say; if nobody does, the sweep looks for what was left.
            Some(call) if call.step == Step::Authorise => {
                let intent_id = call.intent_id.clone();
                let find = Call::new(Step::Find, attempt, intent_id, now)
                    .due_at(now.plus_seconds(LEASE_SECONDS));
                vec![
                    PaymentEvent::CallDropped(call.name()),
                    PaymentEvent::CallBegan(find),
                ]
            }
            Some(_) | None => Vec::new(),
        },
        Status::ActionRequired | Status::Authorized => {
            if payment.voiding().is_some() || payment.capturing().is_some() {
                // The call that is pending excludes another; what it leads to is undone when it is known.
                Vec::new()
            } else {
                let step = Step::Void {
                    ending: Ending::OrderCancelled,
                };
                vec![PaymentEvent::CallBegan(Call::new(
                    step,
                    attempt,
                    payment.intent_id.clone(),
                    now,
                ))]
            }
        }
        Status::Captured => refund_of_all(payment, payment.refundable_minor(), now, None),
        Status::Cancelled | Status::Declined | Status::Voided => Vec::new(),
    }
}

/// Gives back all of a captured amount whose order is off.
pub(crate) fn refund_of_all(
    payment: &Payment,
    amount_minor: i64,
    now: Timestamp,
    due_at: Option<Timestamp>,
) -> Vec<PaymentEvent> {
    if amount_minor <= 0 {
        return Vec::new();
    }
    let wish = MessageId::new("order_cancelled").expect("a constant that is an identifier");
    refund_begun(payment, amount_minor, wish, now, due_at)
}

fn refund_begun(
    payment: &Payment,
    amount_minor: i64,
    wish: MessageId,
    now: Timestamp,
    due_at: Option<Timestamp>,
) -> Vec<PaymentEvent> {
    let number = u32::try_from(payment.refunds.len() + 1).unwrap_or(u32::MAX);
    let call = Call::new(
        Step::Refund { number },
        payment.attempt,
        payment.intent_id.clone(),
        now,
    );
    let call = Call {
        next_at: due_at,
        ..call
    };
    vec![
        PaymentEvent::RefundBegan { amount_minor, wish },
        PaymentEvent::CallBegan(call),
    ]
}

/// The first parcel takes the whole amount: Stripe lets go of what a capture leaves, so there can be only one. What
/// cannot be shipped later is refunded.
fn on_dispatch(payment: &Payment, now: Timestamp) -> Result<Vec<PaymentEvent>, PaymentRejection> {
    match payment.status {
        Status::Requested | Status::ActionRequired => Err(PaymentRejection::NotAuthorizedYet),
        Status::Authorized if payment.capturing().is_some() || payment.voiding().is_some() => {
            Ok(Vec::new())
        }
        Status::Authorized => {
            let call = Call::new(
                Step::Capture,
                payment.attempt,
                payment.intent_id.clone(),
                now,
            );
            Ok(vec![PaymentEvent::CallBegan(call)])
        }
        Status::Cancelled | Status::Declined | Status::Voided | Status::Captured => Ok(Vec::new()),
    }
}

fn on_refund(
    payment: &Payment,
    amount: Option<Money>,
    wish: &MessageId,
    now: Timestamp,
) -> Result<Vec<PaymentEvent>, PaymentRejection> {
    if payment.refunds.iter().any(|refund| refund.wish == *wish) {
        return Ok(Vec::new());
    }
    let currency = payment.currency().ok_or(PaymentRejection::NotCaptured)?;
    if let Some(amount) = amount {
        if amount.currency != currency {
            return Err(PaymentRejection::CurrencyDiffers(currency));
        }
        if amount.amount_minor <= 0 {
            return Err(PaymentRejection::AmountNotPositive);
        }
    }
    if payment.status != Status::Captured {
        return Err(PaymentRejection::NotCaptured);
    }
    let left_minor = payment.refundable_minor();
    let amount_minor = amount.map_or(left_minor, |amount| amount.amount_minor);
    if amount_minor > left_minor || left_minor == 0 {
        return Err(PaymentRejection::ExceedsCaptured(Money::new(
            left_minor, currency,
        )));
    }
    if payment.refunds.len() >= MAX_REFUNDS {
        return Err(PaymentRejection::TooManyRefunds);
    }
    // A request has no retry of its own: if its call brings nothing, the sweep makes it again.
    Ok(refund_begun(
        payment,
        amount_minor,
        wish.clone(),
        now,
        Some(now.plus_seconds(LEASE_SECONDS)),
    ))
}

fn on_deadline(payment: &Payment, now: Timestamp) -> Vec<PaymentEvent> {
    let attempt = payment.attempt;
    let passed = |instant: Option<Timestamp>| instant.is_some_and(|instant| instant <= now);
    match payment.status {
        Status::ActionRequired if passed(payment.until) && payment.voiding().is_none() => {
            let step = Step::Void {
                ending: Ending::ActionNotCompleted,
            };
            vec![PaymentEvent::CallBegan(
                Call::new(step, attempt, payment.intent_id.clone(), now).due_at(now),
            )]
        }
        Status::Requested if passed(payment.pay_until) => match payment.authorising(attempt) {
            Some(call) if call.step == Step::Authorise && call.is_due(now) => {
                authorising::given_up(payment, call, now)
            }
            Some(_) | None => Vec::new(),
        },
        Status::Cancelled
        | Status::Requested
        | Status::ActionRequired
        | Status::Authorized
        | Status::Declined
        | Status::Voided
        | Status::Captured => Vec::new(),
    }
}
