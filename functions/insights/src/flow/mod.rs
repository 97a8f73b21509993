//! How events flow: how many of each type there were, how long consumers took, and the last of them.
//!
//! Kept by the minute in which insights heard of them, in a few items a minute, one of which a batch writes once. The
//! figures are for people to look at and are approximate: durations fall into buckets, an event is not counted when a
//! batch dies between writing its order and writing this, or when too many batches write the same item at once, and one that
//! belongs to no order is counted each time it comes. Nothing else rests on them.

mod edges;
mod histogram;

use std::collections::BTreeMap;

use contracts::CloudEvent;
use decider::pause_before;
use identifiers::{OrderId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{CommitFailure, Consistency, Indexed, Key, Query, SortCondition, Store, StoreFailure};

use crate::store::{next_record, read_or, write_next};
use crate::timeline::Reply;

pub use edges::{Edge, edges};
pub use histogram::Histogram;

/// How long a minute is kept.
const KEPT_SECONDS: i64 = 2 * 24 * 3600;
/// How many items a minute is spread over, so that batches that are handled at once seldom write the same.
const SHARDS: u32 = 4;
/// How often a batch tries to write its item.
const ATTEMPTS: u32 = 5;
/// The most events of a type that an item of a minute keeps: the last ones.
const MOST_RECENT: usize = 5;
const MINUTE_MS: i64 = 60_000;
/// The most minutes that are read at once.
pub(crate) const MOST_MINUTES: usize = 180;
/// More items than there are in an hour.
const ITEMS_OF_AN_HOUR: usize = 60 * SHARDS as usize;

/// An event of a type, for those who look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredEvent", into = "StoredEvent")]
pub struct RecentEvent {
    /// The event's id.
    pub id: String,
    /// What it is about.
    pub subject: String,
    /// The order that it belongs to, if it does.
    pub order_id: Option<OrderId>,
    /// When it was committed.
    pub time: Timestamp,
    /// When insights heard it.
    pub heard_at: Timestamp,
}

type StoredEvent = (String, String, Option<OrderId>, i64, i64);

impl From<StoredEvent> for RecentEvent {
    fn from((id, subject, order_id, time, delay): StoredEvent) -> Self {
        Self {
            id,
            subject,
            order_id,
            time: Timestamp::from_milliseconds(time),
            heard_at: Timestamp::from_milliseconds(time.saturating_add(delay)),
        }
    }
}

impl From<RecentEvent> for StoredEvent {
    fn from(event: RecentEvent) -> Self {
        let (time, heard) = (event.time.milliseconds(), event.heard_at.milliseconds());
        let delay = heard.saturating_sub(time);
        (event.id, event.subject, event.order_id, time, delay)
    }
}

/// What was heard of one type.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OfType {
    /// From an event's commit to insights' hearing of it.
    #[serde(rename = "h")]
    pub heard: Histogram,
    /// The last of them, the latest first.
    #[serde(rename = "r")]
    pub recent: Vec<RecentEvent>,
}

/// What was heard in a while.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Flow {
    /// By event type.
    #[serde(rename = "t")]
    pub types: BTreeMap<String, OfType>,
    /// From an event's commit to that of the consumer's own that it caused, by event type and consumer, as
    /// [`Edge::name`] writes them.
    #[serde(rename = "a")]
    pub replies: BTreeMap<String, Histogram>,
}

impl Flow {
    /// Notes that an event was heard.
    pub fn hear(&mut self, event: &CloudEvent, order_id: Option<&OrderId>, now: Timestamp) {
        let of_type = self.types.entry(event.event_type.clone()).or_default();
        let delay = now.milliseconds().saturating_sub(event.time.milliseconds());
        of_type.heard.count(delay);
        of_type.keep(
            RecentEvent {
                id: event.id.to_string(),
                subject: event.subject.clone(),
                order_id: order_id.cloned(),
                time: event.time,
                heard_at: now,
            },
            MOST_RECENT,
        );
    }

    /// Notes that a consumer answered an event with one of its own.
    pub fn answer(&mut self, reply: &Reply<'_>) {
        let edge = Edge::name_of(reply.event_type, reply.consumer);
        self.replies.entry(edge).or_default().count(reply.lag_ms);
    }

    /// Adds what was heard elsewhere; of each type as many of the last events as that are kept.
    pub fn add(&mut self, other: Self, most_recent: usize) {
        for (event_type, heard) in other.types {
            let of_type = self.types.entry(event_type).or_default();
            of_type.heard.add(&heard.heard);
            for event in heard.recent {
                of_type.keep(event, most_recent);
            }
        }
        for (edge, lags) in &other.replies {
            self.replies.entry(edge.clone()).or_default().add(lags);
        }
    }
}

impl OfType {
    fn keep(&mut self, event: RecentEvent, most: usize) {
        let place = (event.time, event.id.clone());
        let is_later = |known: &RecentEvent| (known.time, &known.id) > (place.0, &place.1);
        let position = self.recent.partition_point(is_later);
        if self
            .recent
            .get(position)
            .is_none_or(|known| known.id != event.id)
        {
            self.recent.insert(position, event);
            self.recent.truncate(most);
        }
    }
}

/// Adds what a batch brought to what is kept of the minute. That it could not be written is no reason to bring the batch
/// again, which would change nothing: its orders are written.
pub(crate) async fn note<S: Store>(store: &S, flow: Flow, first: &CloudEvent, now: Timestamp) {
    for attempt in 0..ATTEMPTS {
        match write(store, flow.clone(), first, now).await {
            Ok(()) => return,
            Err(CommitFailure::Conflict) => pause_before(store, &first.id, attempt).await,
            Err(failure @ (CommitFailure::TooLarge { .. } | CommitFailure::Store(_))) => {
                tracing::warn!(error = %failure, "the flow of a batch is not kept");
                break;
            }
        }
    }
    metrics::count("FlowNotKept", 1);
}

async fn write<S: Store>(
    store: &S,
    flow: Flow,
    first: &CloudEvent,
    now: Timestamp,
) -> Result<(), CommitFailure> {
    let key = key(now, shard_of(first));
    let before = store.load(&key, Consistency::Strong).await?;
    let mut kept: Flow = read_or(before.as_ref(), Flow::default)?;
    kept.add(flow, MOST_RECENT);
    let mut record = next_record(key, before.as_ref(), &kept);
    record.expires_at_seconds = Some(now.seconds() + KEPT_SECONDS);
    write_next(store, &record).await
}

/// By the id of the batch's first event, so that the same batch is the same item again.
fn shard_of(first: &CloudEvent) -> u32 {
    let bytes = first.id.as_str().bytes();
    let hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash % SHARDS
}

/// The partition of an instant's hour, and where its minute begins in it.
fn place(instant: Timestamp) -> (String, String) {
    // `2026-11-24T09:30:00.000Z`
    let text = instant.to_string();
    let hour = text.get(..13).unwrap_or_default();
    let minute = text.get(14..16).unwrap_or_default();
    (format!("flow#{hour}"), minute.to_owned())
}

fn key(instant: Timestamp, shard: u32) -> Key {
    let (hour, minute) = place(instant);
    Key::new(hour, format!("{minute}.{shard}"))
}

/// What was heard in the last so many minutes, this one among them; of each type as many of the last events as that.
pub(crate) async fn last_minutes<S: Store>(
    store: &S,
    minutes: usize,
    most_recent: usize,
    now: Timestamp,
) -> Result<Flow, StoreFailure> {
    let minutes = i64::try_from(minutes.clamp(1, MOST_MINUTES)).unwrap_or(1);
    let first = now.milliseconds() - (minutes - 1) * MINUTE_MS;
    let (first_hour, first_minute) = place(Timestamp::from_milliseconds(first));
    let mut hours = vec![(first_hour, Some(first_minute))];
    for minute in 1..minutes {
        let (hour, _) = place(Timestamp::from_milliseconds(first + minute * MINUTE_MS));
        if hours.last().is_some_and(|(known, _)| *known != hour) {
            hours.push((hour, None));
        }
    }
    let mut flow = Flow::default();
    for (hour, from_minute) in hours {
        let sort = from_minute.map(|minute| SortCondition::AtLeast(Indexed::Text(minute)));
        let mut query = Query {
            sort,
            ..Query::of_partition(hour, ITEMS_OF_AN_HOUR)
        };
        loop {
            let page = store.query(&query).await?;
            for record in &page.records {
                flow.add(store::read_copy(record)?, most_recent);
            }
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
    }
    Ok(flow)
}
