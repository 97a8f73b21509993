//! A batch from the table's stream: what requests and ticks committed is published.

use aws_lambda_events::dynamodb::{Event, EventRecord};
use bytes::Bytes;
use contracts::CloudEvent;
use identifiers::Clock;
use publisher::Publisher;
use serde::Serialize;
use store::{Attribute, Origin, Record, from_attributes};
use trace::{SpanId, TraceContext};

use crate::function::InvocationError;
use crate::queue::{count_published, publishing};
use crate::telemetry::UNHANDLED;
use crate::{Context, DeadLetters, Door};

#[derive(Serialize)]
struct Answer {
    #[serde(rename = "batchItemFailures")]
    batch_item_failures: Vec<Failure>,
}

#[derive(Serialize)]
struct Failure {
    #[serde(rename = "itemIdentifier")]
    item_identifier: String,
}

pub(crate) async fn answer<C, P, D, K>(
    door: &Door<C, P, D, K>,
    batch: Event,
) -> Result<Bytes, InvocationError>
where
    C: Context,
    P: Publisher,
    D: DeadLetters,
    K: Clock,
{
    let mut events: Vec<CloudEvent> = Vec::new();
    // The record that each event came from, and the first record that could not be read: what stands after it is
    // left to the retry, since a stream's checkpoint is one sequence number.
    let mut sequence_numbers: Vec<String> = Vec::new();
    let mut failed: Option<String> = None;
    let mut parents: Vec<Option<SpanId>> = Vec::new();
    for record in batch.records {
        let sequence_number = record.change.sequence_number.clone().unwrap_or_default();
        match events_of(record) {
            Ok((emitted, parent)) => {
                parents.extend(emitted.iter().map(|_| parent));
                sequence_numbers.extend(emitted.iter().map(|_| sequence_number.clone()));
                events.extend(emitted);
            }
            Err(reason) => {
                tracing::error!(sequence_number, reason, "a stream record cannot be relayed");
                failed = Some(sequence_number);
                break;
            }
        }
    }
    let began = door.clock.now();
    let results = door.publisher.publish(&events).await;
    let times = (began, door.clock.now());
    count_published(&results);
    for ((event, parent), result) in events.iter().zip(&parents).zip(&results) {
        trace::record(|| publishing(event, *parent, times, result.is_err()));
    }
    for (result, sequence_number) in results.iter().zip(&sequence_numbers) {
        if let Err(failure) = result {
            tracing::error!(error = %failure, sequence_number, "an event was not published; its record will come again");
            failed = Some(sequence_number.clone());
            break;
        }
    }
    metrics::count(UNHANDLED, u64::from(failed.is_some()));
    let batch_item_failures = failed
        .map(|item_identifier| Failure { item_identifier })
        .into_iter()
        .collect();
    Ok(serde_json::to_vec(&Answer {
        batch_item_failures,
    })
    .map_err(InvocationError::Answer)?
    .into())
}

/// What the record's commit emitted, and the span that committed it, if anybody records spans.
fn events_of(record: EventRecord) -> Result<(Vec<CloudEvent>, Option<SpanId>), String> {
    if record.event_name == "REMOVE" {
        return Ok((Vec::new(), None));
    }
    let image = read_image(record).map_err(|error| error.to_string())?;
    match image.origin {
        // The function published these itself before it acknowledged the message that caused them. The event source
        // mapping filters them out; this guard holds where a filter does not.
        Origin::Queue => Ok((Vec::new(), None)),
        Origin::Http | Origin::Schedule => {
            let events = decider::relay(&image).map_err(|error| error.to_string())?;
            let parent = trace::is_recorded().then(|| committed_by(&image)).flatten();
            Ok((events, parent))
        }
    }
}

/// The span of the request that led to the image's version.
fn committed_by(image: &Record) -> Option<SpanId> {
    let messages = decider::history(image).ok()?;
    let message = messages
        .into_iter()
        .find(|message| message.version == image.version)?;
    let traceparent = message.traceparent?;
    TraceContext::parse(&traceparent).map(|place| place.span_id)
}

fn read_image(record: EventRecord) -> Result<Record, String> {
    let mut attributes = Vec::new();
    for (name, value) in record.change.new_image.into_inner() {
        let value = match value {
            serde_dynamo::AttributeValue::S(text) => Attribute::S(text),
            serde_dynamo::AttributeValue::B(bytes) => Attribute::B(bytes),
            serde_dynamo::AttributeValue::N(text) => Attribute::N(
                text.parse()
                    .map_err(|_| format!("attribute {name} is not a whole number"))?,
            ),
            _ => {
                return Err(format!(
                    "attribute {name} is of a kind that records do not use"
                ));
            }
        };
        attributes.push((name, value));
    }
    from_attributes(attributes).map_err(|error| error.to_string())
}
