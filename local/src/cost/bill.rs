//! Prices what was counted. Owns which count is billed how; each rule names where it is from.

use noren::Counts;
use serde::Serialize;

use super::count::{Run, Wish};
use super::prices::{Assumed, Free, Prices};
use super::unit::Unit;

/// A line of a bill.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Line {
    /// What is billed.
    pub(super) what: String,
    /// How much of it.
    pub(super) amount: f64,
    pub(super) unit: Unit,
    pub(super) usd: f64,
}

/// How things are billed.
pub(super) struct Tariff<'a> {
    pub(super) prices: &'a Prices,
    pub(super) assumed: &'a Assumed,
    /// Whether functions run on arm64.
    pub(super) arm: bool,
    /// Lambda's own lines.
    pub(super) log_bytes_per_invocation: f64,
    /// The line of numbers that an invocation writes in which something happened.
    pub(super) metrics_bytes_per_invocation: f64,
    /// How many of those numbers are metrics of CloudWatch.
    pub(super) metrics: usize,
}

/// What SQS gives or takes in one request at most.
const MESSAGES_PER_REQUEST: u64 = 10;

impl Tariff<'_> {
    pub(super) fn line(&self, what: impl Into<String>, amount: f64, unit: Unit) -> Line {
        let usd = amount * unit.price(self.prices, self.arm);
        let what = what.into();
        Line {
            what,
            amount,
            unit,
            usd,
        }
    }

    /// What so many orders cost, by context and operation; without mails.
    pub(super) fn orders(&self, run: &Run, wish: &Wish, orders: f64) -> anyhow::Result<Vec<Line>> {
        let scale = orders / wish.orders as f64;
        let mut lines = self.functions(run, &run.counts, scale, run.mails as f64)?;
        let invocations = run.counts.invocations() as f64;
        let log_gb = invocations * self.metrics_bytes_per_invocation / 1e9;
        lines.push(self.line("metrics: log", log_gb * scale, Unit::LogGb));
        let http: u64 = requests_of(&run.counts, "http");
        lines.push(self.line(
            "HTTP API requests",
            http as f64 * scale,
            Unit::HttpApiRequests,
        ));
        // Ten messages at most are received by one request and deleted by another, however many one invocation handles.
        // That SNS hands a message to a queue is free with SNS; SQS bills a request for it as for any other.
        let batches = run.deliveries.iter().map(|(context, messages)| {
            let invocations = requests_of(&run.counts.of_context(context), "queue");
            invocations.max(messages.div_ceil(MESSAGES_PER_REQUEST))
        });
        let batches = batches.sum::<u64>() as f64;
        let deliveries = run.deliveries.values().sum::<u64>() as f64;
        lines.push(self.line(
            "receiving and deleting batches",
            batches * 2.0 * scale,
            Unit::QueueRequests,
        ));
        lines.push(self.line(
            "messages into queues",
            deliveries * scale,
            Unit::QueueRequests,
        ));
        Ok(lines)
    }

    /// What their mails cost.
    pub(super) fn mails(&self, run: &Run, wish: &Wish, orders: f64) -> Line {
        let mails = run.mails as f64 * orders / wish.orders as f64;
        self.line("mails", mails, Unit::Mails)
    }

    /// Tables, topics, functions and their logs.
    pub(super) fn functions(
        &self,
        run: &Run,
        counts: &Counts,
        scale: f64,
        mails: f64,
    ) -> anyhow::Result<Vec<Line>> {
        let mut lines = Vec::new();
        for (context, operations) in &counts.tables {
            for (operation, usage) in operations {
                let what = format!("{context}: {operation}");
                lines.push(self.line(&what, usage.write_units * scale, Unit::WriteUnits));
                lines.push(self.line(&what, usage.read_units * scale, Unit::ReadUnits));
            }
        }
        for (context, operations) in &counts.topics {
            let published = operations
                .iter()
                .filter(|(name, _)| name.starts_with("Publish"));
            let published: u64 = published.map(|(_, count)| count).sum();
            let what = format!("{context}: publishing");
            lines.push(self.line(what, published as f64 * scale, Unit::Publishes));
        }
        for function in &run.template.functions {
            let context = &function.binary;
            let triggers = counts.invocations.get(context).into_iter().flatten();
            let invocations: u64 = triggers.map(|(_, count)| count.total).sum();
            let invocations = invocations as f64;
            let seconds = self.seconds(context, counts, invocations, mails)?;
            let gigabytes = f64::from(function.memory_mb) / 1024.0;
            lines.push(self.line(
                format!("{context}: invocations"),
                invocations * scale,
                Unit::Invocations,
            ));
            lines.push(self.line(
                format!("{context}: time"),
                seconds * gigabytes * scale,
                Unit::GbSeconds,
            ));
            let log_gb = invocations * self.log_bytes_per_invocation / 1e9;
            lines.push(self.line(format!("{context}: log"), log_gb * scale, Unit::LogGb));
        }
        lines.retain(|line| line.amount > 0.0);
        Ok(lines)
    }

    /// Seconds that a context's invocations are taken to last, all together: an assumption, not a measurement.
    fn seconds(
        &self,
        context: &str,
        counts: &Counts,
        invocations: f64,
        mails: f64,
    ) -> anyhow::Result<f64> {
        let assumed = self.assumed;
        let mut seconds = invocations * assumed.own_milliseconds_per_invocation / 1000.0;
        seconds += invocations * assumed.starts_per_thousand_invocations / 1000.0
            * assumed.start_milliseconds
            / 1000.0;
        for (operation, usage) in counts.tables.get(context).into_iter().flatten() {
            seconds += usage.requests as f64 * assumed.seconds(operation)?;
        }
        for (operation, count) in counts.topics.get(context).into_iter().flatten() {
            if operation.starts_with("Publish") {
                seconds += *count as f64 * assumed.seconds("Publish")?;
            }
        }
        if context == "notifications" {
            seconds += mails * assumed.seconds("Mail")?;
        }
        if context == "payments" {
            seconds += provider_calls(counts) * assumed.seconds("PaymentProvider")?;
        }
        Ok(seconds)
    }
}

/// Payments asks the provider to hold and later to take the money, on a message each, and looks at the provider's own
/// state for each webhook. Of the three messages that it hears about an order that goes well (asked for, dispatched, and
/// none of a cancellation), each leads to one call.
fn provider_calls(counts: &Counts) -> f64 {
    let payments = counts.invocations.get("payments");
    let webhooks = payments.and_then(|triggers| triggers.get("http"));
    let webhooks = webhooks.map_or(0, |count| count.total);
    // Each call is recorded before it is made and its result after: two writes.
    let writes = counts
        .tables
        .get("payments")
        .and_then(|operations| operations.get("PutItem"));
    let writes = writes.map_or(0, |usage| usage.requests);
    writes as f64 / 2.0 + webhooks as f64
}

fn requests_of(counts: &Counts, trigger: &str) -> u64 {
    let triggers = counts.invocations.values();
    let found = triggers.filter_map(|triggers| triggers.get(trigger));
    found.map(|count| count.total).sum()
}

/// The sum of a bill.
pub(super) fn total(lines: &[Line]) -> f64 {
    lines.iter().map(|line| line.usd).sum()
}

/// The sum once what is free each month is taken off, unit by unit.
pub(super) fn total_after_free(lines: &[Line], free: &Free) -> f64 {
    let mut units: Vec<Unit> = lines.iter().map(|line| line.unit).collect();
    units.sort_unstable();
    units.dedup();
    let after = units.into_iter().map(|unit| {
        let of_unit = || lines.iter().filter(|line| line.unit == unit);
        let amount: f64 = of_unit().map(|line| line.amount).sum();
        let usd: f64 = of_unit().map(|line| line.usd).sum();
        usd * (1.0 - unit.free(free) / amount).max(0.0)
    });
    after.sum()
}

/// The dearest lines, the dearest first.
pub(super) fn dearest(lines: &[Line], count: usize) -> Vec<Line> {
    let mut lines = lines.to_vec();
    lines.sort_by(|one, other| other.usd.total_cmp(&one.usd));
    lines.truncate(count);
    lines
}

#[cfg(test)]
mod tests {
    use super::super::prices::Table;
    use super::*;

    fn line(amount: f64, unit: Unit, usd: f64) -> Line {
        Line {
            what: String::new(),
            amount,
            unit,
            usd,
        }
    }

    #[test]
    fn what_is_free_is_taken_off_once_for_all_lines_of_a_unit() {
        let free = Table::read().unwrap().free_each_month;
        let lines = [
            line(600_000.0, Unit::QueueRequests, 0.24),
            line(1_400_000.0, Unit::QueueRequests, 0.56),
            line(10.0, Unit::WriteUnits, 1.0),
        ];
        // A million of two is free.
        let after = total_after_free(&lines, &free);
        assert!((after - 1.4).abs() < 1e-9, "{after}");
        assert!((total(&lines) - 1.8).abs() < 1e-9);
    }

    #[test]
    fn the_dearest_come_first() {
        let lines = [0.1, 0.3, 0.2].map(|usd| line(1.0, Unit::Mails, usd));
        let dearest: Vec<f64> = dearest(&lines, 2).iter().map(|line| line.usd).collect();
        assert_eq!(dearest, [0.3, 0.2]);
    }
}
