//! What is to be simulated.

use std::sync::Arc;

use crate::crash_points::Script;
use crate::fabric::CrashPoint;
use crate::faults::Rates;
use crate::planted::Plant;

/// The settings of a world.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How many orders are placed.
    pub orders: u32,
    /// How many SKUs there are at most; at least half as many there are.
    pub skus: u16,
    /// How often each fault happens.
    pub rates: Rates,
    /// Whether each world has rates of its own, mixed from these.
    pub mixes: bool,
    /// Whether calls take time, so that invocations overlap.
    pub takes_time: bool,
    /// Whether the course is written down for people.
    pub trace: bool,
    /// Whether a world ends with its first violation.
    pub stops_at_first: bool,
    /// Over how long orders are spread, in milliseconds; drawn for each world where none is given.
    pub span_ms: Option<i64>,
    /// How long after that faults stop, in milliseconds.
    pub trades_for_ms: i64,
    /// Where processes are killed.
    pub crash_points: Vec<CrashPoint>,
    /// What people do, where it is not drawn.
    pub script: Option<Script>,
    /// A mistake that is planted at the ports. Of tests only.
    pub planted: Option<Arc<dyn Plant>>,
}

impl Settings {
    /// So many orders in each world, with every fault.
    pub fn all_faults(orders: u32) -> Self {
        Self {
            orders,
            skus: 160,
            rates: Rates::all(),
            mixes: true,
            takes_time: true,
            trace: false,
            stops_at_first: false,
            span_ms: None,
            trades_for_ms: 10 * 86_400_000,
            crash_points: Vec::new(),
            script: None,
            planted: None,
        }
    }

    /// So many orders in each world, where nothing goes wrong.
    pub fn faultless(orders: u32) -> Self {
        Self {
            rates: Rates::none(),
            mixes: false,
            ..Self::all_faults(orders)
        }
    }

    /// More than this happens in a world only if its work has no end: the busiest of hundreds of worlds of 14 or 100 orders
    /// had an eighth of it.
    pub(crate) fn most_happenings(&self) -> u64 {
        50_000 + 2_000 * u64::from(self.orders)
    }
}
