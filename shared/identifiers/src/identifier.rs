//! Text identifiers: short, printable, safe in keys, paths and logs.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that cannot be an identifier of that kind.
///
/// ```
/// use identifiers::{InvalidIdentifier, Sku};
///
/// let invalid: InvalidIdentifier = Sku::new("TEA 500G").unwrap_err();
/// // It says the rule, and nothing of what was sent.
/// assert!(invalid.to_string().starts_with("a SKU is 1 to 64 characters"));
/// ```
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
    ($name:ident, $kind:literal, $longest:literal) => {
        impl $name {
            /// Checks and takes the text.
            ///
            /// # Errors
            /// When the text is empty, too long, or has a character outside the allowed ones.
            ///
            /// ```
            #[doc = concat!("use identifiers::", stringify!($name), ";")]
            ///
            #[doc = concat!("assert!(", stringify!($name), "::new(\"a-1\").is_ok());")]
            #[doc = concat!("assert!(", stringify!($name), "::new(\"a 1\").is_err());")]
            /// ```
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidIdentifier> {
                let text = text.into();
                check($kind, $longest, &text)?;
                Ok(Self(text))
            }

            /// The identifier as text.
            ///
            /// ```
            #[doc = concat!("use identifiers::", stringify!($name), ";")]
            ///
            #[doc = concat!("assert_eq!(", stringify!($name), "::new(\"a-1\").unwrap().as_str(), \"a-1\");")]
            /// ```
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

/// An order. Placed orders derive theirs from the customer and the idempotency key.
///
/// ```
/// use identifiers::OrderId;
///
/// let order: OrderId = "o-1".parse().unwrap();
/// assert_eq!(order.to_string(), "o-1");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(String);
identifier!(OrderId, "order id", 64);

/// One filling of a cart: a new one after each checkout.
///
/// ```
/// use identifiers::CartId;
///
/// let (one, next) = (CartId::new("c-1").unwrap(), CartId::new("c-2").unwrap());
/// assert_ne!(one, next);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CartId(String);
identifier!(CartId, "cart id", 64);

/// A customer: the subject of a verified token. A pseudonym, never a name or an address.
///
/// ```
/// use identifiers::CustomerId;
///
/// // An address of mail is none: it could not be forgotten where it is an id.
/// assert!(CustomerId::new("hanako@example.com").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerId(String);
identifier!(CustomerId, "customer id", 64);

/// An address in a customer's address book. Says nothing of the address.
///
/// ```
/// use identifiers::AddressId;
///
/// assert_eq!(serde_json::to_string(&AddressId::new("home").unwrap()).unwrap(), r#""home""#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressId(String);
identifier!(AddressId, "address id", 64);

/// A product: what is described and published as one.
///
/// ```
/// use identifiers::ProductId;
///
/// assert!(ProductId::new("tea/../coffee").is_err(), "it stands in paths");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProductId(String);
identifier!(ProductId, "product id", 64);

/// A stock keeping unit: one variant of a product, what is priced, counted and shipped.
///
/// ```
/// use identifiers::Sku;
///
/// assert!(serde_json::from_str::<Sku>(r#""TEA-500G""#).is_ok());
/// assert!(serde_json::from_str::<Sku>(r#""TEA 500G""#).is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sku(String);
identifier!(Sku, "SKU", 64);

/// A place that holds stock.
///
/// ```
/// use identifiers::LocationId;
///
/// assert!(LocationId::new("main").is_ok());
/// assert!(LocationId::new("m".repeat(33)).is_err(), "it is a part of a counter's name");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocationId(String);
identifier!(LocationId, "location id", 32);

/// A region that parcels are rated by, as ISO 3166-2: `JP-13`.
///
/// ```
/// use identifiers::Region;
///
/// assert_eq!(Region::new("JP-13").unwrap().as_str(), "JP-13");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(String);
identifier!(Region, "region", 16);

/// A message: the event, request or tick that caused a commit. What an aggregate remembers of those it has handled.
///
/// ```
/// use identifiers::MessageId;
///
/// // An event's: publishing context, subject, version and position.
/// assert!(MessageId::new("orders.o-1.1.0").is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(String);
identifier!(MessageId, "message id", 160);

/// What ties all that followed from one request together.
///
/// ```
/// use identifiers::{CorrelationId, OrderId};
///
/// let order = OrderId::new("o-1").unwrap();
/// assert_eq!(CorrelationId::from(&order).as_str(), order.as_str());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CorrelationId(String);
identifier!(CorrelationId, "correlation id", 160);

impl OrderId {
    /// A new identifier, ordered by time (UUID version 7).
    ///
    /// ```
    /// use identifiers::OrderId;
    ///
    /// assert_ne!(OrderId::generate(), OrderId::generate());
    /// ```
    pub fn generate() -> Self {
        Self(uuid::Uuid::now_v7().hyphenated().to_string())
    }
}

impl MessageId {
    /// A new identifier, ordered by time (UUID version 7), for a cause that brings none of its own.
    ///
    /// ```
    /// use identifiers::MessageId;
    ///
    /// // What the door makes for a request without a key, and a decider never.
    /// assert_eq!(MessageId::generate().as_str().len(), 36);
    /// ```
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
