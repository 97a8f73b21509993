//! What a payment makes of the provider's replies about an authorisation: the answer that is waited for, and the look
//! at one that nobody waits for any more. Pure.

use identifiers::Timestamp;

use crate::call::{Call, Step};
use crate::decision::{PaymentRejection, declined, refund_of_all};
use crate::payment::{Payment, Status};
use crate::payment_event::{Ending, PaymentEvent};
use crate::provider::{Intent, Phase};
use crate::reply::Reply;

/// How long after its key is known to be burnt the provider's search surely shows whether an authorisation was made, in seconds.
/// Stripe's is behind by under a minute (<https://docs.stripe.com/search#data-freshness>); and the clock that noted when that
/// was may be five minutes behind the one that reads it. Too early a second call would hold the amount twice.
pub const SEARCH_SETTLES_SECONDS: i64 = 60 + 5 * 60 + 10;

/// How long a hold that may have been left behind is looked for, in seconds: Stripe's search is up to an hour behind
/// in an outage. One that shows even later takes no money, and its provider lets go of it after seven days.
pub const FIND_GIVES_UP_SECONDS: i64 = 2 * 60 * 60;

/// How long a customer has to confirm a payment, in seconds, unless it must be had sooner.
pub const ACT_WITHIN_SECONDS: i64 = 60 * 60;

pub(crate) fn authorised(
    payment: &Payment,
    call: &Call,
    reply: &Reply,
    now: Timestamp,
) -> Result<Vec<PaymentEvent>, PaymentRejection> {
    let attempt = call.attempt;
    let is_late = payment.pay_until.is_some_and(|pay_until| pay_until <= now);
    Ok(match reply {
        Reply::Intent(intent) if payment.amount != Some(intent.amount) => {
            return Err(PaymentRejection::AmountDiffers);
        }
        Reply::Intent(intent) => match &intent.phase {
            Phase::Held { until } => vec![held(attempt, intent, *until, now)],
            Phase::ActionRequired { url } => {
                let within = now.plus_seconds(ACT_WITHIN_SECONDS);
                vec![PaymentEvent::ActionRequired {
                    attempt,
                    intent_id: intent.intent_id.clone(),
                    action_url: url.clone(),
                    act_until: payment
                        .pay_until
                        .map_or(within, |pay_until| within.min(pay_until)),
                }]
            }
            Phase::Processing => vec![parked(call, Some(intent), now)],
            Phase::Failed { code } => vec![declined(attempt, code, now)],
            Phase::Cancelled => vec![declined(attempt, "canceled", now)],
            Phase::Captured => {
                vec![
                    held(attempt, intent, now, now),
                    PaymentEvent::Captured { attempt, at: now },
                ]
            }
        },
        Reply::Refused { code } => vec![declined(attempt, code, now)],
        Reply::KeyBurnt | Reply::NotFound => {
            // The try that burnt the key may have made the payment, however long ago the key was first used: from when the
            // key is known to be burnt on, no try makes another.
            let burnt_at = call.burnt_at.unwrap_or(now);
            let settled_at = burnt_at.plus_seconds(SEARCH_SETTLES_SECONDS);
            if settled_at <= now {
                vec![PaymentEvent::CallRenewed {
                    call: call.name(),
                    next_at: now,
                    since: now,
                }]
            } else {
                vec![PaymentEvent::KeyBurnt {
                    call: call.name(),
                    at: burnt_at,
                    next_at: settled_at,
                }]
            }
        }
        Reply::Unreachable | Reply::RefundMade { .. } if is_late => given_up(payment, call, now),
        Reply::Unreachable | Reply::RefundMade { .. } => {
            let next_at = call.next_try(now);
            let next_at = payment
                .pay_until
                .map_or(next_at, |pay_until| next_at.min(pay_until));
            vec![PaymentEvent::CallParked {
                call: call.name(),
                next_at,
                intent_id: None,
            }]
        }
    })
}

/// The provider could not be asked in time. It may hold the amount all the same, so that is looked for until it is sure.
pub(crate) fn given_up(payment: &Payment, call: &Call, now: Timestamp) -> Vec<PaymentEvent> {
    let find =
        Call::new(Step::Find, call.attempt, call.intent_id.clone(), now).due_at(call.next_try(now));
    vec![
        declined(payment.attempt, "provider_unavailable", now),
        PaymentEvent::CallBegan(find),
    ]
}

pub(crate) fn held(attempt: u32, intent: &Intent, until: Timestamp, at: Timestamp) -> PaymentEvent {
    PaymentEvent::Authorized {
        attempt,
        intent_id: intent.intent_id.clone(),
        until,
        at,
    }
}

pub(crate) fn parked(call: &Call, intent: Option<&Intent>, now: Timestamp) -> PaymentEvent {
    PaymentEvent::CallParked {
        call: call.name(),
        next_at: call.next_try(now),
        intent_id: intent.map(|intent| intent.intent_id.clone()),
    }
}

/// What a look at an attempt leads to whose order is off, or that was given up.
pub(crate) fn found(
    payment: &Payment,
    call: &Call,
    reply: &Reply,
    now: Timestamp,
) -> Vec<PaymentEvent> {
    let attempt = call.attempt;
    let is_awaited = payment.status == Status::Requested && payment.attempt == attempt;
    let over = |reason: &str| {
        if is_awaited {
            vec![declined(attempt, reason, now)]
        } else {
            vec![PaymentEvent::CallDropped(call.name())]
        }
    };
    match reply {
        Reply::Intent(intent) => {
            let void = |ending| {
                let step = Step::Void { ending };
                PaymentEvent::CallBegan(
                    Call::new(step, attempt, Some(intent.intent_id.clone()), now).due_at(now),
                )
            };
            match &intent.phase {
                Phase::Held { until } if is_awaited => {
                    vec![
                        held(attempt, intent, *until, now),
                        void(Ending::OrderCancelled),
                    ]
                }
                Phase::Held { .. } => {
                    let intent_id = intent.intent_id.clone();
                    vec![
                        PaymentEvent::HoldFound {
                            attempt,
                            intent_id,
                            at: now,
                        },
                        void(Ending::GivenUp),
                    ]
                }
                Phase::ActionRequired { .. } => {
                    let ending = if is_awaited {
                        Ending::OrderCancelled
                    } else {
                        Ending::GivenUp
                    };
                    vec![PaymentEvent::CallDropped(call.name()), void(ending)]
                }
                Phase::Processing => vec![parked(call, Some(intent), now)],
                Phase::Failed { code } => over(code),
                Phase::Cancelled => over("cancelled"),
                Phase::Captured => {
                    let mut events = vec![
                        held(attempt, intent, now, now),
                        PaymentEvent::Captured { attempt, at: now },
                    ];
                    let taken = events.iter().fold(payment.clone(), Payment::after);
                    events.extend(refund_of_all(
                        &taken,
                        taken.refundable_minor(),
                        now,
                        Some(now),
                    ));
                    events
                }
            }
        }
        Reply::NotFound | Reply::KeyBurnt
            if call.since.plus_seconds(FIND_GIVES_UP_SECONDS) <= now =>
        {
            over("cancelled")
        }
        Reply::NotFound
        | Reply::KeyBurnt
        | Reply::Unreachable
        | Reply::Refused { .. }
        | Reply::RefundMade { .. } => vec![parked(call, None, now)],
    }
}
