//! A batch from the context's queue: each message committed, then published, and only then acknowledged.

use std::collections::BTreeMap;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use bytes::Bytes;
use contracts::{CloudEvent, UnreadableEvent};
use futures::future::join_all;
use identifiers::Clock;
use publisher::Publisher;

use crate::function::InvocationError;
use crate::{ConsumeError, Context, DeadLetters, Door};

/// A message, and the event in it if it can be read.
type Delivery = (SqsMessage, Result<CloudEvent, UnreadableEvent>);

/// A message with what is to be published before it is acknowledged.
struct Handled {
    message_id: String,
    result: Result<Vec<CloudEvent>, ()>,
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
    let handled = join_all(
        by_subject
            .into_values()
            .map(|messages| handle_in_turn(door, messages)),
    )
    .await;
    let handled: Vec<Handled> = handled.into_iter().flatten().collect();

    let events: Vec<CloudEvent> = handled
        .iter()
        .flat_map(|one| one.result.iter().flatten().cloned())
        .collect();
    let mut published = door.publisher.publish(&events).await.into_iter();
    let mut failures = Vec::new();
    for one in handled {
        let succeeded = match &one.result {
            // `all` would stop at the first failure and leave the others' results to the next message.
            Ok(events) => {
                published
                    .by_ref()
                    .take(events.len())
                    .filter(report_unpublished)
                    .count()
                    == events.len()
            }
            Err(()) => false,
        };
        if !succeeded {
            failures.push(failure(one.message_id));
        }
    }
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failures;
    Ok(serde_json::to_vec(&response)
        .map_err(InvocationError::Answer)?
        .into())
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

async fn handle_in_turn<C, P, D, K>(
    door: &Door<C, P, D, K>,
    messages: Vec<Delivery>,
) -> Vec<Handled>
where
    C: Context,
    P: Publisher,
    D: DeadLetters,
    K: Clock,
{
    let mut handled = Vec::with_capacity(messages.len());
    for (message, event) in messages {
        let message_id = message.message_id.clone().unwrap_or_default();
        let result = match consume(door, event).await {
            Ok(events) => Ok(events),
            Err(error) if error.is_passing() => {
                tracing::warn!(message_id, error = %error, "a message will come again");
                Err(())
            }
            Err(error) => bury(door, &message, &message_id, &error).await,
        };
        handled.push(Handled { message_id, result });
    }
    handled
}

async fn consume<C, P, D, K>(
    door: &Door<C, P, D, K>,
    event: Result<CloudEvent, UnreadableEvent>,
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
    door.context.consume(&event, door.clock.now()).await
}

/// Puts a hopeless message in the dead-letter queue with the reason. Only when it is there is it acknowledged; if it
/// could not be put there, the queue's own redrive will bring it there in the end, without the reason.
async fn bury<C, P, D, K>(
    door: &Door<C, P, D, K>,
    message: &SqsMessage,
    message_id: &str,
    error: &ConsumeError,
) -> Result<Vec<CloudEvent>, ()>
where
    C: Context,
    D: DeadLetters,
    P: Publisher,
    K: Clock,
{
    let reason = error.to_string();
    match door.dead_letters.send(message, &reason).await {
        Ok(()) => {
            tracing::error!(
                message_id,
                reason,
                "a message went to the dead-letter queue"
            );
            Ok(Vec::new())
        }
        Err(failure) => {
            tracing::error!(message_id, reason, error = %failure, "a hopeless message could not be put aside");
            Err(())
        }
    }
}
