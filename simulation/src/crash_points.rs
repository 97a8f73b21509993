//! A small world whose processes are killed at every point: before and after each call of a port, singly and in pairs.
//!
//! Nothing else goes wrong in it and nothing is drawn, so every run until its first kill is the same, and the points
//! are all there are.

use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::fabric::{CrashPoint, Moment, Parts};
use crate::faults::Rates;
use crate::people::{CancelWhen, Confirms, Goods, Plan, lines_json};
use crate::provider::Method;
use crate::report::WorldReport;
use crate::run::run_seed;
use crate::settings::Settings;

/// What people do in a small world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// One order is delivered, refunded and partly returned; one is cancelled when it is confirmed; one comes by a cart and is declined.
    Small,
}

impl Script {
    /// How many orders it has.
    pub const fn orders(self) -> u32 {
        match self {
            Self::Small => 3,
        }
    }

    /// The plan of an order.
    pub(crate) fn plan(self, parts: &mut Parts, order: u32, goods: &Goods, customers: u32) -> Plan {
        let plan = Plan::draw(parts, order, goods, customers);
        let (lines, method, cancels) = match order {
            0 => (vec![(0, 1), (1, 2)], Method::Good, CancelWhen::Never),
            1 => (vec![(0, 1)], Method::Good, CancelWhen::Confirmed),
            _ => (vec![(1, 1)], Method::Declines, CancelWhen::Never),
        };
        let body = format!(
            "{{\"lines\":{},\"region\":\"JP-13\",\"payment_method\":\"{}\"}}",
            lines_json(&lines),
            method.token()
        );
        let plan = Plan {
            lines,
            body,
            method,
            cart: None,
            has_order: true,
            cancels,
            confirms: Confirms::Never,
            parcels: 1,
            packs_after: 5_000,
            twice: false,
            other: false,
            refunds: if order == 0 { vec![100] } else { Vec::new() },
            returns: order == 0,
            ..plan
        };
        // The one that is declined comes by a cart.
        if order == 2 {
            plan.with_cart(order, customers)
        } else {
            plan
        }
    }
}

/// What came of killing the small world at its points.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrashReport {
    /// How many calls the world makes when nothing is killed.
    pub calls: u64,
    /// How many points there are: two for each call.
    pub points: u64,
    /// How many worlds were run.
    pub runs: u64,
    /// The worlds with violations: where they were killed, and the first that did not hold.
    pub broken: Vec<(Vec<CrashPoint>, String)>,
}

fn settings(points: &[CrashPoint]) -> Settings {
    let script = Script::Small;
    Settings {
        skus: 2,
        rates: Rates::none(),
        mixes: false,
        takes_time: false,
        span_ms: Some(1_000),
        trades_for_ms: 86_400_000,
        crash_points: points.to_vec(),
        script: Some(script),
        ..Settings::all_faults(script.orders())
    }
}

/// Runs the small world, killed at those points.
pub fn run_small(points: &[CrashPoint], trace: bool) -> WorldReport {
    run_seed(
        &Settings {
            trace,
            ..settings(points)
        },
        0,
    )
}

fn points_from(first: u64, end: u64) -> impl Iterator<Item = CrashPoint> {
    let moments = [Moment::Before, Moment::After];
    (first..end).flat_map(move |call| moments.map(|moment| CrashPoint { call, moment }))
}

/// Kills the small world at each of its points, and at each pair of them if that is wanted. A pair's second point is
/// one of the world that the first has left behind. Tells of each first point that is done with.
pub fn run_crash_points(
    in_pairs: bool,
    threads: usize,
    tell: impl Fn(u64, u64) + Sync,
) -> CrashReport {
    let whole = run_small(&[], false);
    let firsts: Vec<CrashPoint> = points_from(0, whole.calls).collect();
    let next = AtomicU64::new(0);
    let found = Mutex::new(CrashReport {
        calls: whole.calls,
        points: firsts.len() as u64,
        runs: 1,
        broken: broken(&whole, &[]).into_iter().collect(),
    });
    std::thread::scope(|scope| {
        let work = || {
            loop {
                let position = next.fetch_add(1, Ordering::Relaxed);
                let Some(first) = firsts.get(position as usize).copied() else {
                    return;
                };
                let single = run_small(&[first], false);
                let mut runs = 1;
                let mut worlds: Vec<_> = broken(&single, &[first]).into_iter().collect();
                if in_pairs {
                    for second in points_from(first.call + 1, single.calls) {
                        let pair = [first, second];
                        let world = run_small(&pair, false);
                        runs += 1;
                        worlds.extend(broken(&world, &pair));
                    }
                }
                let mut found = found.lock();
                found.runs += runs;
                found.broken.extend(worlds);
                tell(position + 1, firsts.len() as u64);
            }
        };
        for _ in 0..threads.max(1) {
            scope.spawn(work);
        }
    });
    let mut report = found.into_inner();
    report.broken.sort();
    report
}

fn broken(world: &WorldReport, points: &[CrashPoint]) -> Option<(Vec<CrashPoint>, String)> {
    let first = world.violations.first()?;
    Some((
        points.to_vec(),
        format!("{}: {}", first.invariant.name(), first.detail),
    ))
}
