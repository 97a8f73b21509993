//! Text identifiers: short, printable, safe in keys, paths and logs.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that cannot be an identifier of that kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a {kind} is 1 to {longest} characters of A-Z a-z 0-9 . _ - : and starts with a letter or digit"
)]
pub struct InvalidIdentifier {
    kind: &'static str,
    longest: usize,
}

fn check(kind: &'static str, longest: usize, text: &str) -> Result<(), InvalidIdentifier> {
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b':');
    let starts_well = text
        .as_bytes()
        .first()
        .is_some_and(u8::is_ascii_alphanumeric);
    if starts_well && text.len() <= longest && text.bytes().all(allowed) {
        Ok(())
    } else {
        Err(InvalidIdentifier { kind, longest })
    }
}

macro_rules! identifier {
    ($(#[$meta:meta])* $name:ident, $kind:literal, $longest:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Checks and takes the text.
            ///
            /// # Errors
            /// When the text is empty, too long, or has a character outside the allowed ones.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidIdentifier> {
                let text = text.into();
                check($kind, $longest, &text)?;
                Ok(Self(text))
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidIdentifier;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(Cow::<'de, str>::deserialize(deserializer)?).map_err(D::Error::custom)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "minLength": 1,
                    "maxLength": $longest,
                    "pattern": "^[A-Za-z0-9][A-Za-z0-9._:-]*$"
                })
            }
            fn inline_schema() -> bool {
                true
            }
        }
    };
}

identifier!(
    /// An order. Placed orders derive theirs from the customer and the idempotency key.
    OrderId, "order id", 64
);
identifier!(
    /// One filling of a cart: a new one after each checkout.
    CartId, "cart id", 64
);
identifier!(
    /// A customer: the subject of a verified token. A pseudonym, never a name or an address.
    CustomerId, "customer id", 64
);
identifier!(
    /// An address in a customer's address book. Says nothing of the address.
    AddressId, "address id", 64
);
identifier!(
    /// A product: what is described and published as one.
    ProductId, "product id", 64
);
identifier!(
    /// A stock keeping unit: one variant of a product, what is priced, counted and shipped.
    Sku, "SKU", 64
);
identifier!(
    /// A place that holds stock.
    LocationId, "location id", 32
);
identifier!(
    /// A region that parcels are rated by, as ISO 3166-2: `JP-13`.
    Region, "region", 16
);
identifier!(
    /// A message: the event, request or tick that caused a commit. What an aggregate remembers of those it has handled.
    MessageId, "message id", 160
);
identifier!(
    /// What ties all that followed from one request together.
    CorrelationId, "correlation id", 160
);

impl OrderId {
    /// A new identifier, ordered by time (UUID version 7).
    pub fn generate() -> Self {
        Self(uuid::Uuid::now_v7().hyphenated().to_string())
    }
}

impl MessageId {
    /// A new identifier, ordered by time (UUID version 7), for a cause that brings none of its own.
    pub fn generate() -> Self {
        Self(uuid::Uuid::now_v7().hyphenated().to_string())
    }
}

impl From<&OrderId> for CorrelationId {
    fn from(order_id: &OrderId) -> Self {
        Self(order_id.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_refuse_what_would_harm_a_key_or_a_log() {
        for text in [
            "",
            " ",
            "a b",
            "-x",
            "käse",
            "a/b",
            "a#b",
            "a\nb",
            &"x".repeat(65),
        ] {
            assert!(Sku::new(text).is_err(), "{text:?} was taken");
        }
        for text in ["1", "TEA-500g", "JP-13", "a.b_c:d"] {
            assert_eq!(
                Sku::new(text).map(|sku| sku.to_string()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn reading_from_json_checks_too() {
        assert!(serde_json::from_str::<Sku>("\"ok-1\"").is_ok());
        let refused = serde_json::from_str::<Sku>("\"no good\"")
            .unwrap_err()
            .to_string();
        assert!(refused.contains("SKU"), "{refused}");
    }
}
