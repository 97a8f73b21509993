//! The command line.

mod arguments;
mod crash_points;
mod output;

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser as _;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use simulation::faults::Fault;
use simulation::{Report, Settings, run_seed, run_seeds};

use arguments::Arguments;

/// Every world held, and every fault that was on fired often enough.
const HELD: u8 = 0;
/// An invariant did not hold.
const BROKEN: u8 = 1;
/// The command line makes no sense; clap's own.
const USAGE: u8 = 2;
/// A fault that was on fired too rarely for the run to prove anything about it.
const TOO_RARE: u8 = 3;
/// A seed had another course the second time.
const UNREPEATABLE: u8 = 4;

/// From so many orders on, each fault that is on must have fired so often.
const FIRES_AT_LEAST: u64 = 100;

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let settings = match arguments.settings() {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(USAGE);
        }
    };
    let code = if arguments.list {
        output::list();
        HELD
    } else if arguments.crash_points {
        crash_points::run(&arguments)
    } else if let Some(seed) = arguments.seed {
        one(&arguments, &settings, seed)
    } else {
        many(&arguments, &settings)
    };
    ExitCode::from(code)
}

/// One world, as a timeline if it is wanted.
fn one(arguments: &Arguments, settings: &Settings, seed: u64) -> u8 {
    let began = Instant::now();
    let world = run_seed(settings, seed);
    for line in &world.lines {
        println!("{line}");
    }
    let mut report = Report::default();
    report.add(&world);
    for violation in &world.violations {
        println!("{}", output::violation(seed, violation));
    }
    output::report(arguments, &report, began.elapsed());
    if report.violations() > 0 {
        BROKEN
    } else {
        HELD
    }
}

fn many(arguments: &Arguments, settings: &Settings) -> u8 {
    let bar = progress(arguments.seeds);
    let began = Instant::now();
    let unrepeatable = std::sync::Mutex::new(Vec::new());
    let report = run_seeds(
        settings,
        arguments.first_seed,
        arguments.seeds,
        arguments.threads(),
        |world| {
            bar.inc(1);
            if let Some(first) = world.violations.first() {
                bar.suspend(|| eprintln!("{}", output::violation(world.seed, first)));
            }
            if arguments.check_determinism && run_seed(settings, world.seed).hash != world.hash {
                unrepeatable
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner)
                    .push(world.seed);
            }
        },
    );
    bar.finish_and_clear();
    output::report(arguments, &report, began.elapsed());
    let unrepeatable = unrepeatable
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if arguments.check_determinism {
        eprintln!(
            "{} of {} seeds had another course the second time: {unrepeatable:?}",
            unrepeatable.len(),
            report.seeds
        );
    }
    if report.violations() > 0 {
        return BROKEN;
    }
    if !unrepeatable.is_empty() {
        return UNREPEATABLE;
    }
    let rare = rare(arguments, settings, &report);
    for fault in &rare {
        eprintln!(
            "{} fired {} times, fewer than {FIRES_AT_LEAST}",
            fault.name(),
            report.fired.of(*fault)
        );
    }
    if rare.is_empty() { HELD } else { TOO_RARE }
}

/// The faults that were on and fired too rarely, where the run is large enough to demand more.
fn rare(arguments: &Arguments, settings: &Settings, report: &Report) -> Vec<Fault> {
    if report.orders < arguments.fired_from_orders {
        return Vec::new();
    }
    let on = settings.rates.on();
    on.filter(|fault| report.fired.of(*fault) < FIRES_AT_LEAST)
        .collect()
}

fn progress(seeds: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(Some(seeds), ProgressDrawTarget::hidden());
    }
    let bar = ProgressBar::new(seeds);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} worlds, {per_sec}, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}
