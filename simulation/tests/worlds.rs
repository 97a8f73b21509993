//! Worlds small enough for every test run. What the command runs is the same code with more seeds.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use simulation::audit::Invariant;
use simulation::crash_points::run_small;
use simulation::faults::{Fault, Rates};
use simulation::{Report, Settings, WorldReport, run_seed, run_seeds};

fn assert_held(world: &WorldReport) {
    let first = world.violations.first();
    assert!(first.is_none(), "seed {}: {first:?}", world.seed);
}

#[test]
fn where_nothing_goes_wrong_everything_holds_and_orders_end_as_planned() {
    let settings = Settings {
        skus: 24,
        ..Settings::faultless(20)
    };
    let mut report = Report::default();
    for seed in 0..3 {
        let world = run_seed(&settings, seed);
        assert_held(&world);
        report.add(&world);
    }
    assert!(report.ends["completed"] > 30, "{:?}", report.ends);
    assert!(report.ends["cancelled"] > 1, "{:?}", report.ends);
    assert_eq!(report.ends.len(), 2, "an order has no other end");
    for invariant in Invariant::ALL {
        if *invariant != Invariant::NoPanic {
            assert!(
                report.checked[invariant] > 0,
                "{} was never checked",
                invariant.name()
            );
        }
    }
}

#[test]
fn under_all_faults_everything_holds() {
    let settings = Settings {
        skus: 130,
        ..Settings::all_faults(25)
    };
    for seed in 0..12 {
        assert_held(&run_seed(&settings, seed));
    }
}

#[test]
fn a_seed_has_one_course_on_any_number_of_threads() {
    let settings = Settings {
        skus: 24,
        ..Settings::all_faults(8)
    };
    let once = run_seeds(&settings, 100, 6, 1, |_| {});
    let again = run_seeds(&settings, 100, 6, 3, |_| {});
    assert_eq!(once.hash, again.hash);
    assert_eq!(once.fired, again.fired);
    let other = run_seeds(&settings, 200, 6, 3, |_| {});
    assert_ne!(once.hash, other.hash);
}

#[test]
fn each_fault_fires_when_it_is_on_alone_and_no_other_does() {
    for fault in Fault::ALL {
        let mut rates = Rates::none();
        rates.set(*fault, fault.default_rate().saturating_mul(20).min(500_000));
        // A call is tried again a day later where its process died after it.
        let companion = (*fault == Fault::ProviderRetryAfterDay).then_some(Fault::CrashAfterCall);
        if let Some(companion) = companion {
            rates.set(companion, 80_000);
        }
        let settings = Settings {
            skus: 16,
            rates,
            mixes: false,
            // Close together, so that messages and records meet in batches.
            span_ms: Some(5_000),
            ..Settings::all_faults(12)
        };
        let mut report = Report::default();
        for seed in 0..8 {
            let world = run_seed(&settings, seed);
            assert_held(&world);
            report.add(&world);
            if report.fired.of(*fault) > 0 {
                break;
            }
        }
        assert!(report.fired.of(*fault) > 0, "{} never fired", fault.name());
        // What customers and time do by themselves is not switched off with the faults.
        let by_themselves = [Fault::HoldExpired];
        let others = Fault::ALL
            .iter()
            .filter(|other| *other != fault && !by_themselves.contains(other));
        for other in others {
            let fired = report.fired.of(*other);
            let goes_with = *fault == Fault::ConflictStorm && *other == Fault::StoreThrottled;
            assert!(
                fired == 0 || goes_with || companion == Some(*other),
                "{} fired with {}",
                other.name(),
                fault.name()
            );
        }
    }
}

#[test]
fn the_small_world_survives_a_kill_at_each_of_its_calls() {
    let whole = run_small(&[], false);
    assert_held(&whole);
    assert_eq!(
        whole.ends,
        [("cancelled".to_owned(), 2), ("completed".to_owned(), 1)].into()
    );
    let report = simulation::crash_points::run_crash_points(false, 2, |_, _| {});
    assert_eq!(report.points, 2 * whole.calls);
    assert_eq!(report.broken, []);
}
