//! Warnings of low stock, and what was booked since.
//!
//! The fold is pure. What inventory says of a SKU comes from different aggregates, whose versions do not compare: here the time of
//! an event orders them. A warning is over when what was booked since it makes up for it; what is sold meanwhile is said in
//! another warning, or not at all.

use contracts::CloudEvent;
use contracts::inventory::{LowStock, StockAdjusted};
use identifiers::{LocationId, MessageId, Sku, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Cursor, Key, Query, Store, StoreFailure, read_copy};

use crate::store::load_in_order;

/// The most bookings that are kept of a SKU; of more, the earliest are forgotten.
const MOST_BOOKINGS: usize = 20;

/// What was said of a SKU's stock at a location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockNews {
    /// What.
    pub sku: Sku,
    /// Where.
    pub location_id: LocationId,
    /// When.
    at: Timestamp,
    event_id: MessageId,
    said: Said,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    Low { available: u32, threshold: u32 },
    Booked { by: i64 },
}

impl StockNews {
    /// That it is low.
    pub fn low(event: &CloudEvent, said: &LowStock) -> Self {
        Self {
            sku: said.sku.clone(),
            location_id: said.location_id.clone(),
            at: event.time,
            event_id: event.id.clone(),
            said: Said::Low {
                available: said.available,
                threshold: said.threshold,
            },
        }
    }

    /// That more or less of it is there than before, by no order.
    pub fn adjusted(event: &CloudEvent, said: &StockAdjusted) -> Self {
        Self {
            sku: said.sku.clone(),
            location_id: said.location_id.clone(),
            at: event.time,
            event_id: event.id.clone(),
            said: Said::Booked { by: said.by },
        }
    }
}

/// The last warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// When stock was noticed to be low.
    #[serde(rename = "t")]
    pub at: Timestamp,
    #[serde(rename = "i")]
    event_id: MessageId,
    /// How many could be sold then.
    #[serde(rename = "n")]
    pub available: u32,
    /// The level that it fell below.
    #[serde(rename = "l")]
    pub threshold: u32,
}

/// A SKU's stock at a location, as far as was warned of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    /// What.
    #[serde(rename = "s")]
    pub sku: Sku,
    /// Where.
    #[serde(rename = "o")]
    pub location_id: LocationId,
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    warning: Option<Warning>,
    /// Bookings by time and event, the earliest first.
    #[serde(rename = "b", default, skip_serializing_if = "Vec::is_empty")]
    bookings: Vec<(Timestamp, MessageId, i64)>,
}

impl Stock {
    /// Of which nothing was heard yet.
    pub fn new(sku: Sku, location_id: LocationId) -> Self {
        Self {
            sku,
            location_id,
            warning: None,
            bookings: Vec::new(),
        }
    }

    /// Takes in what was said.
    pub fn hear(&mut self, news: &StockNews) {
        let place = (news.at, &news.event_id);
        match news.said {
            Said::Low {
                available,
                threshold,
            } => {
                let is_newer = |known: &Warning| (known.at, &known.event_id) < place;
                if self.warning.as_ref().is_none_or(is_newer) {
                    self.warning = Some(Warning {
                        at: news.at,
                        event_id: news.event_id.clone(),
                        available,
                        threshold,
                    });
                }
            }
            Said::Booked { by } => {
                let found = self
                    .bookings
                    .binary_search_by(|(at, id, _)| (*at, id).cmp(&place));
                if let Err(position) = found {
                    let booking = (news.at, news.event_id.clone(), by);
                    self.bookings.insert(position, booking);
                }
            }
        }
        if let Some(warning) = &self.warning {
            self.bookings.retain(|(at, ..)| *at >= warning.at);
        }
        let forgotten = self.bookings.len().saturating_sub(MOST_BOOKINGS);
        self.bookings.drain(..forgotten);
    }

    /// The warning that stands, if what was booked since does not make up for it.
    pub fn warning(&self) -> Option<&Warning> {
        let warning = self.warning.as_ref()?;
        let there = i64::from(warning.available).saturating_add(self.booked_since());
        (there <= i64::from(warning.threshold)).then_some(warning)
    }

    /// What was booked since the warning.
    pub fn booked_since(&self) -> i64 {
        let booked = self.bookings.iter().map(|(_, _, by)| *by);
        booked.fold(0, i64::saturating_add)
    }

    /// When something was booked last, since the warning.
    pub fn booked_at(&self) -> Option<Timestamp> {
        self.bookings.last().map(|(at, ..)| *at)
    }
}

/// A page of what is warned of, the newest warning first.
pub struct Listed {
    /// What is low.
    pub stocks: Vec<Stock>,
    /// Where to go on, if there may be more.
    pub next: Option<Cursor>,
}

/// Reads the page that the question asks for.
///
/// # Errors
/// When the store fails.
pub(crate) async fn list<S: Store>(store: &S, query: &Query) -> Result<Listed, StoreFailure> {
    let page = store.query(query).await?;
    let keys: Vec<Key> = page.records.into_iter().map(|record| record.key).collect();
    let mut stocks: Vec<Stock> = Vec::with_capacity(keys.len());
    for record in load_in_order(store, &keys).await? {
        stocks.push(read_copy(&record)?);
    }
    // The index may lag behind the items.
    stocks.retain(|stock| stock.warning().is_some());
    let next = page.next;
    Ok(Listed { stocks, next })
}
