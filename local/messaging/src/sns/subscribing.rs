//! Subscribe and the other operations on subscriptions.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Nothing, ShownAttributes, page};
use crate::Messaging;
use crate::queue_settings::Attributes;
use crate::queues::WhenTaken;
use crate::rejection::{MessagingError, Rejection};
use crate::topic::Subscription;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Subscribe {
    topic_arn: String,
    protocol: String,
    endpoint: String,
    attributes: Attributes,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct OfSubscription {
    subscription_arn: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct SetSubscriptionAttributes {
    subscription_arn: String,
    attribute_name: String,
    attribute_value: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ListSubscriptions {
    topic_arn: String,
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SubscriptionArn {
    subscription_arn: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Subscriptions {
    subscriptions: Vec<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Shown {
    subscription_arn: String,
    owner: String,
    protocol: &'static str,
    endpoint: String,
    topic_arn: String,
}

impl Messaging {
    // A queue of the same account needs no confirmation, so the ARN is final whatever ReturnSubscriptionArn says.
    pub(super) async fn sns_subscribe(
        &self,
        input: Subscribe,
    ) -> Result<SubscriptionArn, MessagingError> {
        self.count_topic(&input.topic_arn, "Subscribe");
        if input.protocol != "sqs" {
            return Err(Rejection::sns_invalid_parameter(format!(
                "Invalid parameter: Does not support this protocol string: {} (only sqs is supported here)",
                input.protocol
            ))
            .into());
        }
        let put = self.put_subscription(
            &input.topic_arn,
            &input.endpoint,
            input.attributes,
            WhenTaken::MustAgree,
        );
        Ok(SubscriptionArn {
            subscription_arn: put.await?,
        })
    }

    pub(super) async fn sns_unsubscribe(
        &self,
        input: OfSubscription,
    ) -> Result<Nothing, MessagingError> {
        self.count_topic(&input.subscription_arn, "Unsubscribe");
        self.delete_subscription(&input.subscription_arn).await?;
        Ok(Nothing {})
    }

    pub(super) async fn sns_list_subscriptions(
        &self,
        input: ListSubscriptions,
    ) -> Result<Subscriptions, MessagingError> {
        self.inner.requests.count("", "ListSubscriptions");
        let all = self
            .topics()
            .iter()
            .flat_map(|topic| topic.subscriptions().to_vec())
            .collect();
        self.show_page(all, input.next_token.as_deref())
    }

    pub(super) async fn sns_list_subscriptions_by_topic(
        &self,
        input: ListSubscriptions,
    ) -> Result<Subscriptions, MessagingError> {
        let topic = self.addressed_topic(&input.topic_arn, "ListSubscriptionsByTopic")?;
        self.show_page(topic.subscriptions().to_vec(), input.next_token.as_deref())
    }

    pub(super) async fn sns_get_subscription_attributes(
        &self,
        input: OfSubscription,
    ) -> Result<ShownAttributes, MessagingError> {
        self.count_topic(&input.subscription_arn, "GetSubscriptionAttributes");
        let (_, subscription) = self.find_subscription(&input.subscription_arn)?;
        Ok(ShownAttributes {
            attributes: subscription.shown(&self.identity().account_id),
        })
    }

    pub(super) async fn sns_set_subscription_attributes(
        &self,
        input: SetSubscriptionAttributes,
    ) -> Result<Nothing, MessagingError> {
        self.count_topic(&input.subscription_arn, "SetSubscriptionAttributes");
        self.set_subscription_attribute(
            &input.subscription_arn,
            input.attribute_name,
            input.attribute_value,
        )
        .await?;
        Ok(Nothing {})
    }

    fn show_page(
        &self,
        all: Vec<Arc<Subscription>>,
        token: Option<&str>,
    ) -> Result<Subscriptions, MessagingError> {
        let (shown, next_token) = page(all, |subscription| &subscription.arn, token)?;
        let show = |subscription: &Arc<Subscription>| Shown {
            subscription_arn: subscription.arn.clone(),
            owner: self.identity().account_id.clone(),
            protocol: "sqs",
            endpoint: subscription.endpoint.clone(),
            topic_arn: subscription.topic_arn.clone(),
        };
        Ok(Subscriptions {
            subscriptions: shown.iter().map(show).collect(),
            next_token,
        })
    }
}
