//! A span: something that was done in a trace, from when to when.

use crate::{SpanId, TraceContext};

/// What part a span has in a conversation (OpenTelemetry's `SpanKind`).
///
/// ```
/// assert_ne!(trace::Kind::Producer, trace::Kind::Consumer);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Answering a request.
    Server,
    /// Calling somebody.
    Client,
    /// Sending a message.
    Producer,
    /// Handling a message.
    Consumer,
    /// None of these.
    Internal,
}

/// A span, when it is over.
///
/// ```
/// use trace::{Kind, Span, TraceContext};
///
/// let request = TraceContext::begin("request-1");
/// let span = Span::new(request, None, Kind::Server, "POST /api/orders", 1_000, 1_025)
///     .with("http.response.status_code", "201");
/// assert_eq!(span.ended_ms - span.began_ms, 25);
/// assert!(!span.failed);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Its trace, and its own id in it.
    pub place: TraceContext,
    /// The span that it is a child of; none at a trace's beginning.
    pub parent: Option<SpanId>,
    /// Its part in a conversation.
    pub kind: Kind,
    /// What was done, in few words that repeat: no ids.
    pub name: String,
    /// Milliseconds since the Unix epoch.
    pub began_ms: i64,
    /// Milliseconds since the Unix epoch.
    pub ended_ms: i64,
    /// Whether it failed on our side.
    pub failed: bool,
    /// What else is worth knowing, by OpenTelemetry's names. No personal data.
    pub attributes: Vec<(&'static str, String)>,
}

impl Span {
    /// A span that went well.
    ///
    /// ```
    /// use trace::{Kind, Span, TraceContext};
    ///
    /// let place = TraceContext::begin("request-1");
    /// let span = Span::new(place, None, Kind::Server, "GET /", 0, 5);
    /// assert_eq!(span.name, "GET /");
    /// ```
    pub fn new(
        place: TraceContext,
        parent: Option<SpanId>,
        kind: Kind,
        name: impl Into<String>,
        began_ms: i64,
        ended_ms: i64,
    ) -> Self {
        Self {
            place,
            parent,
            kind,
            name: name.into(),
            began_ms,
            ended_ms,
            failed: false,
            attributes: Vec::new(),
        }
    }

    /// The same with an attribute more.
    ///
    /// ```
    /// use trace::{Kind, Span, TraceContext};
    ///
    /// let place = TraceContext::begin("request-1");
    /// let span = Span::new(place, None, Kind::Server, "GET /", 0, 5);
    /// let span = span.with("http.response.status_code", "200");
    /// assert_eq!(span.attributes.len(), 1);
    /// ```
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// The same as a failure, if it was one.
    ///
    /// ```
    /// use trace::{Kind, Span, TraceContext};
    ///
    /// let place = TraceContext::begin("request-1");
    /// let span = Span::new(place, None, Kind::Server, "GET /", 0, 5).failed_if(true);
    /// assert!(span.failed);
    /// ```
    #[must_use]
    pub fn failed_if(mut self, failed: bool) -> Self {
        self.failed = failed;
        self
    }
}
