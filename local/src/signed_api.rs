//! One service's API as an operator asks it: requests signed with the operator's credentials, and their whole answers.
//!
//! For services of which one or two operations are needed: a client of the SDK's for each would take longer to build than
//! all of this program. Owns addresses, signatures and time-outs; does not own what is asked.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, anyhow};
use aws_config::SdkConfig;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::http::{Headers, Request};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::display::DisplayErrorContext;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use serde_json::Value;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longer than what is waited for longest: a function's invocation.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
/// More than the largest answer: Lambda's are of at most 6 MB, and a page of a list has a hundred at most, of some kilobytes.
const MAX_ANSWER_BYTES: usize = 7 << 20;

/// A service's API in one region.
pub(crate) struct SignedApi {
    /// Made when it is first needed: it reads the machine's certificates.
    connector: OnceLock<Connector>,
    credentials: SharedCredentialsProvider,
    region: String,
    /// What the service is called in signatures and in its addresses.
    service: &'static str,
    base: String,
}

/// What was answered, whatever its status.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Bytes,
}

/// Nothing answered the request.
#[derive(Debug, thiserror::Error)]
#[error("nothing answers at {base}: {cause}")]
pub(crate) struct NoAnswer {
    base: String,
    cause: String,
}

impl Answer {
    /// What a refusal says, for people.
    pub(crate) fn refusal(&self, service: &str) -> String {
        let error: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let message = ["message", "Message"]
            .iter()
            .find_map(|name| error[*name].as_str());
        let message = message.unwrap_or("without a message");
        format!("{service} answered {}: {message}", self.status)
    }
}

impl SignedApi {
    /// Reaches the service at the endpoint that the configuration has for all services, or else at AWS's own. Nothing is asked
    /// yet.
    pub(crate) fn of(config: &SdkConfig, service: &'static str) -> anyhow::Result<Self> {
        let region = config.region().context("no region is set")?.to_string();
        let credentials = config
            .credentials_provider()
            .context("no credentials are set")?;
        let base = match config.endpoint_url() {
            Some(endpoint) => endpoint.trim_end_matches('/').to_owned(),
            None if region.starts_with("cn-") => {
                format!("https://{service}.{region}.amazonaws.com.cn")
            }
            None => format!("https://{service}.{region}.amazonaws.com"),
        };
        Ok(Self {
            connector: OnceLock::new(),
            credentials,
            region,
            service,
            base,
        })
    }

    /// Asks once, and waits for the answer.
    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&'static str, &str)],
        body: String,
    ) -> anyhow::Result<Answer> {
        let request = self.signed(method, path, headers, body).await?;
        let response = self.connector.get_or_init(connector).call(request).await;
        let response = response.map_err(|error| NoAnswer {
            base: self.base.clone(),
            cause: DisplayErrorContext(error).to_string(),
        })?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES)
            .collect()
            .await;
        let body =
            body.map_err(|error| anyhow!("an answer of {} was cut short: {error}", self.base))?;
        Ok(Answer {
            status,
            headers,
            body: body.to_bytes(),
        })
    }

    /// The request with its Signature Version 4.
    async fn signed(
        &self,
        method: &str,
        path: &str,
        headers: &[(&'static str, &str)],
        body: String,
    ) -> anyhow::Result<Request> {
        let uri = format!("{}{path}", self.base);
        let credentials = self.credentials.provide_credentials().await;
        let identity = credentials.context("no credentials were found")?.into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(self.service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let signable = SignableRequest::new(
            method,
            &uri,
            headers.iter().copied(),
            SignableBody::Bytes(body.as_bytes()),
        )?;
        let (instructions, _) = sign(signable, &parameters)?.into_parts();
        let mut request = http::Request::builder().method(method).uri(&uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(SdkBody::from(body))?;
        instructions.apply_to_request_http1x(&mut request);
        Ok(Request::try_from(request)?)
    }
}

fn connector() -> Connector {
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(ANSWER_TIMEOUT)
        .build();
    door::connector(settings)
}
