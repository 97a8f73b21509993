//! Spans to a collector, by OTLP over HTTP in JSON, at the end of an invocation and before it is answered: a Lambda
//! environment is frozen as soon as it has answered. Where no collector is named, nothing of this is done.

use std::sync::OnceLock;
use std::time::Duration;

use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::http::Request;
use aws_smithy_types::body::SdkBody;
use trace::Span;

use crate::Environment;

/// What an invocation waits for a collector at most. A collector that is down makes every invocation that much slower, so it
/// is short, and the collector should stand close.
const TIMEOUT: Duration = Duration::from_millis(500);

/// A collector that takes OTLP/HTTP.
pub(crate) struct Exporter {
    service: String,
    url: String,
    headers: Vec<(String, String)>,
    connector: OnceLock<Connector>,
}

impl Exporter {
    /// The collector that `OTEL_EXPORTER_OTLP_ENDPOINT` names, if any, with the headers of
    /// `OTEL_EXPORTER_OTLP_HEADERS` (`name=value`, separated by commas), both as OpenTelemetry defines them. The
    /// service is `OTEL_SERVICE_NAME`, or else the function's own name.
    pub fn of(environment: &Environment) -> Option<Self> {
        let endpoint = environment.get("OTEL_EXPORTER_OTLP_ENDPOINT")?;
        let headers = environment.get("OTEL_EXPORTER_OTLP_HEADERS");
        let headers = headers.unwrap_or_default().split(',');
        let header = |pair: &str| {
            let (name, value) = pair.split_once('=')?;
            let value = percent_encoding::percent_decode_str(value.trim());
            let value = value.decode_utf8_lossy().into_owned();
            Some((name.trim().to_ascii_lowercase(), value))
        };
        let service = ["OTEL_SERVICE_NAME", "SERVICE_NAME"];
        let service = service.iter().find_map(|name| environment.get(name));
        Some(Self {
            service: service.unwrap_or("function").to_owned(),
            url: format!("{}/v1/traces", endpoint.trim_end_matches('/')),
            headers: headers.filter_map(header).collect(),
            connector: OnceLock::new(),
        })
    }

    /// Sends the spans. What does not get through is lost: a trace is for looking at, and no work depends on it.
    pub async fn export(&self, spans: &[Span]) {
        if spans.is_empty() {
            return;
        }
        let sent = tokio::time::timeout(TIMEOUT, self.send(spans)).await;
        let failure = match sent {
            Ok(Ok(())) => return,
            Ok(Err(reason)) => reason,
            Err(_) => format!("no answer within {} ms", TIMEOUT.as_millis()),
        };
        tracing::warn!(reason = failure, "spans did not reach the collector");
    }

    async fn send(&self, spans: &[Span]) -> Result<(), String> {
        let body = trace::to_otlp(&self.service, spans).to_string();
        let mut request = Request::new(SdkBody::from(body));
        request
            .set_method("POST")
            .map_err(|error| error.to_string())?;
        request
            .set_uri(self.url.clone())
            .map_err(|error| error.to_string())?;
        let headers = request.headers_mut();
        headers.insert("content-type", "application/json");
        for (name, value) in &self.headers {
            headers
                .try_insert(name.clone(), value.clone())
                .map_err(|error| error.to_string())?;
        }
        let connector = self.connector.get_or_init(connector);
        let answer = connector.call(request).await;
        let status = answer.map_err(|error| error.to_string())?.status();
        if status.is_success() {
            Ok(())
        } else {
            Err(format!("status {}", status.as_u16()))
        }
    }
}

fn connector() -> Connector {
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(TIMEOUT)
        .read_timeout(TIMEOUT)
        .build();
    Connector::builder()
        .tls_provider(tls::Provider::Rustls(
            tls::rustls_provider::CryptoMode::AwsLc,
        ))
        .connector_settings(settings)
        .build()
}
