//! Webhooks on their way: posted to the endpoint until it answers 2xx, with back-off. What waits, waits in the ledger, so
//! that a dead endpoint costs disk and no memory.

use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use http::{Request, Uri, header};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::Mutex;

use crate::book::{Book, BookError, Delivery};
use crate::signature::sign;
use crate::stand_in::{OpenError, StandIn};

/// How many webhooks one pass takes from the ledger.
const BATCH: usize = 128;
/// How many are under way at a time.
const CONCURRENCY: usize = 16;
/// An endpoint that takes longer has failed.
const ENDPOINT_TIMEOUT: Duration = Duration::from_secs(10);
/// The first retry comes after a second and each later one after twice as long, at most an hour. Stripe's own steps are
/// longer; here a person is watching.
const FIRST_RETRY_MS: i64 = 1_000;
const LONGEST_RETRY_MS: i64 = 60 * 60 * 1000;
/// Stripe gives up after three days (<https://docs.stripe.com/webhooks#retries>).
const GIVE_UP_AFTER_MS: i64 = 3 * 24 * 60 * 60 * 1000;
/// How often the loop looks at the clock when nothing wakes it.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What one pass over the due webhooks did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryReport {
    /// Answered with 2xx.
    pub delivered: usize,
    /// Failed, and to be tried again.
    pub postponed: usize,
    /// Failed for three days and dropped.
    pub given_up: usize,
}

pub(crate) struct Postman {
    client: Client<HttpConnector, Full<Bytes>>,
    url: Uri,
    secrets: Vec<String>,
    /// One pass at a time, or two would send the same webhook.
    pass: Mutex<()>,
}

impl Postman {
    pub fn new(url: &str, secrets: &[String]) -> Result<Self, OpenError> {
        let refused = || OpenError::WebhookUrl(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| refused())?;
        if uri.scheme_str() != Some("http") || uri.host().is_none() {
            return Err(refused());
        }
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(HttpConnector::new()),
            url: uri,
            secrets: secrets.to_vec(),
            pass: Mutex::new(()),
        })
    }

    /// Posts one webhook, signed as of `now_ms`.
    async fn post(&self, body: &str, now_ms: i64) -> Result<(), String> {
        let request = Request::post(self.url.clone())
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header(header::USER_AGENT, "Stripe/1.0 (stand-in)")
            .header(
                "stripe-signature",
                sign(&self.secrets, now_ms / 1000, body.as_bytes()),
            )
            .body(Full::new(Bytes::copy_from_slice(body.as_bytes())))
            .map_err(|error| error.to_string())?;
        match tokio::time::timeout(ENDPOINT_TIMEOUT, self.client.request(request)).await {
            Err(_) => Err("it did not answer in time".to_owned()),
            Ok(Err(error)) => Err(error.to_string()),
            Ok(Ok(response)) if response.status().is_success() => Ok(()),
            Ok(Ok(response)) => Err(format!("it answered {}", response.status())),
        }
    }
}

impl StandIn {
    /// Sends the webhooks that are due, once each. [`StandIn::run`] does this by itself; tests that drive the clock call it.
    pub async fn deliver_due(&self) -> Result<DeliveryReport, BookError> {
        let mut report = DeliveryReport::default();
        let Some(postman) = &self.inner.postman else {
            return Ok(report);
        };
        let _pass = postman.pass.lock().await;
        let now_ms = self.inner.options.clock.now_ms();
        let due: Vec<Delivery> = self
            .inner
            .clerk
            .run(move |book: &mut Book| book.due_deliveries(now_ms, BATCH))
            .await?;
        let attempts = futures::stream::iter(due).map(|delivery| async move {
            let outcome = postman.post(&delivery.body, now_ms).await;
            (delivery, outcome)
        });
        let outcomes: Vec<(Delivery, Result<(), String>)> =
            attempts.buffer_unordered(CONCURRENCY).collect().await;
        let mut done = Vec::new();
        let mut later = Vec::new();
        for (delivery, outcome) in outcomes {
            match outcome {
                Ok(()) => {
                    report.delivered += 1;
                    done.push(delivery.id);
                }
                Err(why) if now_ms - delivery.first_ms >= GIVE_UP_AFTER_MS => {
                    tracing::warn!(attempts = delivery.attempts + 1, %why, "a webhook is given up");
                    report.given_up += 1;
                    done.push(delivery.id);
                }
                Err(why) => {
                    tracing::debug!(attempts = delivery.attempts + 1, %why, "a webhook is tried again later");
                    report.postponed += 1;
                    later.push((delivery.id, now_ms + back_off_ms(delivery.attempts)));
                }
            }
        }
        if !(done.is_empty() && later.is_empty()) {
            self.inner
                .clerk
                .run(move |book: &mut Book| -> Result<(), BookError> {
                    for id in done {
                        book.remove_delivery(id)?;
                    }
                    for (id, due_ms) in later {
                        book.postpone_delivery(id, due_ms)?;
                    }
                    Ok(())
                })
                .await?;
        }
        Ok(report)
    }

    /// Sweeps and delivers for as long as it is polled; the host spawns it and drops it to stop.
    pub async fn run(&self) {
        let mut last_sweep_ms = i64::MIN;
        loop {
            let now_ms = self.inner.options.clock.now_ms();
            if now_ms.saturating_sub(last_sweep_ms) >= 1_000 || now_ms < last_sweep_ms {
                last_sweep_ms = now_ms;
                if let Err(error) = self.sweep().await {
                    tracing::error!(%error, "the payment stand-in could not sweep");
                }
            }
            let sent = match self.deliver_due().await {
                Ok(report) => report.delivered,
                Err(error) => {
                    tracing::error!(%error, "the payment stand-in could not deliver webhooks");
                    0
                }
            };
            if sent == 0 {
                self.wait_for_mail(now_ms).await;
            }
        }
    }

    async fn wait_for_mail(&self, now_ms: i64) {
        let next = self
            .inner
            .clerk
            .run(|book: &mut Book| book.next_delivery_ms())
            .await
            .ok()
            .flatten();
        let until_next = next
            .and_then(|due_ms| u64::try_from(due_ms - now_ms).ok())
            .map(Duration::from_millis);
        let longest = until_next.map_or(LOOK_EVERY, |until_next| {
            until_next.clamp(Duration::from_millis(5), LOOK_EVERY)
        });
        // Either something new waits, or time has passed.
        let _ = tokio::time::timeout(longest, self.inner.mail_waiting.notified()).await;
    }
}

fn back_off_ms(attempts: u32) -> i64 {
    FIRST_RETRY_MS
        .saturating_mul(1_i64.checked_shl(attempts.min(30)).unwrap_or(i64::MAX))
        .min(LONGEST_RETRY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_spread_out_to_an_hour() {
        let steps: Vec<i64> = (0..4).map(back_off_ms).collect();
        assert_eq!(steps, [1_000, 2_000, 4_000, 8_000]);
        assert_eq!(back_off_ms(40), LONGEST_RETRY_MS);
    }
}
