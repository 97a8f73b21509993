//! What is done to messages, by the ordinary AWS SDK: listening in, cutting a subscription, sending copies.

use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
use serde_json::Value;

use super::Shop;

/// Clients of the stack's AWS endpoint.
pub struct Aws {
    pub sns: aws_sdk_sns::Client,
    pub sqs: aws_sdk_sqs::Client,
}

/// A queue that hears everything that anybody says from when it was laid on.
pub struct Tap {
    queue_arn: String,
}

/// A message as it was published.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    pub event_type: String,
    pub event: Value,
    /// The text itself, so that a copy is the same to the letter.
    pub text: String,
}

impl Said {
    pub fn id(&self) -> &str {
        self.event["id"].as_str().unwrap()
    }

    fn attribute(&self) -> MessageAttributeValue {
        MessageAttributeValue::builder()
            .data_type("String")
            .string_value(&self.event_type)
            .build()
            .unwrap()
    }
}

impl Shop {
    pub fn aws(&self) -> Aws {
        let variables = [
            ("AWS_ENDPOINT_URL", self.stack.addresses().aws.as_str()),
            ("AWS_REGION", "ap-northeast-1"),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = door::sdk_config(&variables.into_iter().collect()).unwrap();
        Aws {
            sns: aws_sdk_sns::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
        }
    }

    /// Lays on a tap to every topic.
    pub async fn tap(&self) -> Tap {
        let aws = self.aws();
        let made = aws
            .sqs
            .create_queue()
            .queue_name("tap")
            .send()
            .await
            .unwrap();
        let url = made.queue_url.unwrap();
        let queues = self.stack.messaging().all_queues();
        let queue = queues.into_iter().find(|queue| queue.url == url).unwrap();
        for topic in &self.stack.template().topics {
            let subscribe = aws.sns.subscribe().topic_arn(&topic.arn).protocol("sqs");
            let subscribe = subscribe
                .endpoint(&queue.arn)
                .attributes("RawMessageDelivery", "true");
            subscribe.send().await.unwrap();
        }
        Tap {
            queue_arn: queue.arn,
        }
    }

    /// Everything that was said since the tap was laid on, oldest first.
    pub fn heard(&self, tap: &Tap) -> Vec<Said> {
        let messages = self
            .stack
            .messaging()
            .peek(&tap.queue_arn, usize::MAX)
            .unwrap();
        let said = messages.into_iter().map(|message| Said {
            event_type: message.message_attributes["type"].text().to_owned(),
            event: serde_json::from_str(&message.body).unwrap(),
            text: message.body,
        });
        said.collect()
    }

    /// What was said of one type.
    pub fn heard_of(&self, tap: &Tap, event_type: &str) -> Vec<Said> {
        let mut said = self.heard(tap);
        said.retain(|said| said.event_type == event_type);
        said
    }

    /// Cuts a subscription, by its name in the template: its queue hears no more from its topic.
    pub async fn cut(&self, logical_id: &str) {
        let aws = self.aws();
        let wanted = self.subscription(logical_id);
        let list = aws
            .sns
            .list_subscriptions_by_topic()
            .topic_arn(&wanted.topic_arn);
        let listed = list.send().await.unwrap();
        let found = listed.subscriptions().iter();
        let mut found = found.filter(|found| found.endpoint() == Some(&wanted.queue_arn));
        let arn = found
            .next()
            .and_then(|found| found.subscription_arn())
            .unwrap();
        aws.sns
            .unsubscribe()
            .subscription_arn(arn)
            .send()
            .await
            .unwrap();
    }

    /// Makes it again, as the template has it.
    pub async fn mend(&self, logical_id: &str) {
        let wanted = self.subscription(logical_id);
        let subscribe = self
            .aws()
            .sns
            .subscribe()
            .topic_arn(&wanted.topic_arn)
            .protocol("sqs");
        let subscribe = subscribe.endpoint(&wanted.queue_arn);
        let attributes = wanted.attributes().into_iter().collect();
        subscribe
            .set_attributes(Some(attributes))
            .send()
            .await
            .unwrap();
    }

    fn subscription(&self, logical_id: &str) -> sam_template::Subscription {
        let all = &self.stack.template().subscriptions;
        let found = all
            .iter()
            .find(|subscription| subscription.logical_id == logical_id);
        found
            .unwrap_or_else(|| panic!("no subscription {logical_id}"))
            .clone()
    }

    fn queue_url(&self, logical_id: &str) -> &str {
        let all = &self.stack.template().queues;
        let found = all.iter().find(|queue| queue.logical_id == logical_id);
        &found.unwrap_or_else(|| panic!("no queue {logical_id}")).url
    }

    /// Sends a message straight to a queue, by its name in the template.
    pub async fn deliver(&self, queue: &str, said: &Said) {
        let send = self
            .aws()
            .sqs
            .send_message()
            .queue_url(self.queue_url(queue));
        let send = send
            .message_body(&said.text)
            .message_attributes("type", said.attribute());
        send.send().await.unwrap();
    }

    /// Sends up to ten texts to a queue in one batch.
    pub async fn deliver_batch(&self, queue: &str, texts: &[&str]) {
        let send = self
            .aws()
            .sqs
            .send_message_batch()
            .queue_url(self.queue_url(queue));
        let entries = texts.iter().enumerate().map(|(number, text)| {
            let entry = SendMessageBatchRequestEntry::builder().id(number.to_string());
            entry.message_body(*text).build().unwrap()
        });
        let sent = send
            .set_entries(Some(entries.collect()))
            .send()
            .await
            .unwrap();
        assert!(sent.failed().is_empty(), "{sent:?}");
    }

    /// Sends a copy to every queue whose subscription wants its type; names them.
    pub async fn repeat(&self, said: &Said) -> Vec<String> {
        let topics = &self.stack.template().topics;
        let source = said.event_type.split('.').next().unwrap_or_default();
        let topic = topics
            .iter()
            .find(|topic| topic.logical_id.to_lowercase() == format!("{source}topic"))
            .unwrap();
        let mut copies = Vec::new();
        for subscription in &self.stack.template().subscriptions {
            let wants = subscription.topic_arn == topic.arn
                && subscription
                    .event_types()
                    .unwrap()
                    .contains(&said.event_type);
            if wants {
                let queues = &self.stack.template().queues;
                let queue = queues
                    .iter()
                    .find(|queue| queue.arn == subscription.queue_arn);
                let queue = &queue.unwrap().logical_id;
                self.deliver(queue, said).await;
                copies.push(queue.clone());
            }
        }
        copies
    }

    /// What lies in a dead-letter queue: the reason of each message (none where a redrive brought it), and its text.
    pub fn dead_letters(&self, queue: &str) -> Vec<(Option<String>, String)> {
        let all = &self.stack.template().queues;
        let queue = all.iter().find(|found| found.logical_id == queue).unwrap();
        let messages = self.stack.messaging().peek(&queue.arn, usize::MAX).unwrap();
        let letters = messages.into_iter().map(|message| {
            let reason = message.message_attributes.get("reason");
            (reason.map(|reason| reason.text().to_owned()), message.body)
        });
        letters.collect()
    }

    /// All dead letters, for an assertion's message.
    pub(super) fn reasons(&self) -> String {
        let queues = &self.stack.template().queues;
        let mut reasons = String::new();
        for queue in queues.iter().filter(|queue| queue.redrive.is_none()) {
            for (reason, text) in self.dead_letters(&queue.logical_id) {
                reasons += &format!("{}: {reason:?}: {text}\n", queue.logical_id);
            }
        }
        reasons
    }
}
