//! Topics as a collection: made, found, changed and deleted, the same for the wire and for the engine.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Messaging;
use crate::journal::{Change, LoadedSubscription, LoadedTopic};
use crate::names::{self, Identity};
use crate::queue_settings::Attributes;
use crate::queues::WhenTaken;
use crate::rejection::{MessagingError, Rejection};
use crate::topic::{SharedTopic, Subscription, Topic, check_topic_attributes};

impl Messaging {
    /// Makes sure that there is a topic of this name with these attributes (named and valued as in SNS's CreateTopic),
    /// and returns its ARN. One that exists keeps its subscriptions and takes the attributes over.
    ///
    /// # Errors
    /// When SNS would refuse a name or an attribute, or the change cannot be kept.
    pub async fn create_topic(
        &self,
        name: &str,
        attributes: Attributes,
    ) -> Result<String, MessagingError> {
        Ok(self
            .put_topic(name, attributes, Attributes::new(), WhenTaken::Update)
            .await?
            .arn
            .clone())
    }

    /// ARNs of all topics, by name.
    pub fn all_topics(&self) -> Vec<String> {
        self.topics()
            .iter()
            .map(|topic| topic.arn.clone())
            .collect()
    }

    pub(crate) fn topics(&self) -> Vec<SharedTopic> {
        self.inner.topics.read().values().cloned().collect()
    }

    pub(crate) fn topic_by_arn(&self, arn: &str) -> Result<SharedTopic, Rejection> {
        if !arn.starts_with("arn:aws:sns:") {
            return Err(Rejection::sns_invalid_parameter(
                "Invalid parameter: TopicArn",
            ));
        }
        let name = self.identity().topic_name(arn);
        name.and_then(|name| self.inner.topics.read().get(name).cloned())
            .ok_or_else(Rejection::topic_does_not_exist)
    }

    pub(crate) async fn put_topic(
        &self,
        name: &str,
        attributes: Attributes,
        tags: Attributes,
        when_taken: WhenTaken,
    ) -> Result<SharedTopic, MessagingError> {
        names::check_topic_name(name)?;
        check_topic_attributes(&attributes)?;
        let _setting_up = self.inner.setting_up.lock().await;
        let existing = self.inner.topics.read().get(name).cloned();
        if let Some(topic) = existing {
            let differs = |given: &Attributes| match when_taken {
                WhenTaken::MustAgree => attributes
                    .iter()
                    .any(|(name, value)| given.get(name) != Some(value)),
                WhenTaken::Update => *given != attributes,
            };
            if differs(&topic.state.read().attributes) {
                if when_taken == WhenTaken::MustAgree {
                    return Err(Rejection::sns_parameter(
                        "Attributes",
                        "Topic already exists with different attributes",
                    )
                    .into());
                }
                let tags = topic.state.read().tags.clone();
                self.keep_topic(&topic, attributes, tags).await?;
            }
            return Ok(topic);
        }
        let topic = Arc::new(Topic::new(
            name.to_owned(),
            self.identity().topic_arn(name),
            attributes.clone(),
            tags.clone(),
        ));
        let change = Change::PutTopic {
            name: name.to_owned(),
            attributes,
            tags,
        };
        let (inner, made) = (Arc::clone(&self.inner), Arc::clone(&topic));
        let apply = move || {
            inner.topics.write().insert(made.name.clone(), made);
        };
        self.inner.journal.commit(vec![change], apply).await?;
        Ok(topic)
    }

    /// Lets `change` edit the topic's attributes and tags.
    pub(crate) async fn change_topic(
        &self,
        topic: &SharedTopic,
        change: impl FnOnce(&mut Attributes, &mut Attributes) -> Result<(), Rejection>,
    ) -> Result<(), MessagingError> {
        let _setting_up = self.inner.setting_up.lock().await;
        let (mut attributes, mut tags) = {
            let state = topic.state.read();
            (state.attributes.clone(), state.tags.clone())
        };
        change(&mut attributes, &mut tags)?;
        check_topic_attributes(&attributes)?;
        self.keep_topic(topic, attributes, tags).await
    }

    /// Deletes a topic and its subscriptions. One that is gone already is no error.
    pub(crate) async fn delete_topic(&self, arn: &str) -> Result<(), MessagingError> {
        let _setting_up = self.inner.setting_up.lock().await;
        let topic = match self.topic_by_arn(arn) {
            Ok(topic) => topic,
            Err(rejection) if rejection.code == "NotFound" => return Ok(()),
            Err(rejection) => return Err(rejection.into()),
        };
        let inner = Arc::clone(&self.inner);
        let change = Change::DeleteTopic {
            name: topic.name.clone(),
        };
        let apply = move || {
            inner.topics.write().remove(&topic.name);
        };
        Ok(self.inner.journal.commit(vec![change], apply).await?)
    }

    /// The caller holds `setting_up`.
    async fn keep_topic(
        &self,
        topic: &SharedTopic,
        attributes: Attributes,
        tags: Attributes,
    ) -> Result<(), MessagingError> {
        let change = Change::PutTopic {
            name: topic.name.clone(),
            attributes: attributes.clone(),
            tags: tags.clone(),
        };
        let topic = Arc::clone(topic);
        let apply = move || {
            let mut state = topic.state.write();
            state.attributes = attributes;
            state.tags = tags;
        };
        Ok(self.inner.journal.commit(vec![change], apply).await?)
    }
}

/// The topics that a file holds, with their subscriptions.
pub(crate) fn restore(
    identity: &Identity,
    topics: Vec<LoadedTopic>,
    subscriptions: Vec<LoadedSubscription>,
) -> Result<BTreeMap<String, SharedTopic>, String> {
    let restored: BTreeMap<String, SharedTopic> = topics
        .into_iter()
        .map(|row| {
            let topic = Topic::new(
                row.name.clone(),
                identity.topic_arn(&row.name),
                row.attributes,
                row.tags,
            );
            (row.name, Arc::new(topic))
        })
        .collect();
    for row in subscriptions {
        let topic = restored
            .get(&row.topic)
            .ok_or_else(|| format!("subscription {} has no topic", row.arn))?;
        let subscription = Subscription::new(
            row.arn.clone(),
            topic.arn.clone(),
            row.endpoint,
            row.attributes,
        )
        .map_err(|error| format!("subscription {}: {error}", row.arn))?;
        topic.put(Arc::new(subscription));
    }
    Ok(restored)
}
