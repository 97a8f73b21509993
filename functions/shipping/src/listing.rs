//! The operator's work list: what waits to be packed or dispatched.

use std::collections::HashMap;

use decider::{Failure, Loaded, Stored as _};
use identifiers::OrderId;
use store::{Cursor, Key, Query, Store};

use crate::shipment::{Shipment, ShipmentState, ShipmentStatus};
use crate::store::{BY_STATUS, OPEN};

/// How many index pages one request reads at most. A page may so come back short, or empty, with a cursor to go on by.
const MAX_PAGES: usize = 5;

/// A page of shipments.
pub struct Listed {
    /// The shipments, the longest waiting first.
    pub shipments: Vec<ShipmentState>,
    /// Where to go on, if there may be more.
    pub next: Option<Cursor>,
}

/// The question for the keys of open shipments, the longest waiting first.
pub fn open(limit: usize) -> Query {
    Query::of_index(BY_STATUS, OPEN, limit)
}

/// Open shipments of that status, or of any; at most as many as the question asks for, and from where it starts.
///
/// The index says what is open; the status is read from the items, so that packing costs no index write.
pub async fn list<S: Store>(
    store: &S,
    status: Option<ShipmentStatus>,
    first: Query,
) -> Result<Listed, Failure> {
    let limit = first.limit;
    let mut listed = Listed {
        shipments: Vec::new(),
        next: first.after,
    };
    for _ in 0..MAX_PAGES {
        // As many as are still wanted: whatever matches fits, and the page's cursor is the listing's.
        let wanted = limit - listed.shipments.len();
        let query = Query {
            after: listed.next.take(),
            ..open(wanted)
        };
        let page = store.query(&query).await?;
        let keys: Vec<Key> = page.records.into_iter().map(|record| record.key).collect();
        let records = store.load_many(&keys).await?;
        let mut by_key: HashMap<Key, _> = records
            .into_iter()
            .map(|record| (record.key.clone(), record))
            .collect();
        for key in keys {
            let Some(record) = by_key.remove(&key) else {
                continue;
            };
            let Some(order_id) = order_id_of(&key) else {
                continue;
            };
            let state = Loaded::<Shipment>::from_record(&order_id, Some(record))?.into_state();
            listed.shipments.extend(state.filter(|state| {
                // The index may lag behind the items.
                state.is_open() && status.is_none_or(|wanted| state.status() == wanted)
            }));
        }
        listed.next = page.next;
        if listed.next.is_none() || listed.shipments.len() >= limit {
            break;
        }
    }
    Ok(listed)
}

fn order_id_of(key: &Key) -> Option<OrderId> {
    let order_id = OrderId::new(key.pk.strip_prefix("shipment#")?).ok()?;
    (Shipment::key(&order_id) == *key).then_some(order_id)
}
