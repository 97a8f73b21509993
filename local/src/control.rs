//! The stack's own address, beside the AWS services: where everything is, what it has done, whether it is still. It is
//! what a measuring or testing tool in another process asks.
//!
//! `GET /_noren` addresses; `GET /_noren/counts`; `POST /_noren/counts/reset`;
//! `GET /_noren/quiet?wait_seconds=N` waits up to N seconds (none: answers at once); `GET /_noren/processes` the processes
//! of each function; `POST /_noren/tick` runs every schedule once;
//! `POST /_noren/functions/NAME/slow?milliseconds=N` holds up each invocation of a function from now on.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response, StatusCode, header};
use http_body_util::Full;
use serde::Serialize;

use crate::address::Addresses;
use crate::counts::Bookkeeping;
use crate::invoke::{FunctionProcess, Lambda};
use crate::quiet::Watch;
use crate::schedule::Schedule;
use crate::triggers::Taking;

/// Where its paths begin.
pub(crate) const PREFIX: &str = "/_noren";

/// Longest that one request may wait for stillness.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// What the address answers from.
pub(crate) struct Control {
    pub(crate) addresses: Addresses,
    pub(crate) books: Bookkeeping,
    pub(crate) watch: Watch,
    /// Set once the functions run: they need the AWS services, which this is served beside.
    pub(crate) hands: OnceLock<Hands>,
}

/// What the address can lay hands on.
pub(crate) struct Hands {
    pub(crate) lambdas: BTreeMap<String, Arc<Lambda>>,
    pub(crate) schedules: Vec<Arc<Schedule>>,
    pub(crate) takings: Vec<Taking>,
}

#[derive(Serialize)]
struct Problem<'a> {
    message: &'a str,
}

impl Control {
    pub(crate) async fn handle(&self, head: &Parts) -> Response<Full<Bytes>> {
        let path = head.uri.path().strip_prefix(PREFIX).unwrap_or_default();
        match (&head.method, path.trim_end_matches('/')) {
            (&Method::GET, "") => json(StatusCode::OK, &self.addresses),
            (&Method::GET, "/counts") => json(StatusCode::OK, &self.books.counts()),
            (&Method::POST, "/counts/reset") => {
                self.books.reset();
                json(StatusCode::OK, &self.books.counts())
            }
            (&Method::GET, "/quiet") => {
                let Some(wait) = wait(head.uri.query().unwrap_or_default()) else {
                    let message = "wait_seconds is not a number of seconds";
                    return json(StatusCode::BAD_REQUEST, &Problem { message });
                };
                json(StatusCode::OK, &self.watch.wait(wait).await)
            }
            (method, path) => match self.hands.get() {
                Some(hands) => {
                    let query = head.uri.query().unwrap_or_default();
                    hands.handle(method, path, query).await
                }
                None => {
                    let message = "the functions have not started yet";
                    json(StatusCode::SERVICE_UNAVAILABLE, &Problem { message })
                }
            },
        }
    }
}

impl Hands {
    async fn handle(&self, method: &Method, path: &str, query: &str) -> Response<Full<Bytes>> {
        match (method, path) {
            (&Method::GET, "/processes") => json(StatusCode::OK, &self.processes()),
            (&Method::POST, "/tick") => {
                for schedule in &self.schedules {
                    // The invocation has logged its own failure, and the next tick is the retry.
                    drop(schedule.tick().await);
                }
                json(StatusCode::OK, &serde_json::json!({}))
            }
            (&Method::POST, path) => {
                let slowed = path
                    .strip_prefix("/functions/")
                    .and_then(|rest| rest.strip_suffix("/slow"))
                    .and_then(|name| self.lambdas.get(name));
                let milliseconds = query.strip_prefix("milliseconds=");
                let milliseconds = milliseconds.and_then(|text| text.parse().ok());
                match (slowed, milliseconds) {
                    (Some(lambda), Some(milliseconds)) => {
                        lambda.slowness.set(milliseconds);
                        json(StatusCode::OK, &serde_json::json!({}))
                    }
                    (Some(_), None) => {
                        let message = "milliseconds is not a whole number";
                        json(StatusCode::BAD_REQUEST, &Problem { message })
                    }
                    (None, _) => nothing(),
                }
            }
            _ => nothing(),
        }
    }

    fn processes(&self) -> BTreeMap<&str, Vec<FunctionProcess>> {
        let lambdas = self.lambdas.iter();
        let processes = lambdas.map(|(name, lambda)| (name.as_str(), lambda.invoker.processes()));
        processes.collect()
    }
}

fn nothing() -> Response<Full<Bytes>> {
    let message = "there is nothing here";
    json(StatusCode::NOT_FOUND, &Problem { message })
}

fn wait(query: &str) -> Option<Duration> {
    if query.is_empty() {
        return Some(Duration::ZERO);
    }
    let seconds: f64 = query.strip_prefix("wait_seconds=")?.parse().ok()?;
    let wait = Duration::try_from_secs_f64(seconds).ok()?;
    Some(wait.min(LONGEST_WAIT))
}

fn json(status: StatusCode, value: &impl Serialize) -> Response<Full<Bytes>> {
    let body = serde_json::to_vec(value).expect("these answers are structures with text keys");
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
