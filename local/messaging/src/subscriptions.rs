//! Subscriptions: made, found, changed and deleted, the same for the wire and for the engine.

use std::sync::Arc;

use uuid::Uuid;

use crate::Messaging;
use crate::journal::Change;
use crate::queue_settings::Attributes;
use crate::queues::WhenTaken;
use crate::rejection::{MessagingError, Rejection};
use crate::topic::{SharedTopic, Subscription};

/// Subscriptions that SNS allows to a topic whose messages may exceed 256 KiB.
const MOST_WITH_LARGE_MESSAGES: usize = 100;

impl Messaging {
    /// Makes sure that the queue is subscribed to the topic with these attributes (`RawMessageDelivery`, `FilterPolicy`,
    /// `FilterPolicyScope`, `RedrivePolicy`, valued as in SNS's Subscribe), and returns the subscription's ARN. A
    /// subscription that exists takes the attributes over and keeps its ARN.
    ///
    /// # Errors
    /// When there is no such topic, SNS would refuse an attribute, or the change cannot be kept.
    pub async fn subscribe(
        &self,
        topic_arn: &str,
        queue_arn: &str,
        attributes: Attributes,
    ) -> Result<String, MessagingError> {
        self.put_subscription(topic_arn, queue_arn, attributes, WhenTaken::Update)
            .await
    }

    pub(crate) async fn put_subscription(
        &self,
        topic_arn: &str,
        queue_arn: &str,
        attributes: Attributes,
        when_taken: WhenTaken,
    ) -> Result<String, MessagingError> {
        check_endpoint(queue_arn)?;
        let _setting_up = self.inner.setting_up.lock().await;
        let topic = self.topic_by_arn(topic_arn)?;
        let subscriptions = topic.subscriptions();
        let existing = subscriptions.iter().find(|held| held.endpoint == queue_arn);
        let arn = existing.map_or_else(
            || format!("{}:{}", topic.arn, Uuid::now_v7()),
            |held| held.arn.clone(),
        );
        let wanted = Subscription::new(
            arn.clone(),
            topic.arn.clone(),
            queue_arn.to_owned(),
            attributes,
        )?;
        if let Some(existing) = existing {
            match when_taken {
                WhenTaken::Update if existing.attributes == wanted.attributes => return Ok(arn),
                WhenTaken::Update => {}
                WhenTaken::MustAgree if existing.agrees_with(&wanted) => return Ok(arn),
                WhenTaken::MustAgree => {
                    return Err(Rejection::sns_parameter(
                        "Attributes",
                        "Subscription already exists with different attributes",
                    )
                    .into());
                }
            }
        } else if subscriptions.len() >= MOST_WITH_LARGE_MESSAGES
            && topic.maximum_message_bytes() > 262_144
        {
            return Err(Rejection::sns_parameter(
                "TopicArn",
                "A topic whose MaximumMessageSize is above 262144 has at most 100 subscriptions",
            )
            .into());
        }
        self.keep_subscription(topic, wanted).await?;
        Ok(arn)
    }

    pub(crate) fn find_subscription(
        &self,
        arn: &str,
    ) -> Result<(SharedTopic, Arc<Subscription>), Rejection> {
        if !arn.starts_with("arn:aws:sns:") {
            return Err(Rejection::sns_parameter(
                "SubscriptionArn",
                "An ARN must have at least 6 elements",
            ));
        }
        let topic = self
            .topic_by_arn(arn)
            .map_err(|_| Rejection::subscription_does_not_exist())?;
        let held = topic
            .subscriptions()
            .iter()
            .find(|held| held.arn == arn)
            .cloned();
        held.map(|held| (topic, held))
            .ok_or_else(Rejection::subscription_does_not_exist)
    }

    pub(crate) async fn set_subscription_attribute(
        &self,
        arn: &str,
        name: String,
        value: String,
    ) -> Result<(), MessagingError> {
        let _setting_up = self.inner.setting_up.lock().await;
        let (topic, held) = self.find_subscription(arn)?;
        let mut attributes = held.attributes.clone();
        attributes.insert(name, value);
        let changed = Subscription::new(
            held.arn.clone(),
            held.topic_arn.clone(),
            held.endpoint.clone(),
            attributes,
        )?;
        self.keep_subscription(topic, changed).await
    }

    /// Deletes a subscription. One that is gone already is no error.
    pub(crate) async fn delete_subscription(&self, arn: &str) -> Result<(), MessagingError> {
        let _setting_up = self.inner.setting_up.lock().await;
        let (topic, held) = match self.find_subscription(arn) {
            Ok(found) => found,
            Err(rejection) if rejection.code == "NotFound" => return Ok(()),
            Err(rejection) => return Err(rejection.into()),
        };
        let change = Change::DeleteSubscription {
            arn: held.arn.clone(),
        };
        Ok(self
            .inner
            .journal
            .commit(vec![change], move || topic.remove(&held.arn))
            .await?)
    }

    /// The caller holds `setting_up`.
    async fn keep_subscription(
        &self,
        topic: SharedTopic,
        subscription: Subscription,
    ) -> Result<(), MessagingError> {
        let change = Change::PutSubscription {
            arn: subscription.arn.clone(),
            topic: topic.name.clone(),
            endpoint: subscription.endpoint.clone(),
            attributes: subscription.attributes.clone(),
        };
        Ok(self
            .inner
            .journal
            .commit(vec![change], move || topic.put(Arc::new(subscription)))
            .await?)
    }
}

/// The endpoint must be the ARN of a standard queue. The queue itself may be missing, as with SNS.
fn check_endpoint(queue_arn: &str) -> Result<(), Rejection> {
    if !queue_arn.starts_with("arn:aws:sqs:") || queue_arn.split(':').count() != 6 {
        return Err(Rejection::sns_invalid_parameter(
            "Invalid parameter: SQS endpoint ARN",
        ));
    }
    if queue_arn.ends_with(".fifo") {
        return Err(Rejection::sns_parameter(
            "Endpoint",
            "FIFO SQS Queues can not be subscribed to standard SNS topics",
        ));
    }
    Ok(())
}
