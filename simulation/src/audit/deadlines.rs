//! Deadlines: that what a document waits for stands in the index that the sweep reads, and that the sweep does come.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use identifiers::Timestamp;
use rustc_hash::FxHashMap;
use store::{DUE_SHARDS, Indexed, Key, Record, due_index};

use super::{Findings, Invariant};
use crate::site::{SITES, Site};

/// How long after its deadline an item may stand as it did, in milliseconds. The schedule ticks each minute. There are
/// worlds in which three of four sweeps are killed and half of the others refused by a throttled table, after an hour
/// without the provider: those take some hours for what has gathered by then.
const BOUND_MS: i64 = 12 * 3_600_000;

/// A deadline that an item waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Deadline {
    at: Timestamp,
    /// When it was to be met at the earliest, in milliseconds: it may have been over when it was written.
    from_ms: i64,
}

/// The deadlines of all items.
#[derive(Debug, Default)]
pub struct Deadlines {
    numbers: [FxHashMap<Key, u32>; SITES],
    items: Vec<(Site, Key, Option<Deadline>)>,
    /// From when on each was to be met, with the item's number; also those that have been met since.
    waiting: BinaryHeap<Reverse<(i64, u32)>>,
}

impl Deadlines {
    /// An item was committed that, by its document, is due then.
    pub fn committed(
        &mut self,
        site: Site,
        record: &Record,
        due: Option<Timestamp>,
        findings: &mut Findings,
    ) {
        let indexed = indexed(record);
        let is_indexed = match due {
            Some(due) => indexed == Some(due.seconds()),
            None => !record.indexed.contains_key(due_index().partition),
        };
        findings.check(Invariant::DeadlineMetInTime, is_indexed, || {
            format!(
                "{} of {} is due {}, and the sweep finds it at {indexed:?}",
                record.key,
                site.name(),
                due.map_or("never".to_owned(), |due| due.to_string())
            )
        });
        let numbers = &mut self.numbers[site as usize];
        let number = match numbers.get(&record.key) {
            Some(number) => *number,
            None if due.is_none() => return,
            None => {
                let number = self.items.len() as u32;
                numbers.insert(record.key.clone(), number);
                self.items.push((site, record.key.clone(), None));
                number
            }
        };
        let waits = &mut self.items[number as usize].2;
        if waits.map(|before| before.at) == due {
            return;
        }
        *waits = due.map(|at| Deadline {
            at,
            from_ms: at.milliseconds().max(findings.now),
        });
        if let Some(deadline) = waits {
            self.waiting.push(Reverse((deadline.from_ms, number)));
        }
    }

    /// Time has passed: what should have been met by now has been.
    pub fn check(&mut self, findings: &mut Findings) {
        while let Some(Reverse((from_ms, number))) = self.waiting.peek().copied() {
            if from_ms + BOUND_MS >= findings.now {
                return;
            }
            self.waiting.pop();
            let (site, key, waits) = &self.items[number as usize];
            let overdue = waits.filter(|deadline| deadline.from_ms == from_ms);
            findings.check(Invariant::DeadlineMetInTime, overdue.is_none(), || {
                format!(
                    "{key} of {} has been overdue for hours: {overdue:?}",
                    site.name()
                )
            });
        }
    }
}

/// When the sweep takes an item up, in seconds since the Unix epoch; none where it never finds it.
fn indexed(record: &Record) -> Option<i64> {
    let is_read = match record.indexed.get(due_index().partition)? {
        Indexed::Text(shard) => shard.parse::<u32>().is_ok_and(|shard| shard < DUE_SHARDS),
        Indexed::Number(_) => false,
    };
    match record.indexed.get(due_index().sort)? {
        Indexed::Number(at) if is_read => Some(*at),
        Indexed::Number(_) | Indexed::Text(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use store::due_shard;

    use super::*;

    const HOUR_MS: i64 = 3_600_000;

    fn at(milliseconds: i64) -> Option<Timestamp> {
        Some(Timestamp::from_milliseconds(milliseconds))
    }

    fn order(indexed: &[(&str, Indexed)]) -> Record {
        let indexed = indexed
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        Record {
            key: Key::new("order#1", "order"),
            version: 1,
            document: String::new(),
            indexed: indexed.collect(),
            ..Record::default()
        }
    }

    fn due_order(seconds: i64) -> Record {
        order(&[
            ("due_shard", Indexed::Text(due_shard("order#1"))),
            ("due_at", Indexed::Number(seconds)),
        ])
    }

    /// How many violations come of commits, each at an instant and of a deadline, and of a last look.
    fn violations(commits: &[(i64, Record, Option<Timestamp>)], last_look: i64) -> usize {
        let (mut findings, mut deadlines) = (Findings::new(0), Deadlines::default());
        for (now, record, due) in commits {
            findings.now = *now;
            deadlines.check(&mut findings);
            deadlines.committed(Site::Orders, record, *due, &mut findings);
        }
        findings.now = last_look;
        deadlines.check(&mut findings);
        findings.violations.len()
    }

    #[test]
    fn a_deadline_stands_where_the_sweep_looks() {
        let due = at(5_999);
        assert_eq!(violations(&[(0, due_order(5), due)], 0), 0);
        assert_eq!(violations(&[(0, order(&[]), None)], 0), 0);
        let shard_unread = [
            ("due_shard", Indexed::Text("99".to_owned())),
            ("due_at", Indexed::Number(5)),
        ];
        let unsharded = [("due_at", Indexed::Number(5))];
        for wrong in [
            due_order(6),
            order(&[]),
            order(&shard_unread),
            order(&unsharded),
        ] {
            assert_eq!(violations(&[(0, wrong, due)], 0), 1);
        }
        assert_eq!(violations(&[(0, due_order(5), None)], 0), 1);
    }

    #[test]
    fn a_deadline_that_is_not_met_is_told_once_and_one_that_is_met_never() {
        let first = (0, due_order(0), at(0));
        assert_eq!(violations(std::slice::from_ref(&first), BOUND_MS), 0);
        assert_eq!(violations(std::slice::from_ref(&first), BOUND_MS + 1), 1);
        let met = (HOUR_MS, order(&[]), None);
        assert_eq!(violations(&[first.clone(), met], 4 * BOUND_MS), 0);
        let moved = (HOUR_MS, due_order(7200), at(2 * HOUR_MS));
        assert_eq!(
            violations(&[first.clone(), moved.clone()], 2 * HOUR_MS + BOUND_MS),
            0
        );
        assert_eq!(
            violations(&[first.clone(), moved], 2 * HOUR_MS + BOUND_MS + 1),
            1
        );
        let touched = (HOUR_MS, due_order(0), at(0));
        let again = (BOUND_MS / 2, due_order(0), at(0));
        assert_eq!(violations(&[first, touched, again], 4 * BOUND_MS), 1);
    }

    #[test]
    fn a_deadline_that_was_over_when_it_was_written_has_its_time_from_then_on() {
        let late = (5 * HOUR_MS, due_order(0), at(0));
        assert_eq!(
            violations(std::slice::from_ref(&late), 5 * HOUR_MS + BOUND_MS),
            0
        );
        assert_eq!(violations(&[late], 5 * HOUR_MS + BOUND_MS + 1), 1);
    }
}
