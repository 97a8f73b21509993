//! Instants in milliseconds since the Unix epoch, written as RFC 3339 in UTC.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant, to the millisecond. Its text form is RFC 3339 in UTC with three decimals, so that text order is time order.
///
/// ```
/// use identifiers::Timestamp;
///
/// let opened: Timestamp = "2026-11-24T18:30:00+09:00".parse().unwrap();
/// assert_eq!(opened.to_string(), "2026-11-24T09:30:00.000Z");
/// assert!(opened < opened.plus_seconds(1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// The first and the last instant that have a text, in milliseconds: about the years -9999 and 9999 (jiff's range, less
/// a second). What is stored is stored as text, so an instant beyond them could be written and never be read again.
const FIRST_MILLISECONDS: i64 = -377_705_023_200_000;
const LAST_MILLISECONDS: i64 = 253_402_207_200_000;

/// A text that is not an RFC 3339 instant.
///
/// ```
/// use identifiers::{InvalidTimestamp, Timestamp};
///
/// let invalid: InvalidTimestamp = "yesterday".parse::<Timestamp>().unwrap_err();
/// assert!(invalid.to_string().starts_with("\"yesterday\" is not an RFC 3339 instant"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not an RFC 3339 instant, such as 2026-11-24T09:30:00Z")]
pub struct InvalidTimestamp {
    text: String,
}

impl Timestamp {
    /// The instant that many milliseconds after the Unix epoch.
    ///
    /// ```
    /// use identifiers::Timestamp;
    ///
    /// assert_eq!(Timestamp::from_milliseconds(1_795_512_600_000).to_string(), "2026-11-24T09:30:00.000Z");
    /// ```
    pub const fn from_milliseconds(milliseconds: i64) -> Self {
        Self(milliseconds)
    }

    /// Milliseconds since the Unix epoch.
    ///
    /// ```
    /// use identifiers::Timestamp;
    ///
    /// let (sent, heard) = (Timestamp::from_milliseconds(1_000), Timestamp::from_milliseconds(1_140));
    /// assert_eq!(heard.milliseconds() - sent.milliseconds(), 140);
    /// ```
    pub const fn milliseconds(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down; the unit of DynamoDB's time to live and of deadlines.
    ///
    /// ```
    /// use identifiers::Timestamp;
    ///
    /// assert_eq!(Timestamp::from_milliseconds(1_999).seconds(), 1);
    /// assert_eq!(Timestamp::from_milliseconds(-1).seconds(), -1);
    /// ```
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This instant moved by a number of seconds, which may be negative; no further than to the first or the last
    /// instant that has a text.
    ///
    /// ```
    /// use identifiers::Timestamp;
    ///
    /// let placed = Timestamp::from_milliseconds(500);
    /// assert_eq!(placed.plus_seconds(900).milliseconds(), 900_500);
    /// // What nobody could read again is never made.
    /// assert!(placed.plus_seconds(i64::MAX).to_string().parse::<Timestamp>().is_ok());
    /// ```
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        let moved = self.0.saturating_add(seconds.saturating_mul(1000));
        Self(if moved < FIRST_MILLISECONDS {
            FIRST_MILLISECONDS
        } else if moved > LAST_MILLISECONDS {
            LAST_MILLISECONDS
        } else {
            moved
        })
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Out of jiff's range (years -9999 to 9999) there is no RFC 3339 text; the raw count still says what it was.
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(instant) => write!(f, "{instant:.3}"),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let instant = text.parse::<jiff::Timestamp>().ok();
        instant
            .map(|instant| instant.as_millisecond())
            .filter(|milliseconds| (FIRST_MILLISECONDS..=LAST_MILLISECONDS).contains(milliseconds))
            .map(Self)
            .ok_or_else(|| InvalidTimestamp {
                text: text.chars().take(64).collect(),
            })
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for Timestamp {
    fn schema_name() -> Cow<'static, str> {
        "Timestamp".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips_and_sorts_like_time() {
        let early = Timestamp::from_milliseconds(1_764_000_000_005);
        let late = early.plus_seconds(1);
        assert_eq!(early.to_string(), "2025-11-24T16:00:00.005Z");
        assert_eq!(early.to_string().parse::<Timestamp>(), Ok(early));
        assert!(early.to_string() < late.to_string());
    }

    #[test]
    fn whatever_is_read_or_reckoned_has_a_text_that_can_be_read() {
        let first = Timestamp::from_milliseconds(FIRST_MILLISECONDS);
        let last = Timestamp::from_milliseconds(LAST_MILLISECONDS);
        for instant in [
            first,
            last,
            first.plus_seconds(-1),
            last.plus_seconds(1),
            last.plus_seconds(i64::MAX),
            first.plus_seconds(i64::MIN),
            Timestamp::default().plus_seconds(i64::MAX),
            Timestamp::default().plus_seconds(i64::MIN),
        ] {
            assert_eq!(instant.to_string().parse(), Ok(instant));
        }
        assert!("9999-12-30T22:00:00.999Z".parse::<Timestamp>().is_err());
        assert!("-009999-01-02T01:59:59Z".parse::<Timestamp>().is_err());
    }

    #[test]
    fn an_offset_is_read_and_nonsense_refused() {
        let with_offset: Timestamp = "2026-11-24T18:30:00+09:00".parse().unwrap();
        assert_eq!(with_offset.to_string(), "2026-11-24T09:30:00.000Z");
        assert!("yesterday".parse::<Timestamp>().is_err());
    }
}
