//! The envelope: CloudEvents 1.0 in JSON, with the extensions that trace an event to its cause.

use identifiers::{CorrelationId, InvalidIdentifier, MessageId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use strict_json::Strict;
use trace::TraceContext;

use crate::event::EventData;

/// The longest event, in bytes of JSON: 64 KiB, so that ten of them and their attributes fit one `PublishBatch`
/// request of SNS with room to spare for the four that may be that large.
pub const MAX_EVENT_BYTES: usize = 64 * 1024;

/// An event as it travels: CloudEvents 1.0, JSON format, structured mode.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CloudEvent {
    /// Always `1.0`.
    #[schemars(extend("const" = "1.0"))]
    pub specversion: String,
    /// Unique for ever: publishing context, subject, aggregate version and position. A repeat has the same id.
    pub id: MessageId,
    /// `noren/<context>`.
    pub source: String,
    /// `<context>.<EventName>.v<major>`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The aggregate that the event is about.
    pub subject: String,
    /// When it was committed.
    pub time: Timestamp,
    /// Always `application/json`.
    #[schemars(extend("const" = "application/json"))]
    pub datacontenttype: String,
    /// The JSON Schema of `data`.
    pub dataschema: String,
    /// What ties together all that followed from one request.
    pub correlationid: CorrelationId,
    /// The message that caused this event.
    pub causationid: MessageId,
    /// W3C trace context: the trace of what caused the event, and a span of its own, which its consumers are children of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub traceparent: Option<String>,
    /// The publishing aggregate's version after the commit; of two facts on one subject the larger is the newer.
    pub aggregateversion: u64,
    /// The facts, in the shape that `type` names.
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    pub data: Box<RawValue>,
}

/// What an aggregate says in one commit, before it is put in an envelope.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Announcement {
    /// The event type, `<context>.<EventName>.v<major>`.
    #[serde(rename = "t")]
    pub event_type: String,
    /// The facts.
    #[serde(rename = "d")]
    pub data: Box<RawValue>,
}

/// A request in a few characters: two that differ have the same digest once in four thousand million times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestDigest(String);

impl RequestDigest {
    /// The digest whose text that is; not more of it than a few characters are kept.
    ///
    /// ```
    /// use contracts::RequestDigest;
    ///
    /// assert_eq!(RequestDigest::new("9f86d081884c7d65"), RequestDigest::new("9f86d081"));
    /// ```
    pub fn new(text: &str) -> Self {
        Self(text.chars().take(8).collect())
    }
}

/// What caused a commit: recorded with it, and carried on in the events it emits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The message handled: an event's id, or one made from a request or a tick.
    pub message_id: MessageId,
    /// What ties together all that followed from one request.
    pub correlation_id: CorrelationId,
    /// W3C trace context, if the cause had one.
    pub traceparent: Option<String>,
    /// What a request with an idempotency key asked for, in short: the same key may ask for nothing else.
    pub request: Option<RequestDigest>,
    /// The present instant, as the handling function saw it.
    pub now: Timestamp,
}

/// Why a message is not an event that can be handled.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableEvent {
    /// The text is not an envelope.
    #[error("the message is not a CloudEvents 1.0 JSON event: {0}")]
    Envelope(#[source] serde_json::Error),
    /// The specification version is another.
    #[error("specversion is \"{0}\", not \"1.0\"")]
    Version(String),
    /// The facts do not have the shape that the type names.
    #[error("data of {event_type} is not readable: {source}")]
    Data {
        /// The event type.
        event_type: String,
        /// What is wrong with the data, and where.
        #[source]
        source: serde_path_to_error::Error<serde_json::Error>,
    },
    /// The type is none that the consumer declares it hears.
    #[error("type \"{0}\" is none that this context hears")]
    UnknownType(String),
}

impl Announcement {
    /// Takes an event's facts.
    pub fn of<E: EventData>(event: &E) -> Self {
        // Contract types are plain structs with text keys, which serde_json can always write.
        let data =
            serde_json::value::to_raw_value(event).expect("contract types serialise to JSON");
        Self {
            event_type: E::TYPE.to_owned(),
            data,
        }
    }

    /// The publishing context, from the event type.
    pub fn context(&self) -> &str {
        self.event_type.split('.').next().unwrap_or_default()
    }

    /// The id of the event that this becomes.
    ///
    /// # Errors
    /// When the subject is none of ours, so that no id can be made of it.
    pub fn event_id(
        &self,
        subject: &str,
        version: u64,
        position: usize,
    ) -> Result<MessageId, InvalidIdentifier> {
        let context = self.context();
        MessageId::new(format!("{context}.{subject}.{version}.{position}"))
    }

    /// Puts the announcement in its envelope. The same arguments give the same event, so that a repeated
    /// publication is the same event again: its span's id is a digest of its own. Where the cause has no trace context,
    /// a trace begins with the cause's message.
    pub fn envelope(
        &self,
        subject: &str,
        version: u64,
        position: usize,
        cause: &Cause,
    ) -> CloudEvent {
        let context = self.context();
        let id = self
            .event_id(subject, version, position)
            .expect("a context name, an identifier and two numbers make an identifier");
        let traceparent = cause.traceparent.as_deref().and_then(TraceContext::parse);
        let trace = traceparent.unwrap_or_else(|| TraceContext::begin(cause.message_id.as_str()));
        CloudEvent {
            specversion: "1.0".to_owned(),
            traceparent: Some(trace.child(id.as_str()).to_string()),
            id,
            source: format!("noren/{context}"),
            event_type: self.event_type.clone(),
            subject: subject.to_owned(),
            time: cause.now,
            datacontenttype: "application/json".to_owned(),
            dataschema: format!("urn:noren:schema:{}", self.event_type),
            correlationid: cause.correlation_id.clone(),
            causationid: cause.message_id.clone(),
            aggregateversion: version,
            data: self.data.clone(),
        }
    }
}

impl CloudEvent {
    /// Reads an event from a queue message's body.
    ///
    /// # Errors
    /// When the text is no CloudEvents 1.0 JSON event.
    pub fn read(body: &str) -> Result<Self, UnreadableEvent> {
        let mut reader = serde_json::Deserializer::from_str(body);
        let event = Self::deserialize(Strict(&mut reader))
            .and_then(|event| reader.end().map(|()| event))
            .map_err(UnreadableEvent::Envelope)?;
        if event.specversion != "1.0" {
            return Err(UnreadableEvent::Version(event.specversion));
        }
        Ok(event)
    }

    /// Reads the facts as the given event.
    ///
    /// # Errors
    /// When they do not have its shape.
    pub fn data<E: EventData>(&self) -> Result<E, UnreadableEvent> {
        let mut reader = serde_json::Deserializer::from_str(self.data.get());
        serde_path_to_error::deserialize(Strict(&mut reader)).map_err(|source| {
            UnreadableEvent::Data {
                event_type: self.event_type.clone(),
                source,
            }
        })
    }

    /// This event as the cause of what a consumer does about it.
    pub fn as_cause(&self, now: Timestamp) -> Cause {
        Cause {
            message_id: self.id.clone(),
            correlation_id: self.correlationid.clone(),
            traceparent: self.traceparent.clone(),
            request: None,
            now,
        }
    }

    /// The event as JSON text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self)
            .expect("an envelope has text keys only, which serde_json can always write")
    }
}
