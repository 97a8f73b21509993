//! Keys, stored form and queries of the payments table.

use std::collections::BTreeMap;

use ::store::{Index, Indexed, Key, due_index, due_shard};
use contracts::Announcement;
use decider::Stored;
use identifiers::OrderId;

use crate::announcement;
use crate::payment::Payment;
use crate::payment_event::PaymentEvent;

const PAYMENT: &str = "payment#";

/// The indexes of the table.
pub const INDEXES: &[Index] = &[due_index()];

impl Stored for Payment {
    type Id = OrderId;

    // An order's payment meets a handful of messages; those that come after more have been handled meet guards that
    // hold for ever (the attempt, the refunds' wishes, the status).
    const REMEMBERED: usize = 12;

    fn key(id: &OrderId) -> Key {
        Key::new(format!("{PAYMENT}{id}"), "payment")
    }

    fn indexed(payment: &Payment) -> BTreeMap<String, Indexed> {
        let Some(due_at) = payment.due_at() else {
            return BTreeMap::new();
        };
        let shard = due_shard(&Self::key(&payment.order_id).pk);
        BTreeMap::from([
            (due_index().partition.to_owned(), Indexed::Text(shard)),
            (
                due_index().sort.to_owned(),
                Indexed::Number(due_at.seconds()),
            ),
        ])
    }

    fn announce(event: &PaymentEvent, payment: &Payment) -> Option<Announcement> {
        announcement::announce(event, payment)
    }
}

/// The order whose payment has that key; none if the item is no payment.
pub(crate) fn order_id_of(key: &Key) -> Option<OrderId> {
    key.pk
        .strip_prefix(PAYMENT)
        .and_then(|id| OrderId::new(id).ok())
}
