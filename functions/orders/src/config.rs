//! The settings of the orders context.

use door::{Environment, StartError};
use identifiers::Timestamp;
use money::PriceTaxation;

/// Settings, each with a default that suits an ordinary shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// Whether prices contain tax. `PRICE_TAXATION`: `inclusive` (default) or `exclusive`.
    pub price_taxation: PriceTaxation,
    /// How long to wait for a reply before it is asked for again. `REPLY_WITHIN_SECONDS`, default 300.
    pub reply_within_seconds: i64,
    /// How long after placing stock and payment may still be got. `OBTAIN_WITHIN_SECONDS`, default 1200.
    pub obtain_within_seconds: i64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            price_taxation: PriceTaxation::Inclusive,
            reply_within_seconds: 300,
            obtain_within_seconds: 1200,
        }
    }
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// When a variable has a value that makes no sense.
    pub fn from_environment(environment: &Environment) -> Result<Self, StartError> {
        let default = Self::default();
        let price_taxation = match environment.get("PRICE_TAXATION") {
            None | Some("inclusive") => PriceTaxation::Inclusive,
            Some("exclusive") => PriceTaxation::Exclusive,
            Some(other) => {
                let reason = format!("\"{other}\" is neither inclusive nor exclusive");
                return Err(StartError::InvalidVariable {
                    name: "PRICE_TAXATION",
                    reason,
                });
            }
        };
        Ok(Self {
            price_taxation,
            reply_within_seconds: seconds(
                environment,
                "REPLY_WITHIN_SECONDS",
                default.reply_within_seconds,
            )?,
            obtain_within_seconds: seconds(
                environment,
                "OBTAIN_WITHIN_SECONDS",
                default.obtain_within_seconds,
            )?,
        })
    }

    /// When a reply asked for now has been too long in coming.
    pub fn reply_by(&self, now: Timestamp) -> Timestamp {
        now.plus_seconds(self.reply_within_seconds)
    }
}

fn seconds(environment: &Environment, name: &'static str, default: i64) -> Result<i64, StartError> {
    let Some(text) = environment.get(name) else {
        return Ok(default);
    };
    match text.parse() {
        Ok(seconds) if (1..=86_400).contains(&seconds) => Ok(seconds),
        Ok(_) | Err(_) => {
            let reason = format!("\"{text}\" is not a whole number of seconds from 1 to 86400");
            Err(StartError::InvalidVariable { name, reason })
        }
    }
}
