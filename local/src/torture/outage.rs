//! The payment provider down for a while.

use std::time::{Duration, Instant};

use http::Method;
use serde::{Deserialize, Serialize};

use super::arguments::Outage;
use super::keeper::Keeper;
use super::scene::{self, Aftermath};
use super::told::Told;
use crate::replay::{Arguments, Live, Load, Speed, round};
use crate::shop::{Call, Caller, ShopClient};

/// The longest time with everything well before the outage, and the time for which orders go on being placed after it.
const WELL: Duration = Duration::from_secs(10);
/// Customers at a time: more than can be waiting for the provider.
const CUSTOMERS: u64 = 4096;

#[derive(Debug, Serialize)]
struct Survived {
    /// Requests to the provider that met the outage.
    requests_that_met_it: u64,
    /// Orders under way when it ended.
    orders_waiting_at_its_end: usize,
    /// From its end until the last order had come to its own end, those placed afterwards among them.
    all_over_after_seconds: Option<f64>,
}

/// The report.
#[derive(Debug, Serialize)]
pub(super) struct OutageReport {
    seconds: u64,
    manner: &'static str,
    #[serde(flatten)]
    survived: Survived,
    #[serde(flatten)]
    aftermath: Aftermath,
}

#[derive(Deserialize)]
struct Switched {
    requests_that_met_it: u64,
}

impl Told for OutageReport {
    fn is_good(&self) -> bool {
        self.survived.requests_that_met_it > 0 && self.aftermath.is_good(false)
    }

    fn summary(&self) -> String {
        let Self {
            seconds, manner, ..
        } = self;
        let Survived {
            requests_that_met_it,
            orders_waiting_at_its_end,
            all_over_after_seconds,
        } = &self.survived;
        let over = match all_over_after_seconds {
            Some(seconds) => format!("all were over after {seconds} s"),
            None => "some never came to their end".to_owned(),
        };
        format!(
            "\nOutage        {seconds} s ({manner}): {requests_that_met_it} requests met it, {orders_waiting_at_its_end} orders waited at its end; {over}\n{}",
            self.aftermath.summary()
        )
    }
}

/// Lets the provider be down, and reports.
pub(super) async fn run(arguments: &Outage) -> anyhow::Result<OutageReport> {
    let load = Arguments {
        speed: Speed::Times(1.0),
        // Whoever is asked by the bank after the outage must still be there to answer.
        client_patience: Duration::from_secs(arguments.seconds + arguments.stack.patience),
        ..scene::load(1, CUSTOMERS, &arguments.stack)
    };
    let seconds = arguments.seconds + 10 * WELL.as_secs();
    let rate = arguments.orders_per_second;
    let baskets = (seconds as f64 * rate) as usize;
    let (survived, aftermath) = scene::play(
        &arguments.stack,
        load,
        |load| Load::of_sample_shop(load, baskets, rate),
        async |live, keeper| {
            let survived = outage(arguments, live, keeper).await;
            live.take_no_more();
            survived
        },
    )
    .await?;
    Ok(OutageReport {
        seconds: arguments.seconds,
        manner: arguments.manner.name(),
        survived,
        aftermath,
    })
}

async fn outage(arguments: &Outage, live: &Live<'_>, keeper: &Keeper) -> anyhow::Result<Survived> {
    let during = Duration::from_secs(arguments.seconds);
    let well = WELL.min(during);
    let provider = ShopClient::new(&keeper.payments());
    let switch = async |to: &str| {
        let path = format!("/stand-in/outage/{to}");
        let call = Call::new(Method::POST, &path, Caller::Nobody);
        provider.get::<Switched>(&call).await
    };
    let stage = live.progress().stage("outage", 0);
    tokio::time::sleep(well).await;
    switch(arguments.manner.name()).await?;
    tokio::time::sleep(during).await;
    let Switched {
        requests_that_met_it,
    } = switch("over").await?;
    let over = Instant::now();
    let (placed, terminal) = live.placed_and_terminal();
    tokio::time::sleep(well).await;
    live.take_no_more();
    let patience = Duration::from_secs(arguments.stack.patience);
    let mut all_over = None;
    while over.elapsed() < patience {
        if matches!(live.placed_and_terminal(), (placed, terminal) if placed == terminal) {
            all_over = Some(round(over.elapsed().as_secs_f64()));
            break;
        }
        stage.step(0);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    stage.end();
    Ok(Survived {
        requests_that_met_it,
        orders_waiting_at_its_end: placed - terminal,
        all_over_after_seconds: all_over,
    })
}
