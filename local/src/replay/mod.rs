//! The command `replay`: places baskets as orders on a whole stack, works them to delivery, measures, and checks that
//! nothing was lost, sold twice or charged wrongly.
//!
//! Owns what customers and operators do, the figures and the audit. Speaks to the stack as anybody would: HTTP for all
//! that is done, the AWS endpoint for what is read at the end. Does not own the stack, and does nothing to it that a
//! customer or an operator could not do.

mod arguments;
mod assortment;
mod audit;
mod aws;
mod baskets;
mod beside;
mod book;
mod customer;
mod input;
mod operator;
mod plan;
mod preparation;
mod progress;
mod report;
mod scene;
mod settle;
mod skipped;
mod summary;
mod tally;
mod target;
mod watch;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) use arguments::{Arguments, Percent, Speed};
use assortment::Assortment;
use audit::{Audit, Findings, Snapshot, Standing};
use aws::Aws;
use baskets::Basket;
pub(crate) use beside::{Live, Load};
use book::{Book, Facts};
use input::{Input, InputError};
use plan::Planner;
#[cfg(test)]
pub(crate) use progress::screen::Screen;
pub(crate) use progress::{Progress, Stage};
use report::Material;
pub(crate) use report::{Report, percentile, round};
use scene::Scene;
use skipped::Skipped;
use target::Target;
use watch::Watch;

use crate::ending::{Misuse, in_words};
use crate::shop;

/// How long the last messages may take once no order waits for anything.
const QUIET_WITHIN_SECONDS: u64 = 300;

/// Runs the command: 0 if all ended as it must, 1 if not.
///
/// # Errors
/// [`Misuse`] if the files cannot be used.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut skipped = Skipped::default();
    let read = read(arguments, &mut skipped);
    let (assortment, baskets) = read.map_err(|error| match error.is::<InputError>() {
        true => Misuse(in_words(&error)).into(),
        false => error,
    })?;
    let report = play(arguments, assortment, baskets, skipped)?;
    match arguments.json {
        true => println!("{}", serde_json::json!(report)),
        false => println!("{}", report.summary()),
    }
    Ok(match report.is_good() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn read(arguments: &Arguments, skipped: &mut Skipped) -> anyhow::Result<(Assortment, Vec<Basket>)> {
    let (assortment, input) = match (&arguments.products, &arguments.baskets) {
        (Some(products), Some(baskets)) => {
            let assortment = Assortment::read(Input::open(products)?, skipped)?;
            (assortment, Input::open(baskets)?)
        }
        _ => {
            let input = Input::of_text("the sample shop's baskets", shop::BASKETS);
            (Assortment::of_sample_shop()?, input)
        }
    };
    let mut baskets = baskets::read(input, &assortment.prices, skipped)?;
    let skip = usize::try_from(arguments.skip).unwrap_or(usize::MAX);
    baskets.drain(..skip.min(baskets.len()));
    if let Some(limit) = arguments.limit {
        baskets.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    if let Some(count) = arguments.lines {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        baskets::set_line_count(&mut baskets, count, skipped);
    }
    Ok((assortment, baskets))
}

fn play(
    arguments: &Arguments,
    assortment: Assortment,
    baskets: Vec<Basket>,
    skipped: Skipped,
) -> anyhow::Result<Report> {
    let template = template(arguments)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the threads could not be started")?;
    runtime.block_on(async {
        let target = Arc::new(Target::reach(arguments, template).await?);
        let played = tokio::select! {
            played = play_on(arguments, &target, assortment, baskets, skipped, async |_| Ok(())) => {
                played.map(|(report, ())| report)
            }
            interrupted = tokio::signal::ctrl_c() => {
                interrupted.context("Ctrl-C cannot be heard")?;
                Err(anyhow::anyhow!("interrupted; run it again on the same stack to go on"))
            }
        };
        // Only what was left running by an interruption can still hold it: then the end of the process stops it.
        if let Some(target) = Arc::into_inner(target) {
            target.stop().await;
        }
        played
    })
}

/// The template to start a stack from; none where one runs already.
fn template(arguments: &Arguments) -> anyhow::Result<Option<PathBuf>> {
    if arguments.means_running_stack() {
        return Ok(None);
    }
    match &arguments.template {
        Some(template) => Ok(Some(template.clone())),
        None => crate::up::find_template().map(Some),
    }
}

/// Plays everything, with something else going on beside the customers; both must end before it goes on.
async fn play_on<T>(
    arguments: &Arguments,
    target: &Arc<Target>,
    assortment: Assortment,
    baskets: Vec<Basket>,
    skipped: Skipped,
    beside: impl AsyncFnOnce(&Live<'_>) -> anyhow::Result<T>,
) -> anyhow::Result<(Report, T)> {
    let progress = Progress::new(arguments.json);
    let planner = Planner::new(arguments);
    let prepared = preparation::prepare(target, &progress, &assortment, &baskets, &planner).await?;
    let aws = Arc::new(Aws::new(&target.at)?);
    let book = Arc::new(Book::default());
    let watch = Watch::begin(&aws, &book).await?;
    target.reset_counts().await?;
    let scene = Arc::new(Scene {
        target: Arc::clone(target),
        assortment,
        baskets,
        planner,
        speed: arguments.speed,
        begun: Instant::now(),
        looks: customer::looks(arguments.client_patience),
        next: AtomicUsize::new(0),
        enough: CancellationToken::new(),
        book,
        tally: tally::Tally::default(),
        cancellations: TaskTracker::new(),
    });
    let live = Live::new(&scene, &progress);
    let customers = async {
        place_and_deliver(arguments, &scene, &progress).await;
        Ok(())
    };
    let ((), came_of_it) = tokio::try_join!(customers, beside(&live))?;
    let patience = Duration::from_secs(arguments.patience);
    if matches!(scene.book.terminal(), (placed, terminal) if placed == terminal) {
        settle::until_nothing_is_due(&scene, &aws, &progress, patience).await?;
    }
    let stage = progress.stage("quiet", 0);
    let stillness = target.quiet(QUIET_WITHIN_SECONDS).await?;
    let mut counts = target.counts().await?;
    // No context scans, and none is permitted to: those are this replay's own looks at the deadlines.
    for operations in counts.tables.values_mut() {
        operations.remove("Scan");
    }
    stage.end();
    watch.end().await;

    let placed: HashMap<String, Facts> = scene.book.placed().into_iter().collect();
    let (findings, standing) = match arguments.unaudited {
        true => (Findings::default(), Standing::as_heard(placed.values())),
        false => {
            let stage = progress.stage("audit", 0);
            let snapshot = Snapshot::take(&aws, target).await?;
            let audit = Audit {
                scene: &scene,
                snapshot: &snapshot,
                placed: &placed,
                contacts: &prepared.contacts,
                stillness: &stillness,
            };
            let found = audit.run();
            stage.end();
            found
        }
    };
    let placed: Vec<Facts> = placed.into_values().collect();
    let report = Report::of(Material {
        scene: &scene,
        placed: &placed,
        prepared: &prepared,
        skipped,
        counts,
        stillness,
        findings,
        standing,
        stages: progress.times(),
    });
    Ok((report, came_of_it))
}

async fn place_and_deliver(arguments: &Arguments, scene: &Arc<Scene>, progress: &Progress) {
    let stop_operator = CancellationToken::new();
    let at_a_time = usize::try_from(arguments.operators).unwrap_or(usize::MAX);
    let operator = operator::run(Arc::clone(scene), at_a_time, stop_operator.clone());
    let operator = tokio::spawn(operator);
    let stage = match arguments.open_ended {
        false => Some(progress.stage("orders", scene.baskets.len())),
        true => None,
    };
    let mut customers = JoinSet::new();
    for _ in 0..arguments.concurrency {
        customers.spawn(customer::run(Arc::clone(scene)));
    }
    let mut looks = tokio::time::interval(Duration::from_millis(200));
    loop {
        tokio::select! {
            ended = customers.join_next() => match ended {
                Some(Ok(())) => {}
                Some(Err(error)) => scene.tally.mishap(format!("a customer failed: {error}")),
                None => break,
            },
            _ = looks.tick() => {
                let taken = scene.next.load(std::sync::atomic::Ordering::Relaxed);
                if let Some(stage) = &stage {
                    stage.at(taken.min(scene.baskets.len()).saturating_sub(customers.len()));
                }
            }
        }
    }
    if let Some(stage) = stage {
        stage.at(scene.baskets.len());
        stage.end();
    }
    settle::until_terminal(scene, progress, Duration::from_secs(arguments.patience)).await;
    scene.cancellations.close();
    scene.cancellations.wait().await;
    stop_operator.cancel();
    if let Err(error) = operator.await {
        scene.tally.mishap(format!("the operator failed: {error}"));
    }
}
