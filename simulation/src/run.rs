//! Many worlds, one after another on each of several threads.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::report::{Report, WorldReport};
use crate::settings::Settings;
use crate::world::World;

/// Runs the world of one seed.
pub fn run_seed(settings: &Settings, seed: u64) -> WorldReport {
    World::run(settings, seed)
}

/// Runs the worlds of `count` seeds from the first on, and tells of each.
pub fn run_seeds(
    settings: &Settings,
    first: u64,
    count: u64,
    threads: usize,
    tell: impl Fn(&WorldReport) + Sync,
) -> Report {
    let next = AtomicU64::new(first);
    let end = first.saturating_add(count);
    std::thread::scope(|scope| {
        let work = || {
            let mut report = Report::default();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= end {
                    return report;
                }
                let world = run_seed(settings, seed);
                report.add(&world);
                tell(&world);
            }
        };
        let threads: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        let mut report = Report::default();
        for thread in threads {
            report.merge(
                &thread
                    .join()
                    .expect("a world catches the panics of what it runs"),
            );
        }
        report
    })
}
