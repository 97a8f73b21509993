//! The keys of an issuer, read where it says they are, and kept. Any issuer's: the local one's as well as a company's own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use local_identity::{Invalid, KeySet, Rules, verify};
use serde::Deserialize;
use serde_json::{Map, Value};

/// How long keys are good without asking again: API Gateway keeps them for two hours.
const KEPT: Duration = Duration::from_secs(7_200);
/// A token with an unknown key lets the keys be read anew, so often at the most.
const SHORTEST_PAUSE: Duration = Duration::from_secs(2);
const TIMEOUT: Duration = Duration::from_secs(5);
const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// One issuer's keys.
pub(super) struct IssuerKeys {
    issuer: String,
    read: tokio::sync::Mutex<Option<Read>>,
}

#[derive(Clone)]
struct Read {
    keys: Arc<KeySet>,
    at: Instant,
}

#[derive(Deserialize)]
struct Configuration {
    issuer: String,
    jwks_uri: String,
}

impl IssuerKeys {
    pub(super) fn of(issuer: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            read: tokio::sync::Mutex::new(None),
        }
    }

    /// The claims of a token, or why it is refused.
    pub(super) async fn verify(
        &self,
        token: &str,
        rules: &Rules,
    ) -> Result<Map<String, Value>, String> {
        let known = self.keys(KEPT).await?;
        match verify(token, &known, rules) {
            // The issuer may sign with a new one.
            Err(Invalid::UnknownKey) => {
                let known = self.keys(SHORTEST_PAUSE).await?;
                verify(token, &known, rules).map_err(|invalid| invalid.to_string())
            }
            result => result.map_err(|invalid| invalid.to_string()),
        }
    }

    async fn keys(&self, not_older_than: Duration) -> Result<Arc<KeySet>, String> {
        let mut read = self.read.lock().await;
        if let Some(read) = read
            .as_ref()
            .filter(|read| read.at.elapsed() < not_older_than)
        {
            return Ok(Arc::clone(&read.keys));
        }
        let keys = tokio::time::timeout(TIMEOUT, fetch(&self.issuer)).await;
        let keys = keys.unwrap_or_else(|_| Err("it did not answer".to_owned()));
        match keys {
            Ok(keys) => {
                let keys = Arc::new(keys);
                *read = Some(Read {
                    keys: Arc::clone(&keys),
                    at: Instant::now(),
                });
                Ok(keys)
            }
            Err(reason) => {
                tracing::warn!(
                    issuer = self.issuer,
                    reason,
                    "the issuer's keys could not be read"
                );
                Err("the issuer's keys could not be read".to_owned())
            }
        }
    }
}

async fn fetch(issuer: &str) -> Result<KeySet, String> {
    let connector = HttpsConnectorBuilder::new()
        .with_native_roots()
        .map_err(|error| error.to_string())?
        .https_or_http()
        .enable_http1()
        .build();
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let base = issuer.trim_end_matches('/');
    let configuration = get(&client, &format!("{base}/.well-known/openid-configuration")).await?;
    let configuration: Configuration =
        serde_json::from_slice(&configuration).map_err(|error| error.to_string())?;
    if configuration.issuer != issuer {
        return Err(format!("it calls itself {}", configuration.issuer));
    }
    let keys = get(&client, &configuration.jwks_uri).await?;
    KeySet::read(&keys).map_err(|error| error.to_string())
}

async fn get(
    client: &Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    url: &str,
) -> Result<Bytes, String> {
    let url = url.parse().map_err(|_| format!("{url} is no URL"))?;
    let response = client.get(url).await.map_err(|error| error.to_string())?;
    if !response.status().is_success() {
        return Err(format!("it answered {}", response.status()));
    }
    let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES)
        .collect()
        .await;
    Ok(body.map_err(|error| error.to_string())?.to_bytes())
}
