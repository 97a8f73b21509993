//! What a person sees and does: the last payments, the bank's question (3-D Secure), and the till of a convenience store.
//! The same doors answer JSON to a program.

use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::book::{Book, BookError};
use crate::endpoints::{self, Context};
use crate::intent::{Intent, Status, Step};
use crate::ledger::{self, LedgerFilter};
use crate::refusal::{Refusal, Stop};
use crate::render::{self, Expand};
use crate::stand_in::StandIn;

const SHOWN: usize = 50;
const LEDGER_PAGE: usize = 100;
const LEDGER_PAGE_MAXIMUM: usize = 1_000;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem;color:#1b1b1b;\
background:#fff}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;\
border-bottom:1px solid #ccc;overflow-wrap:anywhere}td.amount,th.amount{text-align:right}.wide{overflow-x:auto}\
button{font:inherit;padding:.6rem 1.2rem;margin:.3rem .5rem .3rem 0;border:1px solid #1b1b1b;border-radius:.3rem;\
background:#fff;cursor:pointer}button.go{background:#14532d;color:#fff}form{display:inline}";

fn page(title: &str, content: &str) -> Html<String> {
    let title = escape(title);
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width,initial-scale=1\"><title>{title}</title><style>{STYLE}</style></head>\
         <body><main><h1>{title}</h1>{content}</main></body></html>"
    ))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

fn stopped(stop: Stop) -> Response {
    let refusal = match stop {
        Stop::Refused(refusal) => *refusal,
        Stop::Failed(error) => {
            tracing::error!(%error, "the payment stand-in could not show a page");
            Refusal::provider(500, error.to_string())
        }
    };
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, axum::Json(refusal.body())).into_response()
}

/// The last payments.
pub(crate) async fn overview(State(stand_in): State<StandIn>) -> Response {
    let found = stand_in
        .inner
        .clerk
        .run(|book: &mut Book| {
            book.intents_where(&format!("1 ORDER BY seq DESC LIMIT {SHOWN}"), &[])
        })
        .await;
    match found {
        Ok(found) => {
            let rows: String = found
                .iter()
                .map(|(_, intent)| overview_row(intent))
                .collect();
            let content = if rows.is_empty() {
                "<p>No payments yet.</p>".to_owned()
            } else {
                format!(
                    "<p>The last {SHOWN} at most, newest first. All of them as JSON: \
                     <a href=\"/stand-in/ledger\">ledger</a>.</p><div class=\"wide\"><table><thead><tr><th>Payment</th>\
                     <th>Order</th><th>Status</th><th class=\"amount\">Amount</th><th class=\"amount\">Captured</th>\
                     <th class=\"amount\">Refunded</th></tr></thead><tbody>{rows}</tbody></table></div>"
                )
            };
            page("Payment stand-in", &content).into_response()
        }
        Err(error) => stopped(error.into()),
    }
}

fn overview_row(intent: &Intent) -> String {
    let amount = |minor: i64| escape(&render::amount(minor, &intent.currency));
    let status = match (intent.status, &intent.method) {
        (Status::RequiresAction, Some(method)) => {
            let kind = if method.kind() == "konbini" {
                "konbini"
            } else {
                "actions"
            };
            format!(
                "<a href=\"/stand-in/{kind}/{}\">{}</a>",
                intent.id,
                intent.status.as_str()
            )
        }
        _ => intent.status.as_str().to_owned(),
    };
    format!(
        "<tr><td>{}</td><td>{}</td><td>{status}</td><td class=\"amount\">{}</td><td class=\"amount\">{}</td>\
         <td class=\"amount\">{}</td></tr>",
        intent.id,
        escape(intent.metadata.get("order_id").map_or("", String::as_str)),
        amount(intent.amount_minor),
        amount(intent.amount_received_minor()),
        amount(
            intent
                .approved_charge()
                .map_or(0, |charge| charge.amount_refunded_minor)
        ),
    )
}

#[derive(Deserialize)]
pub(crate) struct LedgerQuery {
    order_id: Option<String>,
    after: Option<String>,
    limit: Option<usize>,
}

/// The ledger as JSON, paged by `after`.
pub(crate) async fn ledger(
    State(stand_in): State<StandIn>,
    Query(query): Query<LedgerQuery>,
) -> Response {
    let limit = query
        .limit
        .unwrap_or(LEDGER_PAGE)
        .clamp(1, LEDGER_PAGE_MAXIMUM);
    let filter = LedgerFilter {
        order_id: query.order_id,
        after: query.after,
        limit: limit + 1,
    };
    let read = stand_in
        .inner
        .clerk
        .run(move |book: &mut Book| ledger::read(book, &filter))
        .await;
    match read {
        Ok(mut entries) => {
            let has_more = entries.len() > limit;
            entries.truncate(limit);
            let next = entries
                .last()
                .filter(|_| has_more)
                .map(|entry| entry.payment_intent.clone());
            axum::Json(json!({ "data": entries, "has_more": has_more, "after": next }))
                .into_response()
        }
        Err(error) => stopped(error.into()),
    }
}

async fn read_intent(stand_in: &StandIn, id: String) -> Result<Intent, Stop> {
    let context = stand_in.inner.context(None, String::new());
    stand_in
        .inner
        .clerk
        .run(move |book: &mut Book| -> Result<Intent, Stop> {
            endpoints::lapse_due(book, &context)?;
            find(book, &id)
        })
        .await
}

fn find(book: &Book, id: &str) -> Result<Intent, Stop> {
    book.intent(id)?
        .ok_or_else(|| Refusal::no_such("payment_intent", id, "intent", true).into())
}

/// The bank's question to the customer.
pub(crate) async fn action(State(stand_in): State<StandIn>, Path(id): Path<String>) -> Response {
    match read_intent(&stand_in, id).await {
        Ok(intent) => {
            let facts = format!(
                "<p>A payment of <strong>{}</strong>.</p>",
                escape(&render::amount(intent.amount_minor, &intent.currency))
            );
            let question = match intent.status {
                Status::RequiresAction | Status::Processing => format!(
                    "<p>Your bank asks you to confirm it.</p>\
                     <form method=\"post\" action=\"/stand-in/actions/{0}/succeed\"><button class=\"go\">Confirm</button></form>\
                     <form method=\"post\" action=\"/stand-in/actions/{0}/fail\"><button>Fail</button></form>",
                    intent.id
                ),
                Status::RequiresPaymentMethod
                | Status::RequiresConfirmation
                | Status::RequiresCapture
                | Status::Succeeded
                | Status::Canceled => nothing_to_do(&intent),
            };
            page("Confirm your payment", &(facts + &question)).into_response()
        }
        Err(stop) => stopped(stop),
    }
}

fn nothing_to_do(intent: &Intent) -> String {
    format!(
        "<p>There is nothing to do: the payment is <strong>{}</strong>.</p>",
        intent.status.as_str()
    )
}

/// The till of a convenience store.
pub(crate) async fn voucher(State(stand_in): State<StandIn>, Path(id): Path<String>) -> Response {
    match read_intent(&stand_in, id).await {
        Ok(intent) => {
            let amount = escape(&render::amount(intent.amount_minor, &intent.currency));
            let content = if intent.status == Status::RequiresAction {
                format!(
                    "<p>To pay in cash: <strong>{amount}</strong>.</p><form method=\"post\" \
                     action=\"/stand-in/konbini/{}/pay\"><button class=\"go\">Pay at the till</button></form>",
                    intent.id
                )
            } else {
                nothing_to_do(&intent)
            };
            page("Convenience store payment", &content).into_response()
        }
        Err(stop) => stopped(stop),
    }
}

/// The customer's answer to the bank: `succeed` or `fail`.
pub(crate) async fn act(
    State(stand_in): State<StandIn>,
    Path((id, outcome)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let passed = match outcome.as_str() {
        "succeed" => true,
        "fail" => false,
        _ => {
            let message =
                format!("Unrecognized request URL (POST: /stand-in/actions/{id}/{outcome}).");
            return stopped(Refusal::malformed(404, message).into());
        }
    };
    let result = change(&stand_in, id, move |intent, context| {
        intent.act(passed, context.now_ms)
    })
    .await;
    answer(&stand_in, result, &headers, "actions")
}

/// Cash on the counter.
pub(crate) async fn pay(
    State(stand_in): State<StandIn>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let result = change(&stand_in, id, |intent, context| {
        intent.pay_cash(context.now_ms)
    })
    .await;
    answer(&stand_in, result, &headers, "konbini")
}

async fn change(
    stand_in: &StandIn,
    id: String,
    verb: impl FnOnce(&mut Intent, &Context) -> Result<Step, Refusal> + Send + 'static,
) -> Result<Intent, Stop> {
    let context = stand_in.inner.context(None, String::new());
    let result = stand_in
        .inner
        .clerk
        .run(
            move |book: &mut Book| -> Result<Result<Intent, Refusal>, BookError> {
                endpoints::lapse_due(book, &context)?;
                let mut intent = match book.intent(&id)? {
                    Some(intent) => intent,
                    None => {
                        return Ok(Err(Refusal::no_such("payment_intent", &id, "intent", true)));
                    }
                };
                match verb(&mut intent, &context) {
                    Ok(step) => {
                        endpoints::book_step(book, &context, &intent, &step, false)?;
                        Ok(Ok(intent))
                    }
                    Err(refusal) => Ok(Err(refusal)),
                }
            },
        )
        .await?;
    stand_in.inner.mail_waiting.notify_one();
    Ok(result?)
}

/// A browser goes on to the shop, or back to the page; a program gets the intent.
fn answer(
    stand_in: &StandIn,
    result: Result<Intent, Stop>,
    headers: &HeaderMap,
    page: &str,
) -> Response {
    let intent = match result {
        Ok(intent) => intent,
        Err(stop) => return stopped(stop),
    };
    let browser = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if !browser {
        let shown: Value =
            render::intent(&intent, Expand::default(), &stand_in.inner.options.base_url);
        return axum::Json(shown).into_response();
    }
    match &intent.return_url {
        Some(return_url) => Redirect::to(&return_to(return_url, &intent)).into_response(),
        None => Redirect::to(&format!("/stand-in/{page}/{}", intent.id)).into_response(),
    }
}

/// The shop's address with the parameters that Stripe adds.
fn return_to(return_url: &str, intent: &Intent) -> String {
    let outcome = if intent.last_failure.is_some() {
        "failed"
    } else {
        "succeeded"
    };
    let separator = if return_url.contains('?') { '&' } else { '?' };
    format!(
        "{return_url}{separator}payment_intent={}&payment_intent_client_secret={}&redirect_status={outcome}",
        intent.id, intent.client_secret
    )
}
