//! What the command takes.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use noren::Isolation;

/// Does to a stack what goes wrong in real life, under load, and checks that nothing was lost or happened twice.
///
/// Each trouble starts a stack of its own (with its functions in processes of their own, built beside this program),
/// replays the sample shop's baskets on it over HTTP as many times as is needed, and ends with the replay's audit: every
/// acknowledged order exists and is over, the payment provider's own ledger equals the orders, stock is conserved, nothing
/// waits and no dead-letter queue holds anything.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  noren torture kill --kills 100
  noren torture rush --buyers 1000 --json
  noren torture outage --help

Exit code: 0 if all ended as it must, 1 if not, 3 if it could not be tried.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(super) trouble: Trouble,
}

#[derive(Subcommand, Debug)]
pub(super) enum Trouble {
    Kill(Kill),
    Rush(Rush),
    Stall(Stall),
    Outage(Outage),
}

/// Kills function processes and the stack itself with SIGKILL at random moments, and starts them again.
#[derive(Args, Debug)]
pub(super) struct Kill {
    /// How many processes are killed.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub(super) kills: u64,
    /// What decides who is killed and when.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,
    /// Of a hundred kills, how many hit the whole stack (every queue, table and topic, and the payment stand-in with it).
    #[arg(long, value_name = "PERCENT", default_value_t = 15, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(super) stack_share: u8,
    /// The longest pause before a kill.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 600)]
    pub(super) pause: u64,
    /// Of a hundred customers, how many have left a mail address. A mail whose sender was killed is sent again only after
    /// five and a half minutes; without any the end comes sooner.
    #[arg(long, value_name = "PERCENT", default_value_t = 100, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(super) contacts: u8,
    /// Customers at a time.
    #[arg(long, value_name = "C", default_value_t = 128, value_parser = clap::value_parser!(u64).range(1..=4096))]
    pub(super) customers: u64,
    #[command(flatten)]
    pub(super) stack: StackArguments,
}

/// Sells one SKU with few units to many buyers at once.
#[derive(Args, Debug)]
pub(super) struct Rush {
    /// Customers who want one each.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub(super) buyers: u64,
    /// Units that there are.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(super) units: u64,
    /// How many buyers place their orders or wait for the decision at a time.
    #[arg(long, value_name = "C", default_value_t = 256, value_parser = clap::value_parser!(u64).range(1..=4096))]
    pub(super) at_once: u64,
    /// Run each function in processes of its own instead of in this one.
    #[arg(long)]
    pub(super) isolated: bool,
    /// The SAM template [default: template.yaml here or in a directory above].
    #[arg(long, env = "NOREN_TEMPLATE")]
    pub(super) template: Option<PathBuf>,
    /// One JSON object on stdout, and nothing else.
    #[arg(long)]
    pub(super) json: bool,
}

/// Stops one context (SIGSTOP), or slows it down, and measures what the others' callers notice and how it catches up.
///
/// p95 is of HTTP requests to each other context, asked at a fixed rate: before the trouble in two halves, whose
/// difference is the machine's own noise, and during it.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(super) struct Stall {
    /// The context, by its function's name.
    #[arg(long, value_name = "NAME", default_value = "payments")]
    pub(super) context: String,
    /// How long it is stopped; the time before, for comparison, is as long.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(super) seconds: u64,
    /// Slow it down by so much an invocation, instead of stopping it. A function's own time-out is 10 s.
    #[arg(long, value_name = "SECONDS")]
    pub(super) slow: Option<f64>,
    /// Orders placed a second.
    #[arg(long, value_name = "R", default_value_t = 5.0, value_parser = rate)]
    pub(super) orders_per_second: f64,
    /// Requests a second to each of the other contexts.
    #[arg(long, value_name = "R", default_value_t = 20.0, value_parser = rate)]
    pub(super) probes_per_second: f64,
    #[command(flatten)]
    pub(super) stack: StackArguments,
}

/// Lets the payment provider be down for a while.
#[derive(Args, Debug)]
pub(super) struct Outage {
    /// How long.
    #[arg(long, value_name = "SECONDS", default_value_t = 180)]
    pub(super) seconds: u64,
    /// How it is down.
    #[arg(long, value_enum, default_value_t = Manner::Rough)]
    pub(super) manner: Manner,
    /// Orders placed a second.
    #[arg(long, value_name = "R", default_value_t = 5.0, value_parser = rate)]
    pub(super) orders_per_second: f64,
    #[command(flatten)]
    pub(super) stack: StackArguments,
}

/// How a provider is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Manner {
    /// Every request gets a 503 and nothing is done.
    Down,
    /// Most get a 503 or a 500; of ten one is done and gets a 504, and one is done and gets a 500 that is stored under its
    /// idempotency key.
    Rough,
}

/// The stack that is troubled.
#[derive(Args, Debug)]
pub(super) struct StackArguments {
    /// The SAM template [default: template.yaml here or in a directory above].
    #[arg(long, env = "NOREN_TEMPLATE")]
    pub(super) template: Option<PathBuf>,
    /// Where the stack keeps its state and its log; it stays there afterwards [default: a temporary one, which stays only
    /// if something was wrong].
    #[arg(long)]
    pub(super) data_dir: Option<PathBuf>,
    /// Processes of each function.
    #[arg(long, value_name = "N", default_value_t = Isolation::default().processes)]
    pub(super) processes: usize,
    /// Seconds without any order coming to its end after which what is left counts as unfinished.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub(super) patience: u64,
    /// One JSON object on stdout, and nothing else.
    #[arg(long)]
    pub(super) json: bool,
}

impl Manner {
    /// As the stand-in calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Rough => "rough",
        }
    }
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.1..=1000.0).contains(&rate) => Ok(rate),
        Ok(_) | Err(_) => Err("give a number from 0.1 to 1000".to_owned()),
    }
}
