//! The mail server as its host holds it: SES's door, the inbox, and the pages.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{any, get};
use bytes::Bytes;
use http::{Method, StatusCode, header};
use jiff::Timestamp;
use thiserror::Error;
use uuid::Uuid;

use crate::fault::{OnSend, SendSummary, Verdict};
use crate::inbox::{self, Inbox, MailError};
use crate::message::{Filter, Message};
use crate::pages;
use crate::refusal::Refusal;
use crate::send_email;

const SEND_EMAIL_PATH: &str = "/v2/email/outbound-emails";
/// SES takes 40 MB with the v2 API (<https://docs.aws.amazon.com/ses/latest/dg/quotas.html>); base64 makes it a third more.
const MAXIMUM_BODY_BYTES: usize = 54 * 1024 * 1024;

/// Choices made when the mail server is opened.
#[derive(Clone, Default)]
pub struct Options {
    /// Where the inbox lives (`mail.sqlite` within); a temporary one that ends with the process when `None`.
    pub directory: Option<PathBuf>,
    /// Asked before every mail what shall go wrong with it.
    pub faults: Option<OnSend>,
}

/// SES and its inbox. Clones share one inbox.
#[derive(Clone)]
pub struct Mail {
    inner: Arc<Inner>,
}

struct Inner {
    inbox: Mutex<Inbox>,
    faults: Option<OnSend>,
}

/// The inbox could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The directory cannot be made.
    #[error("the mail directory {} cannot be made", directory.display())]
    Directory {
        /// The directory.
        directory: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The inbox's file is there and cannot be used.
    #[error(
        "the mail inbox {} is damaged or not one of this version: {source}. Move the file away to start with an empty inbox",
        file.display()
    )]
    Damaged {
        /// The inbox's file.
        file: PathBuf,
        /// What SQLite found.
        source: MailError,
    },
    /// A temporary inbox could not be made.
    #[error("the temporary mail inbox cannot be made")]
    Temporary(#[source] MailError),
}

impl Mail {
    /// Opens the inbox, making it if it is not there.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        let inbox = match options.directory {
            Some(directory) => {
                std::fs::create_dir_all(&directory).map_err(|source| OpenError::Directory {
                    directory: directory.clone(),
                    source,
                })?;
                let file = inbox::file_in(&directory);
                Inbox::open(Some(&file)).map_err(|source| OpenError::Damaged { file, source })?
            }
            None => Inbox::open(None).map_err(OpenError::Temporary)?,
        };
        Ok(Self {
            inner: Arc::new(Inner {
                inbox: Mutex::new(inbox),
                faults: options.faults,
            }),
        })
    }

    /// Mails, newest first.
    pub fn messages(&self, filter: &Filter) -> Result<Vec<Message>, MailError> {
        self.inbox().read(filter)
    }

    /// One mail by SES's id.
    pub fn message(&self, message_id: &str) -> Result<Option<Message>, MailError> {
        self.inbox().find(message_id)
    }

    /// How many mails there are.
    pub fn count(&self) -> Result<usize, MailError> {
        self.inbox().count()
    }

    /// Whether a request is SES's and so for [`Mail::handle`].
    pub fn handles(&self, parts: &http::request::Parts) -> bool {
        parts.uri.path().starts_with("/v2/email/")
    }

    /// Answers a request to SES. Signatures are not checked: whoever reaches the loopback address may send.
    pub async fn handle(&self, request: http::Request<Bytes>) -> http::Response<Bytes> {
        let (parts, body) = request.into_parts();
        if parts.method != Method::POST || parts.uri.path() != SEND_EMAIL_PATH {
            return Refusal::unknown_operation(parts.method.as_str(), parts.uri.path()).response();
        }
        match self.send(&body).await {
            Ok(message_id) => {
                let mut response = http::Response::new(Bytes::from(
                    serde_json::json!({ "MessageId": message_id }).to_string(),
                ));
                response.headers_mut().insert(
                    header::CONTENT_TYPE,
                    header::HeaderValue::from_static("application/json"),
                );
                response
            }
            Err(refusal) => refusal.response(),
        }
    }

    /// SES's API and the inbox pages.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/inbox", get(pages::list))
            .route("/inbox.json", get(pages::list_as_json))
            .route("/inbox/{id}", get(pages::one))
            .route("/inbox/{id}/html", get(pages::html_part))
            .route("/v2/email/{*operation}", any(answer))
            .with_state(self.clone())
    }

    async fn send(&self, body: &[u8]) -> Result<String, Refusal> {
        let now = Timestamp::now();
        // The shape of SES's own ids.
        let message_id = format!("{:016x}-{}-000000", now.as_millisecond(), Uuid::now_v7());
        let accepted = send_email::parse(body)?.accept(message_id.clone(), now)?;
        let verdict = self.inner.faults.as_ref().map_or(Verdict::Proceed, |hook| {
            hook(&SendSummary {
                recipients: &accepted.recipients,
                subject: &accepted.message.subject,
            })
        });
        match verdict {
            Verdict::Proceed | Verdict::TimeOutAfterDoing => {}
            Verdict::Throttle => return Err(Refusal::throttled()),
            Verdict::Reject => {
                return Err(Refusal::rejected(
                    "Email address is on the suppression list.",
                ));
            }
            Verdict::Fail500 => {
                return Err(Refusal::internal(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "An unexpected error occurred.",
                ));
            }
            Verdict::Down => {
                return Err(Refusal::internal(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "SES is down.",
                ));
            }
        }
        let inner = Arc::clone(&self.inner);
        let kept = tokio::task::spawn_blocking(move || {
            lock(&inner.inbox).keep(&accepted.message, &accepted.recipients)
        })
        .await
        .unwrap_or(Err(MailError::Closed));
        if let Err(error) = kept {
            tracing::error!(%error, "a mail could not be kept");
            return Err(Refusal::internal(
                StatusCode::INTERNAL_SERVER_ERROR,
                error.to_string(),
            ));
        }
        if verdict == Verdict::TimeOutAfterDoing {
            return Err(Refusal::internal(
                StatusCode::GATEWAY_TIMEOUT,
                "The request timed out.",
            ));
        }
        Ok(message_id)
    }

    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        lock(&self.inner.inbox)
    }
}

/// A panic elsewhere leaves no half-done transaction behind, so the inbox stays usable.
fn lock(inbox: &Mutex<Inbox>) -> MutexGuard<'_, Inbox> {
    inbox.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(State(mail): State<Mail>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let response = match to_bytes(body, MAXIMUM_BODY_BYTES).await {
        Ok(bytes) => mail.handle(http::Request::from_parts(parts, bytes)).await,
        Err(_) => Refusal::bad_request("Message length exceeds 40 MB.").response(),
    };
    response.map(Body::from)
}
