//! What must be there before the first order: products, shipping rates, prices known to orders, contacts, stock.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::bail;
use bytes::Bytes;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::assortment::Assortment;
use super::aws::is_named;
use super::baskets::{Basket, number_of};
use super::plan::Planner;
use super::progress::Progress;
use super::target::Target;
use crate::shop::{self, Call, Caller};

/// The most rows that the catalog takes in one request.
const IMPORT_ROWS: usize = 1000;
/// Below the one mebibyte that it takes.
const IMPORT_BYTES: usize = 1_000_000;
/// The most lines of one receipt of goods.
const RECEIPT_LINES: usize = 1000;
/// Requests at a time.
const AT_A_TIME: usize = 4;
const CONTACTS_AT_A_TIME: usize = 32;
/// How long prices may take to reach orders.
const PRICES_WITHIN: Duration = Duration::from_secs(600);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long what receiving stock leads to may take. It holds up nothing, so that a message left over from a run that
/// was killed, which comes again only after its visibility timeout, need not be waited for.
const STOCK_WITHIN_SECONDS: u64 = 20;

/// What came of the import.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
struct Imported {
    created: u64,
    updated: u64,
    unchanged: u64,
    rejected: u64,
}

#[derive(Deserialize)]
struct ImportReply {
    #[serde(flatten)]
    counts: Imported,
    errors: Vec<ImportError>,
}

#[derive(Deserialize)]
struct ImportError {
    row: u64,
    field: String,
    message: String,
}

/// What is there now.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    /// Products that the catalog has taken, or had already.
    pub(super) products: u64,
    /// SKUs that got stock.
    pub(super) skus_stocked: u64,
    /// Of these, or of those that got none, how many got less than is needed.
    pub(super) skus_scarce: u64,
    /// Customers with a mail address.
    pub(super) contacts: BTreeSet<String>,
}

/// Does all of it.
pub(super) async fn prepare(
    target: &Target,
    progress: &Progress,
    assortment: &Assortment,
    baskets: &[Basket],
    planner: &Planner,
) -> anyhow::Result<Prepared> {
    let mut prepared = Prepared {
        products: import(target, progress, assortment).await?,
        ..Prepared::default()
    };
    for (region, body) in &assortment.rates {
        shop::set_rate(&target.shop, region, body).await?;
    }
    let stage = progress.stage("prices", 0);
    wait_for_prices(target).await?;
    stage.end();
    set_contacts(target, progress, baskets, planner, &mut prepared).await?;
    receive_stock(target, progress, baskets, planner, &mut prepared).await?;
    // What stock and contacts lead to shall not be counted with the orders.
    target.quiet(STOCK_WITHIN_SECONDS).await?;
    Ok(prepared)
}

/// Waits until all that the catalog has said, and shipping about its rates, has been taken in by orders.
async fn wait_for_prices(target: &Target) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut was_there = false;
    loop {
        let seen = target.quiet(0).await?;
        let unsaid = seen
            .streams
            .iter()
            .any(|table| is_named(table, "CatalogTable") || is_named(table, "ShippingTable"));
        let unheard = seen
            .queues
            .keys()
            .any(|queue| is_named(queue, "OrdersQueue"));
        // An invocation under way may be the one that publishes what has been read; and what moved from the stream to
        // the queue between two glances of one look is seen by the next.
        let there = !unsaid && !unheard && seen.running == 0;
        if there && was_there {
            return Ok(());
        }
        was_there = there;
        if begun.elapsed() > PRICES_WITHIN {
            let seconds = PRICES_WITHIN.as_secs();
            bail!("prices did not reach orders within {seconds} s: {seen:?}");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn import(
    target: &Target,
    progress: &Progress,
    assortment: &Assortment,
) -> anyhow::Result<u64> {
    let stage = progress.stage("import", assortment.rows.len());
    let pieces = stream::iter(pieces(&assortment.rows)).map(|(first, rows)| {
        let stage = &stage;
        async move {
            let path = format!("/api/operator/products/import?from={first}");
            let products = Call {
                content_type: "application/x-ndjson",
                body: Bytes::from(rows.join("\n")),
                ..Call::new(Method::POST, &path, Caller::Operator)
            };
            let reply: ImportReply = target.shop.get(&products).await?;
            stage.step(rows.len() as u64);
            match reply.errors.first() {
                None => Ok(reply.counts),
                Some(ImportError { row, field, message }) => {
                    let rejected = reply.counts.rejected;
                    bail!("the catalog refused {rejected} products, the first in row {row}: {field} {message}")
                }
            }
        }
    });
    let done: Vec<Imported> = pieces.buffer_unordered(AT_A_TIME).try_collect().await?;
    stage.end();
    let taken = done
        .iter()
        .map(|part| part.created + part.updated + part.unchanged);
    Ok(taken.sum())
}

/// Rows in pieces that the catalog takes, with the number of each piece's first row.
fn pieces(rows: &[String]) -> Vec<(usize, &[String])> {
    let mut pieces = Vec::new();
    let (mut first, mut bytes) = (0, 0);
    for (position, row) in rows.iter().enumerate() {
        if position - first == IMPORT_ROWS || bytes + row.len() + 1 > IMPORT_BYTES {
            pieces.push((first + 1, &rows[first..position]));
            (first, bytes) = (position, 0);
        }
        bytes += row.len() + 1;
    }
    pieces.push((first + 1, &rows[first..]));
    pieces
}

async fn set_contacts(
    target: &Target,
    progress: &Progress,
    baskets: &[Basket],
    planner: &Planner,
    prepared: &mut Prepared,
) -> anyhow::Result<()> {
    let customers: BTreeSet<&str> = baskets.iter().map(|b| b.customer_id.as_str()).collect();
    let reachable = customers.into_iter().filter(|id| planner.has_contact(id));
    prepared.contacts = reachable.map(str::to_owned).collect();
    let stage = progress.stage("contacts", prepared.contacts.len());
    let contacts = stream::iter(prepared.contacts.iter().map(Ok::<_, anyhow::Error>));
    let stage_of = &stage;
    contacts
        .try_for_each_concurrent(CONTACTS_AT_A_TIME, |customer_id| async move {
            let language = ["ja", "en"][usize::from(number_of(customer_id).is_multiple_of(2))];
            let email = address(customer_id);
            let contact = json!({ "email": email, "language": language });
            let path = "/api/notifications/contact";
            let caller = Caller::Customer(customer_id);
            let contact = Call::json(Method::PUT, path, caller, &contact);
            target.shop.get::<Value>(&contact).await?;
            stage_of.step(1);
            Ok(())
        })
        .await?;
    stage.end();
    Ok(())
}

/// The mail address of a replay's customer.
pub(super) fn address(customer_id: &str) -> String {
    format!("{customer_id}@example.com")
}

async fn receive_stock(
    target: &Target,
    progress: &Progress,
    baskets: &[Basket],
    planner: &Planner,
    prepared: &mut Prepared,
) -> anyhow::Result<()> {
    let mut needed: BTreeMap<&str, u64> = BTreeMap::new();
    for (sku, quantity) in baskets.iter().flat_map(|basket| &basket.lines) {
        *needed.entry(sku).or_default() += u64::from(*quantity);
    }
    let mut lines = Vec::with_capacity(needed.len());
    for (sku, needed) in needed {
        let quantity = planner.stock(sku, needed);
        prepared.skus_scarce += u64::from(quantity < needed);
        if quantity > 0 {
            lines.push(json!({ "sku": sku, "quantity": quantity }));
        }
    }
    prepared.skus_stocked = lines.len() as u64;
    let stage = progress.stage("stock", lines.len());
    let receipts = stream::iter(lines.chunks(RECEIPT_LINES).map(Ok::<_, anyhow::Error>));
    let stage_of = &stage;
    receipts
        .try_for_each_concurrent(AT_A_TIME, |lines| async move {
            // Named by what is in it, so that a replay that is run again receives nothing twice.
            let content = Value::from(lines.to_vec());
            let receipt_id = format!("replay-{:016x}", number_of(&content.to_string()));
            let receipt = json!({ "receipt_id": receipt_id, "lines": content });
            let path = "/api/operator/stock/receive";
            let receipt = Call::json(Method::POST, path, Caller::Operator, &receipt);
            target.shop.get::<Value>(&receipt).await?;
            stage_of.step(lines.len() as u64);
            Ok(())
        })
        .await?;
    stage.end();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_keep_both_limits_and_lose_no_row() {
        let rows: Vec<String> = (0..2500).map(|row| "x".repeat(row % 1500)).collect();
        let pieces = pieces(&rows);
        let joined: usize = pieces.iter().map(|(_, rows)| rows.len()).sum();
        assert_eq!(joined, rows.len());
        let mut next = 1;
        for (first, rows) in pieces {
            assert_eq!(first, next);
            next += rows.len();
            assert!(rows.len() <= IMPORT_ROWS && rows.join("\n").len() <= IMPORT_BYTES);
        }
    }
}
