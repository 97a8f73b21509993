//! Texts about a person: checked, and masked wherever they are printed.
//!
//! None of them has a `Display`, and `Debug` shows nothing of them, so that none gets into a log or an error by accident.
//! Only [`reveal`](PersonName::reveal) and the stored and answered forms give them away.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that breaks the rule of its kind. Does not repeat the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be {0}")]
pub struct InvalidText(&'static str);

/// What is no control character and no blank: how a printed line begins and ends.
fn is_printed(character: char) -> bool {
    !character.is_control() && character != ' ' && character != '\u{3000}'
}

/// Whether it is one line that can be printed on a label, without blanks at its ends.
fn is_line(text: &str) -> bool {
    text.starts_with(is_printed)
        && text.ends_with(is_printed)
        && !text.contains(|c: char| c.is_control())
}

/// The rule of [`is_line`] as a regular expression.
const LINE: &str = r"^[^\x00-\x20\x7f-\x9f\u3000]([^\x00-\x1f\x7f-\x9f]*[^\x00-\x20\x7f-\x9f\u3000])?$";

fn is_phone(text: &str) -> bool {
    let starts_well = |c: char| c.is_ascii_digit() || c == '+';
    let in_between = |c: char| c.is_ascii_digit() || "()+ -".contains(c);
    text.len() >= 5
        && text.starts_with(starts_well)
        && text.ends_with(|c: char| c.is_ascii_digit())
        && text.chars().all(in_between)
}

fn is_postal_code(text: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_alphanumeric();
    text.starts_with(alphanumeric)
        && text.ends_with(alphanumeric)
        && text.chars().all(|c| alphanumeric(c) || c == ' ' || c == '-')
}

macro_rules! personal {
    ($(#[$meta:meta])* $name:ident, $shortest:literal to $longest:literal, $holds:expr, $pattern:expr, $rule:literal) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// Checks and takes the text.
            ///
            /// # Errors
            /// When the text breaks the rule.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidText> {
                let text = text.into();
                let holds: fn(&str) -> bool = $holds;
                let characters = text.chars().count();
                if ($shortest..=$longest).contains(&characters) && holds(&text) {
                    Ok(Self(text))
                } else {
                    Err(InvalidText($rule))
                }
            }

            /// The text in the clear: for those who pack a parcel, and for the customer.
            pub fn reveal(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
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
                    "minLength": $shortest,
                    "maxLength": $longest,
                    "pattern": $pattern,
                })
            }
            fn inline_schema() -> bool {
                true
            }
        }
    };
}

personal!(
    /// What somebody is called.
    PersonName, 1 to 100, is_line, LINE,
    "one line of 1 to 100 characters, without blanks at its ends"
);
personal!(
    /// A city, town or ward.
    City, 1 to 100, is_line, LINE,
    "one line of 1 to 100 characters, without blanks at its ends"
);
personal!(
    /// Street, house, floor and room, in one line.
    Street, 1 to 200, is_line, LINE,
    "one line of 1 to 200 characters, without blanks at its ends"
);
personal!(
    /// A telephone number, as people of its country write it.
    Phone, 5 to 24, is_phone, "^[0-9+][0-9()+ -]{3,22}[0-9]$",
    "a telephone number of 5 to 24 digits, blanks, hyphens and brackets, such as +81 3-1234-5678"
);
personal!(
    /// A postal code.
    PostalCode, 1 to 16, is_postal_code, "^[A-Za-z0-9]([A-Za-z0-9 -]{0,14}[A-Za-z0-9])?$",
    "a postal code of 1 to 16 letters, digits, blanks and hyphens, such as 150-0001"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_their_rules() {
        let long = "あ".repeat(100);
        for taken in ["花", "山田 花子", "O'Neil, J. (2F)", long.as_str()] {
            assert!(PersonName::new(taken).is_ok(), "{taken:?} was refused");
        }
        let longer = "あ".repeat(101);
        for refused in ["", " ", "a ", "\u{3000}a", "a\nb", "a\u{85}b", "a\0", longer.as_str()] {
            assert!(PersonName::new(refused).is_err(), "{refused:?} was taken");
        }
        assert!(Street::new("あ".repeat(200)).is_ok());
        for taken in ["03-1234-5678", "+81 3-1234-5678", "11911", "(03)"] {
            assert_eq!(Phone::new(taken).is_ok(), !taken.starts_with('('), "{taken}");
        }
        for refused in ["1191", "0x123456", "+", "03-1234-", "０３-1234-5678"] {
            assert!(Phone::new(refused).is_err(), "{refused:?} was taken");
        }
        for taken in ["150-0001", "1500001", "SW1A 1AA", "1"] {
            assert!(PostalCode::new(taken).is_ok(), "{taken:?} was refused");
        }
        for refused in ["", "-1", "150-", "１５０", "12345678901234567"] {
            assert!(PostalCode::new(refused).is_err(), "{refused:?} was taken");
        }
    }

    #[test]
    fn nothing_of_a_text_is_printed() {
        let name = PersonName::new("Hanako").unwrap();
        assert_eq!(format!("{name:?}"), "PersonName(***)");
        assert_eq!(name.reveal(), "Hanako");
        let refused = serde_json::from_str::<Phone>("\"0x-secret\"").unwrap_err();
        assert!(!refused.to_string().contains("secret"), "{refused}");
    }
}
