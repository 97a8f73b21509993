//! What the command takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use noren::Isolation;

/// Places baskets as orders, sees them through to delivery, measures, and checks that nothing was lost or sold twice.
///
/// Without files it plays the sample shop's own baskets; without an endpoint it starts a stack of its own.
///
/// Each of C customers at a time places a basket, waits until the order is confirmed or cancelled, and goes on with the
/// next: C is how many orders wait for their decision at once. An operator works the list of shipments meanwhile:
/// packs, dispatches, delivers. Decisions are heard from a queue of the replay's own, subscribed to the topics of
/// orders and payments.
///
/// orders_per_second is the number of orders placed by this run and decided (confirmed, or cancelled before), over the
/// time from the first order's placing to the last decision, with packing, shipping and mails going on.
/// orders_per_second_to_the_end goes on to the last order's completion or cancellation.
/// confirm_ms is from before an order is sent until its OrderConfirmed has been received.
/// Units, invocations and publishes are counted from the first order until all is quiet, per order placed.
#[derive(Args, Debug, Clone)]
#[command(
    verbatim_doc_comment,
    after_help = "Examples:
  noren replay
  noren replay --lines 5 --decline 0 --action 0 --cancel 0 --scarce 0 --json
  noren replay --aws-endpoint http://127.0.0.1:4566

Exit code: 0 if every order ended as it must and nothing was lost, 1 if not, 2 if the files cannot be used, 3 if there is
no stack to play on."
)]
pub(crate) struct Arguments {
    /// Products: CSV, plain or .gz, with the columns product_id, department, category, type, brand, manufacturer_id,
    /// package_size, price_cents.
    #[arg(long, value_name = "FILE", requires = "baskets")]
    pub(crate) products: Option<PathBuf>,
    /// Baskets: JSON lines, plain or .gz, each {"basket_id","household_id","store_id","placed_at",
    /// "lines":[{"product_id","quantity","paid_cents"}]}.
    #[arg(long, value_name = "FILE", requires = "products")]
    pub(crate) baskets: Option<PathBuf>,
    /// Without the first N baskets: an earlier replay has placed them.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) skip: u64,
    /// Only the first N baskets of what is left.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
    /// Cuts or fills every basket to exactly K different products, one of each that is filled in: shows what an order
    /// of that size costs.
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) lines: Option<u64>,
    /// Customers at a time.
    #[arg(long, value_name = "C", default_value_t = 96, value_parser = clap::value_parser!(u64).range(1..=4096))]
    pub(crate) concurrency: u64,
    /// How fast time goes: 60 plays an hour in a minute; max does not wait.
    #[arg(long, value_name = "X|max", default_value = "max", value_parser = speed)]
    pub(crate) speed: Speed,
    /// Share of SKUs that get less stock than the baskets need.
    #[arg(long, value_name = "PERCENT", default_value_t = Percent(1.0), value_parser = percent)]
    pub(crate) scarce: Percent,
    /// Share of orders whose card is declined.
    #[arg(long, value_name = "PERCENT", default_value_t = Percent(2.0), value_parser = percent)]
    pub(crate) decline: Percent,
    /// Share of orders whose bank asks the customer, who then agrees.
    #[arg(long, value_name = "PERCENT", default_value_t = Percent(2.0), value_parser = percent)]
    pub(crate) action: Percent,
    /// Share of orders that are cancelled at some moment between placing and dispatch, or in vain after it.
    #[arg(long, value_name = "PERCENT", default_value_t = Percent(3.0), value_parser = percent)]
    pub(crate) cancel: Percent,
    /// Share of customers who have left a mail address.
    #[arg(long, value_name = "PERCENT", default_value_t = Percent(100.0), value_parser = percent)]
    pub(crate) contacts: Percent,
    /// Parcels that operators handle at a time.
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub(crate) operators: u64,
    /// The HTTP API of a running stack [default: what its AWS endpoint says].
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// The AWS endpoint of a running stack; with it, or --endpoint or --payments, no stack is started
    /// [default then: http://127.0.0.1:4566].
    #[arg(long, value_name = "URL")]
    pub(crate) aws_endpoint: Option<String>,
    /// The payment stand-in of a running stack [default: what its AWS endpoint says].
    #[arg(long, value_name = "URL")]
    pub(crate) payments: Option<String>,
    /// Run each function of the replay's own stack in processes of its own.
    #[arg(long, conflicts_with_all = ["endpoint", "aws_endpoint", "payments"])]
    pub(crate) isolated: bool,
    /// Processes of each function with --isolated.
    #[arg(long, value_name = "N", default_value_t = Isolation::default().processes)]
    pub(crate) processes: usize,
    /// Keep the replay's own stack in this directory, so that a replay cut short goes on when run again
    /// [default: a temporary one, removed at the end].
    #[arg(long, conflicts_with_all = ["endpoint", "aws_endpoint", "payments"])]
    pub(crate) data_dir: Option<PathBuf>,
    /// Let messages and records be on their way as long as has been published of SNS, SQS, DynamoDB Streams and Lambda:
    /// local/src/hops.rs says where and when.
    #[arg(long, conflicts_with_all = ["endpoint", "aws_endpoint", "payments"])]
    pub(crate) published_hops: bool,
    /// Take the figures only: for a stack whose tables hold what no replay has placed, which the audit would find wrong.
    #[arg(long)]
    pub(crate) unaudited: bool,
    /// The SAM template [default: template.yaml here or in a directory above].
    #[arg(long, env = "NOREN_TEMPLATE")]
    pub(crate) template: Option<PathBuf>,
    /// What decides which orders are declined, cancelled and so on. The same seed decides the same.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Seconds without any order coming to its end after which what is left counts as unfinished. Above the time that a
    /// message takes to come again after its function was killed, twice.
    #[arg(long, value_name = "SECONDS", default_value_t = 240)]
    pub(crate) patience: u64,
    /// One JSON object on stdout, and nothing else.
    #[arg(long)]
    pub(crate) json: bool,
    /// The most that a scarce SKU gets.
    #[arg(skip)]
    pub(crate) scarce_units: Option<u64>,
    /// How long each request is repeated at least before it counts as refused, and an order that is not decided is looked
    /// up.
    #[arg(skip)]
    pub(crate) client_patience: Duration,
    /// Baskets are taken until something else is over, so that their number says nothing about progress.
    #[arg(skip)]
    pub(crate) open_ended: bool,
}

impl Default for Arguments {
    /// What the command takes when nothing is said.
    fn default() -> Self {
        #[derive(clap::Parser)]
        struct Nothing {
            #[command(flatten)]
            arguments: Arguments,
        }
        let nothing = <Nothing as clap::Parser>::try_parse_from(["replay"]);
        nothing.expect("every argument has a default").arguments
    }
}

/// A share of a hundred.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Percent(pub(crate) f64);

/// How fast the baskets' own time goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Speed {
    /// So many times as fast as they were placed.
    Times(f64),
    /// As fast as the stack takes them.
    Max,
}

impl Arguments {
    /// Whether a stack that runs already is meant.
    pub(crate) fn means_running_stack(&self) -> bool {
        [&self.endpoint, &self.aws_endpoint, &self.payments]
            .iter()
            .any(|url| url.is_some())
    }
}

impl Percent {
    /// As a probability.
    pub(crate) fn share(self) -> f64 {
        self.0 / 100.0
    }
}

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

fn percent(text: &str) -> Result<Percent, String> {
    match text.trim_end_matches('%').parse() {
        Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(Percent(percent)),
        Ok(_) | Err(_) => Err("give a number from 0 to 100".to_owned()),
    }
}

fn speed(text: &str) -> Result<Speed, String> {
    if text == "max" {
        return Ok(Speed::Max);
    }
    match text.parse::<f64>() {
        Ok(times) if times.is_finite() && times > 0.0 => Ok(Speed::Times(times)),
        Ok(_) | Err(_) => Err("give a number above 0, or max".to_owned()),
    }
}
