//! The clients of a function, made once at its start: of AWS, and the connections of whatever else it calls.

use std::sync::OnceLock;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_http_client::{Builder, Connector, tls};
use aws_smithy_runtime_api::client::http::HttpConnectorSettings;
use publisher::SnsPublisher;
use store::DynamoDbStore;

use crate::trust::Trust;
use crate::{Environment, MissingVariable, SqsDeadLetters};

/// Time-outs of the SDK: it has none of its own, and a call must end well before the function's ten seconds do, so
/// that a retry still fits.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(7);
const MAX_ATTEMPTS: u32 = 3;

/// The one HTTP client of this process for whatever has no environment of a function, shared by all its SDK clients. It trusts
/// whom the machine trusts.
///
/// ```
/// let sqs = aws_sdk_sqs::Config::builder().http_client(door::http_client());
/// # drop(sqs);
/// ```
pub fn http_client() -> SharedHttpClient {
    client_trusting(Trust::Machine)
}

/// The one HTTP client of this process that trusts so.
fn client_trusting(trust: Trust) -> SharedHttpClient {
    static OF_AMAZON: OnceLock<SharedHttpClient> = OnceLock::new();
    static OF_MACHINE: OnceLock<SharedHttpClient> = OnceLock::new();
    let client = match trust {
        Trust::Amazon => &OF_AMAZON,
        Trust::Machine => &OF_MACHINE,
    };
    let make = || {
        let builder = Builder::new().tls_provider(tls_provider());
        builder.tls_context(trust.context()).build_https()
    };
    client.get_or_init(make).clone()
}

/// Connections to a service that no client of the SDK is for, with those time-outs; one is kept for the next call. Making it
/// reads the machine's certificates, so whoever may not need it makes it when it is first asked for.
///
/// ```
/// use std::time::Duration;
/// use aws_smithy_runtime_api::client::http::HttpConnectorSettings;
///
/// let settings = HttpConnectorSettings::builder().connect_timeout(Duration::from_secs(1)).build();
/// let connections = door::connector(settings);
/// # drop(connections);
/// ```
pub fn connector(settings: HttpConnectorSettings) -> Connector {
    connector_trusting(Trust::Machine, settings)
}

/// Connections that trust so.
pub(crate) fn connector_trusting(trust: Trust, settings: HttpConnectorSettings) -> Connector {
    Connector::builder()
        .tls_provider(tls_provider())
        .tls_context(trust.context())
        .connector_settings(settings)
        .build()
}

/// The one choice of who encrypts: with another beside it, each function would carry both.
fn tls_provider() -> tls::Provider {
    tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc)
}

/// The SDK's settings by the function's environment: region, credentials, and the endpoint where it is not AWS's own.
///
/// Lambda puts credentials in the environment for as long as the environment lives, so no other provider is asked and
/// none can delay a start.
///
/// # Errors
/// When region or credentials are missing.
///
/// ```
/// use door::{Environment, sdk_config};
///
/// let environment: Environment = [
///     ("AWS_REGION", "eu-central-1"),
///     ("AWS_ACCESS_KEY_ID", "an-id"),
///     ("AWS_SECRET_ACCESS_KEY", "a-secret"),
/// ]
/// .map(|(name, value)| (name.to_owned(), value.to_owned()))
/// .into_iter()
/// .collect();
/// let config = sdk_config(&environment).unwrap();
/// assert_eq!(config.region().unwrap().as_ref(), "eu-central-1");
/// assert_eq!(sdk_config(&Environment::default()).unwrap_err().0, "AWS_ACCESS_KEY_ID");
/// ```
pub fn sdk_config(environment: &Environment) -> Result<SdkConfig, MissingVariable> {
    let credentials = Credentials::new(
        environment.require("AWS_ACCESS_KEY_ID")?,
        environment.require("AWS_SECRET_ACCESS_KEY")?,
        environment.get("AWS_SESSION_TOKEN").map(str::to_owned),
        None,
        "environment",
    );
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build();
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(environment.require("AWS_REGION")?.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(client_trusting(Trust::of(environment)))
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS));
    if let Some(endpoint) = environment.get("AWS_ENDPOINT_URL") {
        config = config.endpoint_url(endpoint);
    }
    Ok(config.build())
}

/// The function's own table, by `TABLE_NAME`.
///
/// # Errors
/// When the variable is missing.
pub(crate) fn dynamodb_store(
    config: &SdkConfig,
    environment: &Environment,
) -> Result<DynamoDbStore, MissingVariable> {
    let table = environment.require("TABLE_NAME")?;
    Ok(DynamoDbStore::new(
        aws_sdk_dynamodb::Client::new(config),
        table,
    ))
}

/// The function's own topic, by `TOPIC_ARN`.
///
/// # Errors
/// When the variable is missing.
pub(crate) fn sns_publisher(
    config: &SdkConfig,
    environment: &Environment,
) -> Result<SnsPublisher, MissingVariable> {
    let topic_arn = environment.require("TOPIC_ARN")?;
    Ok(SnsPublisher::new(
        aws_sdk_sns::Client::new(config),
        topic_arn,
    ))
}

/// The dead-letter queue of the function's own queue, by `DEAD_LETTER_QUEUE_URL`.
///
/// # Errors
/// When the variable is missing.
pub(crate) fn sqs_dead_letters(
    config: &SdkConfig,
    environment: &Environment,
) -> Result<SqsDeadLetters, MissingVariable> {
    let queue_url = environment.require("DEAD_LETTER_QUEUE_URL")?;
    Ok(SqsDeadLetters::new(
        aws_sdk_sqs::Client::new(config),
        queue_url,
    ))
}
