//! The HTTP routes of payments.

mod description;

use std::sync::Arc;

use ::store::{Origin, Store};
use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use contracts::Cause;
use decider::{ExecuteError, execute, read};
use door::{Body, Customer, Guest, IdempotencyKey, Operator, Problem, RequestCause, Shopper};
use identifiers::{MessageId, OrderId};
use money::Money;
use serde::Deserialize;

use crate::call::{CallName, Step};
use crate::decision::{PaymentCommand, PaymentRejection};
use crate::ledger::RefundOutcome;
use crate::payment::Payment;
use crate::provider::Provider;
use crate::view::PaymentView;
use crate::{Payments, till, webhook};

pub(crate) use description::description;

pub(crate) fn router<S: Store, P: Provider>(payments: Arc<Payments<S, P>>) -> Router {
    Router::new()
        .route("/api/payments/webhook", post(webhook::receive::<S, P>))
        .route("/api/payments/{order_id}", get(show::<S, P, Customer>))
        .route("/api/guest/payments/{order_id}", get(show::<S, P, Guest>))
        .route("/api/operator/payments/{order_id}", get(inspect::<S, P>))
        .route(
            "/api/operator/payments/{order_id}/refund",
            post(refund::<S, P>),
        )
        .with_state(payments)
}

fn unknown(order_id: &str) -> Problem {
    let shown: String = order_id.chars().take(64).collect();
    Problem::not_found(format!("the payment of order {shown}"))
}

async fn load<S: Store, P: Provider>(
    payments: &Payments<S, P>,
    order_id: &str,
) -> Result<Payment, Problem> {
    let id = OrderId::new(order_id).map_err(|_| unknown(order_id))?;
    read::<Payment, S>(&payments.store, &id)
        .await?
        .ok_or_else(|| unknown(order_id))
}

/// `GET /api/payments/{order_id}`, and a guest's: their own. Another's is as unknown as none.
async fn show<S: Store, P: Provider, W: Shopper<Arc<Payments<S, P>>>>(
    State(payments): State<Arc<Payments<S, P>>>,
    who: W,
    Path(order_id): Path<String>,
) -> Result<Json<PaymentView>, Problem> {
    let payment = load(&payments, &order_id).await?;
    if payment.customer_id == who.into_id() {
        Ok(Json(PaymentView::for_customer(&payment)))
    } else {
        Err(unknown(&order_id))
    }
}

/// `GET /api/operator/payments/{order_id}`: with the ledger.
async fn inspect<S: Store, P: Provider>(
    State(payments): State<Arc<Payments<S, P>>>,
    _: Operator,
    Path(order_id): Path<String>,
) -> Result<Json<PaymentView>, Problem> {
    Ok(Json(PaymentView::for_operator(
        &load(&payments, &order_id).await?,
    )))
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RefundWish")]
struct RefundBody {
    /// All that is left, where none is said.
    amount: Option<Money>,
}

/// `POST /api/operator/payments/{order_id}/refund`: the header `Idempotency-Key` is the wish. The refund is recorded,
/// then the provider called, then the result recorded. If the provider gives no answer, the refund stays recorded and
/// the sweep finishes it; the request, repeated, tells.
async fn refund<S: Store, P: Provider>(
    State(payments): State<Arc<Payments<S, P>>>,
    _: Operator,
    key: IdempotencyKey,
    RequestCause(cause): RequestCause,
    Path(order_id): Path<String>,
    Body(RefundBody { amount }): Body<RefundBody>,
) -> Result<Json<PaymentView>, Problem> {
    key.required()?;
    let id = OrderId::new(&order_id).map_err(|_| unknown(&order_id))?;
    let wish = cause.message_id.clone();
    let command = PaymentCommand::Refund {
        amount,
        wish: wish.clone(),
        now: cause.now,
    };
    let begun = execute::<Payment, S>(&payments.store, &id, &cause, Origin::Http, &command).await;
    let payment = begun
        .map_err(|error| refused(error, &order_id))?
        .state
        .ok_or_else(|| unknown(&order_id))?;
    let position = payment
        .refunds
        .iter()
        .position(|refund| refund.wish == wish);
    let position = position.ok_or_else(|| unknown(&order_id))?;
    let wished_before = Money::new(
        payment.refunds[position].amount_minor,
        payment_currency(&payment, &order_id)?,
    );
    if amount.is_some_and(|amount| amount != wished_before) {
        let detail = format!("the Idempotency-Key stands for a refund of {wished_before}");
        return Err(Problem::unprocessable("idempotency-key-reused", detail));
    }
    let number = u32::try_from(position + 1).unwrap_or(u32::MAX);
    let name = CallName {
        step: Step::Refund { number },
        attempt: payment.attempt,
    };
    let payment = match payment.call(name) {
        None => payment,
        Some(call) => {
            let reply = till::make(payments.provider.as_ref(), &payment, call, cause.now).await;
            let note = PaymentCommand::NoteReply {
                call: name,
                reply,
                now: cause.now,
            };
            let noting = Cause {
                message_id: note_id(&wish, &cause),
                request: None,
                ..cause
            };
            let noted =
                execute::<Payment, S>(&payments.store, &id, &noting, Origin::Http, &note).await;
            noted
                .map_err(|error| refused(error, &order_id))?
                .state
                .ok_or_else(|| unknown(&order_id))?
        }
    };
    match payment.refunds.get(position).map(|refund| &refund.outcome) {
        Some(RefundOutcome::Done) => Ok(Json(PaymentView::for_operator(&payment))),
        Some(RefundOutcome::Refused(code)) => Err(Problem::unprocessable(
            "refund-refused",
            format!("the payment provider refuses the refund: {code}"),
        )),
        Some(RefundOutcome::Pending) | None => Err(Problem::new(
            http::StatusCode::SERVICE_UNAVAILABLE,
            "refund-pending",
            "Try again later",
            "the refund is recorded and the payment provider gives no answer; it will be made, once, when it does",
        )),
    }
}

/// Another id for each try, so that a later one is not taken for a repeat of one that brought nothing.
fn note_id(wish: &MessageId, cause: &Cause) -> MessageId {
    MessageId::new(format!("{wish}:{}", cause.now.milliseconds()))
        .unwrap_or_else(|_| MessageId::generate())
}

fn payment_currency(payment: &Payment, order_id: &str) -> Result<money::Currency, Problem> {
    payment.currency().ok_or_else(|| unknown(order_id))
}

fn refused(error: ExecuteError<PaymentRejection>, order_id: &str) -> Problem {
    let rejection = match error {
        ExecuteError::Failed(failure) => return failure.into(),
        ExecuteError::Rejected(rejection) => rejection,
    };
    let detail = rejection.to_string();
    match rejection {
        PaymentRejection::Unknown => unknown(order_id),
        PaymentRejection::AmountNotPositive => Problem::field("amount.amount_minor", detail),
        PaymentRejection::CurrencyDiffers(_) => Problem::field("amount.currency", detail),
        PaymentRejection::ExceedsCaptured(_) => Problem::unprocessable("exceeds-captured", detail),
        PaymentRejection::NotCaptured => Problem::conflict("not-captured", detail),
        PaymentRejection::TooManyRefunds => Problem::conflict("too-many-refunds", detail),
        PaymentRejection::AmountDiffers
        | PaymentRejection::AttemptInProgress
        | PaymentRejection::AttemptOutOfRange
        | PaymentRejection::NotAuthorizedYet => Problem::conflict("payment-state", detail),
    }
}
