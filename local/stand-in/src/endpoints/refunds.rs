//! `/v1/refunds` (<https://docs.stripe.com/api/refunds>).

use std::collections::BTreeMap;

use rusqlite::types::Value as SqlValue;
use serde_json::Value;

use crate::book::Book;
use crate::charge::Charge;
use crate::currency;
use crate::endpoints::page::Page;
use crate::endpoints::{Context, record};
use crate::form::Params;
use crate::intent::{Intent, Status};
use crate::metadata;
use crate::refund::Refund;
use crate::refusal::{Refusal, Stop};
use crate::render::{self, Expand};

pub(crate) fn create(
    book: &mut Book,
    context: &Context,
    mut params: Params,
    expand: Expand,
) -> Result<Value, Stop> {
    let intent_id = params.text("payment_intent")?;
    let charge_id = params.text("charge")?;
    let amount_minor = params.integer("amount")?;
    let reason = params.choice(
        "reason",
        &[
            ("duplicate", "duplicate"),
            ("fraudulent", "fraudulent"),
            ("requested_by_customer", "requested_by_customer"),
        ],
    )?;
    let mut metadata = BTreeMap::new();
    metadata::merge(&mut metadata, &mut params)?;
    params.finish()?;
    if amount_minor.is_some_and(|amount_minor| amount_minor < 1) {
        return Err(Refusal::parameter(
            "parameter_invalid_integer",
            "amount",
            "This value must be greater than or equal to 1.",
        )
        .into());
    }
    let mut intent = refunded_intent(book, intent_id, charge_id)?;
    let (charge_id, amount_minor) = check(&intent, amount_minor)?;
    let refund = Refund {
        id: book.new_id("re_"),
        created_seconds: context.now_ms / 1000,
        intent_id: intent.id.clone(),
        charge_id,
        amount_minor,
        currency: intent.currency.clone(),
        reason: reason.map(str::to_owned),
        metadata,
        release: false,
    };
    book.insert_refund(&refund)?;
    let step = intent.refund(amount_minor);
    book.update_intent(&intent, false)?;
    for happening in step.happenings {
        record(book, context, &intent, happening, Some(&refund))?;
    }
    Ok(render::refund(
        &refund,
        Some(&intent),
        expand,
        &context.base_url,
    ))
}

fn refunded_intent(
    book: &Book,
    intent_id: Option<String>,
    charge_id: Option<String>,
) -> Result<Intent, Stop> {
    match (intent_id, charge_id) {
        (Some(_), Some(_)) => Err(Refusal::parameter(
            "parameters_exclusive",
            "charge",
            "You may only pass one of charge and payment_intent.",
        )
        .into()),
        (Some(id), None) => Ok(book
            .intent(&id)?
            .ok_or_else(|| Refusal::no_such("payment_intent", &id, "payment_intent", false))?),
        (None, Some(id)) => {
            let no_such = || Refusal::no_such("charge", &id, "charge", false);
            let intent_id = Charge::intent_id_of(&id).ok_or_else(no_such)?;
            let intent = book.intent(&intent_id)?.ok_or_else(no_such)?;
            if intent.charges.iter().any(|charge| charge.id == id) { Ok(intent) } else { Err(no_such().into()) }
        }
        (None, None) => Err(Refusal::parameter(
            "parameter_missing",
            "payment_intent",
            "One of the following params should be provided for this request: payment_intent or charge.",
        )
        .into()),
    }
}

fn check(intent: &Intent, amount_minor: Option<i64>) -> Result<(String, i64), Refusal> {
    let charge = intent
        .approved_charge()
        .filter(|_| intent.status == Status::Succeeded)
        .ok_or_else(|| {
            Refusal::invalid_request(
                None,
                Some("payment_intent"),
                format!(
                    "This PaymentIntent ({}) does not have a successful charge to refund.",
                    intent.id
                ),
            )
        })?;
    let left_minor = charge.refundable_minor();
    if left_minor == 0 {
        return Err(Refusal::invalid_request(
            Some("charge_already_refunded"),
            None,
            format!("Charge {} has already been refunded.", charge.id),
        ));
    }
    let amount_minor = amount_minor.unwrap_or(left_minor);
    if amount_minor > left_minor {
        return Err(Refusal::invalid_request(
            None,
            Some("amount"),
            format!(
                "Refund amount ({}) is greater than unrefunded amount on charge ({})",
                currency::display(amount_minor, &intent.currency),
                currency::display(left_minor, &intent.currency)
            ),
        ));
    }
    Ok((charge.id.clone(), amount_minor))
}

pub(crate) fn retrieve(
    book: &mut Book,
    context: &Context,
    id: &str,
    params: Params,
    expand: Expand,
) -> Result<Value, Stop> {
    params.finish()?;
    let found = book.refunds_where("id = ?", &[SqlValue::Text(id.to_owned())])?;
    let refund = found
        .first()
        .ok_or_else(|| Refusal::no_such("refund", id, "id", true))?;
    show(book, context, refund, expand)
}

pub(crate) fn list(
    book: &mut Book,
    context: &Context,
    mut params: Params,
    expand: Expand,
) -> Result<Value, Stop> {
    let mut page = Page::parse(book, &mut params, "refunds", "refund")?;
    if let Some(intent_id) = params.text("payment_intent")? {
        page.and("intent_id = ?", SqlValue::Text(intent_id));
    }
    let charge_id = params.text("charge")?;
    if let Some(charge_id) = &charge_id {
        page.and(
            "intent_id = ?",
            SqlValue::Text(Charge::intent_id_of(charge_id).unwrap_or_default()),
        );
    }
    params.finish()?;
    let found = book.refunds_where(&page.sql(), &page.values)?;
    let shown = found
        .iter()
        .map(|refund| show(book, context, refund, expand))
        .collect::<Result<Vec<_>, Stop>>()?;
    Ok(page.list("/v1/refunds", shown))
}

fn show(book: &Book, context: &Context, refund: &Refund, expand: Expand) -> Result<Value, Stop> {
    let intent = if expand.payment_intent || expand.charge {
        book.intent(&refund.intent_id)?
    } else {
        None
    };
    Ok(render::refund(
        refund,
        intent.as_ref(),
        expand,
        &context.base_url,
    ))
}
