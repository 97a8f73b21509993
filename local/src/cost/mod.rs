//! The command `cost`: what an order, a month and an idle month cost on AWS. What is done is counted by really running
//! orders on a stack of its own; what it costs is by a committed table of prices; what cannot be counted on a laptop (how
//! long an invocation takes on Lambda) is assumed, in that same table, and said to be.

mod bill;
mod count;
mod extras;
mod idle;
mod people;
mod per_order;
mod prices;
mod unit;
mod words;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use noren::Counts;
use sam_template::Template;
use serde::Serialize;

use bill::{Line, Tariff};
use count::{Run, Wish};
use extras::Extras;
use per_order::{PerOrder, Uses};
use prices::{Assumed, Table};

use crate::replay::Progress;

/// Says what an order costs on AWS, by really running orders and counting what they do.
///
/// Starts a stack of its own in memory, places the orders, packs, dispatches and delivers them, and prices requests, units
/// and invocations from the first order until all is quiet. With --batch B each message, commit and act of the operator is
/// handled with B at a time, as happens under load; with 1 each alone, as in a quiet shop.
#[derive(Args)]
#[command(after_help = "Examples:
  noren cost                                    # five lines, each message alone
  noren cost --lines 5 --batch 10
  noren cost --region us-east-1 --orders-per-month 100000 --parameter Alarms=all
  noren cost --json | jq '.usd_per_1000_orders, .dearest'

Exit code: 0 if it was counted, 2 if there are no such prices or parameters, 3 if the orders did not come to their end.")]
pub(crate) struct Arguments {
    /// Orders that are run to count.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=2000))]
    orders: u64,
    /// Lines of each order.
    #[arg(long, value_name = "K", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=80))]
    lines: u64,
    /// How many are handled at a time.
    #[arg(long, value_name = "B", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=10))]
    batch: u64,
    /// Whose prices: us-east-1 or ap-northeast-1.
    #[arg(long, value_name = "REGION", default_value = "ap-northeast-1")]
    region: String,
    /// Orders of the month that is priced.
    #[arg(long, value_name = "M", default_value_t = 30_000)]
    orders_per_month: u64,
    /// A value for a parameter of the template, such as Alarms=off; may be given several times.
    #[arg(long, value_name = "NAME=VALUE", value_parser = crate::up::name_and_value)]
    parameter: Vec<(String, String)>,
    /// The SAM template [default: template.yaml here or in a directory above].
    #[arg(long, env = "NOREN_TEMPLATE")]
    template: Option<PathBuf>,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
}

/// What it costs. The field names are the keys of `--json`.
#[derive(Debug, Serialize)]
struct Cost {
    region: String,
    #[serde(flatten)]
    wish: Wish,
    /// All that AWS bills for a thousand orders, mails apart.
    usd_per_1000_orders: f64,
    /// Their mails: a provider's price, whoever sends them.
    usd_mails_per_1000_orders: f64,
    usd_idle_per_month: f64,
    /// The same once what every account has free each month is taken off, if nothing else in the account uses it.
    usd_idle_per_month_after_free: f64,
    orders_per_month: u64,
    /// An idle month and so many orders, mails apart.
    usd_per_month: f64,
    usd_per_month_after_free: f64,
    per_order: PerOrder,
    per_order_by_context: BTreeMap<String, Uses>,
    /// The five dearest lines of a thousand orders.
    dearest: Vec<Line>,
    dearest_idle: Vec<Line>,
    lines_per_1000_orders: Vec<Line>,
    lines_idle_per_month: Vec<Line>,
    counts: Counts,
    counts_of_one_tick: Counts,
    events: BTreeMap<String, u64>,
    assumed: Assumed,
    prices_as_of: String,
    prices_seen: String,
    prices_unverified: Vec<String>,
    notes: Vec<String>,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let table = Table::read()?;
    let prices = table.prices(&arguments.region)?;
    let template = match &arguments.template {
        Some(template) => template.clone(),
        None => crate::up::find_template()?,
    };
    let text = std::fs::read_to_string(&template)
        .with_context(|| format!("{} cannot be read", template.display()))?;
    let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let wish = Wish {
        orders: size(arguments.orders),
        lines: size(arguments.lines),
        batch: size(arguments.batch),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the threads could not be started")?;
    let deployed = deployed(&text, arguments)?;
    let run = runtime.block_on(count::run(
        template,
        &deployed,
        &wish,
        &arguments.parameter,
        &Progress::new(arguments.json),
    ))?;
    let extras = Extras::read(&deployed, &text)?;
    let architecture = arguments
        .parameter
        .iter()
        .find(|(name, _)| name == "Architecture");
    let tariff = Tariff {
        prices,
        assumed: &table.assumed,
        // The template's default is arm64.
        arm: architecture.is_none_or(|(_, value)| value == "arm64"),
        log_bytes_per_invocation: match extras.quiet_log {
            true => 0.0,
            false => table.assumed.log_bytes_per_invocation,
        },
        metrics_bytes_per_invocation: match extras.measures {
            true => table.assumed.metrics_bytes_per_invocation,
            false => 0.0,
        },
        metrics: extras.metrics,
    };
    let cost = Cost::of(arguments, &table, &tariff, wish, run, &extras, &deployed)?;
    match arguments.json {
        true => println!("{}", serde_json::to_string(&cost)?),
        false => print!("{}", words::text(&cost)),
    }
    Ok(ExitCode::SUCCESS)
}

/// The template as it would be deployed: the local stack sets some parameters for itself. What it cannot run is left out;
/// the pages and the sign-in cost by use, and next to nothing.
fn deployed(text: &str, arguments: &Arguments) -> anyhow::Result<Template> {
    let left_out = [
        ("TokenIssuer", "https://issuer.example.com"),
        ("Pages", "off"),
    ];
    let left_out = left_out.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let overrides = left_out
        .into_iter()
        .chain(arguments.parameter.iter().cloned());
    let parameters = sam_template::Parameters::overriding(overrides);
    Ok(Template::parse(text, &parameters)?)
}

impl Cost {
    fn of(
        arguments: &Arguments,
        table: &Table,
        tariff: &Tariff<'_>,
        wish: Wish,
        run: Run,
        extras: &Extras,
        deployed: &Template,
    ) -> anyhow::Result<Self> {
        let thousand = tariff.orders(&run, &wish, 1000.0)?;
        let idle = tariff.idle(&run, deployed, extras)?;
        let mut month = tariff.orders(&run, &wish, arguments.orders_per_month as f64)?;
        month.extend(idle.clone());
        let mails = tariff.mails(&run, &wish, 1000.0);
        let by_context = per_order::by_context(&run.counts, wish.orders);
        Ok(Self {
            region: arguments.region.clone(),
            usd_per_1000_orders: bill::total(&thousand),
            usd_mails_per_1000_orders: mails.usd,
            usd_idle_per_month: bill::total(&idle),
            usd_idle_per_month_after_free: bill::total_after_free(&idle, &table.free_each_month),
            orders_per_month: arguments.orders_per_month,
            usd_per_month: bill::total(&month),
            usd_per_month_after_free: bill::total_after_free(&month, &table.free_each_month),
            per_order: PerOrder::of(&run, &wish, &thousand, &by_context),
            per_order_by_context: by_context,
            dearest: bill::dearest(&thousand, 5),
            dearest_idle: bill::dearest(&idle, 5),
            lines_per_1000_orders: thousand,
            lines_idle_per_month: idle,
            notes: notes(tariff),
            counts: run.counts,
            counts_of_one_tick: run.tick,
            events: run.events,
            assumed: table.assumed.clone(),
            prices_as_of: table.as_of.clone(),
            prices_seen: table.seen.clone(),
            prices_unverified: tariff.prices.unverified.clone(),
            wish,
        })
    }
}

/// What the figures leave out.
fn notes(tariff: &Tariff<'_>) -> Vec<String> {
    let prices = tariff.prices;
    vec![
        format!(
            "Storage comes on top: {} USD for a GB of tables a month, {} for its backup, {} for a GB of logs.",
            prices.table_storage_per_gb_month,
            prices.table_backup_per_gb_month,
            prices.log_storage_per_gb_month
        ),
        "Not in it: looking (lists, order pages, catalogue), data sent to browsers, tracing, taxes.".to_owned(),
        format!(
            "Functions write up to {} metrics: the first 10 are free, each more is {} USD a month, for the hours in which it is written, which is none when idle.",
            tariff.metrics, prices.metric_month
        ),
        "GB-seconds are assumed from the calls that were counted, not measured.".to_owned(),
    ]
}
