//! Warnings of low stock over HTTP.

use axum::Json;
use axum::extract::State;
use door::{Operator, Parameters, Problem};
use identifiers::{LocationId, Sku, Timestamp};
use serde::{Deserialize, Serialize};
use store::Store;

use super::{MAX_LIMIT, limit};
use crate::Insights;
use crate::stock::{self, Stock};
use crate::store::{WARNINGS, newest_first};
use crate::title::{Title, titles};

const DEFAULT_LIMIT: usize = 50;

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ListParameters {
    /// How many warnings a page has at most; 50 if not said.
    #[schemars(range(min = 1, max = MAX_LIMIT))]
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// That a SKU was low, and that nothing was booked since to make up for it.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "StockWarning")]
struct WarningView {
    sku: Sku,
    /// What it is called, by language; left out where catalog has not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<Title>,
    location_id: LocationId,
    /// How many could be sold when it was noticed.
    available: u32,
    /// The level that it fell to or below.
    threshold: u32,
    noticed_at: Timestamp,
    /// What was received, counted or lost since, in all: what is sold is not in it.
    adjusted_by: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    adjusted_at: Option<Timestamp>,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "StockWarningPage")]
pub(super) struct ListView {
    /// The newest first.
    warnings: Vec<WarningView>,
    /// Where to go on, if there may be more.
    next: Option<String>,
}

pub(super) async fn warnings<S: Store + Clone>(
    State(insights): State<Insights<S>>,
    _: Operator,
    Parameters(parameters): Parameters<ListParameters>,
) -> Result<Json<ListView>, Problem> {
    let limit = limit(parameters.limit, DEFAULT_LIMIT)?;
    let query = newest_first(WARNINGS, limit).resume_at(parameters.cursor.as_deref())?;
    let listed = stock::list(&insights.store, &query).await?;
    let skus = listed.stocks.iter().map(|stock| &stock.sku);
    let titles = titles(&insights.store, skus).await?;
    let view = |stock: &Stock| {
        let warning = stock.warning()?;
        Some(WarningView {
            sku: stock.sku.clone(),
            title: titles.get(&stock.sku).cloned(),
            location_id: stock.location_id.clone(),
            available: warning.available,
            threshold: warning.threshold,
            noticed_at: warning.at,
            adjusted_by: stock.booked_since(),
            adjusted_at: stock.booked_at(),
        })
    };
    Ok(Json(ListView {
        warnings: listed.stocks.iter().filter_map(view).collect(),
        next: listed.next.map(|cursor| cursor.to_text()),
    }))
}
