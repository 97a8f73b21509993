//! Durations, counted in a few buckets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Where buckets end within each power of ten: a figure is at most two thirds larger than what it stands for.
const STEPS: [i64; 6] = [10, 15, 20, 30, 50, 70];
/// Ten powers of ten, from a millisecond to a day and beyond; what is longer falls into the last bucket.
const BUCKETS: u8 = 6 * 9;

/// Counts of durations.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Histogram(BTreeMap<u8, u32>);

/// The last millisecond of a bucket.
fn end(bucket: u8) -> i64 {
    let power = 10_i64.pow(u32::from(bucket / 6));
    STEPS[usize::from(bucket % 6)] * power / 10
}

impl Histogram {
    /// Counts a duration in milliseconds; one that clocks make negative counts as none.
    pub fn count(&mut self, milliseconds: i64) {
        let bucket = (0..BUCKETS).find(|bucket| milliseconds <= end(*bucket));
        let counted = self.0.entry(bucket.unwrap_or(BUCKETS)).or_default();
        *counted = counted.saturating_add(1);
    }

    /// Adds another's counts.
    pub fn add(&mut self, other: &Self) {
        for (bucket, count) in &other.0 {
            let counted = self.0.entry(*bucket).or_default();
            *counted = counted.saturating_add(*count);
        }
    }

    /// How many were counted.
    pub fn total(&self) -> u64 {
        self.0.values().map(|count| u64::from(*count)).sum()
    }

    /// What so many in a hundred do not exceed, in milliseconds: the end of the bucket that they reach.
    pub fn percentile(&self, percent: u64) -> Option<i64> {
        let wanted = (self.total() * percent).div_ceil(100).max(1);
        let mut reached = 0;
        self.0.iter().find_map(|(bucket, count)| {
            reached += u64::from(*count);
            (reached >= wanted).then(|| end(*bucket))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_no_less_than_what_they_stand_for_and_not_much_more() {
        assert_eq!(Histogram::default().percentile(50), None);
        for milliseconds in [0, 1, 2, 3, 10, 11, 99, 1000, 65_432, 86_400_000] {
            let mut one = Histogram::default();
            one.count(milliseconds);
            let said = one.percentile(95).unwrap();
            assert!(said >= milliseconds, "{milliseconds} is said to be {said}");
            let most = (milliseconds * 5 / 3).max(1) + 1;
            assert!(said <= most, "{milliseconds} is said to be {said}");
        }
    }

    #[test]
    fn half_of_what_was_counted_is_no_longer_than_the_median() {
        let (mut one, mut other) = (Histogram::default(), Histogram::default());
        for milliseconds in [5, 5, 5, 1000] {
            one.count(milliseconds);
        }
        other.count(-3);
        one.add(&other);
        assert_eq!(one.total(), 5);
        assert_eq!(one.percentile(50), Some(5));
        assert_eq!(one.percentile(95), Some(1000));
    }

    #[test]
    fn what_is_longer_than_any_bucket_is_counted_in_the_last() {
        let mut one = Histogram::default();
        one.count(i64::MAX);
        assert!(one.percentile(50).is_some());
    }
}
