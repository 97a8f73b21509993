//! Many buyers and few units of one SKU.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::arguments::Rush;
use super::told::Told;
use crate::replay::{Arguments, Load, Percent, Report, round};

/// The report.
#[derive(Debug, Serialize)]
pub(super) struct RushReport {
    buyers: u64,
    units: u64,
    /// Orders that were completed, one unit each.
    sold: u64,
    /// Orders that were cancelled.
    went_without: u64,
    seconds: f64,
    /// The replay and its audit.
    replay: Report,
}

impl Told for RushReport {
    fn is_good(&self) -> bool {
        let sold = self.units.min(self.buyers);
        self.sold == sold && self.went_without == self.buyers - sold && self.replay.is_good()
    }

    fn summary(&self) -> String {
        let Self {
            buyers,
            units,
            sold,
            went_without,
            seconds,
            replay,
        } = self;
        format!(
            "\nRush          {buyers} buyers, {units} units: {sold} sold, {went_without} went without, after {seconds} s\n{}",
            replay.summary()
        )
    }
}

/// Sells, and reports.
pub(super) async fn run(arguments: &Rush) -> anyhow::Result<RushReport> {
    let load = Arguments {
        concurrency: arguments.at_once,
        scarce: Percent(100.0),
        scarce_units: Some(arguments.units),
        decline: Percent(0.0),
        action: Percent(0.0),
        cancel: Percent(0.0),
        contacts: Percent(5.0),
        isolated: arguments.isolated,
        template: arguments.template.clone(),
        json: arguments.json,
        client_patience: Duration::from_secs(120),
        ..Arguments::default()
    };
    let buyers = usize::try_from(arguments.buyers)?;
    let begun = Instant::now();
    let load = Load::of_one_sku(load, buyers)?;
    let (replay, ()) = load.play(async |_| Ok(())).await?;
    Ok(RushReport {
        buyers: arguments.buyers,
        units: arguments.units,
        sold: replay.orders_completed,
        went_without: replay.orders_cancelled,
        seconds: round(begun.elapsed().as_secs_f64()),
        replay,
    })
}
