//! How contacts and what was told are kept, and what is said about it.

use contracts::Announcement;
use contracts::notifications::NotificationSent;
use decider::Stored;
use identifiers::{CustomerId, OrderId};
use store::{Index, Key};

use crate::reach::{Reach, ReachEvent};
use crate::told::{Progress, Progressed, Told};

/// The indexes of notifications' table: everything is looked up by order or customer.
pub const INDEXES: &[Index] = &[];

impl Stored for Told {
    type Id = OrderId;

    // Two commits a notice, and so the last four notices. That a notice is told once rests on the state, which keeps
    // all of them; what is remembered here serves to publish an event again whose message was not acknowledged.
    const REMEMBERED: usize = 8;
    const ANNOUNCED_KEPT_SECONDS: i64 = 0;

    fn key(order_id: &OrderId) -> Key {
        Key::new(format!("notifications#{order_id}"), "notifications")
    }

    fn announce(event: &Progressed, _: &Told) -> Option<Announcement> {
        match event.progress {
            Progress::Sent { language, .. } => Some(Announcement::of(&NotificationSent {
                order_id: event.order_id.clone(),
                customer_id: event.customer_id.clone(),
                kind: event.notice.kind.as_str().to_owned(),
                language: language.as_str().to_owned(),
            })),
            // Nobody was told anything.
            Progress::Claimed { .. } | Progress::Skipped { .. } => None,
        }
    }
}

impl Stored for Reach {
    type Id = CustomerId;

    // The same again changes nothing, so only a write whose outcome was unknown needs to find itself.
    const REMEMBERED: usize = 2;

    fn key(customer_id: &CustomerId) -> Key {
        Key::new(format!("contact#{customer_id}"), "contact")
    }

    // An address is nobody else's business.
    fn announce(_: &ReachEvent, _: &Self) -> Option<Announcement> {
        None
    }
}
