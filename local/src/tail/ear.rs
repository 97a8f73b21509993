//! A temporary queue, subscribed to every topic of a stack.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, QueueAttributeName};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::leftovers;
use crate::deployment::Deployment;

const MESSAGES: i32 = 10;
/// Short enough that Ctrl-C is answered soon.
const LONG_POLL_SECONDS: i32 = 2;
/// How often the queue says that it is in use.
const SIGN_OF_LIFE_EVERY: Duration = Duration::from_secs(60);

/// Hears events until it is closed.
pub(crate) struct Ear {
    sqs: aws_sdk_sqs::Client,
    sns: aws_sdk_sns::Client,
    queue_url: String,
    subscriptions: Vec<String>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Ear {
    /// Makes the queue and subscribes it; to the given types of events only, if there are any.
    pub(crate) async fn open(deployment: &Deployment, types: &[String]) -> anyhow::Result<Self> {
        let topics = deployment.topics().await?;
        leftovers::remove(deployment, topics.values()).await;
        let (sqs, sns) = (deployment.sqs.clone(), deployment.sns.clone());
        let arns: Vec<&String> = topics.values().collect();
        let queue_url = make_queue(deployment, &arns).await?;
        let mut ear = Self {
            sqs,
            sns,
            queue_url,
            subscriptions: Vec::new(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        match ear.subscribe(&arns, types).await {
            Ok(()) => {
                ear.keep_alive();
                Ok(ear)
            }
            Err(error) => {
                ear.close().await;
                Err(error)
            }
        }
    }

    async fn subscribe(&mut self, topics: &[&String], types: &[String]) -> anyhow::Result<()> {
        let arn = QueueAttributeName::QueueArn;
        let queue = self.sqs.get_queue_attributes().queue_url(&self.queue_url);
        let queue = queue.attribute_names(arn.clone()).send().await;
        let queue = queue.context("the temporary queue cannot be looked at")?;
        let queue_arn = queue
            .attributes()
            .and_then(|attributes| attributes.get(&arn));
        for topic in topics {
            let subscribe = self
                .sns
                .subscribe()
                .topic_arn(*topic)
                .protocol("sqs")
                .set_endpoint(queue_arn.cloned())
                .attributes("RawMessageDelivery", "true")
                .return_subscription_arn(true);
            let subscribe = match types.is_empty() {
                true => subscribe,
                false => subscribe.attributes("FilterPolicy", json!({ "type": types }).to_string()),
            };
            let subscribed = subscribe.send().await;
            let subscribed =
                subscribed.with_context(|| format!("{topic} cannot be subscribed to"))?;
            self.subscriptions.extend(subscribed.subscription_arn);
        }
        Ok(())
    }

    fn keep_alive(&self) {
        let (sqs, queue_url) = (self.sqs.clone(), self.queue_url.clone());
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            let signs = async {
                loop {
                    tokio::time::sleep(SIGN_OF_LIFE_EVERY).await;
                    leftovers::sign_of_life(&sqs, &queue_url).await;
                }
            };
            stop.run_until_cancelled(signs).await;
        });
    }

    /// The bodies of the next events; none where none came within two seconds.
    ///
    /// # Errors
    /// When the queue cannot be read.
    pub(crate) async fn next(&self) -> anyhow::Result<Vec<String>> {
        let received = self
            .sqs
            .receive_message()
            .queue_url(&self.queue_url)
            .max_number_of_messages(MESSAGES)
            .wait_time_seconds(LONG_POLL_SECONDS)
            .send()
            .await
            .context("the temporary queue cannot be read")?;
        let messages = received.messages.unwrap_or_default();
        let entries = messages
            .iter()
            .enumerate()
            .filter_map(|(position, message)| {
                DeleteMessageBatchRequestEntry::builder()
                    .id(position.to_string())
                    .set_receipt_handle(message.receipt_handle.clone())
                    .build()
                    .ok()
            });
        let entries: Vec<DeleteMessageBatchRequestEntry> = entries.collect();
        if !entries.is_empty() {
            let delete = self.sqs.delete_message_batch().queue_url(&self.queue_url);
            let delete = delete.set_entries(Some(entries)).send().await;
            delete.context("the temporary queue cannot be emptied")?;
        }
        Ok(messages
            .into_iter()
            .filter_map(|message| message.body)
            .collect())
    }

    /// Removes the subscriptions and the queue.
    pub(crate) async fn close(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        for subscription in &self.subscriptions {
            let unsubscribe = self.sns.unsubscribe().subscription_arn(subscription);
            if let Err(error) = unsubscribe.send().await {
                tracing::warn!(%error, subscription, "a subscription was left behind");
            }
        }
        let delete = self.sqs.delete_queue().queue_url(&self.queue_url);
        if let Err(error) = delete.send().await {
            tracing::warn!(%error, queue = self.queue_url, "the temporary queue was left behind");
        }
    }
}

async fn make_queue(deployment: &Deployment, topics: &[&String]) -> anyhow::Result<String> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    // Another process on another machine may have the same number, at another instant.
    let name = format!(
        "{}{}-{}-{}",
        leftovers::prefix(deployment),
        jiff::Timestamp::now().as_millisecond(),
        std::process::id(),
        NUMBER.fetch_add(1, Ordering::Relaxed)
    );
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "sns.amazonaws.com" },
            "Action": "sqs:SendMessage",
            "Resource": "*",
            "Condition": { "ArnEquals": { "aws:SourceArn": topics } },
        }],
    });
    let created = deployment
        .sqs
        .create_queue()
        .queue_name(name)
        .attributes(QueueAttributeName::VisibilityTimeout, "60")
        .attributes(QueueAttributeName::MessageRetentionPeriod, "3600")
        .attributes(QueueAttributeName::Policy, policy.to_string())
        .tags(leftovers::LAST_SIGN, leftovers::now())
        .send()
        .await
        .context("a temporary queue cannot be made")?;
    created.queue_url.context("the temporary queue has no URL")
}
