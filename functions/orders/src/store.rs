//! Keys, stored form and queries of the orders table.

use std::collections::BTreeMap;

use ::store::{Index, Indexed, Key, Projection, Query, due_index, due_shard};
use contracts::Announcement;
use decider::Stored;
use identifiers::{CustomerId, OrderId, Region, Sku};

use crate::order::{Order, OrderEvent};
use crate::process;

const ORDER: &str = "order#";
const PRICE: &str = "price#";
const RATE: &str = "rate#";

/// A customer's orders, in the order of placing. Its keys never change, so it costs one write an order.
pub const BY_CUSTOMER: Index = Index {
    name: "by_customer",
    partition: "customer_id",
    sort: "placed_at",
    projection: Projection::KeysOnly,
};

/// The indexes of the table.
pub const INDEXES: &[Index] = &[BY_CUSTOMER, due_index()];

impl Stored for Order {
    type Id = OrderId;

    fn key(id: &OrderId) -> Key {
        Key::new(format!("{ORDER}{id}"), "order")
    }

    fn indexed(order: &Order) -> BTreeMap<String, Indexed> {
        let mut indexed = BTreeMap::from([
            (
                "customer_id".to_owned(),
                Indexed::Text(order.customer_id.to_string()),
            ),
            (
                "placed_at".to_owned(),
                Indexed::Text(order.placed_at.to_string()),
            ),
        ]);
        if let Some(deadline) = order.deadline {
            let pk = Self::key(&order.order_id).pk;
            indexed.insert("due_shard".to_owned(), Indexed::Text(due_shard(&pk)));
            indexed.insert("due_at".to_owned(), Indexed::Number(deadline.seconds()));
        }
        indexed
    }

    fn announce(event: &OrderEvent, order: &Order) -> Option<Announcement> {
        process::announce(event, order)
    }
}

/// The order whose item has that key; none if the item is no order.
pub(crate) fn order_id_of(key: &Key) -> Option<OrderId> {
    key.pk
        .strip_prefix(ORDER)
        .and_then(|id| OrderId::new(id).ok())
}

/// The key of a SKU's price.
pub(crate) fn price_key(sku: &Sku) -> Key {
    Key::new(format!("{PRICE}{sku}"), "price")
}

/// The key of a region's shipping rate.
pub(crate) fn rate_key(region: &Region) -> Key {
    Key::new(format!("{RATE}{region}"), "rate")
}

/// The question for the keys of a customer's orders, the newest first.
pub(crate) fn orders_of(customer_id: &CustomerId, limit: usize) -> Query {
    Query {
        descending: true,
        ..Query::of_index(BY_CUSTOMER, customer_id.as_str(), limit)
    }
}
