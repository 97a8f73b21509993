//! The door of the v1 API: authentication, idempotency keys, faults, and Stripe's headers around an endpoint's answer.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{any, get, post};
use base64::Engine;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use rand::RngExt;

use crate::book::{Book, StoredAnswer};
use crate::endpoints::{self, Context};
use crate::fault::{RequestSummary, Verdict};
use crate::form::Params;
use crate::idempotency;
use crate::outage;
use crate::pages;
use crate::refusal::{Refusal, Stop};
use crate::render::API_VERSION;
use crate::stand_in::{Inner, KEY_LIFE_MS, StandIn};

/// Far above any request of this API.
const MAXIMUM_BODY_BYTES: usize = 256 * 1024;

/// An answer before it becomes an HTTP response.
struct Answer {
    status: u16,
    body: String,
    replayed: bool,
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        Self {
            status: refusal.status,
            body: refusal.body().to_string(),
            replayed: false,
        }
    }
}

/// A request that passed authentication.
struct Call {
    method: Method,
    path: String,
    params: Params,
    idempotency_key: Option<String>,
}

impl StandIn {
    /// The API under `/v1` and the pages under `/stand-in`.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/v1/{*path}", any(answer))
            .route("/stand-in", get(pages::overview))
            .route("/stand-in/ledger", get(pages::ledger))
            .route("/stand-in/outage/{manner}", post(outage::switch))
            .route("/stand-in/actions/{intent}", get(pages::action))
            .route("/stand-in/actions/{intent}/{outcome}", post(pages::act))
            .route("/stand-in/konbini/{intent}", get(pages::voucher))
            .route("/stand-in/konbini/{intent}/pay", post(pages::pay))
            .with_state(self.clone())
    }
}

async fn answer(State(stand_in): State<StandIn>, request: Request) -> Response {
    let request_id = new_request_id();
    let key = request.headers().get("idempotency-key").cloned();
    let answer = match read(request).await {
        Ok(call) => run(&stand_in.inner, call, request_id.clone()).await,
        Err(refusal) => refusal.into(),
    };
    respond(answer, &request_id, key)
}

/// An id that need not repeat between runs: it only tells one request from another.
fn new_request_id() -> String {
    let mut rng = rand::rng();
    let mut id = String::from("req_");
    id.extend((0..14).map(|_| char::from(rng.sample(rand::distr::Alphanumeric))));
    id
}

fn respond(answer: Answer, request_id: &str, key: Option<HeaderValue>) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert("stripe-version", HeaderValue::from_static(API_VERSION));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("request-id", id);
    }
    if let Some(key) = key {
        headers.insert("idempotency-key", key);
    }
    if answer.replayed {
        headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    response
}

async fn read(request: Request) -> Result<Call, Refusal> {
    let (parts, body) = request.into_parts();
    authenticate(&parts.headers)?;
    let body = to_bytes(body, MAXIMUM_BODY_BYTES).await.map_err(|_| {
        Refusal::malformed(
            413,
            format!("The request body is longer than {MAXIMUM_BODY_BYTES} bytes."),
        )
    })?;
    let params = if parts.method == Method::POST {
        check_form(&parts.headers, body.is_empty())?;
        Params::parse(&body)?
    } else {
        Params::parse(parts.uri.query().unwrap_or("").as_bytes())?
    };
    // Keys have no meaning for a request that changes nothing.
    let idempotency_key = if parts.method == Method::POST {
        idempotency::read_key(&parts.headers)?
    } else {
        None
    };
    Ok(Call {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        params,
        idempotency_key,
    })
}

fn authenticate(headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Err(Refusal::unauthorised(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer \
             auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://docs.stripe.com/api/authentication for \
             details.",
        ));
    };
    let value = value.to_str().unwrap_or_default();
    let key = match value.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => Some(key.trim().to_owned()),
        Some((scheme, pair)) if scheme.eq_ignore_ascii_case("basic") => {
            let decoded = base64::engine::general_purpose::STANDARD
                .decode(pair.trim())
                .ok();
            let pair = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
            pair.map(|pair| pair.split(':').next().unwrap_or_default().to_owned())
        }
        Some(_) | None => None,
    };
    let key = key.unwrap_or_default();
    let secret = key.strip_prefix("sk_test_").unwrap_or_default();
    if !secret.is_empty()
        && secret
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    {
        Ok(())
    } else {
        // Never more of a key than Stripe itself would show, as it might be a live one.
        let shown: String = key.chars().take(8).collect();
        Err(Refusal::unauthorised(format!(
            "Invalid API Key provided: {shown}****"
        )))
    }
}

fn check_form(headers: &HeaderMap, body_is_empty: bool) -> Result<(), Refusal> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let form = content_type.split(';').next().unwrap_or_default().trim();
    if body_is_empty
        || form.is_empty()
        || form.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    {
        Ok(())
    } else {
        Err(Refusal::malformed(
            400,
            format!(
                "Invalid request: the v1 API takes application/x-www-form-urlencoded, not {form}."
            ),
        ))
    }
}

async fn run(inner: &Inner, call: Call, request_id: String) -> Answer {
    let key = call.idempotency_key.clone();
    let in_progress = match key
        .as_deref()
        .map(|key| inner.keys_in_progress.take(key))
        .transpose()
    {
        Ok(in_progress) => in_progress,
        Err(refusal) => return refusal.into(),
    };
    let verdict = inner
        .options
        .faults
        .as_ref()
        .map_or(Verdict::Proceed, |hook| {
            hook(&RequestSummary {
                method: call.method.as_str(),
                path: &call.path,
                idempotency_key: key.as_deref(),
            })
        });
    let verdict = match verdict {
        Verdict::Proceed => inner.outage.verdict(),
        planned => planned,
    };
    match verdict {
        Verdict::Down => return Refusal::provider(503, "The payment provider is down.").into(),
        Verdict::Fail500BeforeDoing => return broken().into(),
        Verdict::Proceed
        | Verdict::TimeOutAfterDoing
        | Verdict::HangAfterDoing
        | Verdict::Fail500
        | Verdict::Fail500WithoutDoing => {}
    }
    let context = inner.context(key, request_id);
    let may_leave_mail = call.method == Method::POST;
    let answer = inner
        .clerk
        .run(move |book| -> Result<Answer, Stop> { keyed(book, &context, call, verdict) })
        .await;
    drop(in_progress);
    if may_leave_mail {
        inner.mail_waiting.notify_one();
    }
    match verdict {
        Verdict::TimeOutAfterDoing => {
            return Refusal::provider(504, "The request timed out.").into();
        }
        Verdict::HangAfterDoing => std::future::pending().await,
        Verdict::Proceed
        | Verdict::Fail500
        | Verdict::Fail500WithoutDoing
        | Verdict::Fail500BeforeDoing
        | Verdict::Down => {}
    }
    match answer {
        Ok(answer) => answer,
        Err(Stop::Refused(refusal)) => (*refusal).into(),
        Err(Stop::Failed(error)) => {
            tracing::error!(%error, "the payment stand-in could not answer");
            broken().into()
        }
    }
}

fn broken() -> Refusal {
    Refusal::provider(
        500,
        "An unexpected error occurred at the payment provider. Please try again.",
    )
}

/// Replays what is stored under the key, or performs the request and stores its answer; all in one transaction, so that a
/// payment and the answer under its key are there together or not at all.
fn keyed(book: &mut Book, context: &Context, call: Call, verdict: Verdict) -> Result<Answer, Stop> {
    endpoints::lapse_due(book, context)?;
    let fingerprint = idempotency::fingerprint(&call.params);
    if let Some(key) = &context.idempotency_key
        && let Some(stored) = book
            .stored_answer(key)?
            .filter(|stored| stored.created_ms > context.now_ms - KEY_LIFE_MS)
    {
        let stored = idempotency::replay(key, stored, &call.path, &fingerprint)?;
        return Ok(Answer {
            status: stored.status,
            body: stored.body,
            replayed: true,
        });
    }
    let (answer, begun) = if verdict == Verdict::Fail500WithoutDoing {
        (broken().into(), true)
    } else {
        match endpoints::perform(book, context, call.method.as_str(), &call.path, call.params) {
            Ok(value) => (
                Answer {
                    status: 200,
                    body: value.to_string(),
                    replayed: false,
                },
                true,
            ),
            Err(Stop::Refused(refusal)) => {
                let begun = refusal.begun;
                ((*refusal).into(), begun)
            }
            Err(Stop::Failed(error)) => return Err(error.into()),
        }
    };
    let answer = if verdict == Verdict::Fail500 {
        broken().into()
    } else {
        answer
    };
    if let Some(key) = &context.idempotency_key
        && begun
    {
        let stored = StoredAnswer {
            path: call.path,
            fingerprint,
            status: answer.status,
            body: answer.body.clone(),
            created_ms: context.now_ms,
        };
        book.store_answer(key, &stored)?;
    }
    Ok(answer)
}
