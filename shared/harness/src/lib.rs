//! Tests of a context through its real door, in memory and by a clock that stands still.
//!
//! Owns the payloads that Lambda would bring and the check that nothing remains unpublished: a harness that is dropped
//! while commits of requests or ticks have not been relayed fails its test. And every answer over HTTP is held against
//! what the context says in its API description that it answers, and every line of its log against what was said in private.
//! Used by tests only.

mod conformance;
mod log;
mod payload;
mod repeat;
mod routes;
mod samples;

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use contracts::{Announcement, Cause, CloudEvent, EventData};
use door::{Context, DeadLetterRecorder, Door, InvocationError};
use identifiers::{Clock, CorrelationId, MessageId, Timestamp};
use publisher::Recorder;
use serde_json::Value;
use store::{MemoryStore, Origin, Record};

use log::Log;
pub use payload::{Request, callers, claims, queue_batch, stream_batch};
pub use samples::Samples;

/// A clock that moves when it is told to. Clones share it.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that stands at that instant.
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.milliseconds())))
    }

    /// Moves it on.
    pub fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_milliseconds(self.0.load(Ordering::SeqCst))
    }
}

/// A context behind its door, with everything round it in memory.
pub struct Harness<C> {
    door: Door<C, Recorder, DeadLetterRecorder, ManualClock>,
    /// The context's table.
    pub store: MemoryStore,
    /// The clock that the context reads.
    pub clock: ManualClock,
    published: Recorder,
    dead_letters: DeadLetterRecorder,
    unrelayed: Mutex<Vec<Record>>,
    requests: AtomicU64,
    log: Log,
}

/// An answer over HTTP.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, if it is JSON; null otherwise.
    pub body: Value,
}

impl<C: Context> Harness<C> {
    /// A context over the table, at half past nine in the morning (UTC) of 24 November 2026.
    pub fn new(store: MemoryStore, context: C) -> Self {
        let clock = ManualClock::at(Timestamp::from_milliseconds(1_795_512_600_000));
        let (published, dead_letters) = (Recorder::default(), DeadLetterRecorder::default());
        let door = Door::new(
            Arc::new(context),
            published.clone(),
            dead_letters.clone(),
            clock.clone(),
        )
        .with_callers(callers());
        Self {
            door,
            store,
            clock,
            published,
            dead_letters,
            unrelayed: Mutex::default(),
            requests: AtomicU64::new(0),
            log: Log::new(),
        }
    }

    /// Hands the door a payload as it stands.
    ///
    /// # Errors
    /// When the door fails as a whole.
    ///
    /// # Panics
    /// When something is logged that a payload said in private.
    pub async fn invoke(&self, payload: &[u8]) -> Result<Bytes, InvocationError> {
        self.log.watch(payload, self.door.handle(payload)).await
    }

    /// What the context has logged so far, as JSON lines.
    pub fn logged(&self) -> String {
        self.log.text()
    }

    /// How often the context has counted that so far.
    pub fn counted(&self, metric: &str) -> u64 {
        self.log.counted(metric)
    }

    /// Sends an HTTP request.
    pub async fn http(&self, request: &Request) -> Answer {
        let serial = self.requests.fetch_add(1, Ordering::SeqCst);
        self.http_payload(
            request
                .with_canaries()
                .payload(self.clock.now(), serial)
                .as_bytes(),
        )
        .await
    }

    /// Sends an HTTP request that is given as Lambda's payload, such as a file of `events/`.
    pub async fn http_payload(&self, payload: &[u8]) -> Answer {
        let answer = self
            .invoke(payload)
            .await
            .expect("an HTTP request always gets an answer");
        let answer: Value = serde_json::from_slice(&answer).expect("the answer is JSON");
        conformance::of::<C>().check(payload, &answer);
        let status = answer["statusCode"]
            .as_u64()
            .and_then(|status| u16::try_from(status).ok());
        let body = answer["body"].as_str().unwrap_or_default();
        Answer {
            status: status.expect("the answer has a status"),
            body: serde_json::from_str(body).unwrap_or(Value::Null),
        }
    }

    /// A token for a new guest.
    pub fn guest_token(&self) -> String {
        payload::guest_keys().issue(self.clock.now()).token
    }

    /// Delivers message bodies as one batch of the queue; returns the positions of those that failed.
    pub async fn deliver_bodies(&self, bodies: &[String]) -> Vec<usize> {
        self.failed(queue_batch(bodies).as_bytes()).await
    }

    /// Delivers events as one batch of the queue; returns the positions of those that failed.
    pub async fn deliver(&self, events: &[CloudEvent]) -> Vec<usize> {
        let bodies: Vec<String> = events.iter().map(CloudEvent::to_json).collect();
        self.deliver_bodies(&bodies).await
    }

    async fn failed(&self, payload: &[u8]) -> Vec<usize> {
        let answer = self
            .invoke(payload)
            .await
            .expect("a batch always gets an answer");
        let answer: Value = serde_json::from_slice(&answer).expect("the answer is JSON");
        let failures = answer["batchItemFailures"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let position = |failure: &Value| {
            failure["itemIdentifier"]
                .as_str()
                .and_then(|id| id.rsplit('-').next()?.parse().ok())
        };
        let mut failed: Vec<usize> = failures.iter().filter_map(position).collect();
        failed.sort_unstable();
        failed
    }

    /// Ticks the deadlines' schedule.
    ///
    /// # Errors
    /// When the sweep fails.
    pub async fn tick(&self) -> Result<Bytes, InvocationError> {
        self.invoke(br#"{"schedule":"deadlines"}"#).await
    }

    /// Lets the table's stream invoke the function, filtered as the template's mapping is; returns how many records
    /// it was given.
    pub async fn relay(&self) -> usize {
        let records = self.collect_changes();
        if records.is_empty() {
            return 0;
        }
        let failed = self.failed(stream_batch(&records).as_bytes()).await;
        assert!(failed.is_empty(), "stream records were not relayed");
        self.unrelayed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        records.len()
    }

    fn collect_changes(&self) -> Vec<Record> {
        let mut unrelayed = self
            .unrelayed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let changes = self.store.take_changes();
        unrelayed.extend(
            changes
                .into_iter()
                .filter(|record| record.origin != Origin::Queue),
        );
        unrelayed.clone()
    }

    /// Takes what was published since the last call.
    pub fn published(&self) -> Vec<CloudEvent> {
        self.published.take()
    }

    /// The types of what was published since the last call.
    pub fn published_types(&self) -> Vec<String> {
        self.published()
            .into_iter()
            .map(|event| event.event_type)
            .collect()
    }

    /// Takes the reasons of the dead letters since the last call.
    pub fn dead_letter_reasons(&self) -> Vec<String> {
        self.dead_letters
            .take()
            .into_iter()
            .map(|(_, reason)| reason)
            .collect()
    }
}

impl<C> Drop for Harness<C> {
    fn drop(&mut self) {
        let mut unrelayed = std::mem::take(
            &mut *self
                .unrelayed
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        unrelayed.extend(
            self.store
                .take_changes()
                .into_iter()
                .filter(|record| record.origin != Origin::Queue),
        );
        if !std::thread::panicking() {
            assert!(
                unrelayed.is_empty(),
                "commits of requests or ticks were not relayed: {unrelayed:?}"
            );
        }
    }
}

/// An event as another context would publish it: `position` tells apart what the same aggregate says.
pub fn event<E: EventData>(subject: &str, version: u64, position: usize, data: &E) -> CloudEvent {
    let cause = Cause {
        message_id: MessageId::new(format!("cause:{subject}:{version}"))
            .expect("a subject is an identifier"),
        correlation_id: CorrelationId::new(subject).expect("a subject is an identifier"),
        traceparent: None,
        request: None,
        now: Timestamp::from_milliseconds(1_795_512_600_000),
    };
    Announcement::of(data).envelope(subject, version, position, &cause)
}
