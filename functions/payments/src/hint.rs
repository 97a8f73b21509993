//! What a payment makes of the provider's own state of it, where no call of ours asked for it. Pure.

use identifiers::Timestamp;

use crate::authorising::{authorised, found, held};
use crate::call::{Call, Step};
use crate::decision::{PaymentRejection, declined};
use crate::payment::{Payment, Status};
use crate::payment_event::{Ending, PaymentEvent};
use crate::provider::{Intent, Phase};
use crate::reply::{Reply, lapsed, taken, voided};

/// How long after the end of a hold the provider is asked again whether it still stands, in seconds.
pub const HOLD_ASKED_AGAIN_SECONDS: i64 = 15 * 60;

/// What the provider's own state of a payment leads to, where no call of ours asked for it: a webhook's hint, or a look
/// at a hold whose time is over.
pub(crate) fn on_intent(
    payment: &Payment,
    intent: &Intent,
    now: Timestamp,
) -> Result<Vec<PaymentEvent>, PaymentRejection> {
    let Some(attempt) = intent.attempt else {
        return Ok(Vec::new());
    };
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
        return Ok(if is_over {
            voided(payment, call, ending, &reply, now)
        } else {
            Vec::new()
        });
    }
    let is_current =
        payment.attempt == attempt && payment.intent_id.as_ref() == Some(&intent.intent_id);
    Ok(match (payment.status, &intent.phase) {
        (Status::ActionRequired, Phase::Held { until }) if is_current => {
            vec![held(attempt, intent, *until, now)]
        }
        (Status::ActionRequired, Phase::Failed { code }) if is_current => {
            vec![declined(attempt, code, now)]
        }
        (Status::ActionRequired, Phase::Cancelled) if is_current => {
            vec![declined(attempt, "canceled", now)]
        }
        (Status::ActionRequired, Phase::Captured) if is_current => {
            let mut events = vec![held(attempt, intent, now, now)];
            events.extend(taken(payment, attempt, now));
            events
        }
        // A held payment cannot fail any more: one that is said to have failed was looked at before.
        (Status::Authorized, Phase::Cancelled) if is_current => vec![lapsed(attempt, intent, now)],
        (Status::Authorized, Phase::Captured) if is_current => taken(payment, attempt, now),
        (Status::Authorized, Phase::Held { until })
            if is_current && payment.until.is_some_and(|known| known <= now) =>
        {
            vec![PaymentEvent::HoldStands {
                until: (*until).max(now.plus_seconds(HOLD_ASKED_AGAIN_SECONDS)),
            }]
        }
        // A hold that nobody waits for: of an attempt given up long ago, or a second one of the same attempt.
        (_, Phase::Held { .. })
            if !is_current || matches!(payment.status, Status::Declined | Status::Voided) =>
        {
            let intent_id = intent.intent_id.clone();
            let void = Call::new(
                Step::Void {
                    ending: Ending::GivenUp,
                },
                attempt,
                Some(intent_id.clone()),
                now,
            );
            vec![
                PaymentEvent::HoldFound {
                    attempt,
                    intent_id,
                    at: now,
                },
                PaymentEvent::CallBegan(void.due_at(now)),
            ]
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
