//! The provider's webhook: a hint that something happened. What happened, the provider is asked.

use std::sync::Arc;

use ::store::{Origin, Store};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use contracts::Cause;
use decider::{ExecuteError, execute};
use door::{Problem, RawBody, UnkeyedCause};
use identifiers::{CorrelationId, MessageId};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::decision::PaymentCommand;
use crate::payment::Payment;
use crate::provider::Provider;
use crate::{Payments, deadlines, signature};

/// As much of an event as tells which payment it is about.
#[derive(Debug, Deserialize)]
struct Hint {
    id: String,
    data: HintData,
}

#[derive(Debug, Deserialize)]
struct HintData {
    object: HintObject,
}

#[derive(Debug, Deserialize)]
struct HintObject {
    id: Option<String>,
    object: String,
    payment_intent: Option<Value>,
}

impl HintObject {
    fn intent_id(&self) -> Option<&str> {
        if self.object == "payment_intent" {
            self.id.as_deref()
        } else {
            self.payment_intent.as_ref().and_then(Value::as_str)
        }
    }
}

/// `POST /api/payments/webhook`. The signature is checked on the raw bytes; of the body only ids are used. Answers 5xx,
/// so that the provider sends it again, if the payment could not be looked at or the result not be recorded.
pub(crate) async fn receive<S: Store, P: Provider>(
    State(payments): State<Arc<Payments<S, P>>>,
    UnkeyedCause(cause): UnkeyedCause,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<Value>, Problem> {
    let header = headers
        .get("stripe-signature")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    signature::verify(&payments.webhook_secrets, header, &body, cause.now)
        .map_err(|error| Problem::field("Stripe-Signature", error.to_string()))?;
    let hint: Hint = serde_json::from_slice(&body)
        .map_err(|error| Problem::field("body", format!("it is not an event: {error}")))?;
    let accepted = Ok(Json(json!({})));
    let Some(intent_id) = hint.data.object.intent_id().filter(|id| is_intent_id(id)) else {
        return accepted;
    };
    let looked = payments
        .provider
        .look(intent_id)
        .await
        .map_err(|failure| Problem::failed(&failure))?;
    // A payment without an order on it is not ours: the account may serve other shops too.
    let Some(intent) = looked else {
        return accepted;
    };
    let Some(order_id) = intent.order_id.clone() else {
        return accepted;
    };
    let message_id = MessageId::new(format!("{}:{}", hint.id, intent.phase.name()))
        .map_err(|error| Problem::field("id", error.to_string()))?;
    let cause = Cause {
        message_id,
        correlation_id: CorrelationId::from(&order_id),
        // What the provider says goes on with the payment's trace, and does not begin the provider's own.
        traceparent: None,
        ..cause
    };
    let command = PaymentCommand::NoteIntent {
        intent,
        now: cause.now,
    };
    match execute::<Payment, S>(&payments.store, &order_id, &cause, Origin::Http, &command).await {
        Ok(outcome) => {
            deadlines::settle_what_is_due(&payments, outcome.state.as_ref(), cause.now).await;
            accepted
        }
        Err(ExecuteError::Rejected(rejection)) => {
            tracing::error!(%order_id, error = %rejection, "a payment stands with the provider as it must not");
            accepted
        }
        Err(ExecuteError::Failed(failure)) => Err(failure.into()),
    }
}

/// The id goes into a path of the provider's API; anything that is not plainly an id does not.
fn is_intent_id(id: &str) -> bool {
    (1..=255).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
