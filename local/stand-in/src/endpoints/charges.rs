//! `/v1/charges`, to read only: charges are made by confirming intents (<https://docs.stripe.com/api/charges>).

use rusqlite::types::Value as SqlValue;
use serde_json::{Value, json};

use crate::book::Book;
use crate::charge::Charge;
use crate::endpoints::page;
use crate::form::Params;
use crate::refusal::{Refusal, Stop};
use crate::render;

pub(crate) fn retrieve(book: &mut Book, id: &str, params: Params) -> Result<Value, Stop> {
    params.finish()?;
    let intent = match Charge::intent_id_of(id) {
        Some(intent_id) => book.intent(&intent_id)?,
        None => None,
    };
    let shown = intent.and_then(|intent| {
        intent
            .charges
            .iter()
            .find(|charge| charge.id == id)
            .map(|charge| render::charge(charge, &intent))
    });
    shown.ok_or_else(|| Refusal::no_such("charge", id, "id", true).into())
}

/// The charges of one intent, newest first; a list over all intents is not offered.
pub(crate) fn list(book: &mut Book, mut params: Params) -> Result<Value, Stop> {
    let intent_id = params
        .text("payment_intent")?
        .ok_or_else(|| Refusal::missing("payment_intent"))?;
    let limit = page::limit(&mut params)?;
    params.finish()?;
    let found = book.intents_where("id = ?", &[SqlValue::Text(intent_id)])?;
    let mut shown: Vec<Value> = found
        .iter()
        .flat_map(|(_, intent)| {
            intent
                .charges
                .iter()
                .rev()
                .map(|charge| render::charge(charge, intent))
        })
        .collect();
    let has_more = shown.len() > limit;
    shown.truncate(limit);
    Ok(json!({ "object": "list", "data": shown, "has_more": has_more, "url": "/v1/charges" }))
}
