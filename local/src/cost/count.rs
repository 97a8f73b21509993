//! Really runs orders on a stack of its own and counts what they did. Owns the run: the smallest that sees an order
//! through from placing to delivery with its mails, with nobody looking at a list in between, so that the same
//! arguments count the same.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use contracts::CloudEvent;
use futures::future::try_join_all;
use http::Method;
use noren::{Counts, Stack, StackOptions};
use sam_template::{EventSource, Template};
use serde::{Deserialize, Serialize};

use super::people::{place, prepare, skus, work_off};
use crate::deployment::Deployment;
use crate::ending::Misuse;
use crate::replay::Progress;
use crate::shop::{self, Call, Caller, ShopClient};
use crate::tail::Ear;
use crate::which_stack::Place;

const QUIET_WITHIN: Duration = Duration::from_secs(120);

/// What is run.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Wish {
    pub(super) orders: usize,
    pub(super) lines: usize,
    /// Messages and commits that one invocation takes, and orders that one request of the operator takes.
    pub(super) batch: usize,
}

/// What it did.
#[derive(Debug)]
pub(super) struct Run {
    /// From the first order until all was quiet.
    pub(super) counts: Counts,
    /// What one tick of every schedule does when nothing is due.
    pub(super) tick: Counts,
    /// Events published, by type.
    pub(super) events: BTreeMap<String, u64>,
    /// Messages that topics handed to queues of functions.
    pub(super) deliveries: BTreeMap<String, u64>,
    /// Mails sent.
    pub(super) mails: u64,
    /// The template as it was run.
    pub(super) template: Template,
}

#[derive(Deserialize)]
struct Shown {
    status: String,
}

/// Runs it.
pub(super) async fn run(
    template: PathBuf,
    deployed: &Template,
    wish: &Wish,
    given: &[(String, String)],
    progress: &Progress,
) -> anyhow::Result<Run> {
    let starting = progress.stage("start", 0);
    let mut options = StackOptions::in_memory(template);
    options.schedules = false;
    let window = match wish.batch {
        1 => "0",
        _ => "1",
    };
    let mut parameters = vec![
        ("QueueBatchSize", wish.batch.to_string()),
        ("StreamBatchSize", wish.batch.to_string()),
        // What makes a batch full where there is not yet a thousand orders a minute.
        ("QueueBatchingWindowSeconds", window.to_owned()),
        ("StreamBatchingWindowSeconds", window.to_owned()),
    ];
    // As deployed; the local stack waits less.
    let deployed = insights_window_seconds(deployed);
    parameters
        .extend(deployed.map(|seconds| ("InsightsBatchingWindowSeconds", seconds.to_string())));
    options.parameters = parameters
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .chain(given.iter().cloned())
        .collect();
    let stack = Stack::start(options).await?;
    starting.end();
    let run = count(&stack, wish, progress).await;
    stack.stop().await;
    run
}

/// How long insights waits for a fuller batch.
fn insights_window_seconds(template: &Template) -> Option<u32> {
    let insights = template
        .functions
        .iter()
        .find(|function| function.binary == "insights")?;
    insights
        .event_sources
        .iter()
        .find_map(|source| match source {
            EventSource::Queue { window_seconds, .. } => Some(*window_seconds),
            EventSource::Stream { .. }
            | EventSource::Schedule { .. }
            | EventSource::Http { .. } => None,
        })
}

async fn count(stack: &Stack, wish: &Wish, progress: &Progress) -> anyhow::Result<Run> {
    let preparing = progress.stage("shop", 0);
    let shop = ShopClient::new(&stack.addresses().http_api);
    shop::load_if_empty(stack.addresses()).await?;
    let skus = skus()?;
    if wish.lines > skus.len() {
        bail!(Misuse(format!(
            "the sample shop sells {} things: --lines can be no more",
            skus.len()
        )));
    }
    prepare(&shop, &skus, wish).await?;
    quiet(stack).await?;

    let tick = tick(stack).await?;
    let ear = listen(stack).await?;
    let mails_before = stack.mail().count()?;
    preparing.end();
    stack.reset_counts();
    let stage = progress.stage("orders", wish.orders);
    let placing = (0..wish.orders).map(async |number| {
        let placed = place(&shop, &skus, wish, number).await;
        stage.step(1);
        placed
    });
    let orders = try_join_all(placing).await?;
    quiet(stack).await?;
    stage.end();
    for act in ["pack", "dispatch", "deliver"] {
        let stage = progress.stage(act, wish.orders);
        let acting = orders.chunks(wish.batch).map(async |orders| {
            let done = work_off(&shop, act, orders).await;
            stage.step(orders.len() as u64);
            done
        });
        try_join_all(acting).await?;
        quiet(stack).await?;
        stage.end();
    }
    let counts = stack.counts();
    let mails = stack.mail().count()? - mails_before;
    let events = hear_all(ear, wish.orders).await?;
    for order in &orders {
        let path = format!("/api/operator/orders/{order}");
        let shown: Shown = shop
            .get(&Call::new(Method::GET, &path, Caller::Operator))
            .await?;
        ensure!(
            shown.status == "completed",
            "order {order} ended {}",
            shown.status
        );
    }
    Ok(Run {
        deliveries: deliveries(stack.template(), &events)?,
        template: stack.template().clone(),
        mails: mails as u64,
        counts,
        tick,
        events,
    })
}

/// What a tick does when nothing is due. The first one of a new shop begins what is done once a day, so the second is
/// counted.
async fn tick(stack: &Stack) -> anyhow::Result<Counts> {
    stack.tick_schedules().await?;
    stack.reset_counts();
    stack.tick_schedules().await?;
    Ok(stack.counts())
}

async fn quiet(stack: &Stack) -> anyhow::Result<()> {
    let seen = stack.wait_until_quiet(QUIET_WITHIN).await;
    let dead: usize = seen.dead_letters.values().sum();
    if !seen.quiet || dead > 0 {
        bail!("the orders did not come to their end: {seen:?}");
    }
    Ok(())
}

async fn listen(stack: &Stack) -> anyhow::Result<Ear> {
    let place = Place::Endpoint(stack.addresses().aws.clone());
    Ear::open(&Deployment::at(place).await?, &[]).await
}

/// Everything that was said, by type.
async fn hear_all(ear: Ear, orders: usize) -> anyhow::Result<BTreeMap<String, u64>> {
    let mut events = BTreeMap::new();
    loop {
        let bodies = ear.next().await?;
        if bodies.is_empty() {
            break;
        }
        for body in bodies {
            let event = CloudEvent::read(&body).context("a message is no event")?;
            *events.entry(event.event_type).or_default() += 1;
        }
    }
    ear.close().await;
    let completed = events.get("orders.OrderCompleted.v1").copied();
    ensure!(
        completed == Some(orders as u64),
        "{orders} orders were run, and {completed:?} were heard to be completed"
    );
    Ok(events)
}

/// How many messages each context's queue is handed: each event goes to each queue whose subscription lets its type
/// through.
fn deliveries(
    template: &Template,
    events: &BTreeMap<String, u64>,
) -> anyhow::Result<BTreeMap<String, u64>> {
    let mut deliveries = BTreeMap::new();
    for function in &template.functions {
        for types in template.hears(&function.logical_id)?.into_values() {
            let heard = types.iter().filter_map(|event_type| events.get(event_type));
            *deliveries.entry(function.binary.clone()).or_default() += heard.sum::<u64>();
        }
    }
    Ok(deliveries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::Screen;

    fn deployed(given: Option<(&str, &str)>) -> Template {
        let overrides = [
            ("TokenIssuer", "https://issuer.example.com"),
            ("Pages", "off"),
        ];
        let overrides = overrides.into_iter().chain(given);
        let parameters = sam_template::Parameters::overriding(overrides);
        Template::parse(include_str!("../../../template.yaml"), &parameters).unwrap()
    }

    /// Counting takes its time: whoever waits sees each stage, and how much of it is done.
    #[tokio::test(flavor = "multi_thread")]
    async fn each_stage_is_shown_as_it_is_counted() {
        let template = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml"));
        let wish = Wish {
            orders: 2,
            lines: 1,
            batch: 1,
        };
        let screen = Screen::default();
        let progress = Progress::on(&screen);
        let counted = run(template, &deployed(None), &wish, &[], &progress).await;
        assert_eq!(counted.unwrap().events["orders.OrderCompleted.v1"], 2);
        let shown = screen.text();
        for stage in ["start", "shop"] {
            assert!(shown.contains(stage), "{stage}: {shown}");
        }
        for stage in ["orders", "pack", "dispatch", "deliver"] {
            let is_whole = |line: &str| line.contains(stage) && line.contains("2/2");
            assert!(shown.lines().any(is_whole), "{stage}: {shown}");
        }
    }

    #[test]
    fn insights_waits_as_it_does_where_it_is_deployed() {
        for (given, seconds) in [(None, 5), (Some("17"), 17)] {
            let given = given.map(|seconds| ("InsightsBatchingWindowSeconds", seconds));
            let seen = insights_window_seconds(&deployed(given));
            assert_eq!(seen, Some(seconds));
        }
    }
}
