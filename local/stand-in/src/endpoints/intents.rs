//! `/v1/payment_intents` (<https://docs.stripe.com/api/payment_intents>).

use std::collections::BTreeMap;

use rusqlite::types::Value as SqlValue;
use serde_json::{Value, json};

use crate::book::Book;
use crate::endpoints::intent_params::{
    KONBINI_DEFAULT_DAYS, read_automatic_methods, read_common, read_confirmation, settle_method,
};
use crate::endpoints::page::{self, Page};
use crate::endpoints::{Context, book_happenings, book_step};
use crate::event::Happening;
use crate::form::Params;
use crate::intent::{CaptureMethod, Confirmation, Intent, Status, Step};
use crate::refusal::{Refusal, Stop};
use crate::render::{self, Expand};
use crate::{currency, metadata, search};

pub(crate) fn create(
    book: &mut Book,
    context: &Context,
    mut params: Params,
    expand: Expand,
) -> Result<Value, Stop> {
    let amount_minor = params
        .integer("amount")?
        .ok_or_else(|| Refusal::missing("amount"))?;
    let code = params
        .text("currency")?
        .ok_or_else(|| Refusal::missing("currency"))?;
    let id = book.new_id("pi_");
    let mut intent = Intent {
        client_secret: book.new_id(&format!("{id}_secret_")),
        id,
        created_seconds: context.now_ms / 1000,
        amount_minor,
        currency: currency::currency(&code)?,
        capture_method: CaptureMethod::Automatic,
        status: Status::RequiresPaymentMethod,
        method: None,
        method_types: Vec::new(),
        konbini_days: KONBINI_DEFAULT_DAYS,
        description: None,
        customer: params.text("customer")?,
        receipt_email: None,
        statement_descriptor: params.text("statement_descriptor")?,
        statement_descriptor_suffix: params.text("statement_descriptor_suffix")?,
        return_url: None,
        metadata: BTreeMap::new(),
        charges: Vec::new(),
        last_failure: None,
        cancellation_reason: None,
        canceled_at_seconds: None,
        due_ms: None,
    };
    currency::chargeable(intent.amount_minor, &intent.currency)?;
    read_automatic_methods(&mut intent, &mut params)?;
    read_common(&mut intent, &mut params)?;
    let confirm = params.flag("confirm")?.unwrap_or(false);
    let how = read_confirmation(&mut params)?;
    if !confirm && (how.off_session || how.error_on_requires_action) {
        let param = if how.off_session {
            "off_session"
        } else {
            "error_on_requires_action"
        };
        return Err(Refusal::parameter(
            "parameter_invalid",
            param,
            format!("The parameter {param} can only be passed when confirm=true."),
        )
        .into());
    }
    // The one flow there is: the server creates and confirms, or the server creates and confirms later.
    params.choice("confirmation_method", &[("automatic", ()), ("manual", ())])?;
    params.finish()?;
    settle_method(&mut intent)?;

    book.insert_intent(&intent, context.now_ms)?;
    book_happenings(
        book,
        context,
        &intent,
        &Step {
            happenings: vec![Happening::IntentCreated],
            ..Step::default()
        },
    )?;
    if confirm {
        attempt(book, context, intent, how, false, expand)
    } else {
        Ok(show(context, &intent, expand))
    }
}

pub(crate) fn confirm(
    book: &mut Book,
    context: &Context,
    id: &str,
    mut params: Params,
    expand: Expand,
) -> Result<Value, Stop> {
    let mut intent = find(book, id)?;
    let metadata_before = intent.metadata.clone();
    read_common(&mut intent, &mut params)?;
    let how = read_confirmation(&mut params)?;
    params.finish()?;
    settle_method(&mut intent)?;
    let metadata_changed = intent.metadata != metadata_before;
    attempt(book, context, intent, how, metadata_changed, expand)
}

/// Confirms, books what came of it, and turns a failed payment into the 402 that its caller gets.
fn attempt(
    book: &mut Book,
    context: &Context,
    mut intent: Intent,
    how: Confirmation,
    metadata_changed: bool,
    expand: Expand,
) -> Result<Value, Stop> {
    let method = intent.method.clone();
    let step = intent
        .confirm(how, context.now_ms)
        .map_err(|refusal| with_intent(refusal, context, &intent))?;
    book_step(book, context, &intent, &step, metadata_changed)?;
    match step.failure {
        None => Ok(show(context, &intent, expand)),
        Some(failure) => {
            let method =
                method.map(|method| render::payment_method(&method, intent.created_seconds));
            let charge = intent
                .latest_charge()
                .filter(|_| failure.leaves_charge())
                .map(|charge| charge.id.clone());
            let refusal =
                with_intent(failure.refusal(), context, &intent).with_attempt(method, charge);
            Err(refusal.into())
        }
    }
}

pub(crate) fn update(
    book: &mut Book,
    context: &Context,
    id: &str,
    mut params: Params,
    expand: Expand,
) -> Result<Value, Stop> {
    let mut intent = find(book, id)?;
    let metadata_before = intent.metadata.clone();
    if let Some(amount_minor) = params.integer("amount")? {
        if !matches!(
            intent.status,
            Status::RequiresPaymentMethod | Status::RequiresConfirmation
        ) {
            let refusal = Refusal::unexpected_state(format!(
                "This PaymentIntent's amount could not be updated because it has a status of {}. You may only update the \
                 amount of a PaymentIntent with one of the following statuses: requires_payment_method, \
                 requires_confirmation.",
                intent.status.as_str()
            ));
            return Err(with_intent(refusal, context, &intent).into());
        }
        currency::chargeable(amount_minor, &intent.currency)?;
        intent.amount_minor = amount_minor;
    }
    read_common(&mut intent, &mut params)?;
    params.finish()?;
    settle_method(&mut intent)?;
    let metadata_changed = intent.metadata != metadata_before;
    book_step(book, context, &intent, &Step::default(), metadata_changed)?;
    Ok(show(context, &intent, expand))
}

pub(crate) fn capture(
    book: &mut Book,
    context: &Context,
    id: &str,
    mut params: Params,
    expand: Expand,
) -> Result<Value, Stop> {
    let mut intent = find(book, id)?;
    let metadata_before = intent.metadata.clone();
    let amount_minor = params.integer("amount_to_capture")?;
    if amount_minor.is_some_and(|amount_minor| amount_minor < 1) {
        return Err(Refusal::parameter(
            "parameter_invalid_integer",
            "amount_to_capture",
            "This value must be greater than or equal to 1.",
        )
        .into());
    }
    if params.flag("final_capture")? == Some(false) {
        return Err(Refusal::parameter(
            "parameter_invalid",
            "final_capture",
            "Multicapture is not available: final_capture must be true.",
        )
        .into());
    }
    params.text("statement_descriptor_suffix")?;
    metadata::merge(&mut intent.metadata, &mut params)?;
    params.finish()?;
    let step = intent
        .capture(amount_minor)
        .map_err(|refusal| with_intent(refusal, context, &intent))?;
    let metadata_changed = intent.metadata != metadata_before;
    book_step(book, context, &intent, &step, metadata_changed)?;
    Ok(show(context, &intent, expand))
}

pub(crate) fn cancel(
    book: &mut Book,
    context: &Context,
    id: &str,
    mut params: Params,
    expand: Expand,
) -> Result<Value, Stop> {
    let mut intent = find(book, id)?;
    let reason = params.choice(
        "cancellation_reason",
        &[
            ("duplicate", "duplicate"),
            ("fraudulent", "fraudulent"),
            ("requested_by_customer", "requested_by_customer"),
            ("abandoned", "abandoned"),
        ],
    )?;
    params.finish()?;
    let step = intent
        .cancel(reason.map(str::to_owned), context.now_ms)
        .map_err(|refusal| with_intent(refusal, context, &intent))?;
    book_step(book, context, &intent, &step, false)?;
    Ok(show(context, &intent, expand))
}

pub(crate) fn retrieve(
    book: &mut Book,
    context: &Context,
    id: &str,
    mut params: Params,
    expand: Expand,
) -> Result<Value, Stop> {
    params.text("client_secret")?;
    params.finish()?;
    Ok(show(context, &find(book, id)?, expand))
}

pub(crate) fn list(
    book: &mut Book,
    context: &Context,
    mut params: Params,
    expand: Expand,
) -> Result<Value, Stop> {
    let mut page = Page::parse(book, &mut params, "intents", "payment_intent")?;
    page.created(&mut params)?;
    params.finish()?;
    let found = book.intents_where(&page.sql(), &page.values)?;
    let shown = found
        .iter()
        .map(|(_, intent)| show(context, intent, expand))
        .collect();
    Ok(page.list("/v1/payment_intents", shown))
}

pub(crate) fn search(
    book: &mut Book,
    context: &Context,
    mut params: Params,
    expand: Expand,
) -> Result<Value, Stop> {
    let query = params
        .text("query")?
        .ok_or_else(|| Refusal::missing("query"))?;
    let limit = page::limit(&mut params)?;
    let after = params.text("page")?;
    params.finish()?;
    let mut condition = search::parse(&query)?;
    // Stripe's index runs behind: a new intent is not found at once.
    condition.sql = format!("({}) AND created_ms <= ?", condition.sql);
    condition.values.push(SqlValue::Integer(
        context.now_ms.saturating_sub(context.search_lag_ms),
    ));
    if let Some(after) = after {
        let seq: i64 = after.parse().map_err(|_| {
            Refusal::parameter(
                "parameter_invalid",
                "page",
                format!("Invalid page: {after}"),
            )
        })?;
        condition.sql.push_str(" AND seq < ?");
        condition.values.push(SqlValue::Integer(seq));
    }
    condition
        .sql
        .push_str(&format!(" ORDER BY seq DESC LIMIT {}", limit + 1));
    let found = book.intents_where(&condition.sql, &condition.values)?;
    let has_more = found.len() > limit;
    let shown = &found[..found.len().min(limit)];
    let next_page = shown
        .last()
        .filter(|_| has_more)
        .map(|(seq, _)| seq.to_string());
    let data: Vec<Value> = shown
        .iter()
        .map(|(_, intent)| show(context, intent, expand))
        .collect();
    Ok(json!({
        "object": "search_result", "data": data, "has_more": has_more, "next_page": next_page,
        "url": "/v1/payment_intents/search",
    }))
}

fn find(book: &Book, id: &str) -> Result<Intent, Stop> {
    match book.intent(id)? {
        Some(intent) => Ok(intent),
        None => Err(Refusal::no_such("payment_intent", id, "intent", true).into()),
    }
}

pub(crate) fn show(context: &Context, intent: &Intent, expand: Expand) -> Value {
    render::intent(intent, expand, &context.base_url)
}

fn with_intent(refusal: Refusal, context: &Context, intent: &Intent) -> Refusal {
    refusal.with_intent(show(context, intent, Expand::default()))
}
