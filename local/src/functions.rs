//! A stack's functions, here or on AWS, by Lambda's own API: which there are, and the answer of one invocation.
//!
//! Owns two requests, signed with the operator's credentials; a client of the SDK's for them alone would take longer to
//! build than all of this program. Does not own what a payload means.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, anyhow, bail};
use aws_config::SdkConfig;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::http::Request;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::display::DisplayErrorContext;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use serde::Deserialize;
use serde_json::Value;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longer than any function here may run.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
/// Lambda answers at most 6 MB, and lists at most 50 functions, of some kilobytes each, a page.
const MAX_ANSWER_BYTES: usize = 7 << 20;
/// The alias that triggers invoke, which a deployment moves from version to version.
const ALIAS: &str = "live";

/// The functions' API.
pub(crate) struct Functions {
    /// Made when it is first needed: it reads the machine's certificates.
    connector: OnceLock<Connector>,
    credentials: SharedCredentialsProvider,
    region: String,
    base: String,
}

/// Why an invocation brought no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvokeError {
    /// The function failed, or there was no room for it just then. It may go well the next time.
    #[error("{0}")]
    Passing(String),
    /// It will be the same the next time.
    #[error(transparent)]
    Lasting(#[from] anyhow::Error),
}

/// Nothing answered the request.
#[derive(Debug, thiserror::Error)]
#[error("nothing answers at {base}: {cause}")]
pub(crate) struct NoAnswer {
    base: String,
    cause: String,
}

struct Answer {
    status: u16,
    function_error: bool,
    body: Bytes,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    functions: Vec<Named>,
    #[serde(default)]
    next_marker: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    function_name: String,
}

impl Functions {
    /// Reaches the functions where the configuration says. Nothing is asked yet.
    pub(crate) fn of(config: &SdkConfig, endpoint: Option<&str>) -> anyhow::Result<Self> {
        let region = config.region().context("no region is set")?.to_string();
        let credentials = config
            .credentials_provider()
            .context("no credentials are set")?;
        let base = match endpoint {
            Some(endpoint) => endpoint.to_owned(),
            None if region.starts_with("cn-") => {
                format!("https://lambda.{region}.amazonaws.com.cn")
            }
            None => format!("https://lambda.{region}.amazonaws.com"),
        };
        Ok(Self {
            connector: OnceLock::new(),
            credentials,
            region,
            base,
        })
    }

    /// The names of all functions of the account and region.
    pub(crate) async fn list(&self) -> anyhow::Result<Vec<String>> {
        let mut names = Vec::new();
        let mut path = "/2015-03-31/functions/".to_owned();
        loop {
            let answer = self.ask("GET", &path, String::new()).await?;
            if answer.status != 200 {
                bail!("{}", refusal(&answer));
            }
            let listed: Listed = serde_json::from_slice(&answer.body)
                .context("the list of functions cannot be read")?;
            names.extend(listed.functions.into_iter().map(|one| one.function_name));
            let Some(marker) = listed.next_marker.filter(|marker| !marker.is_empty()) else {
                return Ok(names);
            };
            let marker =
                percent_encoding::utf8_percent_encode(&marker, percent_encoding::NON_ALPHANUMERIC);
            path = format!("/2015-03-31/functions/?Marker={marker}");
        }
    }

    /// Invokes a function once, and waits for its answer.
    pub(crate) async fn invoke(&self, name: &str, payload: String) -> Result<Bytes, InvokeError> {
        let path = format!("/2015-03-31/functions/{name}/invocations?Qualifier={ALIAS}");
        let answer = self.ask("POST", &path, payload).await?;
        match answer.status {
            200 if answer.function_error => {
                let error: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
                let message = error["errorMessage"]
                    .as_str()
                    .unwrap_or("without a message");
                Err(InvokeError::Passing(format!("{name} failed: {message}")))
            }
            200 => Ok(answer.body),
            429 | 500.. => Err(InvokeError::Passing(refusal(&answer))),
            _ => Err(InvokeError::Lasting(anyhow!("{}", refusal(&answer)))),
        }
    }

    async fn ask(&self, method: &str, path: &str, body: String) -> anyhow::Result<Answer> {
        let request = self.signed(method, path, body).await?;
        let response = self.connector.get_or_init(connector).call(request).await;
        let response = response.map_err(|error| NoAnswer {
            base: self.base.clone(),
            cause: DisplayErrorContext(error).to_string(),
        })?;
        let status = response.status().as_u16();
        let function_error = response.headers().get("x-amz-function-error").is_some();
        let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES)
            .collect()
            .await;
        let body =
            body.map_err(|error| anyhow!("an answer of {} was cut short: {error}", self.base))?;
        Ok(Answer {
            status,
            function_error,
            body: body.to_bytes(),
        })
    }

    /// The request with its Signature Version 4.
    async fn signed(&self, method: &str, path: &str, body: String) -> anyhow::Result<Request> {
        let uri = format!("{}{path}", self.base);
        let credentials = self.credentials.provide_credentials().await;
        let identity = credentials.context("no credentials were found")?.into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("lambda")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let headers = [("content-type", "application/json")];
        let signable = SignableRequest::new(
            method,
            &uri,
            headers.into_iter(),
            SignableBody::Bytes(body.as_bytes()),
        )?;
        let (instructions, _) = sign(signable, &parameters)?.into_parts();
        let mut request = http::Request::builder().method(method).uri(&uri);
        for (name, value) in headers {
            request = request.header(name, value);
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

fn refusal(answer: &Answer) -> String {
    let error: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let message = ["message", "Message"]
        .iter()
        .find_map(|name| error[*name].as_str());
    let message = message.unwrap_or("without a message");
    format!("Lambda answered {}: {message}", answer.status)
}
