//! What carts does about what catalog and customers say.

use ::store::{Origin, Store};
use contracts::catalog::{PriceChanged, ProductPublished, ProductRetired};
use contracts::customers::CustomerErased;
use contracts::{CloudEvent, EventData, UnreadableEvent};
use decider::execute;
use door::ConsumeError;
use identifiers::Timestamp;

use crate::cart::{Cart, CartCommand};
use crate::shelf;

/// The event types that carts hears.
pub(crate) const HEARS: &[&str] = &[
    ProductPublished::TYPE,
    PriceChanged::TYPE,
    ProductRetired::TYPE,
    CustomerErased::TYPE,
];

/// Keeps copies, and forgets who is erased; says nothing.
pub(crate) async fn consume<S: Store>(
    store: &S,
    event: &CloudEvent,
    now: Timestamp,
) -> Result<Vec<CloudEvent>, ConsumeError> {
    let version = event.aggregateversion;
    match event.event_type.as_str() {
        ProductPublished::TYPE => shelf::copy_published(store, event.data()?, version).await?,
        PriceChanged::TYPE => shelf::copy_changed(store, event.data()?, version).await?,
        ProductRetired::TYPE => shelf::copy_retired(store, event.data()?, version).await?,
        CustomerErased::TYPE => erase(store, event, now).await?,
        other => return Err(UnreadableEvent::UnknownType(other.to_owned()).into()),
    }
    Ok(Vec::new())
}

async fn erase<S: Store>(
    store: &S,
    event: &CloudEvent,
    now: Timestamp,
) -> Result<(), ConsumeError> {
    let CustomerErased { customer_id, .. } = event.data()?;
    let cause = event.as_cause(now);
    let command = CartCommand::Erase {
        customer_id: customer_id.clone(),
        now,
    };
    execute::<Cart, S>(store, &customer_id, &cause, Origin::Queue, &command)
        .await
        .map_err(ConsumeError::from_execute)?;
    Ok(())
}
