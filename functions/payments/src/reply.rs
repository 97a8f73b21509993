//! What a payment makes of the provider's replies. Pure.

use identifiers::Timestamp;

use crate::call::{Call, CallName, Step};
use crate::decision::{PaymentRejection, declined, refund_of_all};
use crate::payment::{Ending, Payment, PaymentEvent, Status};
use crate::provider::{Intent, Phase};

/// How long after a failed authorisation the provider's search surely shows whether a payment was made, in seconds.
/// Stripe's is behind by under a minute (<https://docs.stripe.com/search#data-freshness>).
pub const SEARCH_SETTLES_SECONDS: i64 = 120;

/// How long a hold that may have been left behind is looked for, in seconds: Stripe's search is up to an hour behind
/// in an outage. One that shows even later takes no money, and its provider lets go of it after seven days.
pub const FIND_GIVES_UP_SECONDS: i64 = 2 * 60 * 60;

/// How long a customer has to confirm a payment, in seconds, unless it must be had sooner.
pub const ACT_WITHIN_SECONDS: i64 = 60 * 60;

/// How long after the end of a hold the provider is asked again whether it still stands, in seconds.
pub const HOLD_ASKED_AGAIN_SECONDS: i64 = 15 * 60;

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// This is how the payment stands now.
    Intent(Intent),
    /// The provider refuses, and did nothing.
    Refused {
        /// Its code.
        code: String,
    },
    /// The money went back.
    RefundMade {
        /// The provider's id of the refund.
        refund_id: String,
    },
    /// The provider has no such payment, as far as it shows.
    NotFound,
    /// A failure is stored under the key, and the provider shows nothing that was done.
    KeyBurnt,
    /// Nothing is known.
    Unreachable,
}

/// What a call's reply leads to. A reply to a call that is not pending any more is one more look at the payment.
pub(crate) fn on_reply(
    payment: &Payment,
    name: CallName,
    reply: &Reply,
    now: Timestamp,
) -> Result<Vec<PaymentEvent>, PaymentRejection> {
    let pending = match name.step {
        Step::Authorise | Step::Find => payment.authorising(name.attempt),
        Step::Void { .. } | Step::Capture | Step::Refund { .. } => payment.call(name),
    };
    match (pending, reply) {
        (None, Reply::Intent(intent)) => on_intent(payment, intent, now),
        (None, _) => Ok(Vec::new()),
        (Some(call), reply) => match call.step {
            Step::Authorise => authorised(payment, call, reply, now),
            // An authorisation that failed while it was given up says nothing that a look would not say better.
            Step::Find if name.step == Step::Authorise && !matches!(reply, Reply::Intent(_)) => Ok(Vec::new()),
            Step::Find => Ok(found(payment, call, reply, now)),
            Step::Capture => Ok(captured(payment, call, reply, now)),
            Step::Void { ending } => Ok(voided(payment, call, ending, reply, now)),
            Step::Refund { number } => Ok(refunded(call, number, reply, now)),
        },
    }
}

fn authorised(
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
                    act_until: payment.pay_until.map_or(within, |pay_until| within.min(pay_until)),
                }]
            }
            Phase::Processing => vec![parked(call, Some(intent), now)],
            Phase::Failed { code } => vec![declined(attempt, code, now)],
            Phase::Cancelled => vec![declined(attempt, "canceled", now)],
            Phase::Captured => {
                vec![held(attempt, intent, now, now), PaymentEvent::Captured { attempt, at: now }]
            }
        },
        Reply::Refused { code } => vec![declined(attempt, code, now)],
        Reply::KeyBurnt | Reply::NotFound => {
            let settled_at = call.since.plus_seconds(SEARCH_SETTLES_SECONDS);
            if settled_at <= now {
                vec![PaymentEvent::CallRenewed { call: call.name(), next_at: now, since: now }]
            } else {
                vec![PaymentEvent::CallParked { call: call.name(), next_at: settled_at, intent_id: None }]
            }
        }
        Reply::Unreachable | Reply::RefundMade { .. } if is_late => given_up(payment, call, now),
        Reply::Unreachable | Reply::RefundMade { .. } => {
            let next_at = call.next_try(now);
            let next_at = payment.pay_until.map_or(next_at, |pay_until| next_at.min(pay_until));
            vec![PaymentEvent::CallParked { call: call.name(), next_at, intent_id: None }]
        }
    })
}

/// The provider could not be asked in time. It may hold the amount all the same, so that is looked for until it is sure.
pub(crate) fn given_up(payment: &Payment, call: &Call, now: Timestamp) -> Vec<PaymentEvent> {
    let find = Call::new(Step::Find, call.attempt, call.intent_id.clone(), now).due_at(call.next_try(now));
    vec![declined(payment.attempt, "provider_unavailable", now), PaymentEvent::CallBegan(find)]
}

fn held(attempt: u32, intent: &Intent, until: Timestamp, at: Timestamp) -> PaymentEvent {
    PaymentEvent::Authorized { attempt, intent_id: intent.intent_id.clone(), until, at }
}

fn parked(call: &Call, intent: Option<&Intent>, now: Timestamp) -> PaymentEvent {
    PaymentEvent::CallParked {
        call: call.name(),
        next_at: call.next_try(now),
        intent_id: intent.map(|intent| intent.intent_id.clone()),
    }
}

/// What a look at an attempt leads to whose order is off, or that was given up.
fn found(payment: &Payment, call: &Call, reply: &Reply, now: Timestamp) -> Vec<PaymentEvent> {
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
                PaymentEvent::CallBegan(Call::new(step, attempt, Some(intent.intent_id.clone()), now).due_at(now))
            };
            match &intent.phase {
                Phase::Held { until } if is_awaited => {
                    vec![held(attempt, intent, *until, now), void(Ending::OrderCancelled)]
                }
                Phase::Held { .. } => {
                    let intent_id = intent.intent_id.clone();
                    vec![PaymentEvent::HoldFound { attempt, intent_id, at: now }, void(Ending::GivenUp)]
                }
                Phase::ActionRequired { .. } => {
                    let ending = if is_awaited { Ending::OrderCancelled } else { Ending::GivenUp };
                    vec![PaymentEvent::CallDropped(call.name()), void(ending)]
                }
                Phase::Processing => vec![parked(call, Some(intent), now)],
                Phase::Failed { code } => over(code),
                Phase::Cancelled => over("cancelled"),
                Phase::Captured => {
                    let mut events =
                        vec![held(attempt, intent, now, now), PaymentEvent::Captured { attempt, at: now }];
                    let taken = events.iter().fold(payment.clone(), Payment::after);
                    events.extend(refund_of_all(&taken, taken.refundable_minor(), now, Some(now)));
                    events
                }
            }
        }
        Reply::NotFound | Reply::KeyBurnt if call.since.plus_seconds(FIND_GIVES_UP_SECONDS) <= now => {
            over("cancelled")
        }
        Reply::NotFound
        | Reply::KeyBurnt
        | Reply::Unreachable
        | Reply::Refused { .. }
        | Reply::RefundMade { .. } => vec![parked(call, None, now)],
    }
}

fn captured(payment: &Payment, call: &Call, reply: &Reply, now: Timestamp) -> Vec<PaymentEvent> {
    let attempt = call.attempt;
    match reply {
        Reply::Intent(intent) => match intent.phase {
            Phase::Captured => taken(payment, attempt, now),
            Phase::Cancelled | Phase::Failed { .. } => {
                vec![lapsed(attempt, intent, now)]
            }
            Phase::Held { .. } | Phase::ActionRequired { .. } | Phase::Processing => vec![parked(call, None, now)],
        },
        Reply::KeyBurnt => vec![PaymentEvent::CallRenewed { call: call.name(), next_at: now, since: now }],
        Reply::NotFound | Reply::Unreachable | Reply::Refused { .. } | Reply::RefundMade { .. } => {
            vec![parked(call, None, now)]
        }
    }
}

/// The money is ours; if the order is off by now, it goes back at once.
fn taken(payment: &Payment, attempt: u32, now: Timestamp) -> Vec<PaymentEvent> {
    let mut events = vec![PaymentEvent::Captured { attempt, at: now }];
    if payment.order_cancelled {
        let after = events.iter().fold(payment.clone(), Payment::after);
        events.extend(refund_of_all(&after, after.refundable_minor(), now, Some(now)));
    }
    events
}

fn lapsed(attempt: u32, intent: &Intent, at: Timestamp) -> PaymentEvent {
    PaymentEvent::Voided { attempt, intent_id: Some(intent.intent_id.clone()), ending: Ending::Lapsed, at }
}

fn voided(payment: &Payment, call: &Call, ending: Ending, reply: &Reply, now: Timestamp) -> Vec<PaymentEvent> {
    let attempt = call.attempt;
    match reply {
        Reply::Intent(intent) => match intent.phase {
            Phase::Cancelled | Phase::Failed { .. } => match ending {
                // Nothing was ever held, so there is nothing to void: the attempt came to nothing.
                Ending::ActionNotCompleted => vec![declined(attempt, ending.as_str(), now)],
                Ending::OrderCancelled | Ending::Lapsed | Ending::GivenUp => {
                    let intent_id = Some(intent.intent_id.clone());
                    vec![PaymentEvent::Voided { attempt, intent_id, ending, at: now }]
                }
            },
            Phase::Captured => {
                let mut events = vec![PaymentEvent::Captured { attempt, at: now }];
                let after = events.iter().fold(payment.clone(), Payment::after);
                events.extend(refund_of_all(&after, after.refundable_minor(), now, Some(now)));
                events
            }
            Phase::Held { .. } | Phase::ActionRequired { .. } | Phase::Processing => vec![parked(call, None, now)],
        },
        Reply::KeyBurnt => vec![PaymentEvent::CallRenewed { call: call.name(), next_at: now, since: now }],
        Reply::NotFound | Reply::Unreachable | Reply::Refused { .. } | Reply::RefundMade { .. } => {
            vec![parked(call, None, now)]
        }
    }
}

fn refunded(call: &Call, number: u32, reply: &Reply, now: Timestamp) -> Vec<PaymentEvent> {
    match reply {
        Reply::RefundMade { refund_id } => {
            vec![PaymentEvent::Refunded { number, refund_id: refund_id.clone(), at: now }]
        }
        Reply::Refused { code } => vec![PaymentEvent::RefundRefused { number, code: code.clone() }],
        Reply::KeyBurnt => vec![PaymentEvent::CallRenewed { call: call.name(), next_at: now, since: now }],
        Reply::Intent(_) | Reply::NotFound | Reply::Unreachable => vec![parked(call, None, now)],
    }
}

/// What the provider's own state of a payment leads to, where no call of ours asked for it: a webhook's hint, or a look
/// at a hold whose time is over.
pub(crate) fn on_intent(
    payment: &Payment,
    intent: &Intent,
    now: Timestamp,
) -> Result<Vec<PaymentEvent>, PaymentRejection> {
    let Some(attempt) = intent.attempt else { return Ok(Vec::new()) };
    if payment.amount.is_some_and(|amount| amount != intent.amount) && attempt == payment.attempt {
        return Err(PaymentRejection::AmountDiffers);
    }
    let reply = Reply::Intent(intent.clone());
    if let Some(call) = payment.authorising(attempt) {
        if intent.phase == Phase::Processing {
            return Ok(Vec::new());
        }
        return match call.step {
            Step::Authorise => authorised(payment, call, &reply, now),
            Step::Find | Step::Capture | Step::Void { .. } | Step::Refund { .. } => {
                Ok(found(payment, call, &reply, now))
            }
        };
    }
    let ends_it = |call: &&Call| call.intent_id.as_ref() == Some(&intent.intent_id);
    if let Some(call) = payment.calls.iter().find(ends_it)
        && let Step::Void { ending } = call.step
    {
        let is_over = matches!(intent.phase, Phase::Cancelled | Phase::Captured);
        return Ok(if is_over { voided(payment, call, ending, &reply, now) } else { Vec::new() });
    }
    let is_current = payment.attempt == attempt && payment.intent_id.as_ref() == Some(&intent.intent_id);
    Ok(match (payment.status, &intent.phase) {
        (Status::ActionRequired, Phase::Held { until }) if is_current => vec![held(attempt, intent, *until, now)],
        (Status::ActionRequired, Phase::Failed { code }) if is_current => vec![declined(attempt, code, now)],
        (Status::ActionRequired, Phase::Cancelled) if is_current => vec![declined(attempt, "canceled", now)],
        (Status::ActionRequired, Phase::Captured) if is_current => {
            let mut events = vec![held(attempt, intent, now, now)];
            events.extend(taken(payment, attempt, now));
            events
        }
        (Status::Authorized, Phase::Cancelled | Phase::Failed { .. }) if is_current => {
            vec![lapsed(attempt, intent, now)]
        }
        (Status::Authorized, Phase::Captured) if is_current => taken(payment, attempt, now),
        (Status::Authorized, Phase::Held { until })
            if is_current && payment.until.is_some_and(|known| known <= now) =>
        {
            vec![PaymentEvent::HoldStands { until: (*until).max(now.plus_seconds(HOLD_ASKED_AGAIN_SECONDS)) }]
        }
        // A hold that nobody waits for: of an attempt given up long ago, or a second one of the same attempt.
        (_, Phase::Held { .. }) if !is_current || matches!(payment.status, Status::Declined | Status::Voided) => {
            let intent_id = intent.intent_id.clone();
            let void = Call::new(Step::Void { ending: Ending::GivenUp }, attempt, Some(intent_id.clone()), now);
            vec![PaymentEvent::HoldFound { attempt, intent_id, at: now }, PaymentEvent::CallBegan(void.due_at(now))]
        }
        (
            Status::Cancelled
            | Status::Requested
            | Status::ActionRequired
            | Status::Authorized
            | Status::Declined
            | Status::Voided
            | Status::Captured,
            _,
        ) => Vec::new(),
    })
}
