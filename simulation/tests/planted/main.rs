//! Mistakes as developers make them, planted at the ports, and which invariant finds each.
//!
//! `cargo test` looks for each from the seed on at which it was found when the table was written, so that it takes
//! seconds. `NOREN_PLANTED=whole cargo test --release -p simulation --test planted -- --nocapture` looks for each from
//! seed 0 on, runs the control over as many seeds, and prints the table that `docs/reliability.md` shows.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod items;
mod lie;
mod messages;
mod money;
mod table;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use simulation::audit::Violation;
use simulation::planted::Plant;
use simulation::{Settings, run_seed};
use table::{MISTAKES, Mistake};

/// How many seeds a mistake may take to be found.
const SEEDS: u64 = 1_000;
/// How many worlds run at once.
const THREADS: usize = 2;

/// A plant that does nothing.
#[derive(Debug)]
struct Nothing;

impl Plant for Nothing {}

fn settings(plant: Option<Arc<dyn Plant>>) -> Settings {
    Settings {
        skus: 24,
        stops_at_first: true,
        planted: plant,
        ..Settings::all_faults(14)
    }
}

fn is_whole() -> bool {
    std::env::var("NOREN_PLANTED").is_ok_and(|wanted| wanted == "whole")
}

/// How a mistake was found.
struct Found {
    seed: u64,
    tried: u64,
    took: Duration,
    violation: Violation,
}

fn find(mistake: &Mistake, first: u64) -> Option<Found> {
    let began = Instant::now();
    (first..first + SEEDS).find_map(|seed| {
        // A plant may remember what it saw, so each world has one of its own.
        let world = run_seed(&settings(Some((mistake.plant)())), seed);
        let mut violations = world.violations.into_iter();
        // Found is it by what it breaks, and not by what else may be seen in a world that it has led astray.
        let violation = violations.find(|violation| mistake.by.contains(&violation.invariant))?;
        Some(Found {
            seed,
            tried: seed - first + 1,
            took: began.elapsed(),
            violation,
        })
    })
}

/// Does the work on each, several at once; the results in their order.
fn on_each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(place) else { return };
                    let result = work(item);
                    results.lock().push((place, result));
                }
            });
        }
    });
    let mut results = results.into_inner();
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

#[test]
fn each_mistake_is_found() {
    let whole = is_whole();
    let found = on_each(MISTAKES, |mistake| {
        find(mistake, if whole { 0 } else { mistake.found_at })
    });
    println!("| name | mistake | seeds | seconds | found by | seen, for instance |");
    println!("|---|---|---|---|---|---|");
    let mut missed = Vec::new();
    for (mistake, found) in MISTAKES.iter().zip(&found) {
        let Mistake { name, about, .. } = mistake;
        let Some(found) = found else {
            println!("| {name} | {about} | not in {SEEDS} | | | |");
            missed.push(*name);
            continue;
        };
        let Violation {
            invariant, detail, ..
        } = &found.violation;
        let detail: String = detail.replace('|', "/").chars().take(110).collect();
        println!(
            "| {name} | {about} | {} (seed {}) | {:.2} | {} | {detail} |",
            found.tried,
            found.seed,
            found.took.as_secs_f64(),
            invariant.name()
        );
    }
    assert!(MISTAKES.len() >= 25, "{} mistakes", MISTAKES.len());
    assert!(missed.is_empty(), "not found: {missed:?}");
}

#[test]
fn where_nothing_is_planted_nothing_is_found_and_the_course_is_the_same() {
    let seeds: Vec<u64> = if is_whole() {
        (0..SEEDS).collect()
    } else {
        (0..6).collect()
    };
    let broken = on_each(&seeds, |seed| {
        let world = run_seed(&settings(Some(Arc::new(Nothing))), *seed);
        let without = (*seed < 4).then(|| run_seed(&settings(None), *seed));
        assert!(without.is_none_or(|without| without.hash == world.hash));
        world
            .violations
            .first()
            .map(|first| format!("{seed}: {first:?}"))
    });
    let broken: Vec<String> = broken.into_iter().flatten().collect();
    assert!(broken.is_empty(), "{} worlds: {broken:#?}", broken.len());
}
