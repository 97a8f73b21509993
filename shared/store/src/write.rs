//! What may be written, and under which condition.

use std::ops::RangeInclusive;

use crate::{Key, Record};

/// The condition of a put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// There is no such item.
    Absent,
    /// The item's version is this one.
    Version(u64),
    /// There is no such item, or its version is lower than the written one: for copies of another context's facts, of
    /// which only the newest counts whatever the order they arrive in.
    AbsentOrOlder,
}

/// One write of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Writes a whole item.
    Put {
        /// The item as it shall be.
        record: Record,
        /// The condition.
        expected: Expected,
    },
    /// Changes counters in place.
    Adjust(Adjustment),
}

impl Write {
    /// The key of the item that is written.
    pub fn key(&self) -> &Key {
        match self {
            Self::Put { record, .. } => &record.key,
            Self::Adjust(adjustment) => &adjustment.key,
        }
    }
}

/// Changes counters of one item in place and raises its version by one. The item is made where it does not exist and
/// no change has a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// The item.
    pub key: Key,
    /// The changes; each names another counter.
    pub changes: Vec<CounterChange>,
}

impl Adjustment {
    /// Both one after the other, as one: allowed exactly when the second would have been allowed after the first, and with
    /// their effect together. The later one's key is the same.
    #[must_use]
    pub fn then(mut self, later: Self) -> Self {
        for change in later.changes {
            let known = self.changes.iter_mut();
            match known
                .into_iter()
                .find(|known| known.counter == change.counter)
            {
                Some(known) => known.append(change),
                None => self.changes.push(change),
            }
        }
        self
    }
}

impl CounterChange {
    fn append(&mut self, later: Self) {
        // What the counter is before the later change is what it is now and the earlier one's amount.
        let by = self.by;
        let shifted = later.before.map(|before| {
            let end = match *before.end() {
                i64::MAX => i64::MAX,
                end => end.saturating_sub(by),
            };
            before.start().saturating_sub(by)..=end
        });
        self.before = match (self.before.take(), shifted) {
            (Some(one), Some(other)) => {
                Some(*one.start().max(other.start())..=*one.end().min(other.end()))
            }
            (one, other) => one.or(other),
        };
        self.by = by.saturating_add(later.by);
    }
}

/// A change of one counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterChange {
    /// The attribute.
    pub counter: String,
    /// What is added to it.
    pub by: i64,
    /// What it must be before, if anything. A counter that was never written meets no condition.
    pub before: Option<RangeInclusive<i64>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The counter after the changes, if each is allowed in its turn.
    fn applied(changes: &[(i64, Option<RangeInclusive<i64>>)], mut value: i64) -> Option<i64> {
        for (by, before) in changes {
            if before
                .as_ref()
                .is_some_and(|before| !before.contains(&value))
            {
                return None;
            }
            value += by;
        }
        Some(value)
    }

    #[test]
    fn several_adjustments_in_one_are_allowed_and_do_as_one_after_another() {
        let ranges = [
            None,
            Some(2..=i64::MAX),
            Some(1..=4),
            Some(0..=0),
            Some(3..=7),
        ];
        let amounts = [-3, -1, 0, 2];
        let changes: Vec<_> = ranges
            .iter()
            .flat_map(|range| amounts.map(|by| (by, range.clone())))
            .collect();
        let adjustment = |(by, before): &(i64, Option<RangeInclusive<i64>>)| Adjustment {
            key: Key::new("stock#A", "stock"),
            changes: vec![CounterChange {
                counter: "available:main".to_owned(),
                by: *by,
                before: before.clone(),
            }],
        };
        for first in &changes {
            for second in &changes {
                for third in &changes {
                    let all = adjustment(first)
                        .then(adjustment(second))
                        .then(adjustment(third));
                    let [change] = &all.changes[..] else {
                        panic!("one counter is one change");
                    };
                    let one = [(change.by, change.before.clone())];
                    let each = [first.clone(), second.clone(), third.clone()];
                    for value in -12..12 {
                        assert_eq!(
                            applied(&one, value),
                            applied(&each, value),
                            "{each:?} at {value}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn counters_that_differ_stay_apart() {
        let change = |counter: &str, by: i64| CounterChange {
            counter: counter.to_owned(),
            by,
            before: None,
        };
        let of = |changes: Vec<CounterChange>| Adjustment {
            key: Key::new("stock#A", "stock"),
            changes,
        };
        let all = of(vec![change("a", 1)]).then(of(vec![change("b", 2), change("a", 3)]));
        assert_eq!(all.changes, [change("a", 4), change("b", 2)]);
    }
}
