//! What most troubles have in common: a stack in its own process and directory, schedules that tick often, a replay's load
//! on it, and the end of all of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use http::Method;
use serde::Serialize;
use serde_json::Value;

use super::arguments::StackArguments;
use super::keeper::Keeper;
use crate::replay::{Arguments, Live, Load, Percent, Report};
use crate::shop::{Call, Caller, ShopClient};

/// How often the schedules run. The template's own rate of a minute would let a sweep hardly ever meet a trouble, and a
/// stack that is killed before its first minute is over would never sweep at all.
const TICK_EVERY: Duration = Duration::from_secs(2);
/// How long customers and operators go on asking for what is not answered.
const CLIENTS_WAIT: Duration = Duration::from_secs(180);

/// What is the same of every trouble with a stack of its own.
#[derive(Debug, Serialize)]
pub(super) struct Aftermath {
    /// Panics that the stack's log tells of.
    pub(super) panics: u64,
    /// Things that a customer was told more than once. Good only where the trouble is that processes die: a mail whose
    /// sender died on the way is sent again.
    pub(super) told_again: u64,
    /// Where the stack's state and log are, if they are kept.
    pub(super) directory: Option<PathBuf>,
    /// The replay and its audit.
    pub(super) replay: Report,
}

impl Aftermath {
    /// Whether all ended as it must; `senders_died` where processes were ended on purpose.
    pub(super) fn is_good(&self, senders_died: bool) -> bool {
        let good = match senders_died {
            true => self.replay.is_good_where_senders_died(),
            false => self.replay.is_good(),
        };
        good && self.panics == 0
    }

    /// The last lines of a summary.
    pub(super) fn summary(&self) -> String {
        let kept = match &self.directory {
            Some(directory) => format!("\nState and log  {}", directory.display()),
            None => String::new(),
        };
        let (panics, told_again) = (self.panics, self.told_again);
        let replay = self.replay.summary();
        format!("{replay}\nPanics        {panics}\nTold again    {told_again}{kept}")
    }
}

/// The arguments of a replay under trouble: with declined cards, questions of the bank, cancellations and scarce stock.
pub(super) fn load(seed: u64, customers: u64, stack: &StackArguments) -> Arguments {
    Arguments {
        seed,
        concurrency: customers,
        scarce: Percent(5.0),
        scarce_units: Some(20),
        decline: Percent(5.0),
        action: Percent(5.0),
        cancel: Percent(10.0),
        patience: stack.patience,
        json: stack.json,
        client_patience: CLIENTS_WAIT,
        open_ended: true,
        ..Arguments::default()
    }
}

/// Starts a stack, plays the load on it with the trouble beside it, and stops it. `load` makes the load of the arguments
/// that it is given.
pub(super) async fn play<T>(
    stack: &StackArguments,
    arguments: Arguments,
    load: impl FnOnce(Arguments) -> anyhow::Result<Load>,
    trouble: impl AsyncFnOnce(&Live<'_>, &mut Keeper) -> anyhow::Result<T>,
) -> anyhow::Result<(T, Aftermath)> {
    let directory = match &stack.data_dir {
        Some(directory) => directory.clone(),
        // It stays if anything goes wrong, so that it can be looked into.
        None => tempfile::Builder::new()
            .prefix("noren-torture-")
            .tempdir()
            .context("a temporary directory cannot be made")?
            .keep(),
    };
    let played = play_in(&directory, stack, arguments, load, trouble).await;
    let kept = || format!("the stack's state and log are in {}", directory.display());
    let (came_of_it, mut aftermath) = played.with_context(kept)?;
    if aftermath.is_good(true) && stack.data_dir.is_none() {
        std::fs::remove_dir_all(&directory).with_context(kept)?;
        aftermath.directory = None;
    }
    Ok((came_of_it, aftermath))
}

async fn play_in<T>(
    directory: &Path,
    stack: &StackArguments,
    arguments: Arguments,
    load: impl FnOnce(Arguments) -> anyhow::Result<Load>,
    trouble: impl AsyncFnOnce(&Live<'_>, &mut Keeper) -> anyhow::Result<T>,
) -> anyhow::Result<(T, Aftermath)> {
    let mut keeper = Keeper::start(stack, directory).await?;
    let arguments = Arguments {
        aws_endpoint: Some(keeper.aws_endpoint()),
        ..arguments
    };
    let load = load(arguments)?;
    let ticks = tick(keeper.aws_endpoint());
    let played = load.play(async |live| trouble(live, &mut keeper).await);
    let (replay, came_of_it) = tokio::select! {
        played = played => played?,
        () = ticks => unreachable!("it ticks for ever"),
    };
    let panics = keeper.panics();
    keeper.end().await?;
    let aftermath = Aftermath {
        panics,
        told_again: replay.told_again(),
        directory: Some(directory.to_owned()),
        replay,
    };
    Ok((came_of_it, aftermath))
}

async fn tick(aws_endpoint: String) {
    let client = ShopClient::new(&aws_endpoint);
    loop {
        tokio::time::sleep(TICK_EVERY).await;
        let tick = Call::new(Method::POST, "/_noren/tick", Caller::Nobody);
        // It may be down at the moment.
        drop(client.get::<Value>(&tick).await);
    }
}
