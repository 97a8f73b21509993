//! Keys, stored form and queries of the customers table.

use std::collections::BTreeMap;

use ::store::{Index, Indexed, Key, Projection, Query};
use contracts::Announcement;
use contracts::customers::{CustomerErased, CustomerRegistered};
use decider::Stored;
use identifiers::{CustomerId, Timestamp};

use crate::customer::{Customer, CustomerEvent};

const CUSTOMER: &str = "customer#";

/// Customers by the day (UTC) of their registration. Says nothing of anybody but an id, never changes, and is empty of
/// whoever is erased.
pub const BY_REGISTRATION: Index = Index {
    name: "by_registration",
    partition: "registered_on",
    sort: "registered_at",
    projection: Projection::KeysOnly,
};

/// The indexes of the table.
pub const INDEXES: &[Index] = &[BY_REGISTRATION];

impl Stored for Customer {
    type Id = CustomerId;

    // Repeats change nothing by themselves but for what was set or added since; a request's key is held for an hour beyond.
    const REMEMBERED: usize = 16;

    fn key(customer_id: &CustomerId) -> Key {
        Key::new(format!("{CUSTOMER}{customer_id}"), "customer")
    }

    fn indexed(customer: &Customer) -> BTreeMap<String, Indexed> {
        let known = match customer {
            Customer::Known(known) => known,
            Customer::Erased(_) => return BTreeMap::new(),
        };
        let at = known.registered_at.to_string();
        let text = |text: &str| Indexed::Text(text.to_owned());
        BTreeMap::from([
            (BY_REGISTRATION.partition.to_owned(), text(day_of(&at))),
            (BY_REGISTRATION.sort.to_owned(), text(&at)),
        ])
    }

    fn announce(event: &CustomerEvent, _: &Customer) -> Option<Announcement> {
        match event {
            CustomerEvent::Registered { customer_id, at } => {
                Some(Announcement::of(&CustomerRegistered {
                    customer_id: customer_id.clone(),
                    registered_at: *at,
                }))
            }
            CustomerEvent::Erased {
                customer_id,
                erased,
            } => Some(Announcement::of(&CustomerErased {
                customer_id: customer_id.clone(),
                erased_at: erased.at,
            })),
            // Who somebody is and where they live is nobody else's business.
            CustomerEvent::ProfileSet(_)
            | CustomerEvent::ConsentSet(_)
            | CustomerEvent::AddressAdded(_)
            | CustomerEvent::AddressRetired { .. }
            | CustomerEvent::AddressDropped(_) => None,
        }
    }
}

/// The day of an instant in its text form, which begins with it.
pub(crate) fn day_of(instant: &str) -> &str {
    instant.split('T').next().unwrap_or(instant)
}

/// The question for the keys of a day's customers, the earliest first.
pub(crate) fn registered_on(day: &str, limit: usize) -> Query {
    Query::of_index(BY_REGISTRATION, day, limit)
}

/// The customer whose item has that key; none if the item is no customer.
pub(crate) fn customer_id_of(key: &Key) -> Option<CustomerId> {
    let id = key.pk.strip_prefix(CUSTOMER)?;
    CustomerId::new(id).ok()
}

/// When the customer of an index entry registered.
pub(crate) fn registered_at_of(indexed: &BTreeMap<String, Indexed>) -> Option<Timestamp> {
    match indexed.get(BY_REGISTRATION.sort) {
        Some(Indexed::Text(text)) => text.parse().ok(),
        Some(Indexed::Number(_)) | None => None,
    }
}
