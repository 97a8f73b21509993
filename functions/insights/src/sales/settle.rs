//! Settling days: counting each once, page by page, over as many ticks as it takes.

use identifiers::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use store::{CommitFailure, Consistency, Cursor, Key, Record, Store, StoreFailure};

use super::{Kept, PAGE, Rest, kept_key, last_settled};
use crate::day::Day;
use crate::orders::page_of_day;
use crate::store::{next_record, read_or, write_next};

/// How many pages one tick counts at most; the next goes on.
const PAGES_AT_ONCE: usize = 30;

/// Which day is to be settled next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Next {
    day: Day,
}

fn next_key() -> Key {
    Key::new("sales", "next")
}

/// Settles the days that are to be, as far as one tick may count, and tells how many.
///
/// Each page is counted in the same conditional write that says where to go on: a tick that dies, or two at once, count
/// nothing twice.
///
/// # Errors
/// When the store fails. What was counted stays counted.
pub(crate) async fn settle<S: Store>(
    store: &S,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<usize, StoreFailure> {
    let last = last_settled(now, zone);
    let mut pages = PAGES_AT_ONCE;
    let mut settled = 0;
    loop {
        let record = store.load(&next_key(), Consistency::Strong).await?;
        // A shop that has just begun has no earlier days.
        let Next { day } = read_or(record.as_ref(), || Next { day: last })?;
        if day > last || !settle_day(store, day, &mut pages).await? {
            return Ok(settled);
        }
        settled += 1;
        let next = Next { day: day.after() };
        if !write(store, next_key(), record.as_ref(), &next).await? {
            return Ok(settled);
        }
    }
}

/// Counts a day, as far as there are pages left; whether it is settled now.
async fn settle_day<S: Store>(
    store: &S,
    day: Day,
    pages: &mut usize,
) -> Result<bool, StoreFailure> {
    loop {
        let record = store.load(&kept_key(day), Consistency::Strong).await?;
        let begun = || Kept {
            rest: Some(Rest::All),
            ..Kept::default()
        };
        let mut kept: Kept = read_or(record.as_ref(), begun)?;
        let after = match &kept.rest {
            None => return Ok(true),
            Some(Rest::All) => None,
            Some(Rest::After(text)) => {
                Some(Cursor::from_text(text).map_err(|invalid| StoreFailure {
                    operation: "Query",
                    subject: kept_key(day).to_string(),
                    message: invalid.to_string(),
                    outcome_unknown: false,
                })?)
            }
        };
        if *pages == 0 {
            return Ok(false);
        }
        *pages -= 1;
        let (orders, next) = page_of_day(store, day, PAGE, after).await?;
        for (_, order) in &orders {
            kept.sales.count(order);
        }
        kept.rest = next.map(|cursor| Rest::After(cursor.to_text()));
        if !write(store, kept_key(day), record.as_ref(), &kept).await? {
            return Ok(false);
        }
    }
}

/// Writes what follows; not if another tick was first, which then goes on.
async fn write<S: Store, T: Serialize>(
    store: &S,
    key: Key,
    before: Option<&Record>,
    state: &T,
) -> Result<bool, StoreFailure> {
    let record = next_record(key, before, state);
    match write_next(store, &record).await {
        Ok(()) => Ok(true),
        Err(CommitFailure::Conflict) => Ok(false),
        Err(CommitFailure::Store(failure)) => Err(failure),
        Err(CommitFailure::TooLarge { bytes }) => Err(StoreFailure {
            operation: "PutItem",
            subject: record.key.to_string(),
            message: format!("the figures would have {bytes} bytes, over the limit of an item"),
            outcome_unknown: false,
        }),
    }
}
