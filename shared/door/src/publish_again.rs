//! Publishing again, from the table, what was announced since an instant: for what a stream has lost, having not been
//! read for longer than it keeps its records.
//!
//! Owns one invocation's share of that walk, bounded, and where the next one goes on. Does not own who asks for it (an
//! operator's `noren publish-again`), nor what comes of an event that is heard twice: its consumers know it again.

use bytes::Bytes;
use contracts::CloudEvent;
use identifiers::{Clock, Timestamp};
use publisher::Publisher;
use serde::{Deserialize, Serialize};
use store::Cursor;

use crate::function::InvocationError;
use crate::{Context, DeadLetters, Door, UnknownTrigger};

/// The most items that one invocation looks at. At a kilobyte or two each they take a few seconds of the share of a
/// processor that 256 MB bring, of the ten that a function has.
///
/// ```
/// assert_eq!(door::MOST_ITEMS, 2_000);
/// ```
pub const MOST_ITEMS: usize = 2_000;
/// After so many events an invocation leaves the rest to the next: thirty requests to the topic.
const MOST_EVENTS: usize = 300;
/// The most items of one page. A page also ends at a megabyte (DynamoDB).
const MOST_PAGE_ITEMS: usize = 250;

/// What is to be published again.
///
/// ```
/// use door::{PublishAgain, Trigger};
///
/// let payload = br#"{"publish_again":{"since":"2026-11-24T09:30:00Z","dry_run":true}}"#;
/// let Trigger::PublishAgain(wanted) = Trigger::read(payload).unwrap() else { panic!("it is a wish") };
/// let expected = PublishAgain {
///     since: "2026-11-24T09:30:00Z".parse().unwrap(),
///     cursor: None,
///     dry_run: true,
///     items: None,
/// };
/// assert_eq!(wanted, expected);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishAgain {
    /// Announcements from then on. Functions' clocks differ by minutes: some earlier is no harm.
    pub since: Timestamp,
    /// Where the invocation before ended; none for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Whether to count only, and publish nothing.
    #[serde(default)]
    pub dry_run: bool,
    /// How many items to look at, at most [`MOST_ITEMS`]; none for as many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<usize>,
}

/// What one invocation did of it.
///
/// ```
/// # mod courses { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/courses.rs")); }
/// # use courses::*;
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use std::sync::Arc;
///
/// use door::{DeadLetterRecorder, Door, PublishedAgain};
/// use identifiers::SystemClock;
/// use publisher::Recorder;
/// use store::MemoryStore;
///
/// let context = Arc::new(Courses { table: MemoryStore::new(&[]) });
/// let door = Door::new(context, Recorder::default(), DeadLetterRecorder::default(), SystemClock);
/// let answer = door.handle(br#"{"publish_again":{"since":"2026-11-24T09:30:00Z"}}"#).await.unwrap();
/// // Nothing stands in the table.
/// assert_eq!(serde_json::from_slice::<PublishedAgain>(&answer).unwrap(), PublishedAgain::default());
/// # });
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedAgain {
    /// How many items it looked at.
    pub items: usize,
    /// How many events were published; in a dry run, would have been.
    pub events: usize,
    /// Keys of items that had to forget something announced since then.
    pub forgetful: Vec<String>,
    /// Keys of items that cannot be read.
    pub unreadable: Vec<String>,
    /// Where the next invocation goes on; none where all is done.
    pub cursor: Option<String>,
}

pub(crate) async fn answer<C, P, D, K>(
    door: &Door<C, P, D, K>,
    wanted: PublishAgain,
) -> Result<Bytes, InvocationError>
where
    C: Context,
    P: Publisher,
    D: DeadLetters,
    K: Clock,
{
    let done = publish_again(door, wanted).await?;
    let answer = serde_json::to_vec(&done).map_err(InvocationError::Answer)?;
    Ok(answer.into())
}

async fn publish_again<C, P, D, K>(
    door: &Door<C, P, D, K>,
    wanted: PublishAgain,
) -> Result<PublishedAgain, InvocationError>
where
    C: Context,
    P: Publisher,
    D: DeadLetters,
    K: Clock,
{
    let most_items = wanted.items.unwrap_or(MOST_ITEMS).clamp(1, MOST_ITEMS);
    let mut done = PublishedAgain::default();
    let mut after = start(wanted.cursor.as_deref())?;
    loop {
        let most = MOST_PAGE_ITEMS.min(most_items - done.items);
        let page = door.context.scan(after.as_ref(), most).await?;
        let mut events = Vec::new();
        for record in &page.records {
            match decider::announced_since(record, wanted.since) {
                Ok(announced) => {
                    events.extend(announced.events);
                    if announced.has_forgotten {
                        done.forgetful.push(record.key.to_string());
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "an item cannot be read; what it announced is not published again");
                    done.unreadable.push(record.key.to_string());
                }
            }
        }
        if !wanted.dry_run {
            publish(door, &events).await?;
        }
        done.items += page.records.len();
        done.events += events.len();
        done.cursor = page.next.as_ref().map(Cursor::to_text);
        after = page.next;
        if after.is_none() || done.items >= most_items || done.events >= MOST_EVENTS {
            return Ok(done);
        }
    }
}

/// Where to begin: a cursor that is none is the asker's fault, and no failure of the table.
fn start(cursor: Option<&str>) -> Result<Option<Cursor>, UnknownTrigger> {
    let read = |text| {
        let cursor = Cursor::from_text(text)?;
        cursor.key().map(|_| cursor)
    };
    let start = cursor.map(read).transpose();
    start.map_err(|invalid| UnknownTrigger::Unknown(format!("publish_again: {invalid}")))
}

/// A page counts as done only if each of its events has reached the topic: otherwise whoever asked begins again where
/// this invocation began.
async fn publish<C, P, D, K>(
    door: &Door<C, P, D, K>,
    events: &[CloudEvent],
) -> Result<(), InvocationError>
where
    P: Publisher,
{
    let results = door.publisher.publish(events).await;
    let failures = results.iter().filter_map(|result| result.as_ref().err());
    let failed = failures
        .inspect(|failure| tracing::error!(error = %failure, "an event was not published again"))
        .count();
    match failed {
        0 => Ok(()),
        failed => Err(InvocationError::PublishAgain {
            failed,
            events: events.len(),
        }),
    }
}
