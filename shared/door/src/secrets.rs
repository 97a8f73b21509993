//! Secrets, read from the Parameter Store of Systems Manager once.
//!
//! Owns one request, `GetParameters`, signed with the function's own credentials; a client of the SDK's for it alone
//! would be larger than a whole context. Does not own what the secrets mean. None is ever logged or put in an error.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::http::Request;
use http_body_util::{BodyExt as _, Limited};
use serde::Deserialize;

use crate::aws::connector_trusting;
use crate::signature::Signer;
use crate::trust::Trust;
use crate::{Environment, StartError};

/// Far above two parameters of the larger kind (8 KB each), in bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// Three attempts and their pauses fit the ten seconds that Lambda gives a start.
const ATTEMPTS: u32 = 3;
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// A secret: the variable that holds the name of its parameter, and one that may hold its value instead, for tests and
/// measurements without a Parameter Store. The template never sets the latter.
///
/// ```
/// use door::secrets::Secret;
///
/// const PROVIDER_KEY: Secret = Secret {
///     name: "PROVIDER_KEY_NAME",
///     value: "PROVIDER_KEY",
/// };
/// # drop(PROVIDER_KEY);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Secret {
    /// The variable that names the parameter.
    pub name: &'static str,
    /// The variable that may hold the value.
    pub value: &'static str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Found {
    parameters: Vec<Parameter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter {
    name: String,
    value: String,
}

/// What the service answers when it refuses.
#[derive(Default, Deserialize)]
struct Refused {
    #[serde(rename = "__type", default)]
    kind: String,
    #[serde(alias = "Message", default)]
    message: String,
}

/// Why the parameters could not be read this time.
enum Failure {
    /// It may be over at the next try.
    Passing(String),
    /// It will be the same at the next try.
    Lasting(String),
}

/// The secrets' values, in the same order.
///
/// # Errors
/// When a variable is missing, or a parameter cannot be read.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use door::Environment;
/// use door::secrets::{Secret, read};
///
/// const PROVIDER_KEY: Secret = Secret { name: "PROVIDER_KEY_NAME", value: "PROVIDER_KEY" };
///
/// // In a test, which has no Parameter Store.
/// let environment = Environment::from_iter([("PROVIDER_KEY".to_owned(), "for-a-test".to_owned())]);
/// let [key] = read(&environment, [PROVIDER_KEY]).await.unwrap();
/// assert_eq!(key, "for-a-test");
/// # });
/// ```
pub async fn read<const N: usize>(
    environment: &Environment,
    secrets: [Secret; N],
) -> Result<[String; N], StartError> {
    let mut names = Vec::new();
    for secret in &secrets {
        if environment.get(secret.value).is_none() {
            names.push(environment.require(secret.name)?);
        }
    }
    let mut found = match names.is_empty() {
        true => BTreeMap::new(),
        false => fetch(environment, &names)
            .await
            .map_err(|reason| unusable(secrets[0].name, reason))?,
    };
    let mut values = [const { String::new() }; N];
    for (value, secret) in values.iter_mut().zip(&secrets) {
        *value = match environment.get(secret.value) {
            Some(given) => given.to_owned(),
            None => {
                let name = environment.require(secret.name)?;
                found
                    .remove(name)
                    .ok_or_else(|| unusable(secret.name, format!("there is no parameter {name}")))?
            }
        };
    }
    Ok(values)
}

fn unusable(name: &'static str, reason: String) -> StartError {
    StartError::InvalidVariable { name, reason }
}

async fn fetch(
    environment: &Environment,
    names: &[&str],
) -> Result<BTreeMap<String, String>, String> {
    // Each attempt has a time of its own, connecting included.
    let settings = HttpConnectorSettings::default();
    let connector = connector_trusting(Trust::of(environment), settings);
    let mut pause = FIRST_PAUSE;
    for attempt in 1.. {
        let exchange = tokio::time::timeout(ATTEMPT_TIMEOUT, ask(environment, &connector, names));
        let answer = exchange
            .await
            .unwrap_or_else(|_| Err(Failure::Passing("it timed out".to_owned())));
        match answer {
            Ok(found) => return Ok(found),
            Err(Failure::Passing(reason)) if attempt < ATTEMPTS => {
                tracing::warn!(reason, attempt, "the Parameter Store is asked again");
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            Err(Failure::Passing(reason) | Failure::Lasting(reason)) => {
                return Err(format!("the Parameter Store did not answer: {reason}"));
            }
        }
    }
    Err("no attempt was made".to_owned())
}

async fn ask(
    environment: &Environment,
    connector: &Connector,
    names: &[&str],
) -> Result<BTreeMap<String, String>, Failure> {
    let request = signed(environment, names).map_err(Failure::Lasting)?;
    let response = connector.call(request).await;
    let response = response.map_err(|error| Failure::Passing(format!("{error:?}")))?;
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES)
        .collect()
        .await
        .map_err(|error| Failure::Passing(error.to_string()))?
        .to_bytes();
    if status == 200 {
        // The error of a value that cannot be read might quote it.
        let found: Found = serde_json::from_slice(&body)
            .map_err(|_| Failure::Lasting("the answer cannot be read".to_owned()))?;
        let pairs = found.parameters.into_iter();
        return Ok(pairs.map(|one| (one.name, one.value)).collect());
    }
    let refused: Refused = serde_json::from_slice(&body).unwrap_or_default();
    let reason = format!("status {status}: {} {}", refused.kind, refused.message);
    match status >= 500 || status == 429 || refused.kind.contains("Throttl") {
        true => Err(Failure::Passing(reason)),
        false => Err(Failure::Lasting(reason)),
    }
}

/// `GetParameters` in the service's JSON protocol, signed by Signature Version 4.
fn signed(environment: &Environment, names: &[&str]) -> Result<Request, String> {
    let region = environment
        .require("AWS_REGION")
        .map_err(|error| error.to_string())?;
    let endpoint = match environment.get("AWS_ENDPOINT_URL") {
        Some(url) => format!("{}/", url.trim_end_matches('/')),
        None if region.starts_with("cn-") => format!("https://ssm.{region}.amazonaws.com.cn/"),
        None => format!("https://ssm.{region}.amazonaws.com/"),
    };
    let body = serde_json::json!({ "Names": names, "WithDecryption": true }).to_string();
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "AmazonSSM.GetParameters"),
    ];
    Signer::of(environment, "ssm")?.post(&endpoint, &headers, body, SystemTime::now())
}
