//! `--crash-points`.

use std::time::Instant;

use serde_json::json;
use simulation::crash_points::run_crash_points;

use super::arguments::Arguments;
use super::{BROKEN, HELD, progress};

/// Runs the small world once for each point, and once for each pair of points.
pub fn run(arguments: &Arguments) -> u8 {
    let began = Instant::now();
    let bar = progress(0);
    let report = run_crash_points(!arguments.singly, arguments.threads(), |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let seconds = began.elapsed().as_secs_f64();
    if arguments.json {
        let broken: Vec<_> = report
            .broken
            .iter()
            .map(|(points, what)| json!({ "points": format!("{points:?}"), "violation": what }))
            .collect();
        let report = json!({
            "calls": report.calls,
            "points": report.points,
            "runs": report.runs,
            "seconds": seconds,
            "violations": report.broken.len(),
            "broken": broken,
        });
        println!("{report:#}");
    } else {
        println!("{:>12} calls of ports in the small world", report.calls);
        println!("{:>12} points: before and after each", report.points);
        println!("{:>12} runs, in {seconds:.1} s", report.runs);
        println!("{:>12} violations", report.broken.len());
        for (points, what) in report.broken.iter().take(20) {
            println!("killed at {points:?}: {what}");
        }
    }
    if report.broken.is_empty() {
        HELD
    } else {
        BROKEN
    }
}
