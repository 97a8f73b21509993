//! A stack's alarms on AWS, by CloudWatch's own API in its JSON form. Does not own what an alarm is about.

use anyhow::{Context as _, bail};
use aws_config::SdkConfig;
use serde::Deserialize;
use serde_json::json;

use crate::signed_api::SignedApi;

/// The operation, as CloudWatch's JSON form names it.
const TARGET: &str = "GraniteServiceVersion20100801.DescribeAlarms";

/// The alarms' API.
pub(crate) struct Alarms(SignedApi);

/// One alarm.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Alarm {
    pub(crate) alarm_name: String,
    /// What it watches, as the template says.
    #[serde(default)]
    pub(crate) alarm_description: Option<String>,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    #[serde(default)]
    pub(crate) state_value: String,
    /// Why, in CloudWatch's words.
    #[serde(default)]
    pub(crate) state_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    #[serde(default)]
    metric_alarms: Vec<Alarm>,
    #[serde(default)]
    next_token: Option<String>,
}

impl Alarms {
    /// Reaches the alarms where the configuration says. Nothing is asked yet.
    pub(crate) fn of(config: &SdkConfig) -> anyhow::Result<Self> {
        SignedApi::of(config, "monitoring").map(Self)
    }

    /// All alarms of metrics whose names begin so.
    pub(crate) async fn beginning(&self, with: &str) -> anyhow::Result<Vec<Alarm>> {
        let headers = [
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-target", TARGET),
        ];
        let mut alarms = Vec::new();
        let mut token = None;
        loop {
            let mut wanted = json!({ "AlarmNamePrefix": with, "MaxRecords": 100 });
            if let Some(token) = token {
                wanted["NextToken"] = json!(token);
            }
            let answer = self
                .0
                .ask("POST", "/", &headers, wanted.to_string())
                .await?;
            if answer.status != 200 {
                bail!("{}", answer.refusal("CloudWatch"));
            }
            let described: Described = serde_json::from_slice(&answer.body)
                .context("the list of alarms cannot be read")?;
            alarms.extend(described.metric_alarms);
            token = described.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(alarms);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::Json;
    use axum::http::HeaderMap;
    use axum::routing::post;
    use serde_json::Value;

    use super::*;
    use crate::deployment::of_endpoint;

    /// A CloudWatch of three alarms on two pages, which asks for what the real one asks for.
    async fn page(headers: HeaderMap, body: String) -> Json<Value> {
        let wanted: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(headers["x-amz-target"], TARGET);
        let authorization = headers["authorization"].to_str().unwrap();
        assert!(
            authorization.contains("/monitoring/aws4_request"),
            "{authorization}"
        );
        assert!(authorization.contains("x-amz-target"), "{authorization}");
        assert_eq!(wanted["AlarmNamePrefix"], "noren-");
        let alarm = |name: &str, state: &str| json!({ "AlarmName": name, "StateValue": state });
        Json(match wanted["NextToken"].as_str() {
            None => {
                json!({ "MetricAlarms": [alarm("noren-A", "OK"), alarm("noren-B", "ALARM")], "NextToken": "2" })
            }
            Some(token) => {
                assert_eq!(token, "2");
                json!({ "MetricAlarms": [alarm("noren-C", "INSUFFICIENT_DATA")], "CompositeAlarms": [] })
            }
        })
    }

    #[tokio::test]
    async fn all_pages_are_asked_for_with_signed_requests() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let service = axum::Router::new().route("/", post(page));
        let server = tokio::spawn(async { axum::serve(listener, service).await });
        let config = of_endpoint(&address, "ap-northeast-1").unwrap();
        let alarms = Alarms::of(&config)
            .unwrap()
            .beginning("noren-")
            .await
            .unwrap();
        let states: Vec<&str> = alarms
            .iter()
            .map(|alarm| alarm.state_value.as_str())
            .collect();
        assert_eq!(states, ["OK", "ALARM", "INSUFFICIENT_DATA"]);
        server.abort();
    }
}
