//! A replay with something else going on beside it: what tests under trouble are made of. Owns the loads that they put on
//! a stack, and what they may see and do of a replay while it runs.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::Context as _;
use jiff::ToSpan as _;

use super::arguments::Arguments;
use super::assortment::Assortment;
use super::baskets::{self, Basket};
use super::input::Input;
use super::play_on;
use super::progress::Progress;
use super::report::Report;
use super::scene::Scene;
use super::skipped::Skipped;
use super::target::Target;
use crate::shop;

/// What is put on a stack.
pub(crate) struct Load {
    arguments: Arguments,
    assortment: Assortment,
    baskets: Vec<Basket>,
}

impl Load {
    /// The sample shop's baskets, again and again until there are so many, each time an order of its own. They are placed
    /// so many a second where the arguments say that time goes at a speed of one.
    pub(crate) fn of_sample_shop(
        arguments: Arguments,
        count: usize,
        per_second: f64,
    ) -> anyhow::Result<Self> {
        let assortment = Assortment::of_sample_shop()?;
        let sample = Input::of_text("the sample shop's baskets", shop::BASKETS);
        let sample = baskets::read(sample, &assortment.prices, &mut Skipped::default())?;
        let begin = sample.first().context("there are no baskets")?.placed_at;
        let baskets = sample.iter().cycle().take(count).enumerate();
        let baskets = baskets.map(|(number, basket)| {
            let after = (number as f64 * 1000.0 / per_second) as i64;
            Basket {
                basket_id: format!("{}-{}", basket.basket_id, number / sample.len()),
                placed_at: begin.saturating_add(after.milliseconds()),
                ..basket.clone()
            }
        });
        Ok(Self {
            baskets: baskets.collect(),
            assortment,
            arguments,
        })
    }

    /// So many customers who each want one piece of the same SKU.
    pub(crate) fn of_one_sku(arguments: Arguments, buyers: usize) -> anyhow::Result<Self> {
        let assortment = Assortment::of_sample_shop()?;
        let sku = assortment.prices.keys().min().context("nothing is sold")?;
        let baskets = (0..buyers).map(|number| Basket {
            basket_id: format!("rush-{number}"),
            customer_id: format!("buyer-{number}"),
            household: number as u64,
            placed_at: jiff::civil::DateTime::constant(2026, 1, 1, 0, 0, 0, 0),
            lines: vec![(sku.clone(), 1)],
        });
        Ok(Self {
            baskets: baskets.collect(),
            assortment,
            arguments,
        })
    }

    /// Plays it on the stack that the arguments name, with something else going on beside it.
    pub(crate) async fn play<T>(
        self,
        beside: impl AsyncFnOnce(&Live<'_>) -> anyhow::Result<T>,
    ) -> anyhow::Result<(Report, T)> {
        let Self {
            arguments,
            assortment,
            baskets,
        } = self;
        let template = super::template(&arguments)?;
        let target = Arc::new(Target::reach(&arguments, template).await?);
        let skipped = Skipped::default();
        let played = play_on(&arguments, &target, assortment, baskets, skipped, beside).await;
        if let Some(target) = Arc::into_inner(target) {
            target.stop().await;
        }
        played
    }
}

/// A replay while its customers are at it.
pub(crate) struct Live<'a> {
    scene: &'a Arc<Scene>,
    progress: &'a Progress,
}

impl<'a> Live<'a> {
    pub(super) fn new(scene: &'a Arc<Scene>, progress: &'a Progress) -> Self {
        Self { scene, progress }
    }

    /// Where it says how far it is.
    pub(crate) fn progress(&self) -> &'a Progress {
        self.progress
    }

    /// Lets customers place no more baskets; what they have placed is seen through.
    pub(crate) fn take_no_more(&self) {
        self.scene.enough.cancel();
    }

    /// Whether all baskets have been taken.
    pub(crate) fn ran_out(&self) -> bool {
        self.scene.next.load(Ordering::Relaxed) >= self.scene.baskets.len()
    }

    /// How many orders have been placed, and how many of them have come to their end.
    pub(crate) fn placed_and_terminal(&self) -> (usize, usize) {
        self.scene.book.terminal()
    }

    /// Something that should not have happened; the replay then counts as failed.
    pub(crate) fn mishap(&self, words: String) {
        self.scene.tally.mishap(words);
    }

    /// A SKU that is sold and a region that is shipped to, for requests of one's own.
    pub(crate) fn example(&self) -> Option<(&str, &str)> {
        let basket = self.scene.baskets.first()?;
        let (sku, _) = basket.lines.first()?;
        let region = self.scene.assortment.region_of(basket.household);
        Some((sku, region))
    }
}
