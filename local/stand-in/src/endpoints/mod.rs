//! The API's endpoints, one module per resource, and how a step of an intent is booked together with its events.

mod charges;
mod events;
mod intent_params;
pub(crate) mod intents;
mod page;
mod refunds;

use serde_json::Value;

use crate::book::{Book, BookError};
use crate::event::Happening;
use crate::form::Params;
use crate::intent::{Intent, Step};
use crate::refund::Refund;
use crate::refusal::{Refusal, Stop};
use crate::render::{self, API_VERSION, Expand};

/// What an endpoint needs to know beside its parameters.
pub(crate) struct Context {
    pub now_ms: i64,
    pub base_url: String,
    pub search_lag_ms: i64,
    pub idempotency_key: Option<String>,
    pub request_id: String,
}

/// Finds the endpoint and runs it.
pub(crate) fn perform(
    book: &mut Book,
    context: &Context,
    method: &str,
    path: &str,
    mut params: Params,
) -> Result<Value, Stop> {
    let segments: Vec<&str> = path.trim_start_matches("/v1/").split('/').collect();
    let in_list = matches!(
        segments.as_slice(),
        ["payment_intents" | "refunds" | "charges"] | ["payment_intents", "search"]
    ) && method == "GET";
    let expand = Expand::parse(&params.list("expand")?, in_list)?;
    match (method, segments.as_slice()) {
        ("POST", ["payment_intents"]) => intents::create(book, context, params, expand),
        ("GET", ["payment_intents"]) => intents::list(book, context, params, expand),
        ("GET", ["payment_intents", "search"]) => intents::search(book, context, params, expand),
        ("GET", ["payment_intents", id]) => intents::retrieve(book, context, id, params, expand),
        ("POST", ["payment_intents", id]) => intents::update(book, context, id, params, expand),
        ("POST", ["payment_intents", id, "confirm"]) => {
            intents::confirm(book, context, id, params, expand)
        }
        ("POST", ["payment_intents", id, "capture"]) => {
            intents::capture(book, context, id, params, expand)
        }
        ("POST", ["payment_intents", id, "cancel"]) => {
            intents::cancel(book, context, id, params, expand)
        }
        ("POST", ["refunds"]) => refunds::create(book, context, params, expand),
        ("GET", ["refunds"]) => refunds::list(book, context, params, expand),
        ("GET", ["refunds", id]) => refunds::retrieve(book, context, id, params, expand),
        ("GET", ["charges"]) => charges::list(book, params),
        ("GET", ["charges", id]) => charges::retrieve(book, id, params),
        ("GET", ["events"]) => events::list(book, params),
        ("GET", ["events", id]) => events::retrieve(book, id, params),
        _ => Err(
            Refusal::malformed(404, format!("Unrecognized request URL ({method}: {path}).")).into(),
        ),
    }
}

/// Lets everything lapse whose time has come.
pub(crate) fn lapse_due(book: &mut Book, context: &Context) -> Result<(), BookError> {
    loop {
        let due = book.intents_where(
            "due_ms <= ? ORDER BY due_ms LIMIT 256",
            &[rusqlite::types::Value::Integer(context.now_ms)],
        )?;
        if due.is_empty() {
            return Ok(());
        }
        for (_, mut intent) in due {
            let step = intent.lapse(context.now_ms).unwrap_or_default();
            // Whatever the state made of it, the deadline itself is over.
            intent.due_ms = intent.due_ms.filter(|due_ms| *due_ms > context.now_ms);
            book_step(book, context, &intent, &step, false)?;
        }
    }
}

/// Writes an intent back after a step, with the refund that a release is to Stripe, and the step's events.
pub(crate) fn book_step(
    book: &mut Book,
    context: &Context,
    intent: &Intent,
    step: &Step,
    metadata_changed: bool,
) -> Result<(), BookError> {
    book.update_intent(intent, metadata_changed)?;
    book_happenings(book, context, intent, step)
}

pub(crate) fn book_happenings(
    book: &mut Book,
    context: &Context,
    intent: &Intent,
    step: &Step,
) -> Result<(), BookError> {
    let mut release = None;
    if let (Some(amount_minor), Some(charge)) = (step.released_minor, intent.approved_charge()) {
        let refund = Refund {
            id: book.new_id("re_"),
            created_seconds: context.now_ms / 1000,
            intent_id: intent.id.clone(),
            charge_id: charge.id.clone(),
            amount_minor,
            currency: intent.currency.clone(),
            reason: None,
            metadata: Default::default(),
            release: true,
        };
        book.insert_refund(&refund)?;
        release = Some(refund);
    }
    for happening in &step.happenings {
        record(book, context, intent, *happening, release.as_ref())?;
    }
    Ok(())
}

/// Records one event with the object as it is now.
pub(crate) fn record(
    book: &mut Book,
    context: &Context,
    intent: &Intent,
    happening: Happening,
    refund: Option<&Refund>,
) -> Result<(), BookError> {
    let object = match happening {
        Happening::IntentCreated
        | Happening::RequiresAction
        | Happening::Processing
        | Happening::CapturableUpdated
        | Happening::IntentSucceeded
        | Happening::PaymentFailed
        | Happening::IntentCanceled => render::intent(intent, Expand::default(), &context.base_url),
        Happening::ChargeSucceeded
        | Happening::ChargeFailed
        | Happening::ChargeCaptured
        | Happening::ChargeExpired
        | Happening::ChargeRefunded => match intent.latest_charge() {
            Some(charge) => render::charge(charge, intent),
            None => return Ok(()),
        },
        Happening::RefundCreated => match refund {
            Some(refund) => render::refund(refund, None, Expand::default(), &context.base_url),
            None => return Ok(()),
        },
    };
    let id = book.new_id("evt_");
    let event_type = happening.event_type();
    let request_id = (!context.request_id.is_empty()).then_some(&context.request_id);
    let body = serde_json::to_string(&serde_json::json!({
        "id": id,
        "object": "event",
        "api_version": API_VERSION,
        "created": context.now_ms / 1000,
        "data": { "object": object },
        "livemode": false,
        "pending_webhooks": i32::from(book.sends(event_type)),
        "request": { "id": request_id, "idempotency_key": context.idempotency_key },
        "type": event_type,
    }))?;
    book.insert_event(&id, event_type, &body, context.now_ms)
}
