//! How events flow, over HTTP.

use axum::Json;
use axum::extract::{Path, State};
use door::{Arrival, Operator, Parameters, Problem};
use identifiers::{OrderId, Timestamp};
use serde::{Deserialize, Serialize};
use store::Store;

use super::{MAX_LIMIT, limit};
use crate::Insights;
use crate::flow::{Edge, Flow, Histogram, MOST_MINUTES, last_minutes};

const DEFAULT_MINUTES: usize = 15;
const DEFAULT_LIMIT: usize = 20;

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FlowParameters {
    /// How many minutes up to now; 15 if not said.
    #[schemars(range(min = 1, max = MOST_MINUTES))]
    minutes: Option<usize>,
}

/// What the lag of an edge is from, and to.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "FlowMeasure")]
enum Measure {
    /// From the event to the consumer's own event that names it as its cause.
    Reply,
    /// From the event to insights' hearing of it: the consumer has said nothing about it.
    Insights,
}

/// An event type, and a context that hears it.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "FlowEdge")]
struct EdgeView {
    /// The edge's name, such as `orders.OrderPlaced.v1@inventory`.
    edge: String,
    publisher: String,
    #[serde(rename = "type")]
    event_type: String,
    consumer: String,
    /// How many events of the type there were.
    events: u64,
    per_minute: f64,
    /// What half of them did not exceed, in milliseconds, approximately.
    p50_ms: Option<i64>,
    /// What nineteen of twenty did not exceed, in milliseconds, approximately.
    p95_ms: Option<i64>,
    measured: Measure,
    /// When the last of them was committed.
    last_seen: Option<Timestamp>,
    /// How many messages lie in the consumer's dead-letter queue now, of whatever type; nothing where SQS does not say.
    dead_letters: Option<u64>,
    /// How many messages the publisher's topic could not hand to the consumer's queue; nothing where SQS does not say.
    undelivered: Option<u64>,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "Flow")]
pub(super) struct FlowView {
    from: Timestamp,
    until: Timestamp,
    minutes: usize,
    /// Every edge there is, also one that nothing came along.
    edges: Vec<EdgeView>,
}

/// `orders`, as it begins the names of the template's resources.
fn capital(context: &str) -> String {
    let mut letters = context.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

pub(super) async fn edges<S: Store + Clone>(
    State(insights): State<Insights<S>>,
    _: Operator,
    Arrival(now): Arrival,
    Parameters(parameters): Parameters<FlowParameters>,
) -> Result<Json<FlowView>, Problem> {
    let minutes = parameters.minutes.unwrap_or(DEFAULT_MINUTES);
    if !(1..=MOST_MINUTES).contains(&minutes) {
        let rule = format!("must be 1 to {MOST_MINUTES}");
        return Err(Problem::field("minutes", rule));
    }
    let flow = last_minutes(&insights.store, minutes, 1, now).await?;
    let depths = insights.failed.depths().await;
    let waiting = |queue: String| depths.get(queue.as_str()).map(|depth| depth.waiting);
    let view = |edge: &Edge| {
        let (consumer, publisher) = (capital(&edge.consumer), capital(edge.publisher()));
        EdgeView {
            dead_letters: waiting(format!("{consumer}DeadLetters")),
            undelivered: waiting(format!("{consumer}From{publisher}Undelivered")),
            ..figures(edge, &flow, minutes)
        }
    };
    let span = i64::try_from(minutes).unwrap_or(i64::MAX);
    Ok(Json(FlowView {
        from: now.plus_seconds(span.saturating_mul(-60)),
        until: now,
        minutes,
        edges: crate::flow::edges().iter().map(view).collect(),
    }))
}

fn figures(edge: &Edge, flow: &Flow, minutes: usize) -> EdgeView {
    let of_type = flow.types.get(&edge.event_type);
    let replies = flow.replies.get(&edge.name());
    let heard = of_type.map(|of_type| &of_type.heard);
    let events = heard.map_or(0, Histogram::total);
    let (lags, measured) = match replies {
        Some(_) => (replies, Measure::Reply),
        None => (heard, Measure::Insights),
    };
    let recent = of_type.and_then(|of_type| of_type.recent.first());
    EdgeView {
        edge: edge.name(),
        publisher: edge.publisher().to_owned(),
        event_type: edge.event_type.clone(),
        consumer: edge.consumer.clone(),
        events,
        per_minute: events as f64 / minutes as f64,
        p50_ms: lags.and_then(|lags| lags.percentile(50)),
        p95_ms: lags.and_then(|lags| lags.percentile(95)),
        measured,
        last_seen: recent.map(|event| event.time),
        dead_letters: None,
        undelivered: None,
    }
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EventParameters {
    /// How many events at most; 20 if not said.
    #[schemars(range(min = 1, max = MAX_LIMIT))]
    limit: Option<usize>,
}

/// An event that came along an edge.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "FlowEvent")]
struct EventView {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    subject: String,
    /// The order that it belongs to, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<OrderId>,
    /// When it was committed.
    time: Timestamp,
    /// When insights heard it.
    heard_at: Timestamp,
    /// From the one to the other; below nothing where clocks differ.
    delay_ms: i64,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "FlowEventList")]
pub(super) struct EventsView {
    /// The last some of the last three hours, the latest first.
    events: Vec<EventView>,
}

pub(super) async fn events<S: Store + Clone>(
    State(insights): State<Insights<S>>,
    _: Operator,
    Arrival(now): Arrival,
    Path(name): Path<String>,
    Parameters(parameters): Parameters<EventParameters>,
) -> Result<Json<EventsView>, Problem> {
    let limit = limit(parameters.limit, DEFAULT_LIMIT)?;
    let edge = crate::flow::edges().iter().find(|edge| edge.name() == name);
    let edge = edge.ok_or_else(|| Problem::not_found("this edge"))?;
    let mut flow = last_minutes(&insights.store, MOST_MINUTES, limit, now).await?;
    let of_type = flow.types.remove(&edge.event_type).unwrap_or_default();
    let events = of_type.recent.into_iter().map(|event| {
        let (time, heard) = (event.time.milliseconds(), event.heard_at.milliseconds());
        EventView {
            id: event.id,
            event_type: edge.event_type.clone(),
            subject: event.subject,
            order_id: event.order_id,
            time: event.time,
            heard_at: event.heard_at,
            delay_ms: heard.saturating_sub(time),
        }
    });
    Ok(Json(EventsView {
        events: events.collect(),
    }))
}
