//! A stack that runs, here or on AWS, as its operator reaches it: the ordinary SDK clients, and which table, topic and
//! queue is which.
//!
//! Names are read off the resources themselves: CloudFormation names what has no name of its own
//! `<stack>-<logical id>-<letters>`, and the local engine `<stack>-<logical id>`. So no template has to be at hand, and
//! no permission is needed but to list. A stack's name must be short enough that CloudFormation cuts nothing off: with
//! the longest logical id, of 36 letters, that is 29 letters for a queue's 80.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::error::SdkError;
use dead_letters::logical_id;

use crate::alarms::{Alarm, Alarms};
use crate::ending::Misuse;
use crate::functions::{Functions, Mapping};
use crate::signed_api::NoAnswer;
use crate::which_stack::{Place, Where};

/// A running stack.
pub(crate) struct Deployment {
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) sns: aws_sdk_sns::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) lambda: Functions,
    alarms: Alarms,
    /// The beginning of every name in it.
    pub(crate) stack: String,
    /// The endpoint, where it is not AWS's own.
    pub(crate) endpoint: Option<String>,
}

impl Deployment {
    /// Makes the clients. Nothing is asked yet.
    pub(crate) async fn reach(at: &Where) -> anyhow::Result<Self> {
        Self::at(at.place()?).await
    }

    /// Makes the clients of the stack at a place. Nothing is asked yet.
    pub(crate) async fn at(place: Place) -> anyhow::Result<Self> {
        let local = sam_template::Parameters::default();
        let (config, stack, endpoint) = match place {
            Place::Aws { stack, region } => (of_aws(region).await?, stack, None),
            Place::Endpoint(endpoint) => {
                let config = of_endpoint(&endpoint, &local.region)?;
                (config, local.stack_name, Some(endpoint))
            }
        };
        Ok(Self {
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            sns: aws_sdk_sns::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
            lambda: Functions::of(&config)?,
            alarms: Alarms::of(&config)?,
            stack,
            endpoint,
        })
    }

    /// The tables, by logical id.
    pub(crate) async fn tables(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let mut found = BTreeMap::new();
        let mut pages = self.dynamodb.list_tables().into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.unlisted("tables", error))?;
            for name in page.table_names() {
                if let Some(logical_id) = self.logical_id(name) {
                    found.insert(logical_id.to_owned(), name.clone());
                }
            }
        }
        self.there(found, "table")
    }

    /// The ARNs of the contexts' topics, by logical id.
    pub(crate) async fn topics(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let mut found = BTreeMap::new();
        let mut pages = self.sns.list_topics().into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.unlisted("topics", error))?;
            for arn in page.topics().iter().filter_map(|topic| topic.topic_arn()) {
                let name = arn.rsplit(':').next().unwrap_or_default();
                // Alarms are told to people, and are no events.
                if let Some(logical_id) = self.logical_id(name).filter(|id| *id != "AlarmTopic") {
                    found.insert(logical_id.to_owned(), arn.to_owned());
                }
            }
        }
        self.there(found, "topic")
    }

    /// The URLs of the queues, by logical id.
    pub(crate) async fn queues(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let mut found = BTreeMap::new();
        let prefix = format!("{}-", self.stack);
        let list = self.sqs.list_queues().queue_name_prefix(prefix);
        let mut pages = list.max_results(1000).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.unlisted("queues", error))?;
            for url in page.queue_urls() {
                let name = url.rsplit('/').next().unwrap_or_default();
                if let Some(logical_id) = self.logical_id(name) {
                    found.insert(logical_id.to_owned(), url.clone());
                }
            }
        }
        self.there(found, "queue")
    }

    /// The names of the functions, by logical id.
    pub(crate) async fn functions(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let names = self.lambda.list().await;
        let names = names.map_err(|error| self.unasked("functions", error))?;
        let ours = names.into_iter().filter_map(|name| {
            let logical_id = self.logical_id(&name)?.to_owned();
            Some((logical_id, name))
        });
        self.there(ours.collect(), "function")
    }

    /// What brings messages and commits to the stack's functions, by the logical id of the queue or table.
    pub(crate) async fn mappings(&self) -> anyhow::Result<Vec<(String, Mapping)>> {
        let mappings = self.lambda.mappings().await;
        let mappings = mappings.map_err(|error| self.unasked("triggers", error))?;
        let ours = mappings.into_iter().filter_map(|mapping| {
            self.logical_id(mapping.function())?;
            let source = self.logical_id(mapping.source())?.to_owned();
            Some((source, mapping))
        });
        Ok(ours.collect())
    }

    /// The alarms, by logical id. Only AWS has any.
    pub(crate) async fn alarms(&self) -> anyhow::Result<Vec<(String, Alarm)>> {
        let alarms = self.alarms.beginning(&format!("{}-", self.stack)).await;
        let alarms = alarms.map_err(|error| self.unasked("alarms", error))?;
        let ours = alarms.into_iter().filter_map(|alarm| {
            let logical_id = self.logical_id(&alarm.alarm_name)?.to_owned();
            Some((logical_id, alarm))
        });
        Ok(ours.collect())
    }

    /// The logical id in a name of this stack.
    fn logical_id<'a>(&self, name: &'a str) -> Option<&'a str> {
        logical_id(&self.stack, name)
    }

    fn there(
        &self,
        found: BTreeMap<String, String>,
        what: &str,
    ) -> anyhow::Result<BTreeMap<String, String>> {
        if found.is_empty() {
            bail!(
                "{} has no {what} whose name begins with {}-",
                self.place(),
                self.stack
            );
        }
        Ok(found)
    }

    /// Why a list could not be had. Where nothing listens, what to do about it says more than what the system said.
    fn unlisted<E, R>(&self, what: &str, error: SdkError<E, R>) -> anyhow::Error
    where
        E: std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let is_silent = match &error {
            SdkError::DispatchFailure(failure) => failure.is_io() || failure.is_timeout(),
            _ => false,
        };
        // Without credentials, or a network, no request leaves.
        let is_unsent = matches!(
            error,
            SdkError::ConstructionFailure(_)
                | SdkError::DispatchFailure(_)
                | SdkError::TimeoutError(_)
        );
        match &self.endpoint {
            Some(endpoint) if is_silent => silent(endpoint),
            None if is_unsent => anyhow::Error::new(error).context(Silent(self.unreachable(what))),
            Some(_) | None => anyhow::Error::new(error).context(self.unreachable(what)),
        }
    }

    /// The same of a request without the SDK.
    fn unasked(&self, what: &str, error: anyhow::Error) -> anyhow::Error {
        match (error.is::<NoAnswer>(), &self.endpoint) {
            (true, Some(endpoint)) => silent(endpoint),
            (true, None) | (false, _) => error.context(self.unreachable(what)),
        }
    }

    fn unreachable(&self, what: &str) -> String {
        format!("the {what} of {} cannot be listed", self.place())
    }

    /// Which stack this is, in words.
    pub(crate) fn place(&self) -> String {
        match &self.endpoint {
            Some(endpoint) => format!("the stack at {endpoint}"),
            None => format!("the stack {} on AWS", self.stack),
        }
    }
}

/// Nothing answers where the stack should be, or nothing can be asked there, so there is no use in asking for more.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Silent(String);

fn silent(endpoint: &str) -> anyhow::Error {
    let words = format!(
        "nothing answers at {endpoint}: `noren up` starts a stack there or elsewhere; --endpoint names another on this machine, --stack one on AWS"
    );
    Silent(words).into()
}

/// What the clients of a stack on this machine are made with.
pub(crate) fn of_endpoint(endpoint: &str, region: &str) -> anyhow::Result<SdkConfig> {
    let variables = [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_REGION", region),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let config = door::sdk_config(&variables.into_iter().collect())?;
    Ok(patient(&config))
}

async fn of_aws(region: Option<String>) -> anyhow::Result<SdkConfig> {
    let mut loader =
        aws_config::defaults(BehaviorVersion::v2026_01_12()).http_client(door::http_client());
    if let Some(region) = region {
        loader = loader.region(Region::new(region));
    }
    let config = loader.load().await;
    if config.region().is_none() {
        bail!(Misuse(
            "no region is set: give --region, AWS_REGION, or one in the profile".to_owned()
        ));
    }
    Ok(patient(&config))
}

/// A long poll waits for longer than a function's calls may take.
fn patient(config: &SdkConfig) -> SdkConfig {
    let timeouts = config
        .timeout_config()
        .map(|timeouts| timeouts.to_builder())
        .unwrap_or_default()
        .operation_attempt_timeout(std::time::Duration::from_secs(30))
        .operation_timeout(std::time::Duration::from_secs(90))
        .build();
    config.to_builder().timeout_config(timeouts).build()
}

/// Runs a command's future to its end, on this thread alone.
pub(crate) fn block_on<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime could not be started")?
        .block_on(future)
}
