//! Spans to a collector, by OTLP over HTTP in JSON, at the end of an invocation and before it is answered: a Lambda
//! environment is frozen as soon as it has answered. Where no collector is named, nothing of this is done.
//!
//! X-Ray is such a collector: it takes OTLP at `https://xray.<region>.amazonaws.com/v1/traces`, in JSON as well, from whom
//! Signature Version 4 tells that he may.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::http::Request;
use aws_smithy_types::body::SdkBody;
use trace::Span;

use crate::Environment;
use crate::signature::Signer;

/// What an invocation waits for a collector at most. A collector that is down makes every invocation that much slower, so it
/// is short, and the collector should stand close.
const TIMEOUT: Duration = Duration::from_millis(500);

/// A collector that takes OTLP/HTTP.
pub(crate) struct Exporter {
    service: String,
    url: String,
    headers: Vec<(String, String)>,
    signer: Option<Signer>,
    connector: OnceLock<Connector>,
}

impl Exporter {
    /// The collector that `OTEL_EXPORTER_OTLP_ENDPOINT` names, if any, with the headers of
    /// `OTEL_EXPORTER_OTLP_HEADERS` (`name=value`, separated by commas), both as OpenTelemetry defines them. The
    /// service is `OTEL_SERVICE_NAME`, or else the function's own name. What goes to X-Ray is signed with the function's
    /// credentials.
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
        let signer = is_x_ray(endpoint).then(|| Signer::of(environment, "xray"));
        let signer = signer.transpose().unwrap_or_else(|reason| {
            tracing::warn!(reason, "spans for X-Ray cannot be signed");
            None
        });
        let service = ["OTEL_SERVICE_NAME", "SERVICE_NAME"];
        let service = service.iter().find_map(|name| environment.get(name));
        Some(Self {
            service: service.unwrap_or("function").to_owned(),
            url: format!("{}/v1/traces", endpoint.trim_end_matches('/')),
            headers: headers.filter_map(header).collect(),
            signer,
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
        let request = self.request(body, SystemTime::now())?;
        let connector = self.connector.get_or_init(connector);
        let answer = connector.call(request).await;
        let status = answer.map_err(|error| error.to_string())?.status();
        if status.is_success() {
            Ok(())
        } else {
            Err(format!("status {}", status.as_u16()))
        }
    }

    fn request(&self, body: String, now: SystemTime) -> Result<Request, String> {
        let given = self.headers.iter();
        let given = given.map(|(name, value)| (name.as_str(), value.as_str()));
        let headers: Vec<_> = std::iter::once(("content-type", "application/json"))
            .chain(given)
            .collect();
        if let Some(signer) = &self.signer {
            return signer.post(&self.url, &headers, body, now);
        }
        let mut request = http::Request::builder().method("POST").uri(&self.url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request
            .body(SdkBody::from(body))
            .map_err(|error| error.to_string())?;
        Request::try_from(request).map_err(|error| error.to_string())
    }
}

/// Whether the endpoint is X-Ray's own, of whatever region and partition.
fn is_x_ray(endpoint: &str) -> bool {
    let host = endpoint.strip_prefix("https://xray.");
    let host = host.map(|host| host.trim_end_matches('/'));
    host.is_some_and(|host| host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn"))
}

fn connector() -> Connector {
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(TIMEOUT)
        .read_timeout(TIMEOUT)
        .build();
    crate::connector(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exporter(endpoint: &str) -> Exporter {
        let variables = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            (
                "AWS_SECRET_ACCESS_KEY",
                "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            ),
            ("AWS_SESSION_TOKEN", "a-session"),
            ("AWS_REGION", "ap-northeast-1"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Exporter::of(&Environment::from_iter(variables)).expect("an endpoint is named")
    }

    fn headers_of(endpoint: &str) -> Vec<(String, String)> {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_512_600);
        let request = exporter(endpoint)
            .request("{\"resourceSpans\":[]}".to_owned(), at)
            .expect("a request");
        let headers = request.headers().iter();
        headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// The signature is that which botocore, which shares no code with this, makes of the same request.
    #[test]
    fn what_goes_to_x_ray_is_signed() {
        let headers = headers_of("https://xray.ap-northeast-1.amazonaws.com");
        let value = |wanted: &str| {
            let mut found = headers.iter().filter(|(name, _)| name == wanted);
            found.next().map(|(_, value)| value.as_str())
        };
        assert_eq!(value("x-amz-date"), Some("20261124T093000Z"));
        assert_eq!(value("x-amz-security-token"), Some("a-session"));
        assert_eq!(
            value("authorization"),
            Some(concat!(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261124/ap-northeast-1/xray/aws4_request, ",
                "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, ",
                "Signature=f58a2ad3cde9964bff97a72b9c6ef82d4e705dc4d66bdebd40b40a61981f908c"
            ))
        );
    }

    #[test]
    fn what_goes_elsewhere_is_not() {
        for endpoint in [
            "http://127.0.0.1:4318",
            "https://xray.example.com",
            "https://xray.amazonaws.com.example.com",
            "https://collector.example.com/xray.ap-northeast-1.amazonaws.com",
        ] {
            let headers = headers_of(endpoint);
            assert_eq!(
                headers,
                [("content-type".to_owned(), "application/json".to_owned())]
            );
        }
    }
}
