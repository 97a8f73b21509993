//! A guestbook: its state, what may be asked of it, what happens to it. Pure: time and ids come in the command.

use decider::Aggregate;
use identifiers::{CustomerId, OrderId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The longest note, in characters.
pub const MAX_NOTE_CHARACTERS: usize = 500;

/// A guestbook. Names are short in the stored form because every kilobyte of an item counts on each of its writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guestbook {
    /// The order that it belongs to.
    #[serde(rename = "o")]
    pub order_id: OrderId,
    /// Who opened it; nobody where the order was completed first.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<CustomerId>,
    /// What the customer wrote.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// How it stands.
    #[serde(rename = "s")]
    pub status: GuestbookStatus,
}

/// How a guestbook stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GuestbookStatus {
    /// It can be written in.
    Open,
    /// The order is completed. Also a tombstone, where that was heard before anybody opened it.
    Closed,
}

/// What a guestbook is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GuestbookCommand {
    /// A customer opens it, or writes another note in it.
    Write {
        /// The order.
        order_id: OrderId,
        /// Who writes.
        customer_id: CustomerId,
        /// What.
        note: String,
    },
    /// The order is completed.
    Close {
        /// The order.
        order_id: OrderId,
    },
}

/// What happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GuestbookEvent {
    /// A note was written.
    Written {
        /// The order.
        order_id: OrderId,
        /// Who wrote it.
        customer_id: CustomerId,
        /// The note.
        note: String,
    },
    /// Nothing can be written any more.
    Closed {
        /// The order.
        order_id: OrderId,
    },
}

/// Why it refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GuestbookRejection {
    /// It belongs to somebody else: to the one who asks, as if there were none.
    #[error("it is another customer's")]
    OthersGuestbook,
    /// The order is completed.
    #[error("it is closed")]
    Closed,
}

impl Aggregate for Guestbook {
    type Command = GuestbookCommand;
    type Event = GuestbookEvent;
    type State = Guestbook;
    type Rejection = GuestbookRejection;

    fn decide(
        state: Option<&Guestbook>,
        command: &GuestbookCommand,
    ) -> Result<Vec<GuestbookEvent>, GuestbookRejection> {
        match command {
            GuestbookCommand::Write {
                order_id,
                customer_id,
                note,
            } => {
                if let Some(guestbook) = state {
                    let owner = guestbook.customer_id.as_ref();
                    if owner.is_some_and(|owner| owner != customer_id) {
                        return Err(GuestbookRejection::OthersGuestbook);
                    }
                    if guestbook.note.as_ref() == Some(note) {
                        return Ok(Vec::new());
                    }
                    if guestbook.status == GuestbookStatus::Closed {
                        return Err(GuestbookRejection::Closed);
                    }
                }
                Ok(vec![GuestbookEvent::Written {
                    order_id: order_id.clone(),
                    customer_id: customer_id.clone(),
                    note: note.clone(),
                }])
            }
            // A guard that holds for ever, however late or often the message comes.
            GuestbookCommand::Close { order_id } => match state {
                Some(guestbook) if guestbook.status == GuestbookStatus::Closed => Ok(Vec::new()),
                Some(_) | None => Ok(vec![GuestbookEvent::Closed {
                    order_id: order_id.clone(),
                }]),
            },
        }
    }

    fn evolve(state: Option<Guestbook>, event: &GuestbookEvent) -> Guestbook {
        match event {
            GuestbookEvent::Written {
                order_id,
                customer_id,
                note,
            } => Guestbook {
                order_id: order_id.clone(),
                customer_id: Some(customer_id.clone()),
                note: Some(note.clone()),
                status: GuestbookStatus::Open,
            },
            GuestbookEvent::Closed { order_id } => Guestbook {
                status: GuestbookStatus::Closed,
                ..state.unwrap_or_else(|| Guestbook {
                    order_id: order_id.clone(),
                    customer_id: None,
                    note: None,
                    status: GuestbookStatus::Closed,
                })
            },
        }
    }
}
