//! The command `publish-again`: has functions publish once more, from their tables, what they announced since an instant.
//!
//! Owns the walk from page to page and from context to context, and the second try of a page that failed. What is
//! published, and that each entry reached its topic, is the function's own business (`door::PublishAgain`).

mod words;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use door::{PublishAgain, PublishedAgain};
use identifiers::Timestamp;
use serde::Serialize;

use crate::deployment::{Deployment, block_on};
use crate::ending::Misuse;
use crate::functions::{Functions, InvokeError};
use crate::replay::{Progress, Stage};
use crate::which_stack::Where;

/// How often a page is tried. A page that was published in part is published again from its beginning.
const TRIES: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// How many pages are counted in a dry run or published of a context before it is taken to go round in circles: at two
/// thousand items each, two thousand million.
const MOST_PAGES: usize = 1_000_000;

/// Publishes again, from the tables, what was announced since an instant.
///
/// For a relay that was dead for longer than its stream keeps records (a day), or whose records were given up: what
/// requests, webhooks and ticks committed meanwhile was never published, and the items still know it. Every consumer
/// knows again what it has heard before, so nothing happens twice. Bring the relay back first; then give an instant an
/// hour before it died. Items keep what they announced for 14 days.
///
/// A context's whole table is read, strongly consistent: a read unit for four kilobytes.
#[derive(Args)]
#[command(after_help = "Examples:
  noren publish-again --since 2026-11-24T08:00:00Z --dry-run
  noren publish-again --since 2026-11-24T08:00:00Z --context shipping --context payments
  noren publish-again --since 2026-11-24T08:00:00Z --stack noren --region ap-northeast-1 --json

Exit code: 0 if all of it was published (or counted), 1 if something failed, or items had forgotten something or could
not be read: they are named; 2 if there is no such context, 3 if the stack cannot be asked.")]
pub(crate) struct Arguments {
    /// Announcements from then on (RFC 3339).
    #[arg(long, value_name = "INSTANT")]
    since: Timestamp,
    /// This context only; may be given several times [default: all].
    #[arg(long = "context", value_name = "NAME")]
    contexts: Vec<String>,
    /// Only count what would be published.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    at: Where,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
}

/// What came of it. The field names are the keys of `--json`.
#[derive(Debug, Serialize)]
struct Outcome {
    since: Timestamp,
    dry_run: bool,
    contexts: Vec<OfContext>,
}

/// What came of it in one context.
#[derive(Debug, Default, Serialize)]
struct OfContext {
    context: String,
    /// Items looked at.
    items: usize,
    /// Events published, or counted.
    events: usize,
    /// Keys of items that had to forget something announced since then.
    forgetful: Vec<String>,
    /// Keys of items that cannot be read.
    unreadable: Vec<String>,
    /// Why it ended early, if it did; what was done before is done.
    failed: Option<String>,
}

impl OfContext {
    fn is_well(&self) -> bool {
        self.forgetful.is_empty() && self.unreadable.is_empty() && self.failed.is_none()
    }
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let age_seconds = jiff::Timestamp::now().as_second() - arguments.since.seconds();
    if age_seconds < 0 {
        bail!(Misuse(format!("{} is yet to come", arguments.since)));
    }
    if age_seconds > decider::ANNOUNCED_KEPT_SECONDS {
        eprintln!(
            "noren publish-again: items keep what they announced for {} days; what is older may be missing",
            decider::ANNOUNCED_KEPT_SECONDS / 86_400
        );
    }
    let outcome = block_on(publish_again(arguments))?;
    match arguments.json {
        true => println!("{}", serde_json::to_string(&outcome)?),
        false => print!("{}", words::text(&outcome)),
    }
    Ok(match outcome.contexts.iter().all(OfContext::is_well) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

async fn publish_again(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let deployment = Deployment::reach(&arguments.at).await?;
    let found = deployment.functions().await?;
    let mut wanted = Vec::new();
    for (logical_id, name) in &found {
        if let Some(context) = logical_id.strip_suffix("Function") {
            wanted.push((context.to_lowercase(), name.clone()));
        }
    }
    if let Some(unknown) = arguments
        .contexts
        .iter()
        .find(|asked| !wanted.iter().any(|(context, _)| context == *asked))
    {
        let known: Vec<&str> = wanted.iter().map(|(context, _)| context.as_str()).collect();
        bail!(Misuse(format!(
            "there is no context \"{unknown}\"; there are {}",
            known.join(", ")
        )));
    }
    if !arguments.contexts.is_empty() {
        wanted.retain(|(context, _)| arguments.contexts.contains(context));
    }
    let progress = Progress::new(arguments.json);
    // How many items there are only a look at all of them says: DynamoDB counts every six hours or so.
    let stage = progress.stage("items", 0);
    let mut contexts = Vec::new();
    for (context, name) in wanted {
        let mut done = OfContext {
            context,
            ..OfContext::default()
        };
        if let Err(error) = walk(&deployment.lambda, &name, arguments, &stage, &mut done).await {
            done.failed = Some(format!("{error:#}"));
        }
        contexts.push(done);
    }
    stage.end();
    Ok(Outcome {
        since: arguments.since,
        dry_run: arguments.dry_run,
        contexts,
    })
}

/// Goes through one context's table.
async fn walk(
    functions: &Functions,
    name: &str,
    arguments: &Arguments,
    stage: &Stage<'_>,
    done: &mut OfContext,
) -> anyhow::Result<()> {
    let mut cursor = None;
    for _ in 0..MOST_PAGES {
        let wanted = PublishAgain {
            since: arguments.since,
            cursor,
            dry_run: arguments.dry_run,
            items: None,
        };
        let page = page(functions, name, &wanted).await?;
        stage.step(page.items as u64);
        done.items += page.items;
        done.events += page.events;
        done.forgetful.extend(page.forgetful);
        done.unreadable.extend(page.unreadable);
        cursor = page.cursor;
        if cursor.is_none() {
            return Ok(());
        }
    }
    bail!("{name} does not come to an end")
}

/// One page, tried until it succeeds, a bounded number of times.
async fn page(
    functions: &Functions,
    name: &str,
    wanted: &PublishAgain,
) -> anyhow::Result<PublishedAgain> {
    let payload = serde_json::json!({ "publish_again": wanted }).to_string();
    let mut pause = FIRST_PAUSE;
    for attempt in 1.. {
        match functions.invoke(name, payload.clone()).await {
            Ok(answer) => {
                let read = serde_json::from_slice(&answer);
                return read.with_context(|| format!("the answer of {name} cannot be read"));
            }
            Err(InvokeError::Passing(reason)) if attempt < TRIES => {
                tracing::warn!(reason, attempt, "a page is tried again");
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            Err(InvokeError::Passing(reason)) => bail!("{reason} ({TRIES} times)"),
            Err(InvokeError::Lasting(error)) => return Err(error),
        }
    }
    bail!("no attempt was made")
}
