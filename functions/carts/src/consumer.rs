//! What carts does about what catalog says.

use ::store::Store;
use contracts::catalog::{PriceChanged, ProductPublished, ProductRetired};
use contracts::{CloudEvent, EventData, UnreadableEvent};
use door::ConsumeError;

use crate::shelf;

/// The event types that carts hears.
pub(crate) const HEARS: &[&str] = &[
    ProductPublished::TYPE,
    PriceChanged::TYPE,
    ProductRetired::TYPE,
];

/// Keeps copies; says nothing.
pub(crate) async fn consume<S: Store>(
    store: &S,
    event: &CloudEvent,
) -> Result<Vec<CloudEvent>, ConsumeError> {
    let version = event.aggregateversion;
    match event.event_type.as_str() {
        ProductPublished::TYPE => shelf::copy_published(store, event.data()?, version).await?,
        PriceChanged::TYPE => shelf::copy_changed(store, event.data()?, version).await?,
        ProductRetired::TYPE => shelf::copy_retired(store, event.data()?, version).await?,
        other => return Err(UnreadableEvent::UnknownType(other.to_owned()).into()),
    }
    Ok(Vec::new())
}
