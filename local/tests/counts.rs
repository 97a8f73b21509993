//! What an order costs in counts, held to a committed bar: it may not grow unseen. `bench/counts.py` measures the same and
//! writes the bar.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde::Deserialize;
use serde_json::Value;

/// `bench/counts.json`: what may not be exceeded.
#[derive(Deserialize)]
struct Bars {
    /// Whose prices are meant.
    region: String,
    /// US dollars of a month in which nothing is ordered, by what `noren cost` calls it.
    idle: BTreeMap<String, f64>,
    orders: Vec<BarsOfABatch>,
}

/// Counts per order, by its lines, with so many messages a batch.
#[derive(Deserialize)]
struct BarsOfABatch {
    batch: u64,
    orders: u64,
    by_lines: BTreeMap<u64, Bar>,
}

#[derive(Deserialize)]
struct Bar {
    /// What comes together in a batch there is a question of the moment, and with it how often an order is written.
    insights: BTreeMap<String, f64>,
    /// All else.
    #[serde(flatten)]
    others: BTreeMap<String, f64>,
}

/// On a busy machine a webhook overtakes an answer now and then, which makes one commit of two, or a conflict leads to
/// another reading. What grows for every order grows by half a unit at least.
const NOW_AND_THEN: f64 = 0.4;
/// What is done once for a batch: one more of them is a tenth for each of ten orders.
const ONCE_A_BATCH: [&str; 3] = ["publishes", "invocations", "http_requests"];
/// Where several come together, which of them do decides what is written once for all: that share of a count.
const AS_THEY_COME: f64 = 0.08;
/// How many times what it did at the last measuring insights may do, as its batches fall.
const AS_BATCHES_FALL: f64 = 1.5;
/// A size is counted again, alone, before it is found too dear: what is done for every order is done each time.
const COUNTINGS: usize = 3;

fn bars() -> Bars {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bench/counts.json");
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

fn measured(orders: u64, batch: u64, lines: u64) -> Command {
    let template = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml");
    let mut command = Command::new(env!("CARGO_BIN_EXE_noren"));
    command
        .args(["cost", "--json", "--template", template])
        .args(["--orders", &orders.to_string()])
        .args(["--batch", &batch.to_string()])
        .args(["--lines", &lines.to_string()])
        .stdout(Stdio::piped());
    command
}

/// What is above the bar of one size, by what `noren cost` printed.
fn above(bars: &BarsOfABatch, lines: u64, printed: &Output) -> Vec<String> {
    assert!(printed.status.success(), "{lines} lines");
    let cost: Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(cost["lines"], lines);
    let insights = &cost["per_order_by_context"]["insights"];
    let bar = &bars.by_lines[&lines];
    let others = bar.others.iter().map(|(name, most)| {
        let seen = cost["per_order"][name].as_f64().unwrap();
        let room = match (bars.batch, ONCE_A_BATCH.contains(&name.as_str())) {
            (1, _) => NOW_AND_THEN,
            (batch, true) => NOW_AND_THEN / batch as f64,
            (_, false) => (most * AS_THEY_COME).max(NOW_AND_THEN),
        };
        let of_insights = insights[name].as_f64().unwrap_or_default();
        (name.clone(), seen - of_insights, *most, most + room)
    });
    let of_insights = bar.insights.iter().map(|(name, most)| {
        let seen = insights[name].as_f64().unwrap();
        let name = format!("{name} of insights");
        (name, seen, *most, most * AS_BATCHES_FALL)
    });
    others
        .chain(of_insights)
        .filter(|(_, seen, _, highest)| seen > highest)
        .map(|(name, seen, most, _)| {
            let batch = bars.batch;
            format!("{lines} lines, {batch} a batch: {name} is {seen}, above {most}")
        })
        .collect()
}

/// What is above the bars of one batch each time that it is counted: first all sizes at once, then what was above.
fn over(bars: &BarsOfABatch) -> Vec<String> {
    assert_eq!(bars.by_lines.keys().collect::<Vec<_>>(), [&1, &5, &9, &26]);
    let run = |lines: u64| measured(bars.orders, bars.batch, lines).spawn().unwrap();
    let running: Vec<_> = bars
        .by_lines
        .keys()
        .map(|lines| (*lines, run(*lines)))
        .collect();
    let mut over = Vec::new();
    for (lines, child) in running {
        let mut last = above(bars, lines, &child.wait_with_output().unwrap());
        for _ in 1..COUNTINGS {
            if last.is_empty() {
                break;
            }
            last = above(bars, lines, &run(lines).wait_with_output().unwrap());
        }
        over.extend(last);
    }
    over
}

const IF_IT_MUST: &str =
    "if it must cost more, say so by committing what bench/counts.py --write writes";

#[test]
fn an_order_of_each_size_costs_no_more_than_the_bar() {
    let bars = bars();
    let batches: Vec<u64> = bars.orders.iter().map(|bars| bars.batch).collect();
    assert_eq!(batches, [1, 10]);
    let over: Vec<String> = bars.orders.iter().flat_map(over).collect();
    assert!(over.is_empty(), "{IF_IT_MUST}:\n{}", over.join("\n"));
}

#[test]
fn an_idle_month_costs_no_more_than_the_bar() {
    let Bars { region, idle, .. } = bars();
    let output = measured(1, 1, 1)
        .args(["--region", &region])
        .output()
        .unwrap();
    assert!(output.status.success());
    let cost: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: Vec<&str> = idle.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["usd_idle_per_month", "usd_idle_per_month_after_free"]
    );
    for (name, most) in &idle {
        let seen = cost[name].as_f64().unwrap();
        // To the cent: the seconds of what is done when nothing is are measured.
        assert!(
            seen <= most + 0.01,
            "{name} is {seen}, above {most}: {IF_IT_MUST}"
        );
        assert!(seen > 0.0);
    }
}

#[test]
fn what_cost_says_is_what_was_counted_times_the_price() {
    let output = measured(4, 1, 2)
        .args(["--region", "us-east-1"])
        .output()
        .unwrap();
    assert!(output.status.success());
    let cost: Value = serde_json::from_slice(&output.stdout).unwrap();
    let lines = cost["lines_per_1000_orders"].as_array().unwrap();
    let sum: f64 = lines.iter().map(|line| line["usd"].as_f64().unwrap()).sum();
    let total = cost["usd_per_1000_orders"].as_f64().unwrap();
    assert!((sum - total).abs() < 1e-9, "{sum} {total}");
    let of_unit = |unit: &str| -> f64 {
        let lines = lines.iter().filter(|line| line["unit"] == unit);
        lines.map(|line| line["usd"].as_f64().unwrap()).sum()
    };
    // By hand: units of an order, times a thousand orders, times the price of a million.
    let write_units = cost["per_order"]["write_units"].as_f64().unwrap();
    assert!((of_unit("write_units") - write_units * 1000.0 * 0.625 / 1e6).abs() < 1e-9);
    let invocations = cost["per_order"]["invocations"].as_f64().unwrap();
    assert!((of_unit("invocations") - invocations * 1000.0 * 0.20 / 1e6).abs() < 1e-9);
    assert_eq!(cost["dearest"].as_array().unwrap().len(), 5);
    // Every event that somebody hears is at least one message; placing, packing, dispatch and delivery are requests.
    assert!(
        cost["per_order"]["deliveries"].as_f64().unwrap() >= 8.0,
        "{cost:#}"
    );
    assert!(
        cost["per_order"]["http_requests"].as_f64().unwrap() >= 4.0,
        "{cost:#}"
    );
    assert_eq!(cost["per_order"]["mails"], 2.0);
}
