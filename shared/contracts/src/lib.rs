//! The published language: what contexts say to one another, and the envelope that carries it.
//!
//! One module per publishing context. Beside the code stand `schemas/` (a JSON Schema per event type) and `examples/`
//! (a golden event per type), which the tests of producers and consumers both read. Fields are only ever added; a
//! breaking change is a new type that runs beside the old one. Events carry ids and facts, never personal data.
//!
//! Does not own how events are stored, published or consumed.

mod envelope;
mod event;

pub mod carts;
pub mod catalog;
pub mod customers;
pub mod inventory;
pub mod notifications;
pub mod orders;
pub mod payments;
pub mod shipping;

pub use envelope::{
    Announcement, Cause, CloudEvent, MAX_EVENT_BYTES, RequestDigest, UnreadableEvent,
};
pub use event::{EventData, EventType, all_event_types};
