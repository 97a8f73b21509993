//! Counts of what customers and operators asked for and were told, and the first of what went wrong, in words.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use serde::Serialize;

/// How many mishaps are kept in words.
const KEPT: usize = 20;

/// What is counted while a replay runs.
#[derive(Default)]
pub(super) struct Tally(Mutex<Counted>);

/// What was counted.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Counted {
    /// What was asked and what came of it, by name.
    pub(super) acts: BTreeMap<&'static str, u64>,
    /// Orders that were refused, and requests that failed.
    pub(super) mishaps: u64,
    /// The first of them.
    pub(super) first_mishaps: Vec<String>,
}

impl Tally {
    /// One more of that act.
    pub(super) fn count(&self, act: &'static str) {
        *self.0.lock().acts.entry(act).or_default() += 1;
    }

    /// Something that should not have happened.
    pub(super) fn mishap(&self, words: String) {
        let mut counted = self.0.lock();
        counted.mishaps += 1;
        if counted.first_mishaps.len() < KEPT {
            counted.first_mishaps.push(words);
        }
    }

    /// What was counted so far.
    pub(super) fn counted(&self) -> Counted {
        self.0.lock().clone()
    }
}
