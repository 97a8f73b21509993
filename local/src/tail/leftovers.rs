//! Temporary queues whose owner died: each queue in use says so every minute by a tag, and one that has not done so for
//! ten minutes is removed, its subscriptions with it.

use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::QueueAttributeName;

use crate::deployment::Deployment;

/// The tag: seconds since the Unix epoch.
pub(super) const LAST_SIGN: &str = "noren-last-sign-of-life";
const DEAD_AFTER_SECONDS: i64 = 600;

/// The beginning of the queues' names. What follows is lower-case, unlike any logical id.
pub(super) fn prefix(deployment: &Deployment) -> String {
    format!("{}-tail-", deployment.stack)
}

pub(super) fn now() -> String {
    jiff::Timestamp::now().as_second().to_string()
}

pub(super) async fn sign_of_life(sqs: &aws_sdk_sqs::Client, queue_url: &str) {
    let sign = sqs.tag_queue().queue_url(queue_url).tags(LAST_SIGN, now());
    if let Err(error) = sign.send().await {
        tracing::warn!(%error, queue_url, "the temporary queue could not be marked as in use");
    }
}

/// Removes what is left over. That it cannot be removed does not keep anybody from listening.
pub(super) async fn remove(deployment: &Deployment, topics: impl Iterator<Item = &String>) {
    let dead = match dead(deployment).await {
        Ok(dead) if dead.is_empty() => return,
        Ok(dead) => dead,
        Err(error) => {
            tracing::warn!(error, "leftover queues could not be looked for");
            return;
        }
    };
    let arns: Vec<&String> = dead.iter().map(|(_, arn)| arn).collect();
    for topic in topics {
        let list = deployment
            .sns
            .list_subscriptions_by_topic()
            .topic_arn(topic);
        let mut pages = list.into_paginator().send();
        while let Some(Ok(page)) = pages.next().await {
            for subscription in page.subscriptions() {
                let is_dead = |endpoint| arns.iter().any(|arn| arn.as_str() == endpoint);
                if !subscription.endpoint().is_some_and(is_dead) {
                    continue;
                }
                let unsubscribe = deployment.sns.unsubscribe();
                let arn = subscription.subscription_arn().unwrap_or_default();
                if let Err(error) = unsubscribe.subscription_arn(arn).send().await {
                    tracing::warn!(%error, arn, "a leftover subscription could not be removed");
                }
            }
        }
    }
    for (url, _) in &dead {
        if let Err(error) = deployment.sqs.delete_queue().queue_url(url).send().await {
            tracing::warn!(%error, url, "a leftover queue could not be removed");
        }
    }
}

/// URL and ARN of each queue that has been silent for too long.
async fn dead(deployment: &Deployment) -> Result<Vec<(String, String)>, String> {
    let sqs = &deployment.sqs;
    let listed = sqs.list_queues().queue_name_prefix(prefix(deployment));
    let listed = listed.send().await;
    let listed = listed.map_err(|error| DisplayErrorContext(&error).to_string())?;
    let mut dead = Vec::new();
    for url in listed.queue_urls() {
        let tags = sqs.list_queue_tags().queue_url(url).send().await;
        let last: Option<i64> = tags
            .ok()
            .and_then(|tags| tags.tags?.get(LAST_SIGN)?.parse().ok());
        let seconds = jiff::Timestamp::now().as_second();
        if last.is_none_or(|last| seconds - last < DEAD_AFTER_SECONDS) {
            continue;
        }
        let arn = QueueAttributeName::QueueArn;
        let queue = sqs.get_queue_attributes().queue_url(url);
        let queue = queue.attribute_names(arn.clone()).send().await;
        let found = queue.ok().and_then(|queue| queue.attributes?.remove(&arn));
        dead.extend(found.map(|arn| (url.clone(), arn)));
    }
    Ok(dead)
}
