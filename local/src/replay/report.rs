//! What a replay found: every figure, and whether all ended as it must. How it reads for people is `summary.rs`.

use std::collections::BTreeMap;
use std::time::Instant;

use noren::{Counts, Stillness};
use serde::Serialize;

use super::audit::{Findings, Rule, RuleResult, Standing};
use super::book::Facts;
use super::preparation::Prepared;
use super::progress::StageTime;
use super::scene::Scene;
use super::skipped::Skipped;
use super::tally::Counted;

/// Everything about a replay. The field names are the keys of `--json`.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) orders_placed: u64,
    /// Placed by an earlier run that was cut short.
    pub(super) orders_resumed: u64,
    pub(crate) orders_refused: u64,
    /// Confirmed at some time, as it was heard.
    pub(crate) orders_confirmed: u64,
    pub(crate) orders_completed: u64,
    pub(crate) orders_cancelled: u64,
    pub(crate) orders_unfinished: u64,
    /// Lines of all orders placed or resumed.
    pub(super) lines: u64,
    pub(crate) messages_in_dead_letter_queues: u64,
    pub(super) dead_letters_by_queue: BTreeMap<String, usize>,
    pub(crate) invariants_checked: u64,
    pub(crate) invariants_broken: u64,
    pub(super) orders_per_second: f64,
    pub(super) orders_per_second_to_the_end: f64,
    pub(super) confirm_ms_p50: f64,
    pub(super) confirm_ms_p99: f64,
    pub(super) write_units_per_order: f64,
    pub(super) read_units_per_order: f64,
    pub(super) invocations_per_order: f64,
    pub(super) publishes_per_order: f64,
    pub(super) invocations_per_order_by_trigger: BTreeMap<String, f64>,
    pub(super) products_imported: u64,
    pub(super) skus_stocked: u64,
    pub(super) skus_scarce: u64,
    pub(super) customers_with_contact: u64,
    /// Whether everything was quiet when the stores were read.
    pub(super) quiet: bool,
    pub(super) still_under_way: Option<Stillness>,
    pub(super) acts: BTreeMap<&'static str, u64>,
    pub(crate) requests_repeated: u64,
    pub(super) mishaps: u64,
    pub(super) first_mishaps: Vec<String>,
    pub(super) first_violations: Vec<String>,
    pub(super) rules: Vec<RuleResult>,
    pub(super) skipped: Skipped,
    pub(super) stages: Vec<StageTime>,
    /// Requests and units by context and operation, from the first order until all was quiet.
    pub(super) counts: Counts,
}

/// What a report is made of.
pub(super) struct Material<'a> {
    pub(super) scene: &'a Scene,
    pub(super) placed: &'a [Facts],
    pub(super) prepared: &'a Prepared,
    pub(super) skipped: Skipped,
    pub(super) counts: Counts,
    pub(super) stillness: Stillness,
    pub(super) findings: Findings,
    pub(super) standing: Standing,
    pub(super) stages: Vec<StageTime>,
}

impl Report {
    pub(super) fn of(material: Material<'_>) -> Self {
        let Material {
            scene,
            placed,
            prepared,
            skipped,
            counts,
            stillness,
            findings,
            standing,
            stages,
        } = material;
        let Counted {
            acts,
            mishaps,
            first_mishaps,
        } = scene.tally.counted();
        let act = |name: &str| acts.get(name).copied().unwrap_or_default();
        let orders_placed = act("orders_placed");
        let per_order = |sum: f64| round(sum / orders_placed.max(1) as f64);
        let mut by_trigger: BTreeMap<String, f64> = BTreeMap::new();
        for (trigger, count) in counts.invocations.values().flatten() {
            *by_trigger.entry(trigger.clone()).or_default() += count.total as f64;
        }
        for count in by_trigger.values_mut() {
            *count = per_order(*count);
        }
        let waits = confirm_milliseconds(placed);
        let (invariants_checked, invariants_broken) = findings.totals();
        let dead: usize = stillness.dead_letters.values().sum();
        let lines = placed.iter().filter_map(|facts| facts.placing);
        let lines = lines.map(|placing| scene.baskets[placing.basket].lines.len() as u64);
        Self {
            orders_placed,
            orders_resumed: act("orders_resumed"),
            orders_refused: act("orders_refused"),
            orders_confirmed: placed
                .iter()
                .filter(|facts| facts.confirmed_at.is_some())
                .count() as u64,
            orders_completed: standing.completed,
            orders_cancelled: standing.cancelled,
            orders_unfinished: standing.unfinished,
            lines: lines.sum(),
            messages_in_dead_letter_queues: dead as u64,
            dead_letters_by_queue: stillness.dead_letters.clone(),
            invariants_checked,
            invariants_broken,
            orders_per_second: orders_per_second(placed, Facts::decided_at),
            orders_per_second_to_the_end: orders_per_second(placed, Facts::terminal_at),
            confirm_ms_p50: percentile(&waits, 50),
            confirm_ms_p99: percentile(&waits, 99),
            write_units_per_order: per_order(counts.write_units()),
            read_units_per_order: per_order(counts.read_units()),
            invocations_per_order: per_order(counts.invocations() as f64),
            publishes_per_order: per_order(counts.publishes() as f64),
            invocations_per_order_by_trigger: by_trigger,
            products_imported: prepared.products,
            skus_stocked: prepared.skus_stocked,
            skus_scarce: prepared.skus_scarce,
            customers_with_contact: prepared.contacts.len() as u64,
            quiet: stillness.quiet,
            still_under_way: (!stillness.quiet).then_some(stillness),
            acts,
            requests_repeated: scene.target.shop.retries(),
            mishaps,
            first_mishaps,
            first_violations: findings.told().to_vec(),
            rules: findings.rules(),
            skipped,
            stages,
            counts,
        }
    }

    /// Whether everything ended as it must.
    pub(crate) fn is_good(&self) -> bool {
        self.invariants_broken == 0 && self.ended_well()
    }

    /// The same where senders of mails were killed. Whether a mail has left when its sender dies on the way only the mail
    /// service knows, and SES can neither be asked nor told that a request is a repetition: it is sent again.
    pub(crate) fn is_good_where_senders_died(&self) -> bool {
        self.invariants_broken == self.told_again() && self.ended_well()
    }

    /// How many things were told more than once.
    pub(crate) fn told_again(&self) -> u64 {
        let rules = self.rules.iter();
        let told = rules.filter(|result| result.rule == Rule::ToldAtMostOnce.name());
        told.map(|result| result.broken).sum()
    }

    fn ended_well(&self) -> bool {
        self.orders_unfinished == 0
            && self.orders_refused == 0
            && self.mishaps == 0
            && self.messages_in_dead_letter_queues == 0
            && self.quiet
    }
}

/// How long confirmed orders of this run waited, sorted.
fn confirm_milliseconds(placed: &[Facts]) -> Vec<f64> {
    let mut waits: Vec<f64> = placed
        .iter()
        .filter_map(|facts| {
            let placing = facts.placing.filter(|placing| !placing.resumed)?;
            let wait = facts.confirmed_at?.saturating_duration_since(placing.begun);
            Some(wait.as_secs_f64() * 1000.0)
        })
        .collect();
    waits.sort_by(f64::total_cmp);
    waits
}

/// The value that so many of a hundred do not exceed; 0 where there is none.
pub(crate) fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let position = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(position).copied().map_or(0.0, round)
}

/// Orders of this run that came to a point, over the time from the first placing until the last of them did.
fn orders_per_second(placed: &[Facts], point: fn(&Facts) -> Option<Instant>) -> f64 {
    let decided: Vec<(Instant, Instant)> = placed
        .iter()
        .filter_map(|facts| {
            let placing = facts.placing.filter(|placing| !placing.resumed)?;
            Some((placing.begun, point(facts)?))
        })
        .collect();
    let first = decided.iter().map(|(begun, _)| *begun).min();
    let last = decided.iter().map(|(_, decided)| *decided).max();
    match (first, last) {
        (Some(first), Some(last)) => {
            let seconds = last.saturating_duration_since(first).as_secs_f64();
            round(decided.len() as f64 / seconds.max(f64::EPSILON))
        }
        _ => 0.0,
    }
}

/// To two places: more would pretend.
pub(crate) fn round(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let sorted: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!(percentile(&sorted, 50), 100.0);
        assert_eq!(percentile(&sorted, 99), 198.0);
        assert_eq!(percentile(&sorted[..1], 99), 1.0);
        assert_eq!(percentile(&[], 50), 0.0);
    }
}
