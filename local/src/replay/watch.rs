//! Hears what becomes of orders: a queue of the replay's own, subscribed to the topics of orders and payments.
//!
//! Asking the API about thousands of orders again and again would take most of a small machine and tell each moment too
//! late; an event tells it once. The queue is made and removed through the public AWS endpoint. Its messages are not in
//! the figures: they are no function's, no table's, and no publish of their own.

use std::sync::Arc;

use anyhow::Context as _;
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, QueueAttributeName};
use serde::Deserialize;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::aws::Aws;
use super::book::{Book, Heard};

/// Receivers at a time.
const RECEIVERS: usize = 2;
const MESSAGES: i32 = 10;
const LONG_POLL_SECONDS: i32 = 2;

/// The queue and those who read it.
pub(super) struct Watch {
    aws: Arc<Aws>,
    queue_url: String,
    subscriptions: Vec<String>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    event_type: String,
    data: About,
}

#[derive(Deserialize)]
struct About {
    order_id: String,
}

impl Watch {
    /// Makes the queue, subscribes it, and begins to hear.
    pub(super) async fn begin(aws: &Arc<Aws>, book: &Arc<Book>) -> anyhow::Result<Self> {
        let name = format!("noren-replay-{}", std::process::id());
        let policy = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "Service": "sns.amazonaws.com" },
                "Action": "sqs:SendMessage",
                "Resource": "*",
            }],
        });
        let created = aws
            .sqs
            .create_queue()
            .queue_name(&name)
            .attributes(QueueAttributeName::VisibilityTimeout, "60")
            // What an interrupted replay leaves behind on a stack that runs on does not pile up there.
            .attributes(QueueAttributeName::MessageRetentionPeriod, "3600")
            .attributes(QueueAttributeName::Policy, policy.to_string())
            .send()
            .await
            .context("a queue for the replay cannot be made")?;
        let queue_url = created.queue_url.unwrap_or_default();
        let mut watch = Self {
            aws: Arc::clone(aws),
            queue_url,
            subscriptions: Vec::new(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        };
        let orders = ["OrderConfirmed", "OrderCancelled", "OrderCompleted"];
        let orders = orders.map(|event| format!("orders.{event}.v1"));
        watch.subscribe("OrdersTopic", &orders).await?;
        let payments = ["payments.PaymentActionRequired.v1".to_owned()];
        watch.subscribe("PaymentsTopic", &payments).await?;
        for _ in 0..RECEIVERS {
            let (aws, book) = (Arc::clone(aws), Arc::clone(book));
            let (queue_url, stop) = (watch.queue_url.clone(), watch.stop.clone());
            let hear = async move {
                let forever = hear(&aws, &queue_url, &book);
                stop.run_until_cancelled(forever).await;
            };
            watch.tasks.spawn(hear);
        }
        Ok(watch)
    }

    async fn subscribe(&mut self, topic: &str, types: &[String]) -> anyhow::Result<()> {
        let queue = self
            .aws
            .sqs
            .get_queue_attributes()
            .queue_url(&self.queue_url)
            .attribute_names(QueueAttributeName::QueueArn)
            .send()
            .await?;
        let queue_arn = queue
            .attributes()
            .and_then(|attributes| attributes.get(&QueueAttributeName::QueueArn))
            .cloned();
        let subscribed = self
            .aws
            .sns
            .subscribe()
            .topic_arn(self.aws.topic(topic).await?)
            .protocol("sqs")
            .set_endpoint(queue_arn)
            .attributes("RawMessageDelivery", "true")
            .attributes("FilterPolicy", json!({ "type": types }).to_string())
            .return_subscription_arn(true)
            .send()
            .await
            .with_context(|| format!("{topic} cannot be subscribed to"))?;
        self.subscriptions.extend(subscribed.subscription_arn);
        Ok(())
    }

    /// Stops hearing and removes queue and subscriptions.
    pub(super) async fn end(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        for subscription in &self.subscriptions {
            let unsubscribe = self.aws.sns.unsubscribe().subscription_arn(subscription);
            if let Err(error) = unsubscribe.send().await {
                tracing::warn!(%error, subscription, "a subscription of the replay's was left behind");
            }
        }
        let delete = self.aws.sqs.delete_queue().queue_url(&self.queue_url);
        if let Err(error) = delete.send().await {
            tracing::warn!(%error, queue = self.queue_url, "the replay's queue was left behind");
        }
    }
}

async fn hear(aws: &Aws, queue_url: &str, book: &Book) {
    loop {
        let received = aws
            .sqs
            .receive_message()
            .queue_url(queue_url)
            .max_number_of_messages(MESSAGES)
            .wait_time_seconds(LONG_POLL_SECONDS)
            .send()
            .await;
        let messages = match received {
            Ok(received) => received.messages.unwrap_or_default(),
            Err(error) => {
                tracing::warn!(%error, "the replay's queue cannot be read; trying again");
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                continue;
            }
        };
        let mut done = Vec::with_capacity(messages.len());
        for (position, message) in messages.into_iter().enumerate() {
            match message.body.as_deref().map(serde_json::from_str::<Event>) {
                Some(Ok(event)) => note(book, &event),
                Some(Err(_)) | None => {
                    tracing::warn!("a message on the replay's queue is no event")
                }
            }
            let entry = DeleteMessageBatchRequestEntry::builder()
                .id(position.to_string())
                .set_receipt_handle(message.receipt_handle);
            done.extend(entry.build());
        }
        if done.is_empty() {
            continue;
        }
        let delete = aws.sqs.delete_message_batch().queue_url(queue_url);
        // What is not deleted comes again, and hearing it twice changes nothing.
        if let Err(error) = delete.set_entries(Some(done)).send().await {
            tracing::warn!(%error, "messages on the replay's queue were not deleted");
        }
    }
}

fn note(book: &Book, event: &Event) {
    let heard = match event.event_type.as_str() {
        "orders.OrderConfirmed.v1" => Heard::Confirmed,
        "orders.OrderCancelled.v1" => Heard::Cancelled,
        "orders.OrderCompleted.v1" => Heard::Completed,
        "payments.PaymentActionRequired.v1" => Heard::ActionRequired,
        other => {
            tracing::warn!(event = other, "an event came that was not asked for");
            return;
        }
    };
    book.hear(&event.data.order_id, heard);
}
