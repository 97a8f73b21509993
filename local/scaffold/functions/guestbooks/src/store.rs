//! How guestbooks are kept, found and heard.

use contracts::Announcement;
use decider::Stored;
use identifiers::OrderId;
use store::{Index, Key};

use crate::guestbook::{Guestbook, GuestbookEvent};

/// The indexes of the table: a guestbook is looked up by its order only.
pub const INDEXES: &[Index] = &[];

impl Stored for Guestbook {
    type Id = OrderId;

    // A few notes and one completion; the guards of `decide` hold for what comes after more has been handled.
    const REMEMBERED: usize = 8;

    fn key(order_id: &OrderId) -> Key {
        Key::new(format!("guestbook#{order_id}"), "guestbook")
    }

    // Nobody hears about guestbooks yet. To say something, add an event to the published language
    // (docs/adding-an-event.md) and return it here with `Announcement::of`.
    fn announce(event: &GuestbookEvent, _: &Guestbook) -> Option<Announcement> {
        match event {
            GuestbookEvent::Written { .. } | GuestbookEvent::Closed { .. } => None,
        }
    }
}
