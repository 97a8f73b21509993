//! A context behind its door, and the invocations of it.

use std::sync::Arc;

use bytes::Bytes;
use contracts::CloudEvent;
use door::{Context, DeadLetterRecorder, Door, Function};
use harness::{queue_batch, stream_batch};
use identifiers::SystemClock;
use publisher::Recorder;
use serde_json::Value;
use store::{MemoryStore, Origin, Record};
use tokio::runtime::Runtime;

/// A context.
pub(crate) struct Site {
    hears: &'static [&'static str],
    store: MemoryStore,
    function: Function,
    published: Recorder,
    dead_letters: DeadLetterRecorder,
    /// Messages that wait for it.
    pub(crate) queue: Vec<CloudEvent>,
    /// Commits that its stream has still to bring.
    stream: Vec<Record>,
    pub(crate) invocations: usize,
}

/// One invocation: all that a function does for it, and nothing else.
#[inline(never)]
fn invoke(runtime: &Runtime, function: &Function, payload: Bytes) -> Bytes {
    let answer = runtime.block_on(function.invoke(payload));
    answer.expect("the function handles what it is given")
}

impl Site {
    pub(crate) fn new<C: Context>(store: MemoryStore, context: C) -> Self {
        let (published, dead_letters) = (Recorder::default(), DeadLetterRecorder::default());
        let door = Door::new(
            Arc::new(context),
            published.clone(),
            dead_letters.clone(),
            SystemClock,
        )
        .with_callers(harness::callers());
        Self {
            hears: C::HEARS,
            store,
            function: Function::new(door),
            published,
            dead_letters,
            queue: Vec::new(),
            stream: Vec::new(),
            invocations: 0,
        }
    }

    pub(crate) fn hears(&self, event_type: &str) -> bool {
        self.hears.contains(&event_type)
    }

    /// Whether anything waits for it.
    pub(crate) fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.stream.is_empty()
    }

    /// Sends a request; the body of the answer.
    pub(crate) fn request(&mut self, runtime: &Runtime, payload: String) -> Value {
        let answer = self.invoke(runtime, payload);
        let body = answer["body"].as_str().unwrap_or_default();
        let status = answer["statusCode"].as_u64().unwrap_or_default();
        assert!((200..300).contains(&status), "{status}: {body}");
        serde_json::from_str(body).unwrap_or_default()
    }

    /// Brings what waits, so many at a time; what is published about it.
    pub(crate) fn work_off(&mut self, runtime: &Runtime, batch: usize) -> Vec<CloudEvent> {
        for events in std::mem::take(&mut self.queue).chunks(batch) {
            let bodies: Vec<String> = events.iter().map(CloudEvent::to_json).collect();
            let answer = self.invoke(runtime, queue_batch(&bodies));
            assert_eq!(answer["batchItemFailures"], Value::Array(Vec::new()));
        }
        for records in std::mem::take(&mut self.stream).chunks(batch) {
            self.invoke(runtime, stream_batch(records));
        }
        let dead = self.dead_letters.take();
        assert!(
            dead.is_empty(),
            "{:?}",
            dead.first().map(|(_, reason)| reason)
        );
        self.published.take()
    }

    fn invoke(&mut self, runtime: &Runtime, payload: String) -> Value {
        self.invocations += 1;
        let answer = invoke(runtime, &self.function, payload.into());
        let changes = self.store.take_changes().into_iter();
        // As the template's mapping filters.
        self.stream
            .extend(changes.filter(|record| record.origin != Origin::Queue));
        serde_json::from_slice(&answer).unwrap_or_default()
    }
}
