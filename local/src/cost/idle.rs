//! What a month costs in which nobody orders: pollers that find nothing, schedules that find nothing due, and what watches.

use sam_template::{EventSource, Function, Template};

use super::bill::{Line, Tariff};
use super::count::Run;
use super::extras::Extras;
use super::unit::Unit;

impl Tariff<'_> {
    /// What a month costs in which nobody orders.
    pub(super) fn idle(
        &self,
        run: &Run,
        deployed: &Template,
        extras: &Extras,
    ) -> anyhow::Result<Vec<Line>> {
        let seconds = self.assumed.hours_per_month * 3600.0;
        let mut lines = Vec::new();
        for function in &deployed.functions {
            for source in &function.event_sources {
                if let EventSource::Queue {
                    max_concurrency, ..
                } = source
                {
                    let pollers = match max_concurrency {
                        Some(_) => self.assumed.pollers_when_idle_with_maximum_concurrency,
                        None => self.assumed.pollers_when_idle,
                    };
                    let receives = pollers * seconds / self.assumed.empty_receive_seconds;
                    let what = format!("{}: empty receives", function.binary);
                    lines.push(self.line(what, receives, Unit::QueueRequests));
                }
            }
        }
        for function in &deployed.functions {
            let rates: Vec<f64> = rates(function).collect();
            if rates.is_empty() {
                continue;
            }
            let ticks = rates.iter().sum::<f64>() * seconds;
            lines.push(self.line(
                format!("{}: schedule", function.binary),
                ticks,
                Unit::Schedules,
            ));
            // One tick of each schedule was counted.
            let counted = run.tick.of_context(&function.binary);
            let scale = ticks / rates.len() as f64;
            lines.extend(self.functions(run, &counted, scale, 0.0)?);
            // Queues of failed messages are nobody's by what they are counted under; whoever is told of them looks at them.
            if function.environment.contains_key("FAILED_QUEUES") {
                let operations = run.tick.queues.values();
                let looks = operations.filter_map(|counts| counts.get("GetQueueAttributes"));
                let looks = looks.sum::<u64>() as f64 * scale;
                let what = format!("{}: looks at failed messages", function.binary);
                lines.push(self.line(what, looks, Unit::QueueRequests));
            }
        }
        lines.push(self.line("alarms", extras.alarms as f64, Unit::Alarms));
        lines.push(self.line("dashboards", extras.dashboards as f64, Unit::Dashboards));
        lines.push(self.line("secrets", extras.secrets as f64, Unit::Secrets));
        lines.retain(|line| line.amount > 0.0);
        Ok(lines)
    }
}

/// How often a function's schedules tick, in times a second.
fn rates(function: &Function) -> impl Iterator<Item = f64> {
    function
        .event_sources
        .iter()
        .filter_map(|source| match source {
            EventSource::Schedule { rate, .. } => Some(1.0 / rate.as_secs_f64()),
            EventSource::Queue { .. } | EventSource::Stream { .. } | EventSource::Http { .. } => {
                None
            }
        })
}
