//! A batch from the context's queue: each message committed, then published, and only then acknowledged.

use std::collections::BTreeMap;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use bytes::Bytes;
use contracts::{CloudEvent, UnreadableEvent};
use futures::future::join_all;
use identifiers::{Clock, Timestamp};
use publisher::Publisher;
use trace::{Kind, Span, SpanId, TraceContext};

use crate::context::Left;
use crate::function::InvocationError;
use crate::telemetry::UNHANDLED;
use crate::{ConsumeError, Context, DeadLetters, Door};

/// A message, and the event in it if it can be read.
type Delivery = (SqsMessage, Result<CloudEvent, UnreadableEvent>);

/// A message with what is to be published before it is acknowledged.
struct Handled {
    message_id: String,
    /// Where in which trace it was handled, if anybody wants to know.
    place: Option<TraceContext>,
    result: Result<Vec<CloudEvent>, Left>,
}

pub(crate) async fn answer<C, P, D, K>(
    door: &Door<C, P, D, K>,
    batch: SqsEvent,
) -> Result<Bytes, InvocationError>
where
    C: Context,
    P: Publisher,
    D: DeadLetters,
    K: Clock,
{
    // Messages about one subject go one after another: together they would only collide on its item.
    let mut by_subject: BTreeMap<String, Vec<Delivery>> = BTreeMap::new();
    for message in batch.records {
        let event = CloudEvent::read(message.body.as_deref().unwrap_or_default());
        let subject = event
            .as_ref()
            .map(|event| event.subject.clone())
            .unwrap_or_default();
        by_subject
            .entry(subject)
            .or_default()
            .push((message, event));
    }
    let together = consume_together(door, &by_subject).await;
    let handled = join_all(
        by_subject
            .into_values()
            .zip(together)
            .map(|(messages, together)| handle_in_turn(door, messages, together)),
    )
    .await;
    let handled: Vec<Handled> = handled.into_iter().flatten().collect();

    let events: Vec<CloudEvent> = handled
        .iter()
        .flat_map(|one| one.result.iter().flatten().cloned())
        .collect();
    let began = door.clock.now();
    let published = door.publisher.publish(&events).await;
    count_published(&published);
    trace_published(door, &handled, began, &published);
    let mut published = published.into_iter();
    let mut failures = Vec::new();
    let mut unhandled = 0;
    for one in handled {
        let left = match &one.result {
            // `all` would stop at the first failure and leave the others' results to the next message.
            Ok(events) => {
                let results = published.by_ref().take(events.len());
                let reached = results.filter(report_unpublished).count();
                (reached < events.len()).then_some(Left::Failed)
            }
            Err(left) => Some(*left),
        };
        if let Some(left) = left {
            unhandled += u64::from(left == Left::Failed);
            failures.push(failure(one.message_id));
        }
    }
    metrics::count(UNHANDLED, unhandled);
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failures;
    Ok(serde_json::to_vec(&response)
        .map_err(InvocationError::Answer)?
        .into())
}

/// Counts what reached the topic, and what did not.
pub(crate) fn count_published(results: &[Result<(), publisher::PublishFailure>]) {
    let published = results.iter().filter(|result| result.is_ok()).count();
    metrics::count("Published", published as u64);
    metrics::count("NotPublished", (results.len() - published) as u64);
}

/// Records a span for each event: it is the one whose id the event carries.
fn trace_published<C, P, D, K: Clock>(
    door: &Door<C, P, D, K>,
    handled: &[Handled],
    began: Timestamp,
    results: &[Result<(), publisher::PublishFailure>],
) {
    if !trace::is_recorded() {
        return;
    }
    let ended = door.clock.now();
    let said = handled.iter().flat_map(|one| {
        let events = one.result.iter().flatten();
        events.map(|event| (event, one.place))
    });
    for ((event, place), result) in said.zip(results) {
        let parent = place.map(|place| place.span_id);
        trace::record(|| publishing(event, parent, (began, ended), result.is_err()));
    }
}

/// The span of an event's publication.
pub(crate) fn publishing(
    event: &CloudEvent,
    parent: Option<SpanId>,
    (began, ended): (Timestamp, Timestamp),
    failed: bool,
) -> Span {
    let name = format!("publish {}", event.event_type);
    let (began, ended) = (began.milliseconds(), ended.milliseconds());
    Span::new(place_of(event), parent, Kind::Producer, name, began, ended)
        .with("messaging.system", "aws_sns")
        .with("messaging.message.id", event.id.as_str())
        .failed_if(failed)
}

/// Where the event stands in its trace. One that has none, of a publisher that does not trace, begins one.
fn place_of(event: &CloudEvent) -> TraceContext {
    let traceparent = event.traceparent.as_deref().and_then(TraceContext::parse);
    traceparent.unwrap_or_else(|| TraceContext::begin(event.id.as_str()))
}

fn report_unpublished(result: &Result<(), publisher::PublishFailure>) -> bool {
    match result {
        Ok(()) => true,
        Err(failure) => {
            tracing::error!(error = %failure, "an event was not published; its message will come again");
            false
        }
    }
}

fn failure(message_id: String) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = message_id;
    failure
}

/// What the context has done about events of the batch at once, where it rather does that: by subject, and there message by
/// message.
async fn consume_together<C, P, D, K>(
    door: &Door<C, P, D, K>,
    by_subject: &BTreeMap<String, Vec<Delivery>>,
) -> Vec<Vec<Option<Vec<CloudEvent>>>>
where
    C: Context,
    P: Publisher,
    D: DeadLetters,
    K: Clock,
{
    let mut answers: Vec<_> = by_subject
        .values()
        .map(|messages| vec![None; messages.len()])
        .collect();
    let mut places = Vec::new();
    let mut events = Vec::new();
    for (subject, messages) in by_subject.values().enumerate() {
        for (position, (_, event)) in messages.iter().enumerate() {
            if let Ok(event) = event
                && C::HEARS.contains(&event.event_type.as_str())
            {
                places.push((subject, position));
                events.push(event);
            }
        }
    }
    if events.len() > 1 {
        let now = door.clock.now();
        let done = door.context.consume_together(&events, now).await;
        for ((subject, position), answer) in places.into_iter().zip(done) {
            answers[subject][position] = answer;
        }
    }
    answers
}

/// Handles the messages of one subject; what some of them have led to may be known already.
async fn handle_in_turn<C, P, D, K>(
    door: &Door<C, P, D, K>,
    messages: Vec<Delivery>,
    together: Vec<Option<Vec<CloudEvent>>>,
) -> Vec<Handled>
where
    C: Context,
    P: Publisher,
    D: DeadLetters,
    K: Clock,
{
    let mut handled = Vec::with_capacity(messages.len());
    for ((message, event), done) in messages.into_iter().zip(together) {
        let message_id = message.message_id.clone().unwrap_or_default();
        let correlation_id = match &event {
            Ok(event) => event.correlationid.to_string(),
            Err(_) => String::new(),
        };
        let span = event
            .as_ref()
            .ok()
            .and_then(|event| begin(door, event, &message));
        let work = async {
            match consume(door, event, done).await {
                Ok(events) => Ok(events),
                Err(error) => match error.left() {
                    Some(left) => {
                        metrics::count("ComeAgain", 1);
                        tracing::warn!(message_id, error = %error, "a message will come again");
                        Err(left)
                    }
                    None => {
                        metrics::count("DeadLetters", 1);
                        bury(door, &message, &message_id, &error).await
                    }
                },
            }
        };
        let work = logs::correlated(correlation_id, work);
        let place = span.as_ref().map(|span| span.place);
        let result = match span {
            None => work.await,
            Some(span) => {
                let result = trace::within(span.place, work).await;
                let ended_ms = door.clock.now().milliseconds();
                trace::record(|| Span { ended_ms, ..span }.failed_if(result.is_err()));
                result
            }
        };
        handled.push(Handled {
            message_id,
            place,
            result,
        });
    }
    handled
}

/// The span of handling a message, a child of the event's own, if anybody records spans. Each delivery of the message has
/// its own.
fn begin<C, P, D, K: Clock>(
    door: &Door<C, P, D, K>,
    event: &CloudEvent,
    message: &SqsMessage,
) -> Option<Span> {
    if !trace::is_recorded() {
        return None;
    }
    let heard = place_of(event);
    let queue = message.event_source_arn.as_deref().unwrap_or_default();
    let deliveries = message.attributes.get("ApproximateReceiveCount");
    let deliveries = deliveries.map_or("1", String::as_str);
    let place = heard.child(&format!("{queue}/{}/{deliveries}", event.id));
    let now = door.clock.now().milliseconds();
    let name = format!("handle {}", event.event_type);
    let span = Span::new(place, Some(heard.span_id), Kind::Consumer, name, now, now)
        .with("messaging.system", "aws_sqs")
        .with("messaging.message.id", event.id.as_str())
        .with(
            "messaging.message.conversation_id",
            event.correlationid.as_str(),
        );
    Some(span)
}

/// How long the event was on its way, told apart by who said it; which consumer that is, the service tells.
fn note_lag(event: &CloudEvent, now: Timestamp) {
    if !metrics::is_recorded() {
        return;
    }
    let publisher = event.source.rsplit('/').next().unwrap_or_default();
    let mut letters = publisher.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let name: String = "LagFrom".chars().chain(first).chain(letters).collect();
    let lag = now.milliseconds().saturating_sub(event.time.milliseconds());
    metrics::observe(name, lag);
}

async fn consume<C, P, D, K>(
    door: &Door<C, P, D, K>,
    event: Result<CloudEvent, UnreadableEvent>,
    done: Option<Vec<CloudEvent>>,
) -> Result<Vec<CloudEvent>, ConsumeError>
where
    C: Context,
    D: DeadLetters,
    P: Publisher,
    K: Clock,
{
    let event = event?;
    if !C::HEARS.contains(&event.event_type.as_str()) {
        return Err(UnreadableEvent::UnknownType(event.event_type).into());
    }
    let now = door.clock.now();
    note_lag(&event, now);
    match done {
        Some(events) => Ok(events),
        None => door.context.consume(&event, now).await,
    }
}

/// Puts a hopeless message in the dead-letter queue with the reason. Only when it is there is it acknowledged; if it
/// could not be put there, the queue's own redrive will bring it there in the end, without the reason.
async fn bury<C, P, D, K>(
    door: &Door<C, P, D, K>,
    message: &SqsMessage,
    message_id: &str,
    error: &ConsumeError,
) -> Result<Vec<CloudEvent>, Left>
where
    C: Context,
    D: DeadLetters,
    P: Publisher,
    K: Clock,
{
    let reason = error.to_string();
    match door.dead_letters.send(message, &reason).await {
        Ok(()) => {
            metrics::count(UNHANDLED, 1);
            tracing::error!(
                message_id,
                reason,
                "a message went to the dead-letter queue"
            );
            Ok(Vec::new())
        }
        Err(failure) => {
            tracing::error!(message_id, reason, error = %failure, "a hopeless message could not be put aside");
            Err(Left::Failed)
        }
    }
}
