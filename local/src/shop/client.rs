//! An HTTP client of the shop: what a browser or an operator's console would send, with connections kept open.
//!
//! Owns identity, retries and how a refusal reads. Every request sent through it must be safe to repeat: that is the
//! caller's duty, and what idempotency keys, receipt ids and tracking numbers are for.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Beyond the 30 s that API Gateway gives a request.
const TIMEOUT: Duration = Duration::from_secs(35);
/// Tries of one request, where it is not answered or answered with "later", unless the client is more patient.
const TRIES: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Caller<'a> {
    /// Anybody.
    Nobody,
    /// The customer of that id.
    Customer(&'a str),
    /// The operator that this program is.
    Operator,
}

/// A client of one base URL.
pub(crate) struct ShopClient {
    http: Client<HttpConnector, Full<Bytes>>,
    base: String,
    retries: AtomicU64,
    patience: Duration,
}

/// A request in the making.
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    /// Below the base URL, or a whole URL.
    pub(crate) path: &'a str,
    pub(crate) caller: Caller<'a>,
    pub(crate) idempotency_key: Option<&'a str>,
    pub(crate) content_type: &'static str,
    pub(crate) body: Bytes,
}

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
    /// How often it was asked in all. An earlier try may have been done although it was not answered.
    pub(crate) tries: u32,
}

/// No answer, or one that cannot be read or says no.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// Nothing came back, however often it was asked.
    #[error("{what} was not answered: {reason}")]
    NotAnswered { what: String, reason: String },
    /// The answer is a refusal.
    #[error("{what} was refused with {status}: {detail}")]
    Refused {
        what: String,
        status: StatusCode,
        detail: String,
    },
    /// The answer is not what it should be.
    #[error("the answer to {what} cannot be read: {source}")]
    Unreadable {
        what: String,
        source: serde_json::Error,
    },
}

#[derive(Deserialize)]
struct Problem {
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    detail: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    errors: Vec<FieldProblem>,
}

#[derive(Deserialize)]
struct FieldProblem {
    field: String,
    message: String,
}

impl<'a> Call<'a> {
    /// A request without a body.
    pub(crate) fn new(method: Method, path: &'a str, caller: Caller<'a>) -> Self {
        Self {
            method,
            path,
            caller,
            idempotency_key: None,
            content_type: "application/json",
            body: Bytes::new(),
        }
    }

    /// A request with JSON.
    pub(crate) fn json(
        method: Method,
        path: &'a str,
        caller: Caller<'a>,
        body: &serde_json::Value,
    ) -> Self {
        Self {
            body: Bytes::from(body.to_string()),
            ..Self::new(method, path, caller)
        }
    }

    fn what(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

impl Reply {
    /// The body as what it should be.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }

    /// A refusal in words: the problem's detail and its fields.
    pub(crate) fn detail(&self) -> String {
        let Ok(problem) = self.read::<Problem>() else {
            return String::from_utf8_lossy(&self.body)
                .chars()
                .take(300)
                .collect();
        };
        let mut words: Vec<String> = [problem.title, problem.detail, problem.message]
            .into_iter()
            .flatten()
            .collect();
        let fields = problem.errors.into_iter().take(5);
        words.extend(fields.map(|error| format!("{} {}", error.field, error.message)));
        words.join("; ")
    }
}

impl ShopClient {
    /// A client of the base URL.
    pub(crate) fn new(base: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self {
            http: Client::builder(TokioExecutor::new())
                .pool_max_idle_per_host(1024)
                .build(connector),
            base: base.trim_end_matches('/').to_owned(),
            retries: AtomicU64::new(0),
            patience: Duration::ZERO,
        }
    }

    /// The same, which goes on asking for that long at least, as is needed where what it asks is killed and started again.
    pub(crate) fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// How many requests had to be repeated so far.
    pub(crate) fn retries(&self) -> u64 {
        self.retries.load(Ordering::Relaxed)
    }

    /// Asks, again and again where there is no answer or "later" (429, and what is the server's fault), and gives back
    /// whatever is answered in the end.
    pub(crate) async fn ask(&self, call: &Call<'_>) -> Result<Reply, ClientError> {
        let mut pause = FIRST_PAUSE;
        let begun = Instant::now();
        for tries in 1.. {
            let answered = self.try_once(call).await;
            let later = match &answered {
                Ok((status, _)) => {
                    status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS
                }
                Err(_) => true,
            };
            if later && (tries < TRIES || begun.elapsed() < self.patience) {
                self.retries.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
                continue;
            }
            return match answered {
                Ok((status, body)) => Ok(Reply {
                    status,
                    body,
                    tries,
                }),
                Err(reason) => Err(ClientError::NotAnswered {
                    what: call.what(),
                    reason,
                }),
            };
        }
        unreachable!("the last try returns")
    }

    /// Asks once; none where nothing came back.
    pub(crate) async fn ask_once(&self, call: &Call<'_>) -> Option<StatusCode> {
        self.try_once(call).await.ok().map(|(status, _)| status)
    }

    /// Asks for what must succeed, and reads it.
    pub(crate) async fn get<T: DeserializeOwned>(&self, call: &Call<'_>) -> Result<T, ClientError> {
        let reply = self.ask(call).await?;
        if !reply.status.is_success() {
            return Err(ClientError::Refused {
                what: call.what(),
                status: reply.status,
                detail: reply.detail(),
            });
        }
        reply.read().map_err(|source| ClientError::Unreadable {
            what: call.what(),
            source,
        })
    }

    async fn try_once(&self, call: &Call<'_>) -> Result<(StatusCode, Bytes), String> {
        let url = match call.path.starts_with('/') {
            true => format!("{}{}", self.base, call.path),
            false => call.path.to_owned(),
        };
        let mut request = Request::builder().method(&call.method).uri(url);
        request = match call.caller {
            Caller::Nobody => request,
            Caller::Customer(id) => {
                request.header(header::AUTHORIZATION, format!("Bearer customer:{id}"))
            }
            Caller::Operator => request.header(header::AUTHORIZATION, "Bearer operator:local"),
        };
        if let Some(key) = call.idempotency_key {
            request = request.header("idempotency-key", key);
        }
        if !call.body.is_empty() {
            request = request.header(header::CONTENT_TYPE, call.content_type);
        }
        let request = request
            .body(Full::new(call.body.clone()))
            .map_err(|error| error.to_string())?;
        let answered = async {
            let response = self.http.request(request).await.map_err(reason)?;
            let status = response.status();
            let body = response.into_body().collect().await.map_err(reason)?;
            Ok((status, body.to_bytes()))
        };
        match tokio::time::timeout(TIMEOUT, answered).await {
            Ok(result) => result,
            Err(_) => Err(format!("nothing came within {} s", TIMEOUT.as_secs())),
        }
    }
}

/// An error with its causes, which is where an HTTP client's errors say what happened.
fn reason(error: impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
