//! What AWS bills by. Owns which price of the table one costs, and how much of it is free; not how many there are.

use serde::Serialize;

use super::prices::{Free, Prices};

/// What is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Unit {
    WriteUnits,
    ReadUnits,
    Invocations,
    GbSeconds,
    Publishes,
    QueueRequests,
    HttpApiRequests,
    Schedules,
    LogGb,
    Alarms,
    Dashboards,
    Secrets,
    Mails,
}

impl Unit {
    /// US dollars for one.
    pub(super) fn price(self, prices: &Prices, arm: bool) -> f64 {
        let million = 1e6;
        match self {
            Self::WriteUnits => prices.write_units_per_million / million,
            Self::ReadUnits => prices.read_units_per_million / million,
            Self::Invocations => prices.invocations_per_million / million,
            Self::GbSeconds if arm => prices.gb_second_arm,
            Self::GbSeconds => prices.gb_second_x86,
            Self::Publishes => prices.publishes_per_million / million,
            Self::QueueRequests => prices.queue_requests_per_million / million,
            Self::HttpApiRequests => prices.http_api_requests_per_million / million,
            Self::Schedules => prices.schedules_per_million / million,
            Self::LogGb => prices.log_ingestion_per_gb,
            Self::Alarms => prices.alarm_month,
            Self::Dashboards => prices.dashboard_month,
            Self::Secrets => prices.secret_month,
            Self::Mails => prices.mails_per_thousand / 1000.0,
        }
    }

    /// How much of it an account has free each month, for ever.
    pub(super) fn free(self, free: &Free) -> f64 {
        match self {
            Self::Invocations => free.invocations,
            Self::GbSeconds => free.gb_seconds,
            Self::Publishes => free.publishes,
            Self::QueueRequests => free.queue_requests,
            Self::Schedules => free.schedules,
            Self::LogGb => free.log_gb,
            Self::Alarms => free.alarms,
            Self::Dashboards => free.dashboards,
            Self::WriteUnits
            | Self::ReadUnits
            | Self::HttpApiRequests
            | Self::Secrets
            | Self::Mails => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::prices::Table;
    use super::*;

    #[test]
    fn prices_are_those_of_the_table() {
        let table = Table::read().unwrap();
        let prices = table.prices("us-east-1").unwrap();
        assert!((Unit::WriteUnits.price(prices, true) - 0.625e-6).abs() < 1e-15);
        assert!((Unit::Mails.price(prices, true) - 0.0001).abs() < 1e-12);
        assert!(Unit::GbSeconds.price(prices, false) > Unit::GbSeconds.price(prices, true));
    }
}
