//! A stack's functions, here or on AWS, by Lambda's own API: which there are, what they take messages and commits from,
//! and the answer of one invocation. Does not own what a payload means.

use anyhow::{Context as _, anyhow, bail};
use aws_config::SdkConfig;
use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::signed_api::SignedApi;

const LAMBDA: &str = "Lambda";
const LIST: &str = "/2015-03-31/functions/";
const LIST_MAPPINGS: &str = "/2015-03-31/event-source-mappings";
/// The alias that triggers invoke, which a deployment moves from version to version.
const ALIAS: &str = "live";

/// The functions' API.
pub(crate) struct Functions(SignedApi);

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

/// One page of a list of Lambda's.
trait Page: DeserializeOwned {
    type One;
    fn into_parts(self) -> (Vec<Self::One>, Option<String>);
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

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Mapped {
    event_source_mappings: Vec<Mapping>,
    #[serde(default)]
    next_marker: Option<String>,
}

/// What brings a queue's messages or a table's commits to a function.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Mapping {
    /// The queue's or the stream's ARN. A mapping of other services may have none.
    #[serde(default)]
    pub(crate) event_source_arn: String,
    /// On AWS with the alias.
    #[serde(default)]
    pub(crate) function_arn: String,
    /// `Enabled`, if it works; else `Creating`, `Enabling`, `Updating`, `Disabling`, `Disabled` or `Deleting`.
    #[serde(default)]
    pub(crate) state: String,
    /// Why it came to be so.
    #[serde(default)]
    pub(crate) state_transition_reason: Option<String>,
    /// What became of the last batch; begins with `PROBLEM` if nothing good. Lambda tells it of streams only.
    #[serde(default)]
    pub(crate) last_processing_result: Option<String>,
}

impl Page for Listed {
    type One = Named;

    fn into_parts(self) -> (Vec<Named>, Option<String>) {
        (self.functions, self.next_marker)
    }
}

impl Page for Mapped {
    type One = Mapping;

    fn into_parts(self) -> (Vec<Mapping>, Option<String>) {
        (self.event_source_mappings, self.next_marker)
    }
}

impl Mapping {
    /// The name of the queue, or of the stream's table.
    pub(crate) fn source(&self) -> &str {
        let arn = &self.event_source_arn;
        match arn.split_once(":table/") {
            Some((_, table)) => table.split('/').next().unwrap_or_default(),
            None => arn.rsplit(':').next().unwrap_or_default(),
        }
    }

    /// The function's own name.
    pub(crate) fn function(&self) -> &str {
        let (_, name) = self
            .function_arn
            .split_once(":function:")
            .unwrap_or_default();
        name.split(':').next().unwrap_or_default()
    }
}

impl Functions {
    /// Reaches the functions where the configuration says. Nothing is asked yet.
    pub(crate) fn of(config: &SdkConfig) -> anyhow::Result<Self> {
        SignedApi::of(config, "lambda").map(Self)
    }

    /// The names of all functions of the account and region.
    pub(crate) async fn list(&self) -> anyhow::Result<Vec<String>> {
        let all = self.all::<Listed>(LIST).await?;
        Ok(all.into_iter().map(|one| one.function_name).collect())
    }

    /// All mappings of the account and region.
    pub(crate) async fn mappings(&self) -> anyhow::Result<Vec<Mapping>> {
        self.all::<Mapped>(LIST_MAPPINGS).await
    }

    async fn all<P: Page>(&self, path: &str) -> anyhow::Result<Vec<P::One>> {
        let mut all = Vec::new();
        let mut page = path.to_owned();
        loop {
            let answer = self.0.ask("GET", &page, &[], String::new()).await?;
            if answer.status != 200 {
                bail!("{}", answer.refusal(LAMBDA));
            }
            let listed: P = serde_json::from_slice(&answer.body)
                .with_context(|| format!("the answer to {path} cannot be read"))?;
            let (found, marker) = listed.into_parts();
            all.extend(found);
            let Some(marker) = marker.filter(|marker| !marker.is_empty()) else {
                return Ok(all);
            };
            let marker =
                percent_encoding::utf8_percent_encode(&marker, percent_encoding::NON_ALPHANUMERIC);
            page = format!("{path}?Marker={marker}");
        }
    }

    /// Invokes a function once, and waits for its answer.
    pub(crate) async fn invoke(&self, name: &str, payload: String) -> Result<Bytes, InvokeError> {
        let path = format!("{LIST}{name}/invocations?Qualifier={ALIAS}");
        let headers = [("content-type", "application/json")];
        let answer = self.0.ask("POST", &path, &headers, payload).await?;
        match answer.status {
            200 if answer.headers.get("x-amz-function-error").is_some() => {
                let error: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
                let message = error["errorMessage"]
                    .as_str()
                    .unwrap_or("without a message");
                Err(InvokeError::Passing(format!("{name} failed: {message}")))
            }
            200 => Ok(answer.body),
            429 | 500.. => Err(InvokeError::Passing(answer.refusal(LAMBDA))),
            _ => Err(InvokeError::Lasting(anyhow!("{}", answer.refusal(LAMBDA)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_tells_where_it_takes_from_and_what_it_calls() {
        let mapping = |source: &str| Mapping {
            event_source_arn: source.to_owned(),
            function_arn: "arn:aws:lambda:ap-northeast-1:1:function:noren-OrdersFunction-a1:live"
                .to_owned(),
            ..Mapping::default()
        };
        let queue = mapping("arn:aws:sqs:ap-northeast-1:1:noren-OrdersQueue-b2");
        assert_eq!(queue.source(), "noren-OrdersQueue-b2");
        assert_eq!(queue.function(), "noren-OrdersFunction-a1");
        let stream = mapping(
            "arn:aws:dynamodb:ap-northeast-1:1:table/noren-OrdersTable-c3/stream/2026-11-24T00:00:00.000",
        );
        assert_eq!(stream.source(), "noren-OrdersTable-c3");
        assert_eq!(mapping("").source(), "");
    }
}
