//! The HTTP routes.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as UrlQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use contracts::Cause;
use contracts::inventory::AdjustmentReason;
use decider::Loaded;
use door::{Body, FieldProblem, Operator, Problem, RequestCause};
use http::StatusCode;
use identifiers::{LocationId, MessageId, OrderId, Sku};
use serde::{Deserialize, Serialize};
use store::{Consistency, Cursor, Origin, Query, Store};

use crate::DEFAULT_LOCATION;
use crate::movement::{Movement, MovementId};
use crate::receive::{RecordError, record};
use crate::reservation::Reservation;
use crate::stock::Stock;
use crate::store::{MOVEMENTS, stock_key};
use crate::threshold::{ThresholdError, set_threshold};
use crate::view::{AvailabilityView, MovementsView, ReservationView, StockView};

/// The most that one movement can be of.
const MAX_QUANTITY: i64 = 1_000_000_000;
/// The most lines of one receipt.
const MAX_RECEIPT_LINES: usize = 1000;
/// The longest receipt id, in characters.
const MAX_RECEIPT_ID_CHARACTERS: usize = 64;
/// How many movements a page has, if nothing else is asked for, and at most.
const PAGE: usize = 50;
const LONGEST_PAGE: usize = 200;

pub(crate) fn router<S: Store + Clone>(store: S) -> Router {
    Router::new()
        .route("/api/stock/{sku}", get(availability::<S>))
        .route("/api/operator/stock/receive", post(receive_many::<S>))
        .route("/api/operator/stock/{sku}", get(stock::<S>))
        .route("/api/operator/stock/{sku}/receive", post(receive::<S>))
        .route("/api/operator/stock/{sku}/adjust", post(adjust::<S>))
        .route("/api/operator/stock/{sku}/threshold", post(threshold::<S>))
        .route("/api/operator/stock/{sku}/movements", get(movements::<S>))
        .route(
            "/api/operator/reservations/{order_id}",
            get(reservation::<S>),
        )
        .with_state(Arc::new(store))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReceiveMany {
    receipt_id: String,
    location_id: Option<LocationId>,
    lines: Vec<ReceiveLine>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReceiveLine {
    sku: Sku,
    quantity: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Receive {
    quantity: u32,
    location_id: Option<LocationId>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Adjust {
    by: i64,
    reason: AdjustmentReason,
    location_id: Option<LocationId>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Threshold {
    threshold: u32,
    location_id: Option<LocationId>,
}

#[derive(Debug, Deserialize)]
struct PageQuery {
    limit: Option<usize>,
    cursor: Option<String>,
}

#[derive(Debug, Serialize)]
struct ReceivedMany {
    received: usize,
    repeated: usize,
}

async fn availability<S: Store>(
    State(store): State<Arc<S>>,
    Path(sku): Path<String>,
) -> Result<Response, Problem> {
    let sku = read_sku(sku)?;
    let stock = load_stock(&*store, &sku, Consistency::Eventual).await?;
    Ok(Json(AvailabilityView::of(&sku, &stock)).into_response())
}

async fn stock<S: Store>(
    State(store): State<Arc<S>>,
    _: Operator,
    Path(sku): Path<String>,
) -> Result<Response, Problem> {
    stock_after(&*store, &read_sku(sku)?).await
}

async fn receive_many<S: Store>(
    State(store): State<Arc<S>>,
    _: Operator,
    RequestCause(cause): RequestCause,
    Body(body): Body<ReceiveMany>,
) -> Result<Json<ReceivedMany>, Problem> {
    let wish = format!("receipt:{}", body.receipt_id);
    let message_id = MessageId::new(&wish).ok().filter(|_| {
        body.receipt_id.len() <= MAX_RECEIPT_ID_CHARACTERS && !body.receipt_id.is_empty()
    });
    let Some(message_id) = message_id else {
        let allowed =
            format!("must be 1 to {MAX_RECEIPT_ID_CHARACTERS} characters of A-Z a-z 0-9 . _ - :");
        return Err(Problem::field("receipt_id", allowed));
    };
    check_lines(&body.lines)?;
    let location_id = location_or_default(body.location_id);
    let movements: Vec<_> = body
        .lines
        .into_iter()
        .map(|line| {
            let movement = Movement {
                sku: line.sku.clone(),
                location_id: location_id.clone(),
                by: line.quantity.into(),
                reason: AdjustmentReason::Received,
                moved_at: cause.now,
            };
            (MovementId::new(line.sku, &wish), movement)
        })
        .collect();
    // The receipt is the wish, whichever request brings it.
    let cause = Cause {
        message_id,
        ..cause
    };
    let recorded = record(&*store, &cause, Origin::Http, &movements)
        .await
        .map_err(refused)?;
    Ok(Json(ReceivedMany {
        received: recorded.recorded,
        repeated: recorded.repeated,
    }))
}

fn check_lines(lines: &[ReceiveLine]) -> Result<(), Problem> {
    if lines.is_empty() || lines.len() > MAX_RECEIPT_LINES {
        let message = format!(
            "there must be 1 to {MAX_RECEIPT_LINES} lines, and there are {}",
            lines.len()
        );
        return Err(Problem::field("lines", message));
    }
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for (position, line) in lines.iter().enumerate() {
        if let Err(message) = check_quantity(line.quantity.into()) {
            let field = format!("lines[{position}].quantity");
            problems.push(FieldProblem { field, message });
        }
        if !seen.insert(&line.sku) {
            let field = format!("lines[{position}].sku");
            problems.push(FieldProblem {
                field,
                message: "stands in an earlier line too".to_owned(),
            });
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Problem::fields(problems))
    }
}

async fn receive<S: Store>(
    State(store): State<Arc<S>>,
    _: Operator,
    Path(sku): Path<String>,
    RequestCause(cause): RequestCause,
    Body(body): Body<Receive>,
) -> Result<Response, Problem> {
    check_quantity(body.quantity.into()).map_err(|message| Problem::field("quantity", message))?;
    let movement = Movement {
        sku: read_sku(sku)?,
        location_id: location_or_default(body.location_id),
        by: body.quantity.into(),
        reason: AdjustmentReason::Received,
        moved_at: cause.now,
    };
    move_one(&*store, &cause, movement).await
}

async fn adjust<S: Store>(
    State(store): State<Arc<S>>,
    _: Operator,
    Path(sku): Path<String>,
    RequestCause(cause): RequestCause,
    Body(body): Body<Adjust>,
) -> Result<Response, Problem> {
    if body.by == 0 || body.by.unsigned_abs() > MAX_QUANTITY.unsigned_abs() {
        let message = format!("must be from -{MAX_QUANTITY} to {MAX_QUANTITY}, and not 0");
        return Err(Problem::field("by", message));
    }
    let movement = Movement {
        sku: read_sku(sku)?,
        location_id: location_or_default(body.location_id),
        by: body.by,
        reason: body.reason,
        moved_at: cause.now,
    };
    move_one(&*store, &cause, movement).await
}

async fn move_one<S: Store>(
    store: &S,
    cause: &Cause,
    movement: Movement,
) -> Result<Response, Problem> {
    let sku = movement.sku.clone();
    let id = MovementId::new(sku.clone(), cause.message_id.as_str());
    record(store, cause, Origin::Http, &[(id, movement)])
        .await
        .map_err(refused)?;
    stock_after(store, &sku).await
}

async fn threshold<S: Store>(
    State(store): State<Arc<S>>,
    _: Operator,
    Path(sku): Path<String>,
    RequestCause(cause): RequestCause,
    Body(body): Body<Threshold>,
) -> Result<Response, Problem> {
    let sku = read_sku(sku)?;
    let location_id = location_or_default(body.location_id);
    match set_threshold(&*store, &cause, &sku, &location_id, body.threshold).await {
        Ok(stock) => Ok(Json(StockView::of(&sku, &stock)).into_response()),
        Err(ThresholdError::NotThere { sku, location_id }) => Err(Problem::not_found(format!(
            "stock of {sku} at {location_id}"
        ))),
        Err(ThresholdError::Failed(failure)) => Err(failure.into()),
    }
}

async fn movements<S: Store>(
    State(store): State<Arc<S>>,
    _: Operator,
    Path(sku): Path<String>,
    query: Result<UrlQuery<PageQuery>, QueryRejection>,
) -> Result<Json<MovementsView>, Problem> {
    let sku = read_sku(sku)?;
    let UrlQuery(asked) = query.map_err(|rejection| Problem::bad_request(rejection.body_text()))?;
    let limit = asked.limit.unwrap_or(PAGE);
    if limit == 0 || limit > LONGEST_PAGE {
        return Err(Problem::field(
            "limit",
            format!("must be 1 to {LONGEST_PAGE}"),
        ));
    }
    let after = asked.cursor.as_deref().map(Cursor::from_text).transpose();
    let after = after.map_err(|error| Problem::field("cursor", error.to_string()))?;
    let query = Query {
        descending: true,
        after,
        ..Query::of_index(MOVEMENTS, sku.to_string(), limit)
    };
    let page = store.query(&query).await?;
    let mut movements = Vec::with_capacity(page.records.len());
    for record in page.records {
        let id = MovementId::new(sku.clone(), &record.key.sk);
        let ledger: Loaded<Movement> =
            Loaded::from_record(&id, Some(record)).map_err(decider::Failure::from)?;
        movements.extend(ledger.into_state().map(Into::into));
    }
    Ok(Json(MovementsView {
        movements,
        next: page.next.map(|cursor| cursor.to_text()),
    }))
}

async fn reservation<S: Store>(
    State(store): State<Arc<S>>,
    _: Operator,
    Path(order_id): Path<String>,
) -> Result<Response, Problem> {
    let unknown = || Problem::not_found("a reservation of that order");
    let order_id = OrderId::new(order_id).map_err(|_| unknown())?;
    let reservation = decider::read::<Reservation, S>(&store, &order_id).await?;
    let reservation = reservation.ok_or_else(unknown)?;
    Ok(Json(ReservationView::of(&order_id, &reservation)).into_response())
}

async fn stock_after<S: Store>(store: &S, sku: &Sku) -> Result<Response, Problem> {
    let stock = load_stock(store, sku, Consistency::Strong).await?;
    Ok(Json(StockView::of(sku, &stock)).into_response())
}

async fn load_stock<S: Store>(
    store: &S,
    sku: &Sku,
    consistency: Consistency,
) -> Result<Stock, Problem> {
    let item = store.load(&stock_key(sku), consistency).await?;
    let item = item.ok_or_else(|| Problem::not_found(format!("stock of {sku}")))?;
    Ok(Stock::from_record(&item))
}

fn read_sku(text: String) -> Result<Sku, Problem> {
    Sku::new(text).map_err(|error| Problem::field("sku", error.to_string()))
}

fn location_or_default(location_id: Option<LocationId>) -> LocationId {
    location_id.unwrap_or_else(|| LocationId::new(DEFAULT_LOCATION).expect("it is a location id"))
}

fn check_quantity(quantity: i64) -> Result<(), String> {
    if (1..=MAX_QUANTITY).contains(&quantity) {
        Ok(())
    } else {
        Err(format!("must be 1 to {MAX_QUANTITY}"))
    }
}

fn refused(error: RecordError) -> Problem {
    match error {
        RecordError::NotEnough { .. } => Problem::conflict("not-enough-stock", error.to_string()),
        RecordError::TooMany { .. } => Problem::unprocessable("too-much-stock", error.to_string()),
        RecordError::TooManyLocations { .. } => {
            Problem::unprocessable("too-many-locations", error.to_string())
        }
        RecordError::Reused { .. } => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency-key-reused",
            "The key belongs to another request",
            error.to_string(),
        ),
        RecordError::Failed(failure) => failure.into(),
    }
}
