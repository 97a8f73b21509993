//! The counts of one order: of all contexts, and of each.

use std::collections::BTreeMap;
use std::ops::Add;

use noren::Counts;
use serde::Serialize;

use super::bill::Line;
use super::count::{Run, Wish};
use super::unit::Unit;

/// Counts of an order.
#[derive(Debug, Serialize)]
pub(super) struct PerOrder {
    /// Of all contexts together.
    #[serde(flatten)]
    pub(super) all: Uses,
    pub(super) publishes: f64,
    pub(super) events: f64,
    pub(super) deliveries: f64,
    pub(super) http_requests: f64,
    pub(super) mails: f64,
    /// Assumed, not counted.
    pub(super) gb_seconds: f64,
}

/// What an order costs a context, or several.
#[derive(Debug, Default, Clone, Copy, Serialize)]
pub(super) struct Uses {
    pub(super) write_units: f64,
    pub(super) read_units: f64,
    pub(super) table_requests: f64,
    pub(super) invocations: f64,
}

impl Add for Uses {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            write_units: self.write_units + other.write_units,
            read_units: self.read_units + other.read_units,
            table_requests: self.table_requests + other.table_requests,
            invocations: self.invocations + other.invocations,
        }
    }
}

impl PerOrder {
    pub(super) fn of(
        run: &Run,
        wish: &Wish,
        thousand: &[Line],
        by_context: &BTreeMap<String, Uses>,
    ) -> Self {
        let orders = wish.orders as f64;
        let of_unit = |unit: Unit| {
            let lines = thousand.iter().filter(|line| line.unit == unit);
            lines.map(|line| line.amount).sum::<f64>() / 1000.0
        };
        Self {
            all: by_context
                .values()
                .copied()
                .fold(Uses::default(), Uses::add),
            publishes: run.counts.publishes() as f64 / orders,
            events: run.events.values().sum::<u64>() as f64 / orders,
            deliveries: run.deliveries.values().sum::<u64>() as f64 / orders,
            http_requests: of_unit(Unit::HttpApiRequests),
            mails: run.mails as f64 / orders,
            gb_seconds: of_unit(Unit::GbSeconds),
        }
    }
}

/// The counts of so many orders, by context.
pub(super) fn by_context(counts: &Counts, orders: usize) -> BTreeMap<String, Uses> {
    let orders = orders as f64;
    let mut contexts: BTreeMap<String, Uses> = BTreeMap::new();
    for (context, operations) in &counts.tables {
        let own = contexts.entry(context.clone()).or_default();
        for usage in operations.values() {
            own.write_units += usage.write_units / orders;
            own.read_units += usage.read_units / orders;
            own.table_requests += usage.requests as f64 / orders;
        }
    }
    for (context, triggers) in &counts.invocations {
        let own = contexts.entry(context.clone()).or_default();
        let total: u64 = triggers.values().map(|count| count.total).sum();
        own.invocations += total as f64 / orders;
    }
    contexts
}
