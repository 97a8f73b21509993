//! What may be written, and under which condition.

use std::ops::RangeInclusive;

use crate::{Key, Record};

/// The condition of a put.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use store::{Expected, Key, MemoryStore, Record, Store as _};
///
/// let table = MemoryStore::new(&[]);
/// let course = |version| Record { key: Key::new("course#rust", "course"), version, ..Record::default() };
/// table.commit(&course(1), Expected::Absent).await.unwrap();
/// table.commit(&course(2), Expected::Version(1)).await.unwrap();
/// assert!(table.commit(&course(3), Expected::Version(1)).await.is_err());
/// // As a copy: only what is newer than what stands is written.
/// assert!(table.commit(&course(2), Expected::AbsentOrOlder).await.is_err());
/// # });
/// ```
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
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use store::{Adjustment, CounterChange, Expected, Key, MemoryStore, Record, Store as _, Write};
///
/// let (table, seats) = (MemoryStore::new(&[]), Key::new("course#rust", "seats"));
/// let change = |by, before| {
///     let changes = vec![CounterChange { counter: "free".to_owned(), by, before }];
///     Write::Adjust(Adjustment { key: seats.clone(), changes })
/// };
/// table.transact(&[change(1, None)]).await.unwrap();
///
/// // A seat and who has it, both or neither; and each of them once.
/// let enrol = [
///     change(-1, Some(1..=i64::MAX)),
///     Write::Put {
///         record: Record { key: Key::new("course#rust", "student#mia"), version: 1, ..Record::default() },
///         expected: Expected::Absent,
///     },
/// ];
/// table.transact(&enrol).await.unwrap();
/// assert!(table.transact(&enrol).await.is_err());
/// assert_eq!(table.peek(&seats).unwrap().counter("free"), 0);
/// # });
/// ```
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
    ///
    /// ```
    /// use store::{Expected, Key, Record, Write};
    ///
    /// let record = Record { key: Key::new("course#rust", "course"), ..Record::default() };
    /// let put = Write::Put { record, expected: Expected::Absent };
    /// assert_eq!(put.key().pk, "course#rust");
    /// ```
    pub fn key(&self) -> &Key {
        match self {
            Self::Put { record, .. } => &record.key,
            Self::Adjust(adjustment) => &adjustment.key,
        }
    }
}

/// Changes counters of one item in place and raises its version by one. The item is made where it does not exist and
/// no change has a condition.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use store::{Adjustment, CounterChange, Key, MemoryStore, Store as _, Write};
///
/// let table = MemoryStore::new(&[]);
/// let changes = vec![CounterChange { counter: "seen".to_owned(), by: 1, before: None }];
/// let seen = Adjustment { key: Key::new("course#rust", "seen"), changes };
/// // Two at once, and none of them has read the item: nothing to try again, nothing lost.
/// for _ in 0..2 {
///     table.transact(&[Write::Adjust(seen.clone())]).await.unwrap();
/// }
/// let item = table.peek(&seen.key).unwrap();
/// assert_eq!((item.counter("seen"), item.version), (2, 2));
/// # });
/// ```
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
    ///
    /// ```
    /// use store::{Adjustment, CounterChange, Key};
    ///
    /// let take = |seats: i64| {
    ///     let changes = vec![CounterChange { counter: "free".to_owned(), by: -seats, before: Some(seats..=i64::MAX) }];
    ///     Adjustment { key: Key::new("course#rust", "seats"), changes }
    /// };
    /// // A transaction may not name an item twice, so that two wishes of one item are one.
    /// assert_eq!(take(1).then(take(2)), take(3));
    /// ```
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
///
/// ```
/// use store::CounterChange;
///
/// // Takes a seat, if one is free.
/// let take = CounterChange { counter: "free".to_owned(), by: -1, before: Some(1..=i64::MAX) };
/// assert!(!take.before.unwrap().contains(&0));
/// ```
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
