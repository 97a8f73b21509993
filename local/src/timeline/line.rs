//! The lines of a timeline: one for each message that a context handled.

use std::collections::HashMap;

use contracts::{CloudEvent, EventType, all_event_types};
use identifiers::{MessageId, Timestamp};
use serde::Serialize;
use trace::SpanId;

use super::place::Places;
use super::read::History;

/// A message that a context handled, and what it said about it.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub(super) at: Timestamp,
    pub(super) context: &'static str,
    /// The version of the context's item after it.
    pub(super) version: u64,
    /// The trace in which it was handled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) trace_id: Option<String>,
    pub(super) cause: Cause,
    pub(super) emitted: Vec<Emitted>,
}

/// What was handled.
#[derive(Debug, Serialize)]
pub(super) struct Cause {
    pub(super) id: MessageId,
    pub(super) kind: Kind,
    /// The event's type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) event_type: Option<String>,
    /// From the commit that said it to the commit that heard it. Both clocks are of functions, so it may be off by what
    /// they differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) delay_ms: Option<i64>,
    /// The span that handling it is a child of: the event's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parent_span_id: Option<String>,
}

/// What kind of message was handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// Another context's event.
    Event,
    /// A step of the context's own on the way of handling an event, recorded before what has no undo.
    Step,
    /// A request or a webhook.
    Request,
    /// A deadline that was met.
    Deadline,
    /// Another context's event that it has forgotten.
    Unknown,
}

/// What was said.
#[derive(Debug, Serialize)]
pub(super) struct Emitted {
    pub(super) id: MessageId,
    /// Its span, which what is done about it is a child of.
    pub(super) span_id: String,
    #[serde(rename = "type")]
    pub(super) event_type: String,
    /// The contexts that have handled it.
    pub(super) heard_by: Vec<&'static str>,
}

/// The lines of all contexts, in order of time; at one instant causes before effects.
pub(super) fn lines(histories: &[History]) -> Vec<Line> {
    let messages = || histories.iter().flat_map(|history| &history.messages);
    let said: HashMap<&MessageId, &CloudEvent> = messages()
        .flat_map(|message| &message.events)
        .map(|event| (&event.id, event))
        .collect();
    let mut heard: HashMap<&MessageId, Vec<&'static str>> = HashMap::new();
    for history in histories {
        for message in &history.messages {
            let hearers = heard.entry(&message.message_id).or_default();
            if !hearers.contains(&history.context) {
                hearers.push(history.context);
            }
        }
    }
    let places = Places::of(histories);
    let mut depths = HashMap::new();
    let mut lines: Vec<(Timestamp, usize, Line)> = Vec::new();
    for history in histories {
        for message in &history.messages {
            let (kind, cause) = cause(&message.message_id, &said);
            let line = Line {
                at: message.at,
                context: history.context,
                version: message.version,
                trace_id: places.trace_of(message).map(|id| id.to_string()),
                cause: Cause {
                    kind,
                    parent_span_id: cause.map(|event| SpanId::of(event.id.as_str()).to_string()),
                    id: message.message_id.clone(),
                    event_type: cause.map(|event| event.event_type.clone()),
                    delay_ms: cause
                        .map(|event| message.at.milliseconds() - event.time.milliseconds()),
                },
                emitted: message
                    .events
                    .iter()
                    .map(|event| Emitted {
                        id: event.id.clone(),
                        span_id: SpanId::of(event.id.as_str()).to_string(),
                        event_type: event.event_type.clone(),
                        heard_by: heard.get(&event.id).cloned().unwrap_or_default(),
                    })
                    .collect(),
            };
            let id = cause.map_or(&message.message_id, |event| &event.id);
            let depth = depth(id, &said, &mut depths);
            lines.push((message.at, depth, line));
        }
    }
    lines.sort_by_key(|(at, depth, line)| (*at, *depth, line.version));
    lines.into_iter().map(|(_, _, line)| line).collect()
}

/// What a message is by its id, and the event that it is or belongs to: a step's id is its event's with a word behind it.
fn cause<'a>(
    message_id: &MessageId,
    said: &HashMap<&MessageId, &'a CloudEvent>,
) -> (Kind, Option<&'a CloudEvent>) {
    if let Some(event) = said.get(message_id) {
        return (Kind::Event, Some(event));
    }
    let id = message_id.as_str();
    let of = id
        .rsplit_once(':')
        .and_then(|(event_id, _)| MessageId::new(event_id).ok());
    if let Some(event) = of.and_then(|event_id| said.get(&event_id).copied()) {
        return (Kind::Step, Some(event));
    }
    let begins = |beginnings: &[&str]| beginnings.iter().any(|beginning| id.starts_with(beginning));
    let publishes = |event_type: &EventType| {
        let context = event_type.name.split('.').next().unwrap_or_default();
        id.strip_prefix(context)
            .is_some_and(|rest| rest.starts_with('.'))
    };
    let kind = if begins(&["deadline:", "tick:"]) {
        Kind::Deadline
    } else if begins(&["claim:", "step:"]) {
        Kind::Step
    } else if all_event_types().iter().any(publishes) {
        Kind::Unknown
    } else {
        Kind::Request
    };
    (kind, None)
}

/// How many events lie before the message; each is looked up once.
fn depth<'a>(
    message_id: &'a MessageId,
    said: &HashMap<&MessageId, &'a CloudEvent>,
    known: &mut HashMap<&'a MessageId, usize>,
) -> usize {
    let mut path = Vec::new();
    let mut at = message_id;
    let mut depth = loop {
        if let Some(depth) = known.get(at) {
            break *depth;
        }
        match said.get(at) {
            // An event is said once and after what caused it, so this ends; the bound is for stored data that lies.
            Some(event) if path.len() < said.len() => {
                path.push(at);
                at = &event.causationid;
            }
            Some(_) | None => break 0,
        }
    };
    while let Some(id) = path.pop() {
        depth += 1;
        known.insert(id, depth);
    }
    depth
}

#[cfg(test)]
mod tests {
    use contracts::{Announcement, Cause as ContractCause};
    use decider::HandledMessage;
    use identifiers::CorrelationId;
    use serde_json::value::RawValue;

    use super::*;

    fn message(id: &str, at: i64, version: u64, says: &[&str]) -> HandledMessage {
        let message_id = MessageId::new(id).unwrap();
        let cause = ContractCause {
            message_id: message_id.clone(),
            correlation_id: CorrelationId::new("o-1").unwrap(),
            traceparent: None,
            request: None,
            now: Timestamp::from_milliseconds(at),
        };
        let events = says.iter().enumerate().map(|(position, event_type)| {
            let data = RawValue::from_string("{}".to_owned()).unwrap();
            let event_type = (*event_type).to_owned();
            Announcement { event_type, data }.envelope("o-1", version, position, &cause)
        });
        HandledMessage {
            message_id,
            version,
            at: Timestamp::from_milliseconds(at),
            traceparent: None,
            events: events.collect(),
        }
    }

    #[test]
    fn what_follows_from_a_request_is_in_its_trace_and_another_request_is_in_another() {
        const SENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        const LATER: &str = "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let with = |traceparent: &str, message: HandledMessage| HandledMessage {
            traceparent: Some(traceparent.to_owned()),
            ..message
        };
        let orders = History {
            context: "orders",
            messages: vec![
                with(SENT, message("key:1", 1000, 1, &["orders.OrderPlaced.v1"])),
                message(
                    "inventory.o-1.1.0",
                    1001,
                    2,
                    &["orders.PaymentRequested.v1"],
                ),
                with(
                    LATER,
                    message("key:2", 2000, 3, &["orders.CancellationRequested.v1"]),
                ),
            ],
        };
        let inventory = History {
            context: "inventory",
            messages: vec![message(
                "orders.o-1.1.0",
                1000,
                1,
                &["inventory.StockReserved.v1"],
            )],
        };
        let others = History {
            context: "payments",
            messages: vec![
                message("orders.o-1.2.0:intent", 1002, 1, &[]),
                message("orders.o-1.3.0", 2001, 2, &[]),
                message("shipping.o-1.9.0", 3000, 3, &[]),
            ],
        };
        let lines = lines(&[inventory, others, orders]);
        let traces: Vec<Option<&str>> = lines.iter().map(|line| line.trace_id.as_deref()).collect();
        let (sent, later) = (Some(&SENT[3..35]), Some(&LATER[3..35]));
        assert_eq!(traces, [sent, sent, sent, sent, later, later, None]);
        assert_eq!(
            lines[1].cause.parent_span_id.as_ref(),
            Some(&lines[0].emitted[0].span_id)
        );
    }

    #[test]
    fn causes_come_before_effects_and_the_delay_is_between_them() {
        let orders = History {
            context: "orders",
            messages: vec![
                message("key:1", 1000, 1, &["orders.OrderPlaced.v1"]),
                message(
                    "inventory.o-1.1.0",
                    1000,
                    2,
                    &["orders.PaymentRequested.v1"],
                ),
                message("deadline:o-1:9", 9000, 3, &[]),
            ],
        };
        let inventory = History {
            context: "inventory",
            messages: vec![message(
                "orders.o-1.1.0",
                1000,
                1,
                &["inventory.StockReserved.v1"],
            )],
        };
        let payments = History {
            context: "payments",
            messages: vec![
                message("orders.o-1.2.0:intent", 1040, 1, &[]),
                message("orders.o-1.2.0", 1040, 2, &[]),
            ],
        };
        // Given in the order in which clocks of one millisecond would mislead.
        let lines = lines(&[inventory, payments, orders]);
        let told: Vec<(&str, Kind, Option<i64>)> = lines
            .iter()
            .map(|line| (line.context, line.cause.kind, line.cause.delay_ms))
            .collect();
        let expected = [
            ("orders", Kind::Request, None),
            ("inventory", Kind::Event, Some(0)),
            ("orders", Kind::Event, Some(0)),
            ("payments", Kind::Step, Some(40)),
            ("payments", Kind::Event, Some(40)),
            ("orders", Kind::Deadline, None),
        ];
        assert_eq!(told, expected);
        assert_eq!(lines[0].emitted[0].heard_by, ["inventory"]);
        assert!(lines[5].emitted.is_empty());
    }

    #[test]
    fn what_another_context_has_forgotten_is_not_called_a_request() {
        let orders = History {
            context: "orders",
            messages: vec![message("shipping.o-1.9.0", 5, 40, &[])],
        };
        assert!(orders.has_forgotten());
        assert_eq!(lines(&[orders])[0].cause.kind, Kind::Unknown);
    }
}
