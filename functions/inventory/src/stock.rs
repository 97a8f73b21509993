//! The stock of one SKU: what each location has, what can be drawn from it, and when that makes it run low.
//!
//! Pure: says which writes a draw needs and under which conditions. Does not read or write anything itself.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use contracts::inventory::LowStock;
use identifiers::{LocationId, Sku};
use store::{Adjustment, CounterChange, Record};

use crate::store::{available_counter, received_counter, stock_key, threshold_counter};

/// The most that one location may have of a SKU: far beyond any shop, and far below where a counter would overflow.
pub const MAX_ON_HAND: i64 = 1_000_000_000_000;

/// At how many locations one SKU can lie: an update names two counters of each, and an expression is bounded.
pub const MAX_LOCATIONS: usize = 32;

/// What one location has of a SKU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Level {
    /// How many can be sold.
    pub available: i64,
    /// How many came in, counted up or down by adjustments; those reserved or shipped stay in it.
    pub received: i64,
    /// It runs low when fewer than this many are available; 0 for never.
    pub threshold: i64,
}

/// The stock of one SKU.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stock {
    /// What each location has.
    pub locations: BTreeMap<LocationId, Level>,
}

/// The stock of several SKUs, as it was read.
pub type Stocks = BTreeMap<Sku, Stock>;

/// A part of a line, from one location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portion {
    /// Where from.
    pub location_id: LocationId,
    /// How many, at least one.
    pub quantity: u64,
}

impl Level {
    /// How many are reserved or have been shipped.
    pub fn allocated(&self) -> i64 {
        self.received - self.available
    }

    /// The levels from which drawing the quantity does what it does to this one: leaves enough, makes it run low, or
    /// finds it low already. A write under this condition tells exactly whether it was the one that crossed.
    fn same_effect(&self, quantity: i64) -> RangeInclusive<i64> {
        if self.crosses(quantity) {
            quantity.max(self.threshold)..=quantity + self.threshold - 1
        } else if self.available < self.threshold {
            quantity..=self.threshold - 1
        } else {
            quantity.saturating_add(self.threshold)..=i64::MAX
        }
    }

    /// Whether drawing the quantity takes the level below its threshold.
    fn crosses(&self, quantity: i64) -> bool {
        self.available >= self.threshold && self.available - quantity < self.threshold
    }
}

impl Stock {
    /// Reads the counters of a SKU's item.
    pub fn from_record(record: &Record) -> Self {
        let mut stock = Self::default();
        for (counter, value) in &record.counters {
            let Some((kind, location_id)) = counter.split_once(':') else {
                continue;
            };
            let Ok(location_id) = LocationId::new(location_id) else {
                continue;
            };
            let level = stock.locations.entry(location_id).or_default();
            match kind {
                "available" => level.available = *value,
                "received" => level.received = *value,
                "threshold" => level.threshold = *value,
                _ => {}
            }
        }
        stock
    }

    /// How many can be sold, at all locations together.
    pub fn available(&self) -> i64 {
        self.locations.values().map(|level| level.available).sum()
    }

    /// The level at a location; nothing where it has none.
    pub fn level(&self, location_id: &LocationId) -> Level {
        self.locations.get(location_id).copied().unwrap_or_default()
    }

    /// Chooses where a line comes from: a location that has all of it, or as few as possible. The fullest goes first,
    /// so that stock drains evenly and the last units of a location are not the first to be fought over. Nothing where
    /// all locations together have too little.
    pub fn allocate(&self, quantity: u64) -> Option<Vec<Portion>> {
        let mut fullest_first: Vec<_> = self
            .locations
            .iter()
            .filter_map(|(location_id, level)| {
                let available = u64::try_from(level.available).ok()?;
                (available > 0).then_some((available, location_id))
            })
            .collect();
        fullest_first.sort_by(|(one, _), (other, _)| other.cmp(one));
        let mut missing = quantity;
        let mut portions = Vec::new();
        for (available, location_id) in fullest_first {
            if missing == 0 {
                break;
            }
            let quantity = available.min(missing);
            missing -= quantity;
            portions.push(Portion {
                location_id: location_id.clone(),
                quantity,
            });
        }
        (missing == 0).then_some(portions)
    }

    /// The warning that drawing this portion leads to, if it does.
    pub fn warning(&self, sku: &Sku, portion: &Portion) -> Option<LowStock> {
        let level = self.level(&portion.location_id);
        let quantity = i64::try_from(portion.quantity).ok()?;
        level.crosses(quantity).then(|| LowStock {
            sku: sku.clone(),
            location_id: portion.location_id.clone(),
            available: saturating_u32(level.available - quantity),
            threshold: saturating_u32(level.threshold),
        })
    }

    /// The change of one location's `available`, and its conditions: what is drawn must be there, and must make the
    /// stock run low exactly if it did so by this reading. What is given back has no condition.
    pub fn change(&self, location_id: &LocationId, by: i64) -> Vec<CounterChange> {
        let level = self.level(location_id);
        let draws = by < 0;
        let mut changes = vec![CounterChange {
            counter: available_counter(location_id),
            by,
            before: draws.then(|| level.same_effect(by.saturating_neg())),
        }];
        if draws && level.threshold > 0 {
            changes.push(CounterChange {
                counter: threshold_counter(location_id),
                by: 0,
                before: Some(level.threshold..=level.threshold),
            });
        }
        changes
    }

    /// A movement of goods in or out of the location: `available` and `received` change alike.
    pub fn movement(&self, sku: &Sku, location_id: &LocationId, by: i64) -> Adjustment {
        let mut changes = self.change(location_id, by);
        changes.push(CounterChange {
            counter: received_counter(location_id),
            by,
            before: None,
        });
        Adjustment {
            key: stock_key(sku),
            changes,
        }
    }
}

/// A count as the published language writes it.
pub(crate) fn saturating_u32(count: i64) -> u32 {
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(name: &str) -> LocationId {
        LocationId::new(name).unwrap()
    }

    fn stock(levels: &[(&str, i64)]) -> Stock {
        let locations = levels.iter().map(|(name, available)| {
            let level = Level {
                available: *available,
                received: *available,
                threshold: 0,
            };
            (location(name), level)
        });
        Stock {
            locations: locations.collect(),
        }
    }

    #[test]
    fn a_line_comes_from_one_location_where_one_has_all_of_it() {
        let shelves = stock(&[("a", 3), ("b", 8), ("c", 5)]);
        let check = |quantity: u64, expected: Option<&[(&str, u64)]>| {
            let portions = shelves.allocate(quantity).map(|portions| {
                let pairs = portions
                    .into_iter()
                    .map(|portion| (portion.location_id.to_string(), portion.quantity));
                pairs.collect::<Vec<_>>()
            });
            let expected = expected.map(|pairs| {
                let pairs = pairs
                    .iter()
                    .map(|(name, count)| ((*name).to_owned(), *count));
                pairs.collect::<Vec<_>>()
            });
            assert_eq!(portions, expected, "{quantity}");
        };
        check(1, Some(&[("b", 1)]));
        check(8, Some(&[("b", 8)]));
        check(9, Some(&[("b", 8), ("c", 1)]));
        check(16, Some(&[("b", 8), ("c", 5), ("a", 3)]));
        check(17, None);
        check(u64::MAX, None);
    }

    #[test]
    fn the_condition_holds_for_just_the_levels_where_the_draw_has_the_same_effect() {
        let effect = |available: i64, quantity: i64, threshold: i64| {
            let level = Level {
                available,
                received: available,
                threshold,
            };
            (
                available >= quantity,
                available < threshold,
                level.crosses(quantity),
            )
        };
        for threshold in 0..6 {
            for quantity in 1..6 {
                for read in 0..16 {
                    let level = Level {
                        available: read,
                        received: read,
                        threshold,
                    };
                    if read < quantity {
                        continue;
                    }
                    let range = level.same_effect(quantity);
                    for actual in 0..32 {
                        let same = effect(read, quantity, threshold)
                            == effect(actual, quantity, threshold);
                        assert_eq!(
                            range.contains(&actual),
                            same,
                            "threshold {threshold}, quantity {quantity}, read {read}, actual {actual}"
                        );
                    }
                }
            }
        }
    }
}
