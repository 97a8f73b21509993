//! Days of the shop: from midnight to midnight in its own time zone.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use identifiers::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A day: `2026-11-24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

/// A text that is no day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a day is written as 2026-11-24")]
pub struct InvalidDay;

impl Day {
    /// The day that it is at that instant, in that zone.
    pub fn at(instant: Timestamp, zone: &TimeZone) -> Self {
        let instant = jiff::Timestamp::from_millisecond(instant.milliseconds());
        // Beyond the years that have a text there is no day either; nothing is committed there.
        let instant = instant.unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        Self(zone.to_datetime(instant).date())
    }

    /// The day before.
    #[must_use]
    pub fn before(self) -> Self {
        self.plus(-1)
    }

    /// The day after.
    #[must_use]
    pub fn after(self) -> Self {
        self.plus(1)
    }

    /// So many days later, or earlier; no further than days reach.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        let span: Span = days.days();
        Self(self.0.saturating_add(span))
    }

    /// How many days there are from the one to the other, both counted; none where the first is the later.
    pub fn count_to(self, last: Self) -> usize {
        let between = self.0.duration_until(last.0).as_hours() / 24;
        usize::try_from(between + 1).unwrap_or(0)
    }

    /// Its month: `2026-11`.
    pub fn month(self) -> String {
        format!("{:04}-{:02}", self.0.year(), self.0.month())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Day {
    type Err = InvalidDay;

    fn from_str(text: &str) -> Result<Self, InvalidDay> {
        let is_plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let day = text.parse().map(Self).map_err(|_| InvalidDay)?;
        if is_plain { Ok(day) } else { Err(InvalidDay) }
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for Day {
    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date" })
    }
    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_shops_own() {
        let tokyo = TimeZone::posix("JST-9").unwrap();
        let day = |instant: &str| Day::at(instant.parse().unwrap(), &tokyo).to_string();
        assert_eq!(day("2026-11-24T14:59:59.999Z"), "2026-11-24");
        assert_eq!(day("2026-11-24T15:00:00Z"), "2026-11-25");
    }

    #[test]
    fn days_are_counted_with_both_ends() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        assert_eq!(day("2026-11-24").count_to(day("2026-11-24")), 1);
        assert_eq!(day("2026-11-24").count_to(day("2026-12-01")), 8);
        assert_eq!(day("2026-11-24").count_to(day("2026-11-23")), 0);
        assert_eq!(day("2026-12-01").before(), day("2026-11-30"));
        assert_eq!(day("2026-11-30").after().month(), "2026-12");
        for text in [
            "2026-11-31",
            "20261124",
            "2026-11-24T00:00",
            "+002026-1",
            "tomorrow",
        ] {
            assert_eq!(text.parse::<Day>(), Err(InvalidDay), "{text}");
        }
    }
}
