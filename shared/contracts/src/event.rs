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
        crate::carts::EVENTS,
        crate::catalog::EVENTS,
        crate::customers::EVENTS,
        crate::inventory::EVENTS,
        crate::notifications::EVENTS,
        crate::orders::EVENTS,
        crate::payments::EVENTS,
        crate::shipping::EVENTS,
    ]
    .concat()
}

/// Names the context that publishes the listed structs, and gives each its event type: the struct's name in version 1, or
/// what follows `as`, which is how a later version stands beside an earlier one (`OrderPlacedAgain as "OrderPlaced.v2"`).
/// The golden example of each stands in `examples/`; without it this does not compile.
macro_rules! published_by {
    ($context:literal: $($event:ident $(as $name:literal)?),+ $(,)?) => {
        $(impl crate::EventData for $event {
            const TYPE: &'static str =
                concat!($context, ".", crate::event::versioned_name!($event $($name)?));
        })+

        /// Every event type that this context publishes.
        pub const EVENTS: &[crate::EventType] = &[$(crate::EventType::of::<$event>(include_str!(
            concat!("../examples/", $context, ".", crate::event::versioned_name!($event $($name)?), ".json")
        ))),+];
    };
}
pub(crate) use published_by;

/// An event type's name without its context.
macro_rules! versioned_name {
    ($event:ident) => {
        concat!(stringify!($event), ".v1")
    };
    ($event:ident $name:literal) => {
        $name
    };
}
pub(crate) use versioned_name;

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, serde::Deserialize, JsonSchema)]
    pub struct Reserved {
        order_id: String,
    }

    published_by!("inventory": Reserved as "StockReserved.v1");

    #[test]
    fn a_struct_may_have_another_name_than_its_event_type() {
        let [event_type] = EVENTS else {
            panic!("one struct is one event type");
        };
        assert_eq!(event_type.name, "inventory.StockReserved.v1");
        assert!(event_type.example.contains(event_type.name));
        let event = crate::CloudEvent::read(event_type.example).unwrap();
        assert!(!event.data::<Reserved>().unwrap().order_id.is_empty());
    }
}
