//! Insights over HTTP: everything for operators, and for nobody else.

mod description;
mod failed;
mod failed_acts;
mod flow;
mod orders;
mod sales;
mod stock;

use axum::Router;
use axum::routing::{get, post};
use door::Problem;
use store::Store;

use crate::Insights;

pub(crate) use description::description;

/// The most that a page has.
const MAX_LIMIT: usize = 100;

/// Insights' routes.
pub(crate) fn router<S: Store + Clone>(insights: Insights<S>) -> Router {
    Router::new()
        .route("/api/operator/insights/orders", get(orders::list::<S>))
        .route(
            "/api/operator/insights/orders/{order_id}/timeline",
            get(orders::timeline::<S>),
        )
        .route("/api/operator/insights/sales", get(sales::by_day::<S>))
        .route(
            "/api/operator/insights/sales/products",
            get(sales::by_product::<S>),
        )
        .route(
            "/api/operator/insights/stock-warnings",
            get(stock::warnings::<S>),
        )
        .route("/api/operator/insights/flow", get(flow::edges::<S>))
        .route(
            "/api/operator/insights/flow/{edge}/events",
            get(flow::events::<S>),
        )
        .route(
            "/api/operator/insights/failed/queues",
            get(failed::queues::<S>),
        )
        .route(
            "/api/operator/insights/failed/queues/{queue}/messages",
            get(failed::messages::<S>),
        )
        .route(
            "/api/operator/insights/failed/queues/{queue}/redrive",
            post(failed_acts::redrive::<S>),
        )
        .route(
            "/api/operator/insights/failed/queues/{queue}/drop",
            post(failed_acts::give_up::<S>),
        )
        .route(
            "/api/operator/insights/failed/acts",
            get(failed_acts::acts::<S>),
        )
        .with_state(insights)
}

/// How many are wanted, from 1 to [`MAX_LIMIT`].
fn limit(wanted: Option<usize>, default: usize) -> Result<usize, Problem> {
    let limit = wanted.unwrap_or(default);
    if (1..=MAX_LIMIT).contains(&limit) {
        Ok(limit)
    } else {
        Err(Problem::field("limit", format!("must be 1 to {MAX_LIMIT}")))
    }
}
