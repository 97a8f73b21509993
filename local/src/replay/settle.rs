//! The end of a replay: waits until every order has come to its end, or nothing comes any more.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::aws::Aws;
use super::progress::Progress;
use super::scene::Scene;

/// How often the book is looked at while nothing is heard.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How often deadlines are looked at. Schedules tick once a minute.
const LOOK_AT_DEADLINES_EVERY: Duration = Duration::from_secs(1);

/// Waits until every placed order is completed or cancelled, or for so long without any of them being.
pub(super) async fn until_terminal(scene: &Arc<Scene>, progress: &Progress, patience: Duration) {
    let (placed, mut terminal) = scene.book.terminal();
    let stage = progress.stage("delivery", placed);
    let mut last_news = Instant::now();
    while terminal < placed && last_news.elapsed() < patience {
        // Something else may be heard than an end, so that both are waited for.
        _ = tokio::time::timeout(LOOK_EVERY, scene.book.changed.notified()).await;
        let (_, now) = scene.book.terminal();
        if now > terminal {
            terminal = now;
            last_news = Instant::now();
        }
        stage.at(terminal);
    }
    stage.end();
}

/// Waits until time alone has nothing left to do for any order of this replay, or for so long: a call to the payment
/// provider that an order's cancellation overtook is seen to by the schedule, a minute or so later.
pub(super) async fn until_nothing_is_due(
    scene: &Arc<Scene>,
    aws: &Aws,
    progress: &Progress,
    patience: Duration,
) -> anyhow::Result<()> {
    let stage = progress.stage("deadlines", 0);
    let begun = Instant::now();
    let placed = scene.book.placed().into_iter();
    let placed: HashSet<String> = placed.map(|(order_id, _)| order_id).collect();
    let tables = [
        aws.table("OrdersTable").await?,
        aws.table("PaymentsTable").await?,
    ];
    while begun.elapsed() < patience {
        let mut waits = false;
        for table in &tables {
            waits |= is_anything_due(aws, table, &placed).await?;
        }
        if !waits {
            break;
        }
        stage.step(0);
        tokio::time::sleep(LOOK_AT_DEADLINES_EVERY).await;
    }
    stage.end();
    Ok(())
}

/// Whether the table's index of deadlines has any of these orders.
async fn is_anything_due(aws: &Aws, table: &str, placed: &HashSet<String>) -> anyhow::Result<bool> {
    let scan = aws.dynamodb.scan().table_name(table);
    let scan = scan.index_name(store::due_index().name);
    let mut pages = scan.into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.with_context(|| format!("the deadlines of {table} cannot be read"))?;
        let due = page.items().iter().any(|item| {
            let pk = item.get("pk").and_then(|pk| pk.as_s().ok());
            let order_id = pk.and_then(|pk| pk.split_once('#'));
            order_id.is_some_and(|(_, order_id)| placed.contains(order_id))
        });
        if due {
            return Ok(true);
        }
    }
    Ok(false)
}
