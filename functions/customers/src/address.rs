//! An address of a customer's address book. Its lines never change: an order may refer to it by its id.

use std::borrow::Cow;

use identifiers::{AddressId, Region, Timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::personal::{City, PersonName, Phone, PostalCode, Street};

/// A text that is no country's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be two capital letters (ISO 3166-1), such as JP")]
pub struct InvalidCountry;

/// A country by its two letters (ISO 3166-1 alpha-2). That there is such a country is not checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Country(String);

impl Country {
    /// Checks and takes the code.
    ///
    /// # Errors
    /// When it is not two capital letters.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidCountry> {
        let text = text.into();
        if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            Ok(Self(text))
        } else {
            Err(InvalidCountry)
        }
    }

    /// Whether the region is one of the country's: ISO 3166-2 begins with the country.
    pub fn has(&self, region: &Region) -> bool {
        let rest = region.as_str().strip_prefix(&self.0);
        rest.is_some_and(|rest| rest.len() > 1 && rest.starts_with('-'))
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Cow::<'de, str>::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl JsonSchema for Country {
    fn schema_name() -> Cow<'static, str> {
        "Country".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 2, "maxLength": 2, "pattern": "^[A-Z]{2}$" })
    }
    fn inline_schema() -> bool {
        true
    }
}

/// What stands on the label. Names are short in the stored form because every kilobyte of the item counts on each write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressLines {
    /// Who receives it.
    #[serde(rename = "n")]
    pub recipient: PersonName,
    /// The postal code.
    #[serde(rename = "z")]
    pub postal_code: PostalCode,
    /// Prefecture, state or the like, as parcels are rated by it.
    #[serde(rename = "r")]
    pub region: Region,
    /// City, town or ward.
    #[serde(rename = "c")]
    pub city: City,
    /// Street, house, floor and room.
    #[serde(rename = "s")]
    pub street: Street,
    /// The country.
    #[serde(rename = "l")]
    pub country: Country,
    /// Whom the carrier may call.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
}

/// An address with its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Its id, which says nothing of it.
    #[serde(rename = "i")]
    pub address_id: AddressId,
    /// What stands on the label.
    #[serde(flatten)]
    pub lines: AddressLines,
    /// When it was added.
    #[serde(rename = "a")]
    pub added_at: Timestamp,
    /// Since when nothing new is sent there; an order placed before may still refer to it.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<Timestamp>,
}

impl Address {
    /// Whether something new may be sent there.
    pub fn is_in_use(&self) -> bool {
        self.retired_at.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_one_of_its_country() {
        let country = Country::new("JP").unwrap();
        for (region, expected) in [("JP-13", true), ("JP-", false), ("JP", false), ("US-13", false), ("JPX-1", false)] {
            assert_eq!(country.has(&region.parse().unwrap()), expected, "{region}");
        }
        for refused in ["", "J", "jp", "JPN", "日本"] {
            assert_eq!(Country::new(refused), Err(InvalidCountry), "{refused}");
        }
    }
}
