//! The AWS clients of a replay, made as any user's would be: the ordinary SDK, pointed at the endpoint.

use anyhow::Context as _;
use noren::Addresses;

/// Clients of the stack's AWS endpoint.
pub(super) struct Aws {
    pub(super) dynamodb: aws_sdk_dynamodb::Client,
    pub(super) sns: aws_sdk_sns::Client,
    pub(super) sqs: aws_sdk_sqs::Client,
}

impl Aws {
    pub(super) fn new(at: &Addresses) -> anyhow::Result<Self> {
        let variables = [
            ("AWS_ENDPOINT_URL", at.aws.as_str()),
            ("AWS_REGION", "ap-northeast-1"),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = door::sdk_config(&variables.into_iter().collect())?;
        // A long poll waits for longer than a function's calls may take.
        let patient = config
            .timeout_config()
            .map(|timeouts| timeouts.to_builder())
            .unwrap_or_default()
            .operation_attempt_timeout(std::time::Duration::from_secs(30))
            .operation_timeout(std::time::Duration::from_secs(90))
            .build();
        let config = config.to_builder().timeout_config(patient).build();
        Ok(Self {
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            sns: aws_sdk_sns::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
        })
    }

    /// The table whose name in the template is `logical_id`.
    pub(super) async fn table(&self, logical_id: &str) -> anyhow::Result<String> {
        let mut pages = self.dynamodb.list_tables().into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.context("the tables cannot be listed")?;
            let mut names = page.table_names().iter();
            if let Some(name) = names.find(|name| is_named(name, logical_id)) {
                return Ok(name.clone());
            }
        }
        anyhow::bail!("there is no table {logical_id}")
    }

    /// The topic whose name in the template is `logical_id`.
    pub(super) async fn topic(&self, logical_id: &str) -> anyhow::Result<String> {
        let mut pages = self.sns.list_topics().into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.context("the topics cannot be listed")?;
            let mut arns = page.topics().iter().filter_map(|topic| topic.topic_arn());
            let found = arns.find(|arn| {
                let name = arn.rsplit(':').next().unwrap_or_default();
                is_named(name, logical_id)
            });
            if let Some(arn) = found {
                return Ok(arn.to_owned());
            }
        }
        anyhow::bail!("there is no topic {logical_id}")
    }
}

/// CloudFormation names what has no name of its own `<stack>-<logical id>`, and on AWS appends letters of its own.
pub(super) fn is_named(name: &str, logical_id: &str) -> bool {
    name.split('-').any(|part| part == logical_id)
}
