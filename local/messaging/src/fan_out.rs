//! From a topic to its subscribers' queues: who wants a message, in what form, and what becomes of it where the queue
//! does not take it.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use crate::Messaging;
use crate::envelope::Notification;
use crate::filter::Candidate;
use crate::message::{Content, Message, MessageAttributes};
use crate::queue::SharedQueue;
use crate::rejection::MessagingError;
use crate::topic::{Subscription, Topic};

/// Attributes that SQS allows a message: a raw delivery with more is discarded (SNS: raw message delivery).
const MOST_RAW_ATTRIBUTES: usize = 10;

/// A message accepted by a topic.
#[derive(Debug)]
pub(crate) struct Publication {
    pub message_id: Uuid,
    pub message: String,
    pub subject: Option<String>,
    pub attributes: MessageAttributes,
    pub group_id: Option<String>,
}

/// Messages by the queue that gets them.
#[derive(Default)]
struct Placements {
    by_queue: HashMap<i64, (SharedQueue, Vec<Message>)>,
}

impl Messaging {
    /// Delivers publications to every subscription that wants them: all of it in one transaction.
    pub(crate) async fn fan_out(
        &self,
        topic: &Topic,
        publications: Vec<Publication>,
    ) -> Result<(), MessagingError> {
        let subscriptions = topic.subscriptions();
        let mut placements = Placements::default();
        for publication in publications {
            let candidate = Candidate::new(&publication.message, &publication.attributes);
            let wants = |subscription: &&Arc<Subscription>| {
                subscription
                    .filter
                    .as_ref()
                    .is_none_or(|filter| filter.matches(&candidate))
            };
            // Raw copies are all alike, so subscribers share one.
            let mut raw = None;
            for subscription in subscriptions.iter().filter(wants) {
                let content = if subscription.raw {
                    if publication.attributes.len() > MOST_RAW_ATTRIBUTES {
                        tracing::warn!(
                            subscription = subscription.arn,
                            attributes = publication.attributes.len(),
                            "discarded: raw delivery carries ten attributes at most"
                        );
                        continue;
                    }
                    Arc::clone(raw.get_or_insert_with(|| Arc::new(publication.raw())))
                } else {
                    Arc::new(self.wrap(topic, subscription, &publication))
                };
                self.deliver(topic, subscription, content, &mut placements);
            }
        }
        self.place(placements.by_queue.into_values().collect())
            .await
    }

    /// Delivers to the subscription's queue or, where that is missing or refuses, to its dead-letter queue.
    fn deliver(
        &self,
        topic: &Topic,
        subscription: &Subscription,
        content: Arc<Content>,
        placements: &mut Placements,
    ) {
        let refusal = match self.willing_queue(&subscription.endpoint, topic, &content) {
            Ok(queue) => return placements.add(self, queue, content),
            Err(refusal) => refusal,
        };
        let target = subscription.dead_letter_target.as_deref();
        match target.map(|arn| self.willing_queue(arn, topic, &content)) {
            Some(Ok(queue)) => placements.add(self, queue, content),
            Some(Err(second)) => tracing::warn!(
                subscription = subscription.arn,
                refusal,
                dead_letter_refusal = second,
                "a message is lost: neither the queue nor the dead-letter queue takes it"
            ),
            None => tracing::warn!(
                subscription = subscription.arn,
                refusal,
                "a message is lost: its queue does not take it"
            ),
        }
    }

    /// The queue, if it takes this content from this topic. A queue without an access policy takes everything:
    /// it would refuse on AWS, but here most queues are made by hand.
    fn willing_queue(
        &self,
        arn: &str,
        topic: &Topic,
        content: &Content,
    ) -> Result<SharedQueue, &'static str> {
        let queue = self.find_queue_by_arn(arn).ok_or("no such queue")?;
        let contents = queue.contents.lock();
        if contents
            .settings
            .policy
            .as_ref()
            .is_some_and(|policy| !policy.lets_topic_send(&topic.arn))
        {
            return Err("the queue's policy does not allow the topic to send");
        }
        if content.size() > contents.settings.maximum_message_bytes {
            return Err("larger than the queue's MaximumMessageSize");
        }
        drop(contents);
        Ok(queue)
    }

    fn wrap(
        &self,
        topic: &Topic,
        subscription: &Subscription,
        publication: &Publication,
    ) -> Content {
        let body = Notification {
            message_id: &publication.message_id.to_string(),
            topic_arn: &topic.arn,
            subscription_arn: &subscription.arn,
            subject: publication.subject.as_deref(),
            message: &publication.message,
            attributes: &publication.attributes,
            sent: self.now(),
            endpoint_url: &self.identity().endpoint_url,
        }
        .wrapped();
        let mut content = Content::new(body, MessageAttributes::new());
        content.group_id.clone_from(&publication.group_id);
        content
    }
}

impl Publication {
    fn raw(&self) -> Content {
        let mut content = Content::new(self.message.clone(), self.attributes.clone());
        content.group_id.clone_from(&self.group_id);
        content
    }
}

impl Placements {
    fn add(&mut self, messaging: &Messaging, queue: SharedQueue, content: Arc<Content>) {
        let message = messaging.new_message(&queue, content, None);
        self.by_queue
            .entry(queue.id)
            .or_insert_with(|| (queue, Vec::new()))
            .1
            .push(message);
    }
}
