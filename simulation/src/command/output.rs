//! What the command prints.

use std::time::Duration;

use serde_json::json;
use simulation::Report;
use simulation::audit::{Invariant, Violation};
use simulation::faults::Fault;

use super::arguments::Arguments;

/// A violation in a line.
pub fn violation(seed: u64, violation: &Violation) -> String {
    format!(
        "seed {seed}: {} does not hold after {:.3} s: {}",
        violation.invariant.name(),
        violation.at_ms as f64 / 1000.0,
        violation.detail
    )
}

/// The report, as text or as JSON.
pub fn report(arguments: &Arguments, report: &Report, took: Duration) {
    let seconds = took.as_secs_f64().max(1e-9);
    let orders_per_second = report.orders as f64 / seconds;
    if arguments.json {
        let named =
            |(invariant, count): (&Invariant, &u64)| (invariant.name().to_owned(), json!(count));
        let checked: serde_json::Map<_, _> = report.checked.iter().map(named).collect();
        let broken: serde_json::Map<_, _> = report.broken.iter().map(named).collect();
        let report = json!({
            "seeds": report.seeds,
            "orders": report.orders,
            "events": report.events,
            "seconds": (seconds * 1000.0).round() / 1000.0,
            "orders_per_second": orders_per_second.round(),
            "faults": report.fired.by_name(),
            "invariants_checked": report.checks(),
            "checked": checked,
            "violations": report.violations(),
            "broken": broken,
            "failing_seeds": report.failing.keys().collect::<Vec<_>>(),
            "orders_ended": report.ends,
            "hash": format!("{:016x}", report.hash),
        });
        println!("{report:#}");
        return;
    }
    println!("{:>12} worlds (seeds)", report.seeds);
    println!("{:>12} orders: {}", report.orders, ends(report));
    println!("{:>12} events", report.events);
    println!("{orders_per_second:>12.0} orders a second, {seconds:.1} s in all");
    println!("\nFaults fired:");
    for fault in Fault::ALL {
        println!("{:>12} {}", report.fired.of(*fault), fault.name());
    }
    println!("\nInvariants checked, {} times in all:", report.checks());
    for invariant in Invariant::ALL {
        let checked = report.checked.get(invariant).copied().unwrap_or(0);
        let broken = report.broken.get(invariant).copied().unwrap_or(0);
        let broken = if broken == 0 {
            String::new()
        } else {
            format!("  BROKEN {broken} times")
        };
        println!("{checked:>12} {}{broken}", invariant.name());
    }
    println!(
        "\n{} violations in {} worlds",
        report.violations(),
        report.failing.len()
    );
    if let Some((seed, first)) = report.failing.first_key_value() {
        println!("the first: {}", violation(*seed, first));
        println!(
            "replay it: --orders {} --seed {seed} --trace",
            arguments.orders
        );
    }
    println!("the hash of all courses is {:016x}", report.hash);
}

fn ends(report: &Report) -> String {
    let ends: Vec<String> = report
        .ends
        .iter()
        .map(|(end, count)| format!("{count} {end}"))
        .collect();
    ends.join(", ")
}

/// Faults and invariants with what they are.
pub fn list() {
    println!("Faults, with their default rates in a million occasions:");
    for fault in Fault::ALL {
        println!(
            "{:>10}  {:<28} {}",
            fault.default_rate(),
            fault.name(),
            fault.about().trim()
        );
    }
    println!("\nInvariants:");
    for invariant in Invariant::ALL {
        println!(
            "            {:<28} {}",
            invariant.name(),
            invariant.about().trim()
        );
    }
}
