//! The settings of insights: its environment.

use door::{Environment, StartError};
use jiff::tz::TimeZone;

/// Where a shop's days begin and end.
#[derive(Debug, Clone)]
pub struct Config {
    /// The shop's time zone.
    pub time_zone: TimeZone,
}

impl Config {
    /// Reads `SHOP_TIME_ZONE`, a zone by the rule of POSIX (`JST-9` is nine hours before UTC): a function has no database of
    /// zones.
    ///
    /// # Errors
    /// When it is missing, or is no zone.
    pub fn from_environment(environment: &Environment) -> Result<Self, StartError> {
        let name = "SHOP_TIME_ZONE";
        let invalid = |error: jiff::Error| StartError::InvalidVariable {
            name,
            reason: error.to_string(),
        };
        let zone = environment.require(name)?;
        let time_zone = TimeZone::posix(zone).map_err(invalid)?;
        Ok(Self { time_zone })
    }
}
