//! A customer's consent to being written to for the sake of selling: to which text, and when.

use std::borrow::Cow;

use identifiers::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const MAX_VERSION_CHARACTERS: usize = 32;

/// A text that cannot be a version's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {MAX_VERSION_CHARACTERS} characters of A-Z a-z 0-9 . _ -, such as 2026-11")]
pub struct InvalidTextVersion;

/// Which wording somebody was shown. The shop keeps the wordings; this says which it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextVersion(String);

impl TextVersion {
    /// Checks and takes the name.
    ///
    /// # Errors
    /// When it is empty, too long, or has other characters.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidTextVersion> {
        let text = text.into();
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let is_good = text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.len() <= MAX_VERSION_CHARACTERS
            && text.chars().all(allowed);
        if is_good {
            Ok(Self(text))
        } else {
            Err(InvalidTextVersion)
        }
    }
}

impl Serialize for TextVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for TextVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Cow::<'de, str>::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl JsonSchema for TextVersion {
    fn schema_name() -> Cow<'static, str> {
        "TextVersion".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_VERSION_CHARACTERS,
            "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$",
        })
    }
    fn inline_schema() -> bool {
        true
    }
}

/// What a customer said last. A withdrawal is one too: it says which text it withdraws from, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Whether they agree.
    #[serde(rename = "g")]
    pub given: bool,
    /// The text that they were shown.
    #[serde(rename = "v")]
    pub text_version: TextVersion,
    /// When they said so.
    #[serde(rename = "a")]
    pub at: Timestamp,
}

impl Consent {
    /// Whether this is what it says already, so that saying it again must not move its instant.
    pub fn says(&self, given: bool, text_version: &TextVersion) -> bool {
        self.given == given && self.text_version == *text_version
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_names_and_no_texts() {
        for taken in ["2026-11", "v1", "A.b_c-9", &"x".repeat(32)] {
            assert!(TextVersion::new(taken).is_ok(), "{taken:?} was refused");
        }
        for refused in ["", "-1", "a b", "Ich stimme zu", "版", &"x".repeat(33)] {
            assert!(TextVersion::new(refused).is_err(), "{refused:?} was taken");
        }
    }
}
