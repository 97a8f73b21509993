//! The HTTP routes. Those that read stand here.

mod changes;
mod description;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use decider::Loaded;
use door::{Operator, Parameters, Problem};
use identifiers::{OrderId, Sku};
use serde::Deserialize;
use store::{Consistency, Query, Store};

use crate::movement::{Movement, MovementId};
use crate::reservation::Reservation;
use crate::stock::Stock;
use crate::store::{MOVEMENTS, stock_key};
use crate::view::{AvailabilityView, MovementsView, ReservationView, StockView};
use changes::{adjust, receive, receive_many, threshold};

pub(crate) use description::description;

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

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    /// How many movements a page has at most; 50 if not said.
    #[schemars(range(min = 1, max = LONGEST_PAGE))]
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
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

async fn movements<S: Store>(
    State(store): State<Arc<S>>,
    _: Operator,
    Path(sku): Path<String>,
    Parameters(asked): Parameters<PageQuery>,
) -> Result<Json<MovementsView>, Problem> {
    let sku = read_sku(sku)?;
    let limit = asked.limit.unwrap_or(PAGE);
    if limit == 0 || limit > LONGEST_PAGE {
        return Err(Problem::field(
            "limit",
            format!("must be 1 to {LONGEST_PAGE}"),
        ));
    }
    let query = Query {
        descending: true,
        ..Query::of_index(MOVEMENTS, sku.to_string(), limit)
    };
    let query = query.resume_at(asked.cursor.as_deref())?;
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
