//! The stack's own address, beside the AWS services: where everything is, what it has done, whether it is still. It is
//! what a measuring or testing tool in another process asks.
//!
//! `GET /_noren` addresses; `GET /_noren/counts`; `POST /_noren/counts/reset`;
//! `GET /_noren/quiet?wait_seconds=N` waits up to N seconds (none: answers at once).

use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response, StatusCode, header};
use http_body_util::Full;
use serde::Serialize;

use crate::address::Addresses;
use crate::counts::Bookkeeping;
use crate::quiet::Watch;

/// Where its paths begin.
pub(crate) const PREFIX: &str = "/_noren";

/// Longest that one request may wait for stillness.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// What the address answers from.
pub(crate) struct Control {
    pub(crate) addresses: Addresses,
    pub(crate) books: Bookkeeping,
    pub(crate) watch: Watch,
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
            _ => {
                let message = "there is nothing here";
                json(StatusCode::NOT_FOUND, &Problem { message })
            }
        }
    }
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
