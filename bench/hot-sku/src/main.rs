//! How fast one SKU can be reserved: batches of orders that all want it, as its queue brings them, through inventory's real
//! door. Owns the load, the figures and the check that no unit is missing; the stores are the product's own two.
//!
//!     cargo run --release -p hot-sku -- --help

mod rush;
mod table;

use std::process::ExitCode;

use anyhow::ensure;
use clap::{Parser, ValueEnum};
use serde::Serialize;
use store::MemoryStore;

use rush::{Rush, Timed};
use table::LocalTable;

/// Reserves one SKU for many orders and prints one JSON object: reservations per second, with orders merged into one
/// transaction per batch and each alone; over the local DynamoDB also the requests and write units of a reservation.
///
/// Each run is repeated, and the median counts. The time is from the first invocation to the last answer: reading the
/// batch, deciding, writing, and handing over what is to be published. Making the batches is not in it, nor publishing
/// over the network.
#[derive(Parser, Debug)]
#[command(name = "hot-sku", verbatim_doc_comment)]
struct Arguments {
    /// Orders of a run.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    reservations: u64,
    /// Messages in an invocation of the merged runs; the template's default is 10.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(2..=1000))]
    batch: u64,
    /// Invocations at once.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=256))]
    concurrency: u64,
    /// Runs of each kind.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=99))]
    repeat: u64,
    /// Over which store; both if not said.
    #[arg(long, value_enum)]
    store: Option<Kind>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// The deterministic store in memory.
    Memory,
    /// DynamoDB on this machine, in a file, through the AWS SDK over loopback.
    Dynamodb,
}

#[derive(Debug, Serialize)]
struct Report {
    reservations: u64,
    concurrency: u64,
    repeat: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    memory: Option<Comparison>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dynamodb: Option<Comparison>,
}

#[derive(Debug, Serialize)]
struct Comparison {
    merged: Figures,
    single: Figures,
}

#[derive(Debug, Serialize)]
struct Figures {
    batch: u64,
    /// The median of the runs.
    reservations_per_second: f64,
    reservations_per_second_of_each_run: Vec<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    write_units_per_reservation: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    read_units_per_reservation: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requests_per_reservation: Option<f64>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let measured = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(measure(&arguments)));
    match measured {
        Ok(report) => {
            println!("{:#}", serde_json::json!(report));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("hot-sku: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(arguments: &Arguments) -> anyhow::Result<Report> {
    let mut report = Report {
        reservations: arguments.reservations,
        concurrency: arguments.concurrency,
        repeat: arguments.repeat,
        memory: None,
        dynamodb: None,
    };
    if arguments.store != Some(Kind::Dynamodb) {
        report.memory = Some(Comparison {
            merged: figures(arguments, Kind::Memory, arguments.batch).await?,
            single: figures(arguments, Kind::Memory, 1).await?,
        });
    }
    if arguments.store != Some(Kind::Memory) {
        report.dynamodb = Some(Comparison {
            merged: figures(arguments, Kind::Dynamodb, arguments.batch).await?,
            single: figures(arguments, Kind::Dynamodb, 1).await?,
        });
    }
    Ok(report)
}

async fn figures(arguments: &Arguments, kind: Kind, batch: u64) -> anyhow::Result<Figures> {
    let rush = Rush {
        reservations: arguments.reservations,
        batch,
        concurrency: arguments.concurrency,
    };
    let mut runs = Vec::new();
    let mut used = None;
    for _ in 0..arguments.repeat {
        let Timed { per_second } = match kind {
            Kind::Memory => rush.run(MemoryStore::new(inventory::INDEXES)).await?,
            Kind::Dynamodb => {
                let table = LocalTable::open().await?;
                let timed = rush.run(table.store()?).await?;
                used = Some(table.used());
                timed
            }
        };
        runs.push(round(per_second));
    }
    ensure!(!runs.is_empty(), "nothing was run");
    let mut sorted = runs.clone();
    sorted.sort_by(f64::total_cmp);
    let each = |sum: f64| round(sum / arguments.reservations as f64);
    Ok(Figures {
        batch,
        reservations_per_second: sorted[(sorted.len() - 1) / 2],
        reservations_per_second_of_each_run: runs,
        write_units_per_reservation: used.map(|used| each(used.write_units)),
        read_units_per_reservation: used.map(|used| each(used.read_units)),
        requests_per_reservation: used.map(|used| each(used.requests as f64)),
    })
}

fn round(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
