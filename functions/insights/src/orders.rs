//! The orders of some days, newest first, a page at a time.

use std::collections::BTreeMap;

use identifiers::{OrderId, Sku};
use store::{Cursor, InvalidCursor, Key, Query, Store, StoreFailure, read_copy};

use crate::day::Day;
use crate::order::{FulfilmentStatus, Order, OrderStatus, PaymentStatus};
use crate::store::{load_in_order, newest_first, order_id_of, orders_of};
use crate::title::{Title, titles};

/// How many pages of the index one request reads at most. A page may so come back short, or empty, with a cursor to go on
/// by.
const MAX_PAGES: usize = 8;
/// How many days one request looks at at most: most of a quiet shop's have no order.
const MAX_DAYS_AT_ONCE: usize = 40;
/// The most days that may be asked for.
pub(crate) const MAX_DAYS: usize = 366;

/// Which orders are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The earliest day.
    pub from: Day,
    /// The latest day.
    pub to: Day,
    /// How the order stands.
    pub status: Option<OrderStatus>,
    /// How its payment stands.
    pub payment_status: Option<PaymentStatus>,
    /// How far its parcels are.
    pub fulfilment_status: Option<FulfilmentStatus>,
    /// What its id, its customer's id, or one of its lines is called.
    pub text: Option<String>,
}

/// Where a page begins: in a day, after what the page before ended with there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    day: Day,
    after: Option<Cursor>,
}

impl Position {
    /// The beginning of a day, seen from its end.
    pub fn at(day: Day) -> Self {
        Self { day, after: None }
    }

    /// Reads what [`Position::to_text`] wrote, for a list of those days.
    ///
    /// # Errors
    /// When it did not, or the day is none of those.
    pub fn from_text(text: &str, wanted: &Wanted) -> Result<Self, InvalidCursor> {
        let (day, after) = match text.split_once('.') {
            Some((day, after)) => (day, Some(Cursor::from_text(after)?)),
            None => (text, None),
        };
        let day: Day = day.parse().map_err(|_| InvalidCursor)?;
        let position = Self { day, after };
        let is_of_list = (wanted.from..=wanted.to).contains(&day);
        match position.after.clone() {
            _ if !is_of_list => Err(InvalidCursor),
            Some(after) => question(day, 1).resume(after).map(|_| position),
            None => Ok(position),
        }
    }

    /// As a text for a client.
    pub fn to_text(&self) -> String {
        match &self.after {
            Some(after) => format!("{}.{}", self.day, after.to_text()),
            None => self.day.to_string(),
        }
    }
}

/// A page of orders.
pub struct Listed {
    /// The orders, newest first.
    pub orders: Vec<(OrderId, Order)>,
    /// Where to go on, if there may be more.
    pub next: Option<Position>,
}

fn question(day: Day, limit: usize) -> Query {
    newest_first(orders_of(day), limit)
}

/// A page of a day's orders, newest first.
pub(crate) async fn page_of_day<S: Store>(
    store: &S,
    day: Day,
    limit: usize,
    after: Option<Cursor>,
) -> Result<(Vec<(OrderId, Order)>, Option<Cursor>), StoreFailure> {
    let query = Query {
        after,
        ..question(day, limit)
    };
    let page = store.query(&query).await?;
    let keys: Vec<Key> = page.records.into_iter().map(|record| record.key).collect();
    let mut orders = Vec::with_capacity(keys.len());
    for record in load_in_order(store, &keys).await? {
        if let Some(order_id) = order_id_of(&record.key) {
            orders.push((order_id, read_copy(&record)?));
        }
    }
    Ok((orders, page.next))
}

/// The orders that are wanted, from a position on, at most so many.
///
/// # Errors
/// When the store fails.
pub async fn list<S: Store>(
    store: &S,
    wanted: &Wanted,
    limit: usize,
    from: Position,
) -> Result<Listed, StoreFailure> {
    let mut at = from;
    let mut orders = Vec::new();
    let (mut pages, mut days) = (0, 1);
    while pages < MAX_PAGES && days <= MAX_DAYS_AT_ONCE && orders.len() < limit {
        // As many as are still wanted: whatever matches fits, and the page's cursor is the listing's.
        let still = limit - orders.len();
        let (found, next) = page_of_day(store, at.day, still, at.after.take()).await?;
        // A day without an order is a cheap question.
        pages += usize::from(!found.is_empty());
        let names = match &wanted.text {
            Some(_) => titles(store, skus(&found)).await?,
            None => BTreeMap::new(),
        };
        orders.extend(
            found
                .into_iter()
                .filter(|(id, order)| wanted.holds(id, order, &names)),
        );
        if next.is_none() {
            if at.day <= wanted.from {
                return Ok(Listed { orders, next: None });
            }
            at.day = at.day.before();
            days += 1;
        }
        at.after = next;
    }
    Ok(Listed {
        orders,
        next: Some(at),
    })
}

fn skus(orders: &[(OrderId, Order)]) -> impl Iterator<Item = &Sku> {
    let lines = orders.iter().flat_map(|(_, order)| order.lines());
    lines.map(|line| &line.sku)
}

impl Wanted {
    fn holds(&self, order_id: &OrderId, order: &Order, titles: &BTreeMap<Sku, Title>) -> bool {
        self.status
            .is_none_or(|wanted| order.status() == Some(wanted))
            && self
                .payment_status
                .is_none_or(|wanted| order.payment_status() == wanted)
            && self
                .fulfilment_status
                .is_none_or(|wanted| order.fulfilment_status() == wanted)
            && self
                .text
                .as_deref()
                .is_none_or(|text| is_called(text, order_id, order, titles))
    }
}

/// Whether the order or its customer has an id that begins so, or a line's SKU or title has the text in it.
fn is_called(text: &str, order_id: &OrderId, order: &Order, titles: &BTreeMap<Sku, Title>) -> bool {
    let text = text.to_lowercase();
    let begins = |id: &str| id.to_lowercase().starts_with(&text);
    let has = |name: &str| name.to_lowercase().contains(&text);
    begins(order_id.as_str())
        || order.customer_id().is_some_and(|id| begins(id.as_str()))
        || order.lines().iter().any(|line| {
            let title = titles.get(&line.sku);
            has(line.sku.as_str()) || title.is_some_and(|title| title.values().any(|one| has(one)))
        })
}
