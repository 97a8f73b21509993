//! CreateTopic and the other operations on a topic as a whole, with its tags.

use serde::{Deserialize, Serialize};

use super::{Nothing, ShownAttributes, Tag, page};
use crate::Messaging;
use crate::queue_settings::Attributes;
use crate::queues::WhenTaken;
use crate::rejection::{MessagingError, Rejection};

/// Tags that a topic may have.
const MOST_TAGS: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct CreateTopic {
    name: String,
    attributes: Attributes,
    tags: Vec<Tag>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct OfTopic {
    topic_arn: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ListTopics {
    next_token: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct SetTopicAttributes {
    topic_arn: String,
    attribute_name: String,
    attribute_value: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct TagResource {
    resource_arn: String,
    tags: Vec<Tag>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct UntagResource {
    resource_arn: String,
    tag_keys: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ListTags {
    resource_arn: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TopicArn {
    topic_arn: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Topics {
    topics: Vec<TopicArn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tags {
    tags: Vec<Tag>,
}

impl Messaging {
    pub(super) async fn sns_create_topic(
        &self,
        input: CreateTopic,
    ) -> Result<TopicArn, MessagingError> {
        self.inner.requests.count(&input.name, "CreateTopic");
        let tags = input
            .tags
            .into_iter()
            .map(|tag| (tag.key, tag.value))
            .collect();
        let topic = self
            .put_topic(&input.name, input.attributes, tags, WhenTaken::MustAgree)
            .await?;
        Ok(TopicArn {
            topic_arn: topic.arn.clone(),
        })
    }

    pub(super) async fn sns_delete_topic(&self, input: OfTopic) -> Result<Nothing, MessagingError> {
        self.count_topic(&input.topic_arn, "DeleteTopic");
        self.delete_topic(&input.topic_arn).await?;
        Ok(Nothing {})
    }

    pub(super) async fn sns_list_topics(
        &self,
        input: ListTopics,
    ) -> Result<Topics, MessagingError> {
        self.inner.requests.count("", "ListTopics");
        let topics = self
            .all_topics()
            .into_iter()
            .map(|topic_arn| TopicArn { topic_arn })
            .collect();
        let (topics, next_token) = page(
            topics,
            |topic| &topic.topic_arn,
            input.next_token.as_deref(),
        )?;
        Ok(Topics { topics, next_token })
    }

    pub(super) async fn sns_get_topic_attributes(
        &self,
        input: OfTopic,
    ) -> Result<ShownAttributes, MessagingError> {
        let topic = self.addressed_topic(&input.topic_arn, "GetTopicAttributes")?;
        let state = topic.state.read();
        let computed = [
            ("TopicArn", topic.arn.clone()),
            ("Owner", self.identity().account_id.clone()),
            ("DisplayName", String::new()),
            (
                "SubscriptionsConfirmed",
                state.subscriptions.len().to_string(),
            ),
            ("SubscriptionsPending", "0".to_owned()),
            ("SubscriptionsDeleted", "0".to_owned()),
            ("MaximumMessageSize", "262144".to_owned()),
        ];
        let mut attributes: Attributes = computed
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        attributes.extend(state.attributes.clone());
        Ok(ShownAttributes { attributes })
    }

    pub(super) async fn sns_set_topic_attributes(
        &self,
        input: SetTopicAttributes,
    ) -> Result<Nothing, MessagingError> {
        let topic = self.addressed_topic(&input.topic_arn, "SetTopicAttributes")?;
        self.change_topic(&topic, |attributes, _| {
            attributes.insert(input.attribute_name, input.attribute_value);
            Ok(())
        })
        .await?;
        Ok(Nothing {})
    }

    pub(super) async fn sns_tag_resource(
        &self,
        input: TagResource,
    ) -> Result<Nothing, MessagingError> {
        let topic = self
            .addressed_topic(&input.resource_arn, "TagResource")
            .map_err(no_resource)?;
        self.change_topic(&topic, |_, tags| {
            tags.extend(input.tags.into_iter().map(|tag| (tag.key, tag.value)));
            if tags.len() > MOST_TAGS {
                return Err(Rejection::sns_tag_limit_exceeded(format!(
                    "Could not complete request: tag quota of {MOST_TAGS} per resource exceeded"
                )));
            }
            Ok(())
        })
        .await?;
        Ok(Nothing {})
    }

    pub(super) async fn sns_untag_resource(
        &self,
        input: UntagResource,
    ) -> Result<Nothing, MessagingError> {
        let topic = self
            .addressed_topic(&input.resource_arn, "UntagResource")
            .map_err(no_resource)?;
        self.change_topic(&topic, |_, tags| {
            tags.retain(|key, _| !input.tag_keys.contains(key));
            Ok(())
        })
        .await?;
        Ok(Nothing {})
    }

    pub(super) async fn sns_list_tags_for_resource(
        &self,
        input: ListTags,
    ) -> Result<Tags, MessagingError> {
        let topic = self
            .addressed_topic(&input.resource_arn, "ListTagsForResource")
            .map_err(no_resource)?;
        let tags = topic.state.read().tags.clone();
        Ok(Tags {
            tags: tags
                .into_iter()
                .map(|(key, value)| Tag { key, value })
                .collect(),
        })
    }
}

/// The tagging operations have an error of their own for a topic that is not there.
fn no_resource(rejection: Rejection) -> Rejection {
    match rejection.code {
        "NotFound" => Rejection::sns_resource_not_found("Resource does not exist"),
        _ => rejection,
    }
}
