//! The queues in which failed messages lie.

use std::collections::BTreeMap;

use anyhow::bail;

use crate::deployment::Deployment;

/// What lies in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// What a function gave up.
    DeadLetters,
    /// What a topic could not hand over.
    Undelivered,
    /// Where in a stream a commit stands that could not be published.
    StreamFailures,
}

/// A queue of failed messages.
#[derive(Debug, Clone)]
pub(crate) struct FailedQueue {
    /// Its name in the template.
    pub(super) logical_id: String,
    pub(super) url: String,
    pub(super) kind: Kind,
    /// The queue that its messages were meant for, where there is one.
    pub(super) source_url: Option<String>,
}

/// All such queues of the stack, or the one that is asked for.
pub(super) async fn failed(
    deployment: &Deployment,
    only: Option<&str>,
) -> anyhow::Result<Vec<FailedQueue>> {
    let all = deployment.queues().await?;
    let found: Vec<FailedQueue> = among(&all)
        .filter(|queue| only.is_none_or(|only| only == queue.logical_id))
        .collect();
    match (found.is_empty(), only) {
        (true, Some(only)) => {
            let known: Vec<String> = among(&all).map(|queue| queue.logical_id).collect();
            bail!(
                "no failed message can lie in {only}; they lie in {}",
                known.join(", ")
            )
        }
        (true, None) => bail!("{} has no queue for failed messages", deployment.place()),
        (false, _) => Ok(found),
    }
}

pub(crate) fn among(all: &BTreeMap<String, String>) -> impl Iterator<Item = FailedQueue> {
    all.iter().filter_map(|(logical_id, url)| {
        let (kind, source) = kind_of(logical_id)?;
        Some(FailedQueue {
            logical_id: logical_id.clone(),
            url: url.clone(),
            kind,
            source_url: source.and_then(|source| all.get(&source)).cloned(),
        })
    })
}

/// By the template's own rule for names: `<Context>DeadLetters`, `<Context>From<Other>Undelivered`,
/// `<Context>StreamFailures`. The context's queue is `<Context>Queue`.
fn kind_of(logical_id: &str) -> Option<(Kind, Option<String>)> {
    if let Some(context) = logical_id.strip_suffix("DeadLetters") {
        return Some((Kind::DeadLetters, Some(format!("{context}Queue"))));
    }
    if let Some(subscription) = logical_id.strip_suffix("Undelivered") {
        let (context, _) = subscription.split_once("From")?;
        return Some((Kind::Undelivered, Some(format!("{context}Queue"))));
    }
    let is_of_stream = logical_id.ends_with("StreamFailures");
    is_of_stream.then_some((Kind::StreamFailures, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_known_by_its_name_and_goes_back_to_its_contexts_queue() {
        let names = [
            "OrdersQueue",
            "OrdersDeadLetters",
            "OrdersFromInventoryUndelivered",
            "CatalogStreamFailures",
        ];
        let all = names.map(|name| (name.to_owned(), format!("http://q/{name}")));
        let found: Vec<FailedQueue> = among(&all.into_iter().collect()).collect();
        let kinds: Vec<(Kind, Option<&str>)> = found
            .iter()
            .map(|queue| (queue.kind, queue.source_url.as_deref()))
            .collect();
        let back = Some("http://q/OrdersQueue");
        let expected = [
            (Kind::StreamFailures, None),
            (Kind::DeadLetters, back),
            (Kind::Undelivered, back),
        ];
        assert_eq!(kinds, expected);
    }
}
