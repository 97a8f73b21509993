//! CreateQueue and the other operations on a queue as a whole.

use serde::{Deserialize, Serialize};

use super::Nothing;
use crate::Messaging;
use crate::queue::Queue;
use crate::queue_settings::{Attributes, COMPUTED, is_known};
use crate::queues::WhenTaken;
use crate::rejection::{MessagingError, Rejection};
use crate::wire::{integer, page_token, read_page_token};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct CreateQueue {
    queue_name: String,
    attributes: Attributes,
    // The JSON protocol, alone among its names, writes this one in lower case.
    #[serde(alias = "tags")]
    tags: Attributes,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct GetQueueUrl {
    queue_name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ListQueues {
    queue_name_prefix: String,
    next_token: Option<String>,
    #[serde(deserialize_with = "integer")]
    max_results: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ListDeadLetterSourceQueues {
    queue_url: String,
    next_token: Option<String>,
    #[serde(deserialize_with = "integer")]
    max_results: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct OfQueue {
    queue_url: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct GetQueueAttributes {
    queue_url: String,
    attribute_names: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct SetQueueAttributes {
    queue_url: String,
    attributes: Attributes,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct QueueUrl {
    queue_url: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct QueueUrls {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    queue_urls: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct SourceQueueUrls {
    #[serde(rename = "queueUrls")]
    queue_urls: Vec<String>,
    #[serde(rename = "NextToken", skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct QueueAttributes {
    #[serde(skip_serializing_if = "Attributes::is_empty")]
    attributes: Attributes,
}

impl Messaging {
    pub(super) async fn sqs_create_queue(
        &self,
        input: CreateQueue,
    ) -> Result<QueueUrl, MessagingError> {
        self.inner.requests.count(&input.queue_name, "CreateQueue");
        let queue = self
            .put_queue(
                &input.queue_name,
                input.attributes,
                input.tags,
                WhenTaken::MustAgree,
            )
            .await?;
        Ok(QueueUrl {
            queue_url: self.identity().queue_url(&queue.name),
        })
    }

    pub(super) async fn sqs_get_queue_url(
        &self,
        input: GetQueueUrl,
    ) -> Result<QueueUrl, MessagingError> {
        if input.queue_name.is_empty() {
            return Err(Rejection::missing("QueueName").into());
        }
        let queue = self.addressed(&input.queue_name, "GetQueueUrl")?;
        Ok(QueueUrl {
            queue_url: self.identity().queue_url(&queue.name),
        })
    }

    pub(super) async fn sqs_list_queues(
        &self,
        input: ListQueues,
    ) -> Result<QueueUrls, MessagingError> {
        self.inner.requests.count("", "ListQueues");
        let names = self
            .queues()
            .iter()
            .map(|queue| queue.name.clone())
            .collect::<Vec<_>>();
        let names = names
            .into_iter()
            .filter(|name| name.starts_with(&input.queue_name_prefix))
            .collect();
        let (queue_urls, next_token) =
            self.page(names, input.max_results, input.next_token.as_deref())?;
        Ok(QueueUrls {
            queue_urls,
            next_token,
        })
    }

    pub(super) async fn sqs_list_dead_letter_source_queues(
        &self,
        input: ListDeadLetterSourceQueues,
    ) -> Result<SourceQueueUrls, MessagingError> {
        let target = self.addressed(&input.queue_url, "ListDeadLetterSourceQueues")?;
        let names = self
            .queues()
            .iter()
            .filter(|queue| queue.dead_letter_target().as_deref() == Some(&target.arn))
            .map(|queue| queue.name.clone())
            .collect();
        let (queue_urls, next_token) =
            self.page(names, input.max_results, input.next_token.as_deref())?;
        Ok(SourceQueueUrls {
            queue_urls,
            next_token,
        })
    }

    pub(super) async fn sqs_delete_queue(&self, input: OfQueue) -> Result<Nothing, MessagingError> {
        let queue = self.addressed(&input.queue_url, "DeleteQueue")?;
        self.delete_queue(&queue).await?;
        Ok(Nothing {})
    }

    pub(super) async fn sqs_purge_queue(&self, input: OfQueue) -> Result<Nothing, MessagingError> {
        let queue = self.addressed(&input.queue_url, "PurgeQueue")?;
        self.purge_queue(&queue).await?;
        Ok(Nothing {})
    }

    pub(super) async fn sqs_get_queue_attributes(
        &self,
        input: GetQueueAttributes,
    ) -> Result<QueueAttributes, MessagingError> {
        let queue = self.addressed(&input.queue_url, "GetQueueAttributes")?;
        let all = input.attribute_names.iter().any(|name| name == "All");
        if let Some(unknown) = input
            .attribute_names
            .iter()
            .find(|name| *name != "All" && !is_known(name))
        {
            return Err(
                Rejection::invalid_attribute_name(format!("Unknown Attribute {unknown}.")).into(),
            );
        }
        let mut attributes = self.queue_attributes(&queue);
        attributes.retain(|name, _| all || input.attribute_names.contains(name));
        Ok(QueueAttributes { attributes })
    }

    pub(super) async fn sqs_set_queue_attributes(
        &self,
        input: SetQueueAttributes,
    ) -> Result<Nothing, MessagingError> {
        let queue = self.addressed(&input.queue_url, "SetQueueAttributes")?;
        if let Some(name) = input
            .attributes
            .keys()
            .find(|name| COMPUTED.contains(&name.as_str()))
        {
            return Err(
                Rejection::invalid_attribute_name(format!("Unknown Attribute {name}.")).into(),
            );
        }
        self.set_queue_attributes(&queue, &input.attributes).await?;
        Ok(Nothing {})
    }

    fn queue_attributes(&self, queue: &Queue) -> Attributes {
        self.settled(queue, |contents| {
            let depth = contents.depth();
            let mut attributes = contents.settings.shown();
            let computed = [
                ("ApproximateNumberOfMessages", depth.visible.to_string()),
                (
                    "ApproximateNumberOfMessagesDelayed",
                    depth.delayed.to_string(),
                ),
                (
                    "ApproximateNumberOfMessagesNotVisible",
                    depth.in_flight.to_string(),
                ),
                ("CreatedTimestamp", (queue.created_ms / 1000).to_string()),
                (
                    "LastModifiedTimestamp",
                    (contents.modified_ms / 1000).to_string(),
                ),
                ("QueueArn", queue.arn.clone()),
            ];
            attributes.extend(computed.map(|(name, value)| (name.to_owned(), value)));
            attributes
        })
    }

    /// One page of queue URLs, by name. Without `max_results` SQS gives up to 1,000 and no token.
    fn page(
        &self,
        names: Vec<String>,
        max_results: Option<i64>,
        token: Option<&str>,
    ) -> Result<(Vec<String>, Option<String>), Rejection> {
        let most = match max_results {
            None => 1000,
            Some(most @ 1..=1000) => usize::try_from(most).unwrap_or(1000),
            Some(most) => {
                return Err(Rejection::parameter(
                    most,
                    "MaxResults",
                    "Must be between 1 and 1000",
                ));
            }
        };
        let after = token
            .map(|token| {
                read_page_token(token)
                    .ok_or_else(|| Rejection::parameter(token, "NextToken", "Invalid NextToken"))
            })
            .transpose()?;
        let mut left = names
            .into_iter()
            .filter(|name| after.as_ref().is_none_or(|after| name > after));
        let page: Vec<String> = left.by_ref().take(most).collect();
        let more = max_results.is_some() && left.next().is_some();
        let next_token = page.last().filter(|_| more).map(|last| page_token(last));
        Ok((
            page.iter()
                .map(|name| self.identity().queue_url(name))
                .collect(),
            next_token,
        ))
    }
}
