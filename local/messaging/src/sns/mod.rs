//! SNS's operations, one file per kind.

mod publishing;
mod subscribing;
mod topics;

use serde::{Deserialize, Serialize};

use crate::Messaging;
use crate::queue_settings::Attributes;
use crate::rejection::{MessagingError, Rejection};
use crate::topic::SharedTopic;
use crate::wire::{Answer, Parameters, page_token, read_page_token};

/// Items of one page of any of SNS's lists.
const PAGE: usize = 100;

/// An operation that answers nothing.
#[derive(Debug, Serialize)]
pub(crate) struct Nothing {}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ShownAttributes {
    attributes: Attributes,
}

impl Messaging {
    pub(crate) async fn sns(
        &self,
        operation: &str,
        parameters: Parameters<'_>,
    ) -> Result<Answer, MessagingError> {
        macro_rules! run {
            ($operation:ident) => {{
                let (input, protocol) = parameters.read()?;
                let output = self.$operation(input).await?;
                Ok(protocol.answer(&output))
            }};
        }
        match operation {
            "Publish" => run!(sns_publish),
            "PublishBatch" => run!(sns_publish_batch),
            "CreateTopic" => run!(sns_create_topic),
            "DeleteTopic" => run!(sns_delete_topic),
            "ListTopics" => run!(sns_list_topics),
            "GetTopicAttributes" => run!(sns_get_topic_attributes),
            "SetTopicAttributes" => run!(sns_set_topic_attributes),
            "Subscribe" => run!(sns_subscribe),
            "Unsubscribe" => run!(sns_unsubscribe),
            "ListSubscriptions" => run!(sns_list_subscriptions),
            "ListSubscriptionsByTopic" => run!(sns_list_subscriptions_by_topic),
            "GetSubscriptionAttributes" => run!(sns_get_subscription_attributes),
            "SetSubscriptionAttributes" => run!(sns_set_subscription_attributes),
            "TagResource" => run!(sns_tag_resource),
            "UntagResource" => run!(sns_untag_resource),
            "ListTagsForResource" => run!(sns_list_tags_for_resource),
            _ => Err(Rejection::invalid_action(format!(
                "Could not find operation {operation} for version 2010-03-31"
            ))
            .into()),
        }
    }

    /// The topic that a request names. Counts the request, also where there is no such topic.
    fn addressed_topic(
        &self,
        arn: &str,
        operation: &'static str,
    ) -> Result<SharedTopic, Rejection> {
        self.count_topic(arn, operation);
        self.topic_by_arn(arn)
    }

    fn count_topic(&self, arn: &str, operation: &'static str) {
        self.inner
            .requests
            .count(self.identity().topic_name(arn).unwrap_or(arn), operation);
    }
}

/// One page of a list in the order of its keys, and the token of the next.
fn page<T>(
    items: Vec<T>,
    key: impl Fn(&T) -> &str,
    token: Option<&str>,
) -> Result<(Vec<T>, Option<String>), Rejection> {
    let after = token
        .map(|token| {
            read_page_token(token)
                .ok_or_else(|| Rejection::sns_invalid_parameter("Invalid parameter: NextToken"))
        })
        .transpose()?;
    let mut left: Vec<T> = items
        .into_iter()
        .filter(|item| {
            after
                .as_ref()
                .is_none_or(|after| key(item) > after.as_str())
        })
        .collect();
    left.sort_by(|a, b| key(a).cmp(key(b)));
    let more = left.len() > PAGE;
    left.truncate(PAGE);
    let next = left
        .last()
        .filter(|_| more)
        .map(|last| page_token(key(last)));
    Ok((left, next))
}
