//! What guestbooks does about what orders says.

use contracts::orders::OrderCompleted;
use contracts::{CloudEvent, EventData, UnreadableEvent};
use decider::execute;
use door::ConsumeError;
use identifiers::Timestamp;
use store::{Origin, Store};

use crate::guestbook::{Guestbook, GuestbookCommand};

/// The event types that guestbooks hears.
pub(crate) const HEARS: &[&str] = &[OrderCompleted::TYPE];

/// Does what is to be done about an event; returns what is to be published before it is acknowledged.
pub(crate) async fn consume<S: Store>(
    store: &S,
    event: &CloudEvent,
    now: Timestamp,
) -> Result<Vec<CloudEvent>, ConsumeError> {
    let order_id = match event.event_type.as_str() {
        OrderCompleted::TYPE => event.data::<OrderCompleted>()?.order_id,
        other => return Err(UnreadableEvent::UnknownType(other.to_owned()).into()),
    };
    let command = GuestbookCommand::Close {
        order_id: order_id.clone(),
    };
    let cause = event.as_cause(now);
    let outcome = execute::<Guestbook, S>(store, &order_id, &cause, Origin::Queue, &command)
        .await
        .map_err(ConsumeError::from_execute)?;
    Ok(outcome.events)
}
