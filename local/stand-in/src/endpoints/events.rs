//! `/v1/events` (<https://docs.stripe.com/api/events>).

use rusqlite::types::Value as SqlValue;
use serde_json::{Value, json};

use crate::book::Book;
use crate::endpoints::page::Page;
use crate::form::Params;
use crate::refusal::{Refusal, Stop};

pub(crate) fn retrieve(book: &mut Book, id: &str, params: Params) -> Result<Value, Stop> {
    params.finish()?;
    let found = book.events_where("id = ?", &[SqlValue::Text(id.to_owned())])?;
    match found.first() {
        Some((body, waiting)) => show(body, *waiting),
        None => Err(Refusal::no_such("event", id, "id", true).into()),
    }
}

pub(crate) fn list(book: &mut Book, mut params: Params) -> Result<Value, Stop> {
    let mut page = Page::parse(book, &mut params, "events", "event")?;
    page.created(&mut params)?;
    if let Some(event_type) = params.text("type")? {
        // Stripe takes `charge.*` for all of an object's.
        match event_type.strip_suffix('*') {
            Some(prefix) => page.and("instr(type, ?) = 1", SqlValue::Text(prefix.to_owned())),
            None => page.and("type = ?", SqlValue::Text(event_type)),
        }
    }
    params.finish()?;
    let found = book.events_where(&page.sql(), &page.values)?;
    let shown = found
        .iter()
        .map(|(body, waiting)| show(body, *waiting))
        .collect::<Result<Vec<_>, Stop>>()?;
    Ok(page.list("/v1/events", shown))
}

fn show(body: &str, waiting: i64) -> Result<Value, Stop> {
    let mut event: Value = serde_json::from_str(body).map_err(crate::book::BookError::from)?;
    event["pending_webhooks"] = json!(waiting);
    Ok(event)
}
