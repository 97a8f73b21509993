//! What operators do about failed messages over HTTP, and the record of it.

use axum::Json;
use axum::extract::{Path, State};
use door::{Arrival, Body, Operator, Parameters, Problem};
use identifiers::Timestamp;
use serde::{Deserialize, Serialize};
use store::Store;

use super::failed::{DEFAULT_LIMIT, find};
use super::{MAX_LIMIT, limit};
use crate::Insights;
use crate::failed::acts::{self, Act, Deed, Outcome};
use crate::failed::{Done, Instruction, MOST_MESSAGES, Which};

/// The longest reason, in characters.
const MAX_REASON_CHARACTERS: usize = 500;

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FailedMessageRedrive")]
pub(super) struct RedriveBody {
    /// The messages that are meant. This, or `all`.
    #[schemars(length(min = 1, max = MOST_MESSAGES))]
    ids: Option<Vec<String>>,
    /// All that wait when the request comes, as many as one request deals with: a repeat takes in what has failed since.
    all: Option<bool>,
    #[schemars(length(min = 1, max = MAX_REASON_CHARACTERS))]
    reason: Option<String>,
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FailedMessageDrop")]
pub(super) struct DropBody {
    /// The messages that are meant. This, or `all`.
    #[schemars(length(min = 1, max = MOST_MESSAGES))]
    ids: Option<Vec<String>>,
    /// All that wait when the request comes, as many as one request deals with: a repeat takes in what has failed since.
    all: Option<bool>,
    /// Why nobody will miss them.
    #[schemars(length(min = 1, max = MAX_REASON_CHARACTERS))]
    reason: String,
}

/// A message that was not dealt with.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "FailedMessageLeft")]
struct LeftView {
    id: String,
    why: String,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "FailedMessagesDone")]
pub(super) struct DoneView {
    /// The messages that are done with.
    done: Vec<String>,
    /// Those that are not.
    left: Vec<LeftView>,
    /// Whether there may be more in the queue than the request looked at.
    more: bool,
}

impl DoneView {
    fn of(done: Done) -> Self {
        let left = done.left.into_iter().map(|(id, why)| LeftView { id, why });
        Self {
            left: left.collect(),
            done: done.ids,
            more: done.more,
        }
    }
}

fn which(ids: Option<Vec<String>>, all: Option<bool>) -> Result<Which, Problem> {
    match (ids, all.unwrap_or(false)) {
        (None, true) => Ok(Which::All),
        (Some(ids), false) if (1..=MOST_MESSAGES).contains(&ids.len()) => {
            let mut seen = std::collections::BTreeSet::new();
            let each = ids.into_iter().filter(|id| seen.insert(id.clone()));
            Ok(Which::These(each.collect()))
        }
        (Some(_), false) => {
            let rule = format!("must be 1 to {MOST_MESSAGES}");
            Err(Problem::field("ids", rule))
        }
        (Some(_), true) | (None, false) => {
            Err(Problem::field("ids", "give either ids, or all as true"))
        }
    }
}

fn reason(reason: String) -> Result<String, Problem> {
    let characters = reason.trim().chars().count();
    if (1..=MAX_REASON_CHARACTERS).contains(&characters) {
        Ok(reason.trim().to_owned())
    } else {
        let rule = format!("must be 1 to {MAX_REASON_CHARACTERS} characters");
        Err(Problem::field("reason", rule))
    }
}

pub(super) async fn redrive<S: Store + Clone>(
    State(insights): State<Insights<S>>,
    Operator(by): Operator,
    Arrival(now): Arrival,
    Path(name): Path<String>,
    Body(body): Body<RedriveBody>,
) -> Result<Json<DoneView>, Problem> {
    let instruction = Instruction {
        deed: Deed::Redrive,
        which: which(body.ids, body.all)?,
        by,
        reason: body.reason.map(reason).transpose()?,
    };
    act(&insights, &name, &instruction, now).await
}

pub(super) async fn give_up<S: Store + Clone>(
    State(insights): State<Insights<S>>,
    Operator(by): Operator,
    Arrival(now): Arrival,
    Path(name): Path<String>,
    Body(body): Body<DropBody>,
) -> Result<Json<DoneView>, Problem> {
    let instruction = Instruction {
        deed: Deed::Drop,
        which: which(body.ids, body.all)?,
        by,
        reason: Some(reason(body.reason)?),
    };
    act(&insights, &name, &instruction, now).await
}

async fn act<S: Store + Clone>(
    insights: &Insights<S>,
    name: &str,
    instruction: &Instruction,
    now: Timestamp,
) -> Result<Json<DoneView>, Problem> {
    let queue = find(insights, name)?;
    let store = &insights.store;
    let done = insights.failed.act(store, queue, instruction, now).await;
    let done = done.map_err(|error| Problem::failed(&error))?;
    Ok(Json(DoneView::of(done)))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ActParameters {
    /// How many acts a page has at most; 20 if not said.
    #[schemars(range(min = 1, max = MAX_LIMIT))]
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// What an operator did about a failed message.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "FailedMessageRecord")]
struct ActView {
    at: Timestamp,
    /// The operator: the subject of their token.
    by: String,
    act: Deed,
    queue: String,
    message_id: String,
    /// The event's type, where it was an event.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    event_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<String>,
    /// Why it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Why the message had failed.
    failed_because: String,
    outcome: Outcome,
    /// Why it was not done, where it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl ActView {
    fn of(act: Act) -> Self {
        Self {
            at: act.at,
            by: act.by,
            act: act.act,
            queue: act.queue,
            message_id: act.message_id,
            event_type: act.event_type,
            subject: act.subject,
            event_id: act.event_id,
            reason: act.reason,
            failed_because: act.failed_because,
            outcome: act.outcome,
            why: act.why,
        }
    }
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "FailedMessageRecordPage")]
pub(super) struct ActsView {
    /// The last first.
    acts: Vec<ActView>,
    /// Where to go on, if there may be more.
    next: Option<String>,
}

pub(super) async fn acts<S: Store + Clone>(
    State(insights): State<Insights<S>>,
    _: Operator,
    Parameters(parameters): Parameters<ActParameters>,
) -> Result<Json<ActsView>, Problem> {
    let limit = limit(parameters.limit, DEFAULT_LIMIT)?;
    let query = acts::last_first(limit).resume_at(parameters.cursor.as_deref())?;
    let (acts, next) = acts::list(&insights.store, &query).await?;
    Ok(Json(ActsView {
        acts: acts.into_iter().map(ActView::of).collect(),
        next: next.map(|cursor| cursor.to_text()),
    }))
}
