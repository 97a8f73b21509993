//! Sales over HTTP.

use axum::Json;
use axum::extract::State;
use door::{Arrival, Operator, Parameters, Problem};
use identifiers::{Sku, Timestamp};
use money::Money;
use serde::{Deserialize, Serialize};
use store::Store;

use super::{MAX_LIMIT, limit};
use crate::Insights;
use crate::day::Day;
use crate::sales::{DaySales, MAX_DAYS, Sales, most_sold, of_days};
use crate::title::{Title, titles};

/// How many days are counted where none are named.
const DEFAULT_DAYS: i32 = 7;
const DEFAULT_LIMIT: usize = 20;

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DayParameters {
    /// The earliest day, in the shop's time zone; six days before the latest if not said.
    from: Option<Day>,
    /// The latest day; today if not said.
    to: Option<Day>,
}

/// What was sold on a day.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "DaySales")]
struct DayView {
    day: Day,
    /// How many orders were placed that day.
    orders: u64,
    /// How many of them are off.
    cancelled: u64,
    /// How many pieces the others are of.
    units: u64,
    /// What the others are worth, tax and shipping included: an amount for each currency.
    revenue: Vec<Money>,
    /// Whether all orders of the day are counted: one request counts so many.
    complete: bool,
    /// Whether the day is over for so long that its figures are kept and do not change any more.
    settled: bool,
}

impl DayView {
    fn of(figures: DaySales) -> Self {
        Self {
            day: figures.day,
            orders: figures.sales.orders,
            cancelled: figures.sales.cancelled,
            units: figures.sales.units,
            revenue: figures.sales.revenue,
            complete: figures.complete,
            settled: figures.settled,
        }
    }
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "Sales")]
pub(super) struct SalesView {
    /// Each day, the earliest first.
    days: Vec<DayView>,
}

async fn figures<S: Store + Clone>(
    insights: &Insights<S>,
    from: Option<Day>,
    to: Option<Day>,
    now: Timestamp,
) -> Result<Vec<DaySales>, Problem> {
    let to = to.unwrap_or_else(|| Day::at(now, &insights.config.time_zone));
    let from = from.unwrap_or_else(|| to.plus(1 - DEFAULT_DAYS));
    if !(1..=MAX_DAYS).contains(&from.count_to(to)) {
        let rule = format!(
            "must be the latest day, or up to {} days earlier",
            MAX_DAYS - 1
        );
        return Err(Problem::field("from", rule));
    }
    Ok(of_days(&insights.store, from, to).await?)
}

pub(super) async fn by_day<S: Store + Clone>(
    State(insights): State<Insights<S>>,
    _: Operator,
    Arrival(now): Arrival,
    Parameters(parameters): Parameters<DayParameters>,
) -> Result<Json<SalesView>, Problem> {
    let figures = figures(&insights, parameters.from, parameters.to, now).await?;
    let days = figures.into_iter().map(DayView::of).collect();
    Ok(Json(SalesView { days }))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProductParameters {
    /// The earliest day, in the shop's time zone; six days before the latest if not said.
    from: Option<Day>,
    /// The latest day; today if not said.
    to: Option<Day>,
    /// How many products at most; 20 if not said.
    #[schemars(range(min = 1, max = MAX_LIMIT))]
    limit: Option<usize>,
}

/// What was sold of a SKU.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "ProductSales")]
struct ProductView {
    sku: Sku,
    /// What it is called, by language; left out where catalog has not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<Title>,
    /// How many pieces.
    units: u64,
    /// In how many orders.
    orders: u64,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "ProductSalesList")]
pub(super) struct ProductsView {
    /// Those of which most was sold, the most first.
    products: Vec<ProductView>,
    /// How many pieces of all others.
    other_units: u64,
    /// Whether all orders of the days are counted: one request counts so many.
    complete: bool,
}

pub(super) async fn by_product<S: Store + Clone>(
    State(insights): State<Insights<S>>,
    _: Operator,
    Arrival(now): Arrival,
    Parameters(parameters): Parameters<ProductParameters>,
) -> Result<Json<ProductsView>, Problem> {
    let limit = limit(parameters.limit, DEFAULT_LIMIT)?;
    let figures = figures(&insights, parameters.from, parameters.to, now).await?;
    let mut all = Sales::default();
    for day in &figures {
        all.add(&day.sales);
    }
    let most = most_sold(&all, limit);
    let mut titles = titles(&insights.store, most.iter().map(|(sku, _)| *sku)).await?;
    let shown: u64 = most.iter().map(|(_, sold)| sold.units).sum();
    let products = most.into_iter().map(|(sku, sold)| ProductView {
        sku: sku.clone(),
        title: titles.remove(sku),
        units: sold.units,
        orders: sold.orders,
    });
    Ok(Json(ProductsView {
        products: products.collect(),
        other_units: all.units.saturating_sub(shown),
        complete: figures.iter().all(|day| day.complete),
    }))
}
