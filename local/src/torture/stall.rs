//! One context stopped or slowed down, while the others are measured.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::arguments::Stall;
use super::keeper::{Keeper, signal};
use super::probe::{Phase, Probes};
use super::scene::{self, Aftermath};
use super::told::Told;
use crate::replay::{Arguments, Live, Load, Speed, round};
use crate::shop::{Call, Caller, ShopClient};

/// The longest time before the measuring begins, for connections and caches.
const WARM_UP: Duration = Duration::from_secs(5);
/// How often it is looked whether another process has taken the place of one that was stopped and timed out.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How long the backlog may take to drain. A message that a stopped function had comes back after its visibility time-out.
const DRAIN_WITHIN: Duration = Duration::from_secs(600);
/// Customers at a time: more than can be waiting for a stopped context.
const CUSTOMERS: u64 = 4096;

/// The p95 of one context's requests.
#[derive(Debug, Serialize)]
struct Noticed {
    context: &'static str,
    requests: usize,
    failed: u64,
    p95_milliseconds_before: f64,
    p95_milliseconds_during: f64,
    change_percent: f64,
    /// The second half of the time before against the first: what the machine does by itself.
    noise_percent: f64,
}

#[derive(Debug, Serialize)]
struct Stalled {
    others: Vec<Noticed>,
    /// Messages that waited for the context when it came back.
    backlog: usize,
    /// From its return until none waited any more.
    drained_after_seconds: Option<f64>,
}

/// The report.
#[derive(Debug, Serialize)]
pub(super) struct StallReport {
    context: String,
    seconds: u64,
    slow_seconds: Option<f64>,
    #[serde(flatten)]
    stalled: Stalled,
    #[serde(flatten)]
    aftermath: Aftermath,
}

impl Told for StallReport {
    /// The change of a p95 is told and judged by whoever reads it: it is the machine's as much as the product's.
    fn is_good(&self) -> bool {
        let failed: u64 = self.stalled.others.iter().map(|other| other.failed).sum();
        // A process that is stopped for longer than its function's time-out is ended by it.
        let senders_died = self.slow_seconds.is_none();
        failed == 0
            && self.stalled.drained_after_seconds.is_some()
            && self.aftermath.is_good(senders_died)
    }

    fn summary(&self) -> String {
        let Self {
            context, seconds, ..
        } = self;
        let how = match self.slow_seconds {
            Some(slow) => format!("slowed by {slow} s"),
            None => "stopped".to_owned(),
        };
        let mut text = format!("\nStall         {context} {how} for {seconds} s\n");
        for other in &self.stalled.others {
            let Noticed {
                context,
                requests,
                failed,
                p95_milliseconds_before: before,
                p95_milliseconds_during: during,
                change_percent: change,
                noise_percent: noise,
            } = other;
            text += &format!(
                "              {context:14} p95 {before} ms before, {during} ms during: {change:+} % (noise {noise:+} %), {failed} of {requests} failed\n"
            );
        }
        let drained = match self.stalled.drained_after_seconds {
            Some(seconds) => format!("drained after {seconds} s"),
            None => "did not drain".to_owned(),
        };
        let (backlog, aftermath) = (self.stalled.backlog, self.aftermath.summary());
        text + &format!("Backlog       {backlog} messages, {drained}\n{aftermath}")
    }
}

/// Stalls, and reports.
pub(super) async fn run(arguments: &Stall) -> anyhow::Result<StallReport> {
    let load = Arguments {
        speed: Speed::Times(1.0),
        ..scene::load(1, CUSTOMERS, &arguments.stack)
    };
    // Twice the time, what comes before and after, and more than the draining can take.
    let seconds = 2 * arguments.seconds + 2 * DRAIN_WITHIN.as_secs();
    let rate = arguments.orders_per_second;
    let baskets = (seconds as f64 * rate) as usize;
    let (stalled, aftermath) = scene::play(
        &arguments.stack,
        load,
        |load| Load::of_sample_shop(load, baskets, rate),
        async |live, keeper| {
            let stalled = stall(arguments, live, keeper).await;
            live.take_no_more();
            stalled
        },
    )
    .await?;
    Ok(StallReport {
        context: arguments.context.clone(),
        seconds: arguments.seconds,
        slow_seconds: arguments.slow,
        stalled,
        aftermath,
    })
}

async fn stall(arguments: &Stall, live: &Live<'_>, keeper: &Keeper) -> anyhow::Result<Stalled> {
    let context = arguments.context.as_str();
    anyhow::ensure!(
        keeper.processes().await?.contains_key(context),
        "there is no context {context}"
    );
    let example = live.example();
    let example = example.ok_or_else(|| anyhow::anyhow!("there is no basket"))?;
    let (http_api, rate) = (keeper.http_api(), arguments.probes_per_second);
    let probes = Probes::begin(&http_api, example, context, rate);
    let during = Duration::from_secs(arguments.seconds);
    let stage = live.progress().stage("stall", 0);
    tokio::time::sleep(WARM_UP.min(during)).await;
    for phase in [Phase::FirstHalf, Phase::SecondHalf] {
        probes.phase(phase);
        tokio::time::sleep(during / 2).await;
        stage.step(0);
    }
    probes.phase(Phase::Trouble);
    match arguments.slow {
        Some(seconds) => {
            keeper.slow(context, (seconds * 1000.0) as u64).await?;
            tokio::time::sleep(during).await;
            probes.phase(Phase::After);
            keeper.slow(context, 0).await?;
        }
        None => {
            let stopped = stop(keeper, context, during).await;
            probes.phase(Phase::After);
            for id in stopped? {
                signal(id, "-CONT").await?;
            }
        }
    }
    let (backlog, drained) = drain(keeper, context).await?;
    stage.end();
    let others = probes.contexts().into_iter();
    Ok(Stalled {
        others: others.map(|other| noticed(&probes, other)).collect(),
        backlog,
        drained_after_seconds: drained.map(|drained| round(drained.as_secs_f64())),
    })
}

/// Stops the context's processes for so long, and those that take the places of those that time out. Says which are still
/// stopped.
async fn stop(keeper: &Keeper, context: &str, during: Duration) -> anyhow::Result<BTreeSet<u32>> {
    let end = Instant::now() + during;
    let mut stopped = BTreeSet::new();
    while Instant::now() < end {
        let mut processes = keeper.processes().await?;
        let now = processes.remove(context).unwrap_or_default();
        let now: BTreeSet<u32> = now.into_iter().map(|process| process.id).collect();
        for id in now.difference(&stopped) {
            signal(*id, "-STOP").await?;
        }
        stopped = now;
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(stopped)
}

/// How many messages wait for the context, and how long it takes until none does.
async fn drain(keeper: &Keeper, context: &str) -> anyhow::Result<(usize, Option<Duration>)> {
    let client = ShopClient::new(&keeper.aws_endpoint());
    let queue = format!("{context}queue");
    let waiting = async || -> anyhow::Result<usize> {
        let look = Call::new(http::Method::GET, "/_noren/quiet", Caller::Nobody);
        let seen: noren::Stillness = client.get(&look).await?;
        let queues = seen.queues.iter();
        let of_context = queues.filter(|(name, _)| name.to_lowercase().ends_with(&queue));
        Ok(of_context
            .map(|(_, depth)| depth.visible + depth.in_flight + depth.delayed)
            .sum())
    };
    let begun = Instant::now();
    let backlog = waiting().await?;
    // Orders go on being placed, so that some message or other is always on its way: few, and never the same.
    let few = (backlog / 20).max(5);
    while begun.elapsed() < DRAIN_WITHIN {
        if waiting().await? <= few {
            return Ok((backlog, Some(begun.elapsed())));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok((backlog, None))
}

fn noticed(probes: &Probes, context: &'static str) -> Noticed {
    let (first, _) = probes.p95(context, &[Phase::FirstHalf]);
    let (second, _) = probes.p95(context, &[Phase::SecondHalf]);
    let (before, requests) = probes.p95(context, &[Phase::FirstHalf, Phase::SecondHalf]);
    let (during, more) = probes.p95(context, &[Phase::Trouble]);
    let change = |from: f64, to: f64| round((to - from) / from.max(f64::EPSILON) * 100.0);
    Noticed {
        context,
        requests: requests + more,
        failed: probes.failed(context),
        p95_milliseconds_before: before,
        p95_milliseconds_during: during,
        change_percent: change(before, during),
        noise_percent: change(first, second),
    }
}
