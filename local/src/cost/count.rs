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
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::deployment::Deployment;
use crate::ending::Misuse;
use crate::replay::Progress;
use crate::shop::{self, Call, Caller, ShopClient};
use crate::tail::Ear;
use crate::which_stack::Place;

const QUIET_WITHIN: Duration = Duration::from_secs(120);
const REGION: &str = "JP-13";

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
    pub(super) template: sam_template::Template,
}

#[derive(Deserialize)]
struct Placed {
    order_id: String,
}

#[derive(Deserialize)]
struct Shown {
    status: String,
}

/// Runs it.
pub(super) async fn run(
    template: PathBuf,
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
    let parameters = [
        ("QueueBatchSize", wish.batch.to_string()),
        ("StreamBatchSize", wish.batch.to_string()),
        // What makes a batch full where there is not yet a thousand orders a minute.
        ("QueueBatchingWindowSeconds", window.to_owned()),
        ("StreamBatchingWindowSeconds", window.to_owned()),
        // As deployed; the local stack waits less.
        ("InsightsBatchingWindowSeconds", "5".to_owned()),
    ];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value));
    options.parameters = parameters
        .into_iter()
        .chain(given.iter().cloned())
        .collect();
    let stack = Stack::start(options).await?;
    starting.end();
    let run = count(&stack, wish, progress).await;
    stack.stop().await;
    run
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

/// What the sample shop sells.
fn skus() -> anyhow::Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Product {
        variants: Vec<Variant>,
    }
    #[derive(Deserialize)]
    struct Variant {
        sku: String,
    }
    let mut skus = Vec::new();
    for line in shop::PRODUCTS.lines() {
        let product: Product = serde_json::from_str(line)?;
        skus.extend(product.variants.into_iter().map(|variant| variant.sku));
    }
    Ok(skus)
}

/// Stock for all of it, and an address for whoever orders.
async fn prepare(shop: &ShopClient, skus: &[String], wish: &Wish) -> anyhow::Result<()> {
    let lines = skus.iter();
    let lines: Vec<Value> = lines
        .map(|sku| json!({ "sku": sku, "quantity": wish.orders }))
        .collect();
    let receipt = json!({ "receipt_id": "cost", "lines": lines });
    let path = "/api/operator/stock/receive";
    let receipt = Call::json(Method::POST, path, Caller::Operator, &receipt);
    shop.get::<Value>(&receipt).await?;
    let contacts = (0..wish.orders).map(async |number| {
        let customer = customer(number);
        let contact = json!({ "email": format!("{customer}@example.com"), "language": "en" });
        let path = "/api/notifications/contact";
        let contact = Call::json(Method::PUT, path, Caller::Customer(&customer), &contact);
        shop.get::<Value>(&contact).await
    });
    try_join_all(contacts).await?;
    Ok(())
}

fn customer(number: usize) -> String {
    format!("cost-{number}")
}

/// Different orders buy different things, as far as there are enough: what they would share is another measurement.
async fn place(
    shop: &ShopClient,
    skus: &[String],
    wish: &Wish,
    number: usize,
) -> anyhow::Result<String> {
    let chosen = (0..wish.lines).map(|line| &skus[(number * wish.lines + line) % skus.len()]);
    let lines: Vec<Value> = chosen
        .map(|sku| json!({ "sku": sku, "quantity": 1 }))
        .collect();
    let order = json!({ "lines": lines, "region": REGION, "payment_method": "pm_card_visa" });
    let customer = customer(number);
    let key = format!("cost-{number}");
    let order = Call {
        idempotency_key: Some(&key),
        ..Call::json(
            Method::POST,
            "/api/orders",
            Caller::Customer(&customer),
            &order,
        )
    };
    let placed: Placed = shop.get(&order).await?;
    Ok(placed.order_id)
}

/// One order by its own route, several by a list.
async fn work_off(shop: &ShopClient, act: &str, orders: &[String]) -> anyhow::Result<()> {
    let label =
        |order: &String| json!({ "carrier": "Hikyaku", "tracking_number": format!("HK-{order}") });
    let (path, body) = match orders {
        [order] => {
            let path = format!("/api/operator/shipments/{order}/{act}");
            let body = match act {
                "dispatch" => label(order),
                _ => json!({}),
            };
            (path, body)
        }
        orders => {
            let acts = orders.iter().map(|order| {
                let mut entry = match act {
                    "dispatch" => label(order),
                    _ => json!({}),
                };
                entry["order_id"] = json!(order);
                entry["act"] = json!(act);
                entry
            });
            let acts: Vec<Value> = acts.collect();
            (
                "/api/operator/shipping/acts".to_owned(),
                json!({ "acts": acts }),
            )
        }
    };
    let call = Call::json(Method::POST, &path, Caller::Operator, &body);
    let answer: Value = shop.get(&call).await?;
    let results = answer["results"].as_array().into_iter().flatten();
    for result in results {
        ensure!(result["problem"].is_null(), "{act} was refused: {result}");
    }
    Ok(())
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
    template: &sam_template::Template,
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
