//! What the contexts log: read for personal data, and shown in a timeline.

use std::fmt::{Debug, Write as _};
use std::sync::Arc;

use parking_lot::Mutex;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::people::CANARY;

/// What was logged since it was last looked at.
#[derive(Debug, Default)]
pub struct Logged {
    /// How many lines.
    pub lines: u64,
    /// A line with personal data in it.
    pub leaked: Option<String>,
    /// The lines, if they are wanted.
    pub texts: Option<Vec<String>>,
    buffer: String,
}

/// The subscriber of a world's thread.
#[derive(Debug, Clone, Default)]
pub struct Logs(Arc<Mutex<Logged>>);

impl Logs {
    /// A subscriber that keeps lines if they are wanted.
    pub fn new(with_texts: bool) -> Self {
        let texts = with_texts.then(Vec::new);
        Self(Arc::new(Mutex::new(Logged {
            texts,
            ..Logged::default()
        })))
    }

    /// Takes what was logged since the last call: how many lines, a leak, the lines.
    pub fn take(&self) -> (u64, Option<String>, Vec<String>) {
        let mut logged = self.0.lock();
        let texts = logged
            .texts
            .as_mut()
            .map(std::mem::take)
            .unwrap_or_default();
        (
            std::mem::take(&mut logged.lines),
            logged.leaked.take(),
            texts,
        )
    }
}

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl Subscriber for Logs {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::INFO
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut logged = self.0.lock();
        let mut buffer = std::mem::take(&mut logged.buffer);
        buffer.clear();
        let _ = write!(buffer, "{}", event.metadata().level());
        event.record(&mut Fields(&mut buffer));
        logged.lines += 1;
        if buffer.contains(CANARY) {
            logged.leaked = Some(buffer.clone());
        }
        if let Some(texts) = &mut logged.texts {
            texts.push(buffer.clone());
        }
        logged.buffer = buffer;
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
