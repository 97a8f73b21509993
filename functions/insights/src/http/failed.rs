//! Failed messages over HTTP: the queues, and what lies in them.

use axum::Json;
use axum::extract::{Path, State};
use dead_letters::{FailedQueue, Kind, Letter};
use door::{Operator, Parameters, Problem};
use identifiers::Timestamp;
use serde::{Deserialize, Serialize};
use store::Store;

use super::{MAX_LIMIT, limit};
use crate::Insights;
use crate::failed::Standing;

pub(super) const DEFAULT_LIMIT: usize = 20;

/// What lies in a queue.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "FailedQueueKind")]
enum KindView {
    /// What a function gave up.
    DeadLetters,
    /// What a topic could not hand over.
    Undelivered,
    /// Where in a stream a commit stands that could not be published.
    StreamFailures,
}

/// A queue of failed messages.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "FailedQueue")]
struct QueueView {
    /// Its name in the template.
    queue: String,
    kind: KindView,
    /// Whose messages, or commits, lie in it.
    context: String,
    /// Whose topic could not hand them over, if that is what happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher: Option<String>,
    /// How many can be looked at now; nothing where SQS does not say.
    messages: Option<u64>,
    /// How many somebody is looking at just now.
    hidden: Option<u64>,
    /// When the oldest of the first ten was first sent.
    oldest_at: Option<Timestamp>,
}

impl QueueView {
    fn of(standing: &Standing<'_>) -> Self {
        let queue = standing.queue;
        Self {
            queue: queue.logical_id.clone(),
            kind: match queue.kind {
                Kind::DeadLetters => KindView::DeadLetters,
                Kind::Undelivered => KindView::Undelivered,
                Kind::StreamFailures => KindView::StreamFailures,
            },
            context: queue.context(),
            publisher: queue.publisher(),
            messages: standing.depth.map(|depth| depth.waiting),
            hidden: standing.depth.map(|depth| depth.hidden),
            oldest_at: standing.oldest_at,
        }
    }
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "FailedQueueList")]
pub(super) struct QueuesView {
    queues: Vec<QueueView>,
}

pub(super) async fn queues<S: Store + Clone>(
    State(insights): State<Insights<S>>,
    _: Operator,
) -> Result<Json<QueuesView>, Problem> {
    let standing = insights.failed.standing().await;
    Ok(Json(QueuesView {
        queues: standing.iter().map(QueueView::of).collect(),
    }))
}

pub(super) fn find<'a, S: Store + Clone>(
    insights: &'a Insights<S>,
    name: &str,
) -> Result<&'a FailedQueue, Problem> {
    let queue = insights.failed.find(name);
    queue.ok_or_else(|| Problem::not_found("this queue of failed messages"))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageParameters {
    /// How many messages at most; 20 if not said.
    #[schemars(range(min = 1, max = MAX_LIMIT))]
    limit: Option<usize>,
}

/// A message that failed for good.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "FailedMessage")]
struct MessageView {
    /// SQS's id of it.
    id: String,
    queue: String,
    /// Why it failed.
    reason: String,
    /// When it was first sent.
    since: Option<Timestamp>,
    /// How often it was received, looks included.
    received: u32,
    /// The event's type, where it is an event.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    event_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<String>,
    /// Whether it can be sent again; a place in a stream cannot.
    can_redrive: bool,
    /// As it was sent.
    body: String,
}

impl MessageView {
    fn of(letter: Letter) -> Self {
        Self {
            can_redrive: letter.can_be_sent_again(),
            id: letter.id,
            queue: letter.queue,
            reason: letter.reason,
            since: letter.since,
            received: letter.received,
            event_type: letter.event_type,
            subject: letter.subject,
            event_id: letter.event_id,
            body: letter.body,
        }
    }
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "FailedMessageList")]
pub(super) struct MessagesView {
    messages: Vec<MessageView>,
    /// Whether there may be more.
    more: bool,
}

pub(super) async fn messages<S: Store + Clone>(
    State(insights): State<Insights<S>>,
    _: Operator,
    Path(name): Path<String>,
    Parameters(parameters): Parameters<MessageParameters>,
) -> Result<Json<MessagesView>, Problem> {
    let limit = limit(parameters.limit, DEFAULT_LIMIT)?;
    let queue = find(&insights, &name)?;
    let seen = insights.failed.messages(queue, limit).await;
    let (letters, more) = seen.map_err(|error| Problem::failed(&error))?;
    Ok(Json(MessagesView {
        messages: letters.into_iter().map(MessageView::of).collect(),
        more,
    }))
}
