//! The stand-in as its host holds it: opening, the sweep of what time alone changes, and the ledger.

use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;
use tokio::sync::Notify;

use crate::book::{self, Book, BookError, WebhookPlan};
use crate::clerk::Clerk;
use crate::delivery::Postman;
use crate::endpoints::{self, Context};
use crate::idempotency::KeysInProgress;
use crate::ledger::{self, LedgerEntry, LedgerFilter};
use crate::options::Options;
use crate::outage::Outage;

/// Stripe may forget a key after 24 hours (<https://docs.stripe.com/api/idempotent_requests>).
pub(crate) const KEY_LIFE_MS: i64 = 24 * 60 * 60 * 1000;
/// Events can be read for 30 days (<https://docs.stripe.com/api/events>).
const EVENT_LIFE_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// The payment provider. Clones share one ledger.
#[derive(Clone)]
pub struct StandIn {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub options: Options,
    pub clerk: Clerk,
    pub postman: Option<Postman>,
    pub keys_in_progress: KeysInProgress,
    /// Rung when a request may have left a webhook to send.
    pub mail_waiting: Notify,
    pub outage: Outage,
}

/// The stand-in could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The directory cannot be made.
    #[error("the payment stand-in's directory {} cannot be made", directory.display())]
    Directory {
        /// The directory.
        directory: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The ledger's file is there and cannot be used.
    #[error(
        "the payment stand-in's ledger {} is damaged or not one of this version: {source}. Move the file away to start \
         with an empty ledger",
        file.display()
    )]
    Damaged {
        /// The ledger's file.
        file: PathBuf,
        /// What SQLite found.
        source: BookError,
    },
    /// A temporary ledger could not be made.
    #[error("the payment stand-in's temporary ledger cannot be made")]
    Temporary(#[source] BookError),
    /// The thread that keeps the books could not be started.
    #[error("the payment stand-in's thread cannot be started")]
    Thread(#[source] std::io::Error),
    /// The webhook endpoint's address is not one to post to.
    #[error("the webhook address {0:?} is not a plain http:// address")]
    WebhookUrl(String),
}

impl StandIn {
    /// Opens the ledger, making it if it is not there.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        let postman = options
            .webhook_url
            .as_deref()
            .map(|url| Postman::new(url, &options.webhook_secrets))
            .transpose()?;
        let webhooks = options.webhook_url.as_ref().map(|_| WebhookPlan {
            enabled_events: options.webhook_events.clone(),
            delivery: options.delivery,
        });
        let book = match &options.directory {
            Some(directory) => {
                std::fs::create_dir_all(directory).map_err(|source| OpenError::Directory {
                    directory: directory.clone(),
                    source,
                })?;
                let file = book::file_in(directory);
                Book::open(Some(&file), webhooks, options.seed)
                    .map_err(|source| OpenError::Damaged { file, source })?
            }
            None => Book::open(None, webhooks, options.seed).map_err(OpenError::Temporary)?,
        };
        let clerk = Clerk::employ(book).map_err(OpenError::Thread)?;
        Ok(Self {
            inner: Arc::new(Inner {
                options,
                clerk,
                postman,
                keys_in_progress: KeysInProgress::default(),
                mail_waiting: Notify::new(),
                outage: Outage::default(),
            }),
        })
    }

    /// Does what time alone does: lets holds lapse after seven days, cash payments after their day, and forgets old keys
    /// and events. Every request does the first two by itself before it looks at anything.
    pub async fn sweep(&self) -> Result<(), BookError> {
        let context = self.inner.context(None, String::new());
        self.inner
            .clerk
            .run(move |book| {
                endpoints::lapse_due(book, &context)?;
                book.forget(context.now_ms - KEY_LIFE_MS, context.now_ms - EVENT_LIFE_MS)
            })
            .await?;
        self.inner.mail_waiting.notify_one();
        Ok(())
    }

    /// Every payment in the books, oldest first, for checking invariants. It reads them all: for many, page through
    /// [`StandIn::ledger_page`].
    pub fn ledger(&self) -> Result<Vec<LedgerEntry>, BookError> {
        self.ledger_page(LedgerFilter {
            limit: usize::MAX,
            ..LedgerFilter::default()
        })
    }

    /// A page of the ledger, oldest first. Blocks for as long as the books take; call it off the async workers when there
    /// is much to read.
    pub fn ledger_page(&self, filter: LedgerFilter) -> Result<Vec<LedgerEntry>, BookError> {
        self.inner
            .clerk
            .run_blocking(move |book| ledger::read(book, &filter))
    }

    /// How many webhooks wait to be delivered.
    pub async fn webhooks_waiting(&self) -> Result<usize, BookError> {
        self.inner
            .clerk
            .run(|book: &mut Book| -> Result<usize, BookError> {
                let count: i64 =
                    book.connection
                        .query_row("SELECT count(*) FROM deliveries", [], |row| row.get(0))?;
                Ok(usize::try_from(count).unwrap_or(0))
            })
            .await
    }
}

impl Inner {
    pub fn context(&self, idempotency_key: Option<String>, request_id: String) -> Context {
        Context {
            now_ms: self.options.clock.now_ms(),
            base_url: self.options.base_url.clone(),
            search_lag_ms: i64::try_from(self.options.search_lag.as_millis()).unwrap_or(i64::MAX),
            idempotency_key,
            request_id,
        }
    }
}
