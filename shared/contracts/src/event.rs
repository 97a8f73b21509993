//! What makes a struct an event of the published language.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The facts of one event type.
pub trait EventData: Serialize + DeserializeOwned + JsonSchema {
    /// `<context>.<EventName>.v<major>`.
    const TYPE: &'static str;
}

/// An event type, with what documents and tests need of it.
#[derive(Clone, Copy)]
pub struct EventType {
    /// `<context>.<EventName>.v<major>`.
    pub name: &'static str,
    /// The JSON Schema of its data.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
    /// The golden example: a whole event, envelope included, as JSON text.
    pub example: &'static str,
    /// Reads data as this type and writes it again: shows that an example is readable, and what is kept of it.
    pub round_trip: fn(&str) -> Result<String, serde_json::Error>,
}

impl EventType {
    /// The description of an event's type, with its golden example.
    pub const fn of<E: EventData>(example: &'static str) -> Self {
        Self {
            name: E::TYPE,
            schema: E::json_schema,
            example,
            round_trip: |data| serde_json::to_string(&serde_json::from_str::<E>(data)?),
        }
    }
}

/// Every event type that any context publishes.
pub fn all_event_types() -> Vec<EventType> {
    [
        crate::catalog::EVENTS,
        crate::inventory::EVENTS,
        crate::notifications::EVENTS,
        crate::orders::EVENTS,
        crate::payments::EVENTS,
        crate::shipping::EVENTS,
    ]
    .concat()
}

/// Names the context that publishes the listed structs, and gives each its event type. The golden example of each stands
/// in `examples/`; without it this does not compile.
macro_rules! published_by {
    ($context:literal: $($event:ident),+ $(,)?) => {
        $(impl crate::EventData for $event {
            const TYPE: &'static str = concat!($context, ".", stringify!($event), ".v1");
        })+

        /// Every event type that this context publishes.
        pub const EVENTS: &[crate::EventType] = &[$(crate::EventType::of::<$event>(include_str!(
            concat!("../examples/", $context, ".", stringify!($event), ".v1.json")
        ))),+];
    };
}
pub(crate) use published_by;
