//! Processes killed at random moments: the functions' and the stack itself.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use noren::FunctionProcess;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde::Serialize;

use super::arguments::Kill;
use super::keeper::{Keeper, signal};
use super::scene::{self, Aftermath};
use super::told::Told;
use crate::replay::{Arguments, Live, Load, Percent, percentile, round};

/// More baskets than customers can place between two kills.
const BASKETS_PER_KILL: u64 = 60;
/// Of ten kills of a function, how many wait until it has an invocation.
const AIMED_OF_TEN: u32 = 8;
/// How long such a kill waits for one.
const AIM_WITHIN: Duration = Duration::from_millis(250);
/// How long a kill waits at most once the invocation has begun, so that every part of one is hit.
const INTO_THE_INVOCATION_MICROSECONDS: u64 = 8_000;
/// How long a stack is down at most before it is started again.
const DOWN_MILLISECONDS: u64 = 400;
/// Of ten starts, how many are killed before they have come to their end.
const KILLED_STARTS_OF_TEN: u32 = 2;
const KILLED_START_MILLISECONDS: u64 = 500;
/// The stack's name among the victims.
const STACK: &str = "the stack";
const STARTING_STACK: &str = "the stack while it started";

/// What was killed.
#[derive(Debug, Default, Serialize)]
pub(super) struct Killed {
    kills: u64,
    /// By function, and the stack.
    kills_by_victim: BTreeMap<String, u64>,
    /// Kills of a function's process that had an invocation just before.
    kills_of_busy_functions: u64,
    /// How long the stack took to come up again, from its start until it said so.
    restart_milliseconds_p50: f64,
    restart_milliseconds_longest: f64,
    /// How long it was killed for.
    seconds: f64,
    #[serde(skip)]
    restarts: Vec<f64>,
}

/// The report.
#[derive(Debug, Serialize)]
pub(super) struct KillReport {
    seed: u64,
    kills_asked: u64,
    #[serde(flatten)]
    killed: Killed,
    #[serde(flatten)]
    aftermath: Aftermath,
}

impl Told for KillReport {
    fn is_good(&self) -> bool {
        self.killed.kills == self.kills_asked && self.aftermath.is_good(true)
    }

    fn summary(&self) -> String {
        let Killed {
            kills,
            kills_by_victim,
            kills_of_busy_functions,
            restart_milliseconds_p50,
            restart_milliseconds_longest,
            seconds,
            restarts: _,
        } = &self.killed;
        let victims = kills_by_victim.iter();
        let victims: Vec<String> = victims
            .map(|(victim, count)| format!("{victim} {count}"))
            .collect();
        format!(
            "\nKills         {kills} in {seconds:.0} s: {}\n              {kills_of_busy_functions} of functions that had an invocation\n\
             Restarts      the stack came up after {restart_milliseconds_p50} ms (half of them), {restart_milliseconds_longest} ms (longest)\n{}",
            victims.join(", "),
            self.aftermath.summary()
        )
    }
}

/// Kills, and reports.
pub(super) async fn run(arguments: &Kill) -> anyhow::Result<KillReport> {
    let load = Arguments {
        contacts: Percent(f64::from(arguments.contacts)),
        ..scene::load(arguments.seed, arguments.customers, &arguments.stack)
    };
    let baskets = (arguments.kills * BASKETS_PER_KILL).max(arguments.customers * 20);
    let baskets = usize::try_from(baskets)?;
    let (killed, aftermath) = scene::play(
        &arguments.stack,
        load,
        |load| Load::of_sample_shop(load, baskets, 1.0),
        async |live, keeper| kill(arguments, live, keeper).await,
    )
    .await?;
    Ok(KillReport {
        seed: arguments.seed,
        kills_asked: arguments.kills,
        killed,
        aftermath,
    })
}

async fn kill(arguments: &Kill, live: &Live<'_>, keeper: &mut Keeper) -> anyhow::Result<Killed> {
    let mut dice = StdRng::seed_from_u64(arguments.seed);
    let mut killed = Killed::default();
    let begun = Instant::now();
    let stage = live
        .progress()
        .stage("kills", usize::try_from(arguments.kills)?);
    while killed.kills < arguments.kills {
        let pause = Duration::from_millis(dice.random_range(0..=arguments.pause));
        tokio::time::sleep(pause).await;
        if live.ran_out() {
            live.mishap(format!("the load was over after {} kills", killed.kills));
        }
        match dice.random_range(0..100) < arguments.stack_share {
            true => kill_stack(arguments.kills, &mut dice, keeper, &mut killed).await?,
            false => kill_function(&mut dice, keeper, &mut killed).await?,
        }
        stage.at(usize::try_from(killed.kills)?);
    }
    stage.end();
    live.take_no_more();
    killed.seconds = round(begun.elapsed().as_secs_f64());
    killed.restarts.sort_by(f64::total_cmp);
    killed.restart_milliseconds_p50 = percentile(&killed.restarts, 50);
    killed.restart_milliseconds_longest = percentile(&killed.restarts, 100);
    Ok(killed)
}

impl Killed {
    fn count(&mut self, victim: &str) {
        self.kills += 1;
        *self.kills_by_victim.entry(victim.to_owned()).or_default() += 1;
    }
}

async fn kill_stack(
    kills: u64,
    dice: &mut StdRng,
    keeper: &mut Keeper,
    killed: &mut Killed,
) -> anyhow::Result<()> {
    keeper.kill().await;
    killed.count(STACK);
    let down = dice.random_range(0..=DOWN_MILLISECONDS);
    tokio::time::sleep(Duration::from_millis(down)).await;
    while killed.kills < kills && dice.random_ratio(KILLED_STARTS_OF_TEN, 10) {
        keeper.spawn()?;
        let into = dice.random_range(0..=KILLED_START_MILLISECONDS);
        tokio::time::sleep(Duration::from_millis(into)).await;
        keeper.kill().await;
        killed.count(STARTING_STACK);
    }
    let took = keeper.up().await?;
    killed.restarts.push(took.as_secs_f64() * 1000.0);
    Ok(())
}

async fn kill_function(
    dice: &mut StdRng,
    keeper: &Keeper,
    killed: &mut Killed,
) -> anyhow::Result<()> {
    let functions = keeper.processes().await?;
    let names: Vec<&String> = functions.keys().collect();
    let name = names[dice.random_range(0..names.len())].clone();
    let aimed = dice.random_ratio(AIMED_OF_TEN, 10);
    let into = Duration::from_micros(dice.random_range(0..=INTO_THE_INVOCATION_MICROSECONDS));
    let choice = dice.random::<u64>();
    let begun = Instant::now();
    loop {
        let mut processes = keeper.processes().await?.remove(&name).unwrap_or_default();
        let busy: Vec<FunctionProcess> = processes.iter().copied().filter(|p| p.busy).collect();
        if aimed && busy.is_empty() && begun.elapsed() < AIM_WITHIN {
            continue;
        }
        if aimed && !busy.is_empty() {
            processes = busy;
            tokio::time::sleep(into).await;
        }
        // Between two processes for a moment: then the next look finds one.
        let Ok(count) = u64::try_from(processes.len()) else {
            continue;
        };
        if count == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        }
        let victim = processes[usize::try_from(choice % count)?];
        signal(victim.id, "-KILL").await?;
        killed.kills_of_busy_functions += u64::from(victim.busy);
        killed.count(&name);
        return Ok(());
    }
}
