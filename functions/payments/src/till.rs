//! Where calls are made: what is asked of the provider, in which order, and as which reply it counts.
//!
//! A call that may have been done is never done again blindly: a payment that is known is looked at, an authorisation
//! is repeated with its own key (which the provider answers as it did before), and only where a failure is stored
//! under that key, or the key is too old, is the payment looked for. Owns no state; writes nothing.

use identifiers::Timestamp;
use money::Money;

use crate::call::{Call, Step};
use crate::payment::Payment;
use crate::provider::{Authorisation, Intent, Phase, Provider, ProviderFailure, RefundWish};
use crate::reply::Reply;

/// Makes the call, or asks what became of it.
pub(crate) async fn make<P: Provider>(
    provider: &P,
    payment: &Payment,
    call: &Call,
    now: Timestamp,
) -> Reply {
    let result = match call.step {
        Step::Authorise => authorise(provider, payment, call, now).await,
        Step::Find => find(provider, payment, call).await,
        Step::Capture => end(provider, payment, call, now, End::Capture).await,
        Step::Void { .. } => end(provider, payment, call, now, End::Void).await,
        Step::Refund { number } => refund(provider, payment, call, number, now).await,
    };
    let reply = result.unwrap_or_else(|failure| {
        let order_id = payment.order_id.as_str();
        tracing::warn!(order_id, call = ?call.step, error = %failure, "a call to the payment provider has no result");
        match failure {
            ProviderFailure::Refused { code, .. } => Reply::Refused { code },
            ProviderFailure::KeyBurnt => Reply::KeyBurnt,
            ProviderFailure::Unreachable(_) => Reply::Unreachable,
        }
    });
    metrics::tally("ProviderCalls", outcome(&reply));
    if reply == Reply::Unreachable {
        metrics::count("ProviderFailures", 1);
    }
    reply
}

/// What a call came to, in a word.
fn outcome(reply: &Reply) -> &'static str {
    match reply {
        Reply::Intent(intent) => intent.phase.name(),
        Reply::Refused { .. } => "refused",
        Reply::RefundMade { .. } => "refunded",
        Reply::NotFound => "not-found",
        Reply::KeyBurnt => "key-burnt",
        Reply::Unreachable => "unreachable",
    }
}

async fn authorise<P: Provider>(
    provider: &P,
    payment: &Payment,
    call: &Call,
    now: Timestamp,
) -> Result<Reply, ProviderFailure> {
    let (Some(amount), Some(payment_method)) = (payment.amount, &payment.payment_method) else {
        return find(provider, payment, call).await;
    };
    if call.intent_id.is_some() {
        return find(provider, payment, call).await;
    }
    if call.key_is_old(now) {
        return found_or_burnt(provider, payment, call).await;
    }
    let key = call.key(&payment.order_id);
    let wish = Authorisation {
        order_id: &payment.order_id,
        attempt: call.attempt,
        amount,
        payment_method,
        key: &key,
    };
    match provider.authorise(&wish).await {
        Ok(intent) => Ok(Reply::Intent(intent)),
        Err(ProviderFailure::KeyBurnt) => found_or_burnt(provider, payment, call).await,
        Err(failure) => Err(failure),
    }
}

async fn found_or_burnt<P: Provider>(
    provider: &P,
    payment: &Payment,
    call: &Call,
) -> Result<Reply, ProviderFailure> {
    let found = provider.find(&payment.order_id, call.attempt).await?;
    Ok(found.map_or(Reply::KeyBurnt, Reply::Intent))
}

async fn find<P: Provider>(
    provider: &P,
    payment: &Payment,
    call: &Call,
) -> Result<Reply, ProviderFailure> {
    let found = match &call.intent_id {
        Some(intent_id) => provider.look(intent_id).await?,
        None => provider.find(&payment.order_id, call.attempt).await?,
    };
    Ok(found.map_or(Reply::NotFound, Reply::Intent))
}

/// The two ways in which a hold ends.
#[derive(Clone, Copy)]
enum End {
    Capture,
    Void,
}

async fn end<P: Provider>(
    provider: &P,
    payment: &Payment,
    call: &Call,
    now: Timestamp,
    how: End,
) -> Result<Reply, ProviderFailure> {
    let Some(intent_id) = &call.intent_id else {
        return find(provider, payment, call).await;
    };
    let was_tried = call.tries > 0 || call.key_number > 1;
    if was_tried {
        match provider.look(intent_id).await? {
            Some(intent) if is_over(&intent) => return Ok(Reply::Intent(intent)),
            Some(_) => {}
            None => return Ok(Reply::NotFound),
        }
    }
    if call.key_is_old(now) {
        return Ok(Reply::KeyBurnt);
    }
    let key = call.key(&payment.order_id);
    let ended = match how {
        End::Capture => provider.capture(intent_id, &key).await,
        End::Void => provider.void(intent_id, &key).await,
    };
    match ended {
        Ok(intent) => Ok(Reply::Intent(intent)),
        // It is not in the state that the call needs: the state it is in says why.
        Err(ProviderFailure::Refused { code, message }) => match provider.look(intent_id).await? {
            Some(intent) if is_over(&intent) => Ok(Reply::Intent(intent)),
            Some(_) | None => Err(ProviderFailure::Refused { code, message }),
        },
        Err(failure) => Err(failure),
    }
}

/// Whether its end is known, so that neither call could do anything any more.
fn is_over(intent: &Intent) -> bool {
    match intent.phase {
        Phase::Captured | Phase::Cancelled => true,
        Phase::Held { .. }
        | Phase::ActionRequired { .. }
        | Phase::Processing
        | Phase::Failed { .. } => false,
    }
}

async fn refund<P: Provider>(
    provider: &P,
    payment: &Payment,
    call: &Call,
    number: u32,
    now: Timestamp,
) -> Result<Reply, ProviderFailure> {
    let position = usize::try_from(number)
        .unwrap_or(usize::MAX)
        .wrapping_sub(1);
    let (Some(intent_id), Some(currency), Some(refund)) = (
        &call.intent_id,
        payment.currency(),
        payment.refunds.get(position),
    ) else {
        return Ok(Reply::NotFound);
    };
    if (call.tries > 0 || call.key_number > 1)
        && let Some(refund_id) = provider.find_refund(intent_id, number).await?
    {
        return Ok(Reply::RefundMade { refund_id });
    }
    if call.key_is_old(now) {
        return Ok(Reply::KeyBurnt);
    }
    let key = call.key(&payment.order_id);
    let amount = Money::new(refund.amount_minor, currency);
    let refund_id = provider
        .refund(&RefundWish {
            intent_id,
            number,
            amount,
            key: &key,
        })
        .await?;
    Ok(Reply::RefundMade { refund_id })
}
