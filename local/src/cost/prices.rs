//! The committed table of prices and of what is assumed. It is part of the program.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

use crate::ending::Misuse;

const TABLE: &str = include_str!("prices.yaml");

/// The whole table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) as_of: String,
    pub(super) seen: String,
    pub(super) regions: BTreeMap<String, Prices>,
    pub(super) free_each_month: Free,
    pub(super) assumed: Assumed,
}

/// One region's prices, in US dollars.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Prices {
    pub(super) write_units_per_million: f64,
    pub(super) read_units_per_million: f64,
    pub(super) table_storage_per_gb_month: f64,
    pub(super) table_backup_per_gb_month: f64,
    pub(super) invocations_per_million: f64,
    pub(super) gb_second_arm: f64,
    pub(super) gb_second_x86: f64,
    pub(super) publishes_per_million: f64,
    pub(super) queue_requests_per_million: f64,
    pub(super) http_api_requests_per_million: f64,
    pub(super) schedules_per_million: f64,
    pub(super) log_ingestion_per_gb: f64,
    pub(super) log_storage_per_gb_month: f64,
    pub(super) alarm_month: f64,
    pub(super) metric_month: f64,
    pub(super) dashboard_month: f64,
    pub(super) secret_month: f64,
    pub(super) mails_per_thousand: f64,
    /// Names of prices that could not be compared with a source.
    pub(super) unverified: Vec<String>,
}

/// What every account has free each month.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Free {
    pub(super) invocations: f64,
    pub(super) gb_seconds: f64,
    pub(super) publishes: f64,
    pub(super) queue_requests: f64,
    pub(super) schedules: f64,
    pub(super) log_gb: f64,
    pub(super) alarms: f64,
    pub(super) dashboards: f64,
}

/// What is not counted.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Assumed {
    pub(super) own_milliseconds_per_invocation: f64,
    pub(super) milliseconds_per_call: BTreeMap<String, f64>,
    pub(super) start_milliseconds: f64,
    pub(super) starts_per_thousand_invocations: f64,
    pub(super) log_bytes_per_invocation: f64,
    pub(super) metrics_bytes_per_invocation: f64,
    pub(super) empty_receive_seconds: f64,
    pub(super) pollers_when_idle: f64,
    pub(super) pollers_when_idle_with_maximum_concurrency: f64,
    pub(super) hours_per_month: f64,
}

impl Table {
    pub(super) fn read() -> anyhow::Result<Self> {
        serde_yaml_ng::from_str(TABLE).context("the table of prices cannot be read")
    }

    pub(super) fn prices(&self, region: &str) -> anyhow::Result<&Prices> {
        let Some(prices) = self.regions.get(region) else {
            let known: Vec<&str> = self.regions.keys().map(String::as_str).collect();
            bail!(Misuse(format!(
                "there are no prices for {region}, but for {}",
                known.join(", ")
            )));
        };
        Ok(prices)
    }
}

impl Assumed {
    /// Seconds that a call takes.
    ///
    /// # Errors
    /// When it is one that nobody has thought of: leaving it out would make the bill too low.
    pub(super) fn seconds(&self, call: &str) -> anyhow::Result<f64> {
        let milliseconds = self.milliseconds_per_call.get(call);
        let milliseconds =
            milliseconds.with_context(|| format!("prices.yaml assumes no time for {call}"))?;
        Ok(milliseconds / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_regions_have_every_price_and_say_which_are_unsure() {
        let table = Table::read().unwrap();
        for region in ["us-east-1", "ap-northeast-1"] {
            let prices = table.prices(region).unwrap();
            assert!(
                prices.write_units_per_million > prices.read_units_per_million,
                "{region}"
            );
        }
        assert!(table.prices("mars-north-1").is_err());
        assert!(table.assumed.seconds("Teleport").is_err());
    }
}
