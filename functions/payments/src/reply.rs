//! What a payment makes of the provider's replies. Pure.

use identifiers::Timestamp;

use crate::authorising::{authorised, found, parked};
use crate::call::{Call, CallName, Step};
use crate::decision::{PaymentRejection, declined, refund_of_all};
use crate::hint::on_intent;
use crate::payment::Payment;
use crate::payment_event::{Ending, PaymentEvent};
use crate::provider::{Intent, Phase};

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
            Step::Find if name.step == Step::Authorise && !matches!(reply, Reply::Intent(_)) => {
                Ok(Vec::new())
            }
            Step::Find => Ok(found(payment, call, reply, now)),
            Step::Capture => Ok(captured(payment, call, reply, now)),
            Step::Void { ending } => Ok(voided(payment, call, ending, reply, now)),
            Step::Refund { number } => Ok(refunded(call, number, reply, now)),
        },
    }
}

fn captured(payment: &Payment, call: &Call, reply: &Reply, now: Timestamp) -> Vec<PaymentEvent> {
    let attempt = call.attempt;
    match reply {
        Reply::Intent(intent) => match intent.phase {
            Phase::Captured => taken(payment, attempt, now),
            Phase::Cancelled => vec![lapsed(attempt, intent, now)],
            Phase::Held { .. }
            | Phase::ActionRequired { .. }
            | Phase::Processing
            | Phase::Failed { .. } => vec![parked(call, None, now)],
        },
        Reply::KeyBurnt => vec![PaymentEvent::CallRenewed {
            call: call.name(),
            next_at: now,
            since: now,
        }],
        Reply::NotFound | Reply::Unreachable | Reply::Refused { .. } | Reply::RefundMade { .. } => {
            vec![parked(call, None, now)]
        }
    }
}

/// The money is ours; if the order is off by now, it goes back at once.
pub(crate) fn taken(payment: &Payment, attempt: u32, now: Timestamp) -> Vec<PaymentEvent> {
    let mut events = vec![PaymentEvent::Captured { attempt, at: now }];
    if payment.order_cancelled {
        let after = events.iter().fold(payment.clone(), Payment::after);
        events.extend(refund_of_all(
            &after,
            after.refundable_minor(),
            now,
            Some(now),
        ));
    }
    events
}

pub(crate) fn lapsed(attempt: u32, intent: &Intent, at: Timestamp) -> PaymentEvent {
    PaymentEvent::Voided {
        attempt,
        intent_id: Some(intent.intent_id.clone()),
        ending: Ending::Lapsed,
        at,
    }
}

pub(crate) fn voided(
    payment: &Payment,
    call: &Call,
    ending: Ending,
    reply: &Reply,
    now: Timestamp,
) -> Vec<PaymentEvent> {
    let attempt = call.attempt;
    match reply {
        Reply::Intent(intent) => match intent.phase {
            Phase::Cancelled => match ending {
                // Nothing was ever held, so there is nothing to void: the attempt came to nothing.
                Ending::ActionNotCompleted => vec![declined(attempt, ending.as_str(), now)],
                Ending::OrderCancelled | Ending::Lapsed | Ending::GivenUp => {
                    let intent_id = Some(intent.intent_id.clone());
                    vec![PaymentEvent::Voided {
                        attempt,
                        intent_id,
                        ending,
                        at: now,
                    }]
                }
            },
            Phase::Captured => {
                let mut events = vec![PaymentEvent::Captured { attempt, at: now }];
                let after = events.iter().fold(payment.clone(), Payment::after);
                events.extend(refund_of_all(
                    &after,
                    after.refundable_minor(),
                    now,
                    Some(now),
                ));
                events
            }
            Phase::Held { .. }
            | Phase::ActionRequired { .. }
            | Phase::Processing
            | Phase::Failed { .. } => vec![parked(call, None, now)],
        },
        Reply::KeyBurnt => vec![PaymentEvent::CallRenewed {
            call: call.name(),
            next_at: now,
            since: now,
        }],
        Reply::NotFound | Reply::Unreachable | Reply::Refused { .. } | Reply::RefundMade { .. } => {
            vec![parked(call, None, now)]
        }
    }
}

fn refunded(call: &Call, number: u32, reply: &Reply, now: Timestamp) -> Vec<PaymentEvent> {
    match reply {
        Reply::RefundMade { refund_id } => {
            vec![PaymentEvent::Refunded {
                number,
                refund_id: refund_id.clone(),
                at: now,
            }]
        }
        Reply::Refused { code } => vec![PaymentEvent::RefundRefused {
            number,
            code: code.clone(),
        }],
        Reply::KeyBurnt => vec![PaymentEvent::CallRenewed {
            call: call.name(),
            next_at: now,
            since: now,
        }],
        Reply::Intent(_) | Reply::NotFound | Reply::Unreachable => vec![parked(call, None, now)],
    }
}
