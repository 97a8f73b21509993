//! What was sold, by day and by product.
//!
//! Counted from the day's orders, each of which is one item, and never from messages: what comes twice is counted once. A
//! day that is over for [`SETTLED_AFTER_DAYS`] days is counted once and kept; what is heard of its orders after that, a late
//! cancellation or an order placed that day that was not heard of until then, is not in its figures any more.

mod settle;

use std::collections::{BTreeMap, BTreeSet};

use identifiers::{Sku, Timestamp};
use jiff::tz::TimeZone;
use money::Money;
use serde::{Deserialize, Serialize};
use store::{Cursor, Key, Store, StoreFailure, read_copy};

use crate::day::Day;
use crate::order::{Order, OrderStatus};
use crate::orders::page_of_day;

pub(crate) use settle::settle;

/// How many whole days must lie between a day and today before it is settled.
const SETTLED_AFTER_DAYS: i32 = 2;
/// The most SKUs that are told apart in a day's figures; what was sold of others is counted together, since a day's figures
/// are one item.
const MOST_SKUS: usize = 5_000;
/// How many orders are read at a time.
const PAGE: usize = 100;
/// The most orders that one request counts.
const MOST_COUNTED: usize = 2_000;
/// The most days that may be asked for.
pub(crate) const MAX_DAYS: usize = 31;

/// What was sold of a SKU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "(u64, u64)", into = "(u64, u64)")]
pub struct SkuSales {
    /// How many pieces.
    pub units: u64,
    /// In how many orders.
    pub orders: u64,
}

impl From<(u64, u64)> for SkuSales {
    fn from((units, orders): (u64, u64)) -> Self {
        Self { units, orders }
    }
}

impl From<SkuSales> for (u64, u64) {
    fn from(sales: SkuSales) -> Self {
        (sales.units, sales.orders)
    }
}

/// What was sold in a while.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sales {
    /// How many orders were placed.
    #[serde(rename = "o")]
    pub orders: u64,
    /// How many of them are off.
    #[serde(rename = "x")]
    pub cancelled: u64,
    /// How many pieces the others are of.
    #[serde(rename = "u")]
    pub units: u64,
    /// What the others are worth, tax and shipping included: an amount for each currency.
    #[serde(rename = "m")]
    pub revenue: Vec<Money>,
    /// What the others are of.
    #[serde(rename = "p")]
    pub products: BTreeMap<Sku, SkuSales>,
    /// Pieces of SKUs that are not told apart.
    #[serde(rename = "z")]
    pub other_units: u64,
}

impl Sales {
    /// Counts an order.
    pub fn count(&mut self, order: &Order) {
        self.orders += 1;
        if order.status() == Some(OrderStatus::Cancelled) {
            self.cancelled += 1;
            return;
        }
        self.units += order.unit_count();
        self.earn(order.placed().map(|placed| placed.total));
        for line in order.lines() {
            let sold = SkuSales {
                units: u64::from(line.quantity),
                orders: 1,
            };
            self.sell(&line.sku, sold);
        }
    }

    /// Adds what was sold in another while.
    pub fn add(&mut self, other: &Self) {
        self.orders += other.orders;
        self.cancelled += other.cancelled;
        self.units += other.units;
        self.other_units += other.other_units;
        self.earn(other.revenue.iter().copied());
        for (sku, sold) in &other.products {
            self.sell(sku, *sold);
        }
    }

    fn earn(&mut self, amounts: impl IntoIterator<Item = Money>) {
        for amount in amounts {
            let known = self
                .revenue
                .iter_mut()
                .find(|known| known.currency == amount.currency);
            match known {
                Some(known) => {
                    known.amount_minor = known.amount_minor.saturating_add(amount.amount_minor);
                }
                None => self.revenue.push(amount),
            }
        }
    }

    fn sell(&mut self, sku: &Sku, sold: SkuSales) {
        if self.products.len() >= MOST_SKUS && !self.products.contains_key(sku) {
            self.other_units += sold.units;
            return;
        }
        let known = self.products.entry(sku.clone()).or_default();
        known.units += sold.units;
        known.orders += sold.orders;
    }
}

/// A day's figures as they are kept, while it is being counted and after.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Kept {
    #[serde(rename = "s")]
    sales: Sales,
    /// Where to go on counting; none for a day that is settled.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    rest: Option<Rest>,
}

/// What is left to count of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Rest {
    All,
    After(String),
}

fn kept_key(day: Day) -> Key {
    Key::new(format!("sales#{}", day.month()), day.to_string())
}

/// The last day that may be settled.
fn last_settled(now: Timestamp, zone: &TimeZone) -> Day {
    Day::at(now, zone).plus(-1 - SETTLED_AFTER_DAYS)
}

/// A day's figures.
pub struct DaySales {
    /// Which day.
    pub day: Day,
    /// What was sold.
    pub sales: Sales,
    /// Whether all of its orders are counted.
    pub complete: bool,
    /// Whether the figures are kept, and do not change any more.
    pub settled: bool,
}

/// The figures of the days, the earliest first. Those that are not settled are counted now, the latest first, as far as one
/// request may count.
///
/// # Errors
/// When the store fails.
pub async fn of_days<S: Store>(
    store: &S,
    from: Day,
    to: Day,
) -> Result<Vec<DaySales>, StoreFailure> {
    let days: Vec<Day> = std::iter::successors(Some(from), |day| Some(day.after()))
        .take_while(|day| *day <= to)
        .take(MAX_DAYS)
        .collect();
    let keys: Vec<Key> = days.iter().map(|day| kept_key(*day)).collect();
    let mut settled = BTreeMap::new();
    for record in store.load_many(&keys).await? {
        let kept: Kept = read_copy(&record)?;
        if kept.rest.is_none() {
            settled.insert(record.key, kept.sales);
        }
    }
    let mut left = MOST_COUNTED;
    let mut figures = Vec::with_capacity(days.len());
    for day in days.into_iter().rev() {
        figures.push(match settled.remove(&kept_key(day)) {
            Some(sales) => DaySales {
                day,
                sales,
                complete: true,
                settled: true,
            },
            None => count(store, day, &mut left).await?,
        });
    }
    figures.reverse();
    Ok(figures)
}

async fn count<S: Store>(store: &S, day: Day, left: &mut usize) -> Result<DaySales, StoreFailure> {
    let mut sales = Sales::default();
    let mut after: Option<Cursor> = None;
    let complete = loop {
        if *left == 0 {
            break false;
        }
        let (orders, next) = page_of_day(store, day, PAGE.min(*left), after).await?;
        *left = left.saturating_sub(orders.len());
        for (_, order) in &orders {
            sales.count(order);
        }
        after = next;
        if after.is_none() {
            break true;
        }
    };
    Ok(DaySales {
        day,
        sales,
        complete,
        settled: false,
    })
}

/// The SKUs of which most was sold, the most first.
pub(crate) fn most_sold(sales: &Sales, limit: usize) -> Vec<(&Sku, SkuSales)> {
    let ranked: BTreeSet<_> = sales
        .products
        .iter()
        .map(|(sku, sold)| (std::cmp::Reverse(sold.units), sku, sold.orders))
        .collect();
    let first = ranked.into_iter().take(limit);
    first
        .map(|(std::cmp::Reverse(units), sku, orders)| (sku, SkuSales { units, orders }))
        .collect()
}
