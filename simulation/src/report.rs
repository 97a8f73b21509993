//! What a run comes to.

use std::collections::BTreeMap;

use crate::audit::{INVARIANTS, Invariant, Violation};
use crate::faults::Fired;

/// What one world came to.
#[derive(Debug, Clone)]
pub struct WorldReport {
    /// Its seed.
    pub seed: u64,
    /// How many orders were placed.
    pub orders: u64,
    /// How many events were committed.
    pub events: u64,
    /// How many things happened.
    pub happenings: u64,
    /// How many calls of ports were made since trading began.
    pub calls: u64,
    /// How often each fault fired.
    pub fired: Fired,
    /// How often each invariant was checked.
    pub checked: [u64; INVARIANTS],
    /// What did not hold.
    pub violations: Vec<Violation>,
    /// The hash of its course.
    pub hash: u64,
    /// How its orders ended.
    pub ends: BTreeMap<String, u64>,
    /// Its course, for people.
    pub lines: Vec<String>,
}

/// What many worlds came to.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// How many worlds there were.
    pub seeds: u64,
    /// How many orders were placed.
    pub orders: u64,
    /// How many events were committed.
    pub events: u64,
    /// How often each fault fired.
    pub fired: Fired,
    /// How often each invariant was checked.
    pub checked: BTreeMap<Invariant, u64>,
    /// How many violations there were, by invariant.
    pub broken: BTreeMap<Invariant, u64>,
    /// The seeds of worlds with violations, each with its first.
    pub failing: BTreeMap<u64, Violation>,
    /// How orders ended.
    pub ends: BTreeMap<String, u64>,
    /// The hashes of all courses, mixed.
    pub hash: u64,
}

impl Report {
    /// Adds a world.
    pub fn add(&mut self, world: &WorldReport) {
        self.seeds += 1;
        self.orders += world.orders;
        self.events += world.events;
        self.fired.add(&world.fired);
        for (invariant, count) in Invariant::ALL.iter().zip(world.checked) {
            *self.checked.entry(*invariant).or_default() += count;
        }
        for violation in &world.violations {
            *self.broken.entry(violation.invariant).or_default() += 1;
        }
        if let Some(first) = world.violations.first() {
            self.failing.insert(world.seed, first.clone());
        }
        for (end, count) in &world.ends {
            *self.ends.entry(end.clone()).or_default() += count;
        }
        // Worlds are added in any order.
        self.hash = self
            .hash
            .wrapping_add(world.hash.rotate_left((world.seed % 63) as u32));
    }

    /// Adds another report.
    pub fn merge(&mut self, other: &Self) {
        self.seeds += other.seeds;
        self.orders += other.orders;
        self.events += other.events;
        self.fired.add(&other.fired);
        for (invariant, count) in &other.checked {
            *self.checked.entry(*invariant).or_default() += count;
        }
        for (invariant, count) in &other.broken {
            *self.broken.entry(*invariant).or_default() += count;
        }
        self.failing.extend(
            other
                .failing
                .iter()
                .map(|(seed, first)| (*seed, first.clone())),
        );
        for (end, count) in &other.ends {
            *self.ends.entry(end.clone()).or_default() += count;
        }
        self.hash = self.hash.wrapping_add(other.hash);
    }

    /// How many checks were made.
    pub fn checks(&self) -> u64 {
        self.checked.values().sum()
    }

    /// How many violations there were.
    pub fn violations(&self) -> u64 {
        self.broken.values().sum()
    }
}
