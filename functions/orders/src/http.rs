//! The routes of the orders context: a customer's own orders, and an operator's.

mod description;
mod returns;

use std::sync::Arc;

use ::http::StatusCode;
use ::store::{CommitFailure, Expected, Origin, Store};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use contracts::Cause;
use decider::{ExecuteError, Failure, Loaded, Step};
use door::{
    Body, Customer, Guest, IdempotencyKey, Operator, Parameters, Problem, RequestCause, Shopper,
};
use identifiers::{CorrelationId, CustomerId, MessageId, OrderId, Sku};
use serde::{Deserialize, Serialize};

use crate::Orders;
use crate::order::{CancellationReason, Order, OrderCommand, OrderRejection};
use crate::price;
use crate::quote::{Unquotable, Wish, order_id};
use crate::store::orders_of;
use crate::view::OrderView;

pub(crate) use description::description;

/// How many orders a page has, unless the client asks for fewer.
const PAGE: usize = 50;

type App<S> = State<Arc<Orders<S>>>;

pub(crate) fn router<S: Store + Clone>(orders: Arc<Orders<S>>) -> Router {
    Router::new()
        .route("/api/orders", post(place::<S>).get(list::<S>))
        .route("/api/orders/{order_id}", get(show::<S, Customer>))
        .route("/api/orders/{order_id}/cancel", post(cancel::<S, Customer>))
        .route(
            "/api/orders/{order_id}/returns",
            post(returns::request_return::<S, Customer>),
        )
        .route("/api/guest/orders/{order_id}", get(show::<S, Guest>))
        .route(
            "/api/guest/orders/{order_id}/cancel",
            post(cancel::<S, Guest>),
        )
        .route(
            "/api/guest/orders/{order_id}/returns",
            post(returns::request_return::<S, Guest>),
        )
        .route("/api/operator/orders/{order_id}", get(show_any::<S>))
        .route(
            "/api/operator/orders/{order_id}/cancel",
            post(cancel_any::<S>),
        )
        .with_state(orders)
}

async fn place<S: Store + Clone>(
    State(orders): App<S>,
    Customer(customer_id): Customer,
    key: IdempotencyKey,
    RequestCause(cause): RequestCause,
    Body(wish): Body<Wish>,
) -> Result<Response, Problem> {
    let order_id = order_id(&customer_id, &key.required()?);
    wish.check().map_err(refuse)?;
    let quoted = quote(&orders, &wish, &order_id, &customer_id, &cause).await?;
    let order = match quoted {
        Ok(order) => order,
        // A repeat must find its order even where prices have moved on since.
        Err(unquotable) => {
            return repeat(&orders, &order_id, &wish)
                .await?
                .ok_or_else(|| refuse(unquotable));
        }
    };
    let cause = Cause {
        message_id: message("place", &order_id),
        // The order's id is made of the key, and the order itself keeps what was wished.
        request: None,
        correlation_id: CorrelationId::from(&order_id),
        ..cause
    };
    // A new order is the usual case: it is written unseen, and only a conflict leads to a read.
    let unseen = Loaded::<Order>::from_record(&order_id, None).map_err(Failure::from)?;
    let step = unseen.step(&cause, Origin::Http, &OrderCommand::Place(Box::new(order)));
    let Step::Commit {
        record,
        state,
        events,
        ..
    } = step.map_err(problem)?
    else {
        return Err(Problem::conflict(
            "not-placed",
            "the order could not be placed",
        ));
    };
    match orders.store.commit(&record, Expected::Absent).await {
        Ok(()) => {
            decider::note_committed(&events);
            Ok((StatusCode::CREATED, axum::Json(OrderView::of(&state))).into_response())
        }
        Err(CommitFailure::Conflict) => again(&orders, &order_id, &wish).await,
        // It may have been written: the next read tells.
        Err(CommitFailure::Store(failure)) if failure.outcome_unknown => {
            again(&orders, &order_id, &wish).await
        }
        Err(CommitFailure::Store(failure)) => Err(failure.into()),
        Err(CommitFailure::TooLarge { bytes }) => Err(Failure::TooLarge {
            subject: order_id.to_string(),
            bytes,
        }
        .into()),
    }
}

async fn quote<S: Store + Clone>(
    orders: &Orders<S>,
    wish: &Wish,
    order_id: &OrderId,
    customer_id: &CustomerId,
    cause: &Cause,
) -> Result<Result<Order, Unquotable>, Problem> {
    let skus: Vec<Sku> = wish.quantities().into_keys().cloned().collect();
    let (prices, rate) = futures::try_join!(
        price::prices(&orders.store, &skus),
        price::rate(&orders.store, &wish.region)
    )?;
    let (order_id, customer_id) = (order_id.clone(), customer_id.clone());
    Ok(wish.quote(
        order_id,
        customer_id,
        &prices,
        rate.as_ref(),
        &orders.config,
        cause.now,
    ))
}

/// The answer to a repeat, if the order exists.
async fn repeat<S: Store + Clone>(
    orders: &Orders<S>,
    order_id: &OrderId,
    wish: &Wish,
) -> Result<Option<Response>, Problem> {
    match decider::read::<Order, _>(&orders.store, order_id).await? {
        None => Ok(None),
        Some(order) if order.request_digest == wish.digest() => {
            Ok(Some(axum::Json(OrderView::of(&order)).into_response()))
        }
        Some(_) => Err(problem(ExecuteError::Rejected(OrderRejection::KeyReused))),
    }
}

async fn again<S: Store + Clone>(
    orders: &Orders<S>,
    order_id: &OrderId,
    wish: &Wish,
) -> Result<Response, Problem> {
    let unwritten = || {
        let detail = "the order could not be written; send it again with the same key";
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "Try again later",
            detail,
        )
    };
    repeat(orders, order_id, wish).await?.ok_or_else(unwritten)
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Paging {
    /// The `next` of the page before.
    cursor: Option<String>,
    /// How many orders a page has at most; 50 if not said.
    #[schemars(range(min = 1, max = PAGE))]
    limit: Option<usize>,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "OrderPage")]
struct Listing<'a> {
    orders: Vec<OrderView<'a>>,
    next: Option<String>,
}

async fn list<S: Store + Clone>(
    State(orders): App<S>,
    Customer(customer_id): Customer,
    Parameters(paging): Parameters<Paging>,
) -> Result<Response, Problem> {
    let limit = paging.limit.unwrap_or(PAGE);
    if !(1..=PAGE).contains(&limit) {
        return Err(Problem::field("limit", format!("must be 1 to {PAGE}")));
    }
    let query = orders_of(&customer_id, limit).resume_at(paging.cursor.as_deref())?;
    let page = orders.store.query(&query).await?;
    let keys: Vec<_> = page.records.into_iter().map(|record| record.key).collect();
    let mut found = Vec::with_capacity(keys.len());
    for record in orders.store.load_many(&keys).await? {
        if let Some(order_id) = crate::store::order_id_of(&record.key) {
            found.extend(
                Loaded::<Order>::from_record(&order_id, Some(record))
                    .map_err(Failure::from)?
                    .into_state(),
            );
        }
    }
    // The partition is the caller's own; what is not theirs would not be shown even if it stood in it.
    found.retain(|order| order.customer_id == customer_id);
    found.sort_by(|one, other| {
        (other.placed_at, &other.order_id).cmp(&(one.placed_at, &one.order_id))
    });
    let listing = Listing {
        orders: found.iter().map(OrderView::of).collect(),
        next: page.next.map(|next| next.to_text()),
    };
    Ok(axum::Json(listing).into_response())
}

async fn show<S: Store + Clone, W: Shopper<Arc<Orders<S>>>>(
    State(orders): App<S>,
    who: W,
    Path(order_id): Path<String>,
) -> Result<Response, Problem> {
    let order = read(&orders, &order_id).await?;
    if order.customer_id != who.into_id() {
        return Err(unknown(&order_id));
    }
    Ok(axum::Json(OrderView::of(&order)).into_response())
}

async fn show_any<S: Store + Clone>(
    State(orders): App<S>,
    _: Operator,
    Path(order_id): Path<String>,
) -> Result<Response, Problem> {
    Ok(axum::Json(OrderView::of(&read(&orders, &order_id).await?)).into_response())
}

async fn cancel<S: Store + Clone, W: Shopper<Arc<Orders<S>>>>(
    State(orders): App<S>,
    who: W,
    Path(order_id): Path<String>,
    RequestCause(cause): RequestCause,
) -> Result<Response, Problem> {
    cancel_for(
        &orders,
        &order_id,
        Some(who.into_id()),
        CancellationReason::CustomerRequest,
        cause,
    )
    .await
}

async fn cancel_any<S: Store + Clone>(
    State(orders): App<S>,
    _: Operator,
    Path(order_id): Path<String>,
    RequestCause(cause): RequestCause,
) -> Result<Response, Problem> {
    cancel_for(
        &orders,
        &order_id,
        None,
        CancellationReason::OperatorRequest,
        cause,
    )
    .await
}

async fn cancel_for<S: Store + Clone>(
    orders: &Orders<S>,
    order_id: &str,
    customer_id: Option<CustomerId>,
    reason: CancellationReason,
    cause: Cause,
) -> Result<Response, Problem> {
    let id = OrderId::new(order_id).map_err(|_| unknown(order_id))?;
    let command = OrderCommand::Cancel {
        customer_id,
        reason,
        reply_by: orders.config.reply_by(cause.now),
    };
    change(orders, &id, cause, &command).await
}

/// Does the command about an order that should be there, and answers with the order as it then stands.
async fn change<S: Store>(
    orders: &Orders<S>,
    id: &OrderId,
    cause: Cause,
    command: &OrderCommand,
) -> Result<Response, Problem> {
    let cause = Cause {
        correlation_id: CorrelationId::from(id),
        ..cause
    };
    let outcome =
        decider::execute::<Order, _>(&orders.store, id, &cause, Origin::Http, command).await;
    let order = outcome
        .map_err(problem)?
        .state
        .ok_or_else(|| unknown(id.as_str()))?;
    Ok(axum::Json(OrderView::of(&order)).into_response())
}

async fn read<S: Store + Clone>(orders: &Orders<S>, order_id: &str) -> Result<Order, Problem> {
    let id = OrderId::new(order_id).map_err(|_| unknown(order_id))?;
    decider::read::<Order, _>(&orders.store, &id)
        .await?
        .ok_or_else(|| unknown(order_id))
}

/// The message id of something that can happen to an order once only.
fn message(what: &str, order_id: &OrderId) -> MessageId {
    MessageId::new(format!("{what}:{order_id}"))
        .expect("a word and an identifier make an identifier")
}

fn unknown(order_id: &str) -> Problem {
    let shown: String = order_id.chars().take(64).collect();
    Problem::not_found(format!("order {shown}"))
}

fn refuse(unquotable: Unquotable) -> Problem {
    match unquotable {
        Unquotable::Fields(errors) => Problem::fields(errors),
        Unquotable::Unsellable(errors) => {
            let detail: Vec<_> = errors
                .iter()
                .map(|error| format!("{}: {}", error.field, error.message))
                .collect();
            let mut problem = Problem::unprocessable("unsellable", detail.join("; "));
            problem.errors = errors;
            problem
        }
        Unquotable::TotalDiffers { total } => {
            let mut problem =
                Problem::unprocessable("total-differs", format!("the total is {total}"));
            let message = format!("the total is {total}");
            problem.errors.push(door::FieldProblem {
                field: "expected_total".to_owned(),
                message,
            });
            problem
        }
    }
}

fn problem(error: ExecuteError<OrderRejection>) -> Problem {
    match error {
        ExecuteError::Failed(failure) => failure.into(),
        ExecuteError::Rejected(rejection) => match rejection {
            OrderRejection::Unknown => Problem::not_found("the order"),
            OrderRejection::KeyReused => Problem::unprocessable(
                "idempotency-key-reused",
                "this Idempotency-Key was used for another request; send a new one for a new wish",
            ),
            OrderRejection::AlreadyDispatched => {
                Problem::conflict("already-dispatched", rejection.to_string())
            }
            OrderRejection::NotDelivered => {
                Problem::conflict("not-delivered", rejection.to_string())
            }
            OrderRejection::NotReturnable => {
                Problem::unprocessable("not-returnable", rejection.to_string())
            }
            OrderRejection::TooManyReturns => {
                Problem::conflict("too-many-returns", rejection.to_string())
            }
        },
    }
}
