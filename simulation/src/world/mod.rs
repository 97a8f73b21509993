//! A world: the contexts behind their doors, what carries messages between them, and the people who use the shop.
//!
//! One thread, one agenda. Whatever is next on it happens, then everything it touched is audited, then the next.

mod carts;
mod close;
mod effects;
mod errands;
mod invoke;
mod publish_again;
mod queues;
mod react;
mod relays;
mod requests;
mod schedule;
mod set_up;
mod webhooks;

use std::collections::BTreeSet;
use std::sync::Arc;

use door::Function;
use payments::provider::Intent;
use rustc_hash::{FxHashMap, FxHashSet};
use store::Key;

use crate::agenda::{Due, TaskId};
use crate::audit::{Audit, Invariant, Scene};
use crate::bus::{Queue, Stream};
use crate::fabric::Fabric;
use crate::faults::{Fault, Rates};
use crate::logs::Logs;
use crate::people::{Goods, Plan, Request};
use crate::ports::WorldStore;
use crate::report::WorldReport;
use crate::settings::Settings;
use crate::site::SITES;
use crate::trace::Trace;
use invoke::Task;

/// When the world begins: the morning of 24 November 2026, UTC, in milliseconds.
pub const BEGINNING: i64 = 1_795_512_600_000;
/// Twice the longest deadline of an order, in milliseconds: stock and payment may be got for twenty minutes, and each
/// of three replies is waited for five minutes more (the defaults of `orders::Config`).
const BOUND_MS: i64 = 2 * (1200 + 3 * 300) * 1000;
/// After so long something is due without end, in milliseconds.
const END_MS: i64 = 60 * 86_400_000;

/// What a world is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The shop is set up; nothing goes wrong.
    SetUp,
    /// Orders come, and things go wrong.
    Trading,
    /// Faults have stopped; everything left is brought to its end.
    Closing,
    /// Every order was found at its end; copies of old messages still come.
    Late,
}

/// A hint of the provider's.
#[derive(Debug, Clone)]
struct Hint {
    payment: u32,
    fault: Option<Fault>,
    /// How the payment stood, as the webhook says; known only where a mistake is planted.
    told: Option<Intent>,
}

/// A world.
pub struct World {
    settings: Settings,
    fabric: Arc<Fabric>,
    phase: Phase,
    functions: [Function; SITES],
    stores: [WorldStore; SITES],
    hears: FxHashMap<&'static str, u8>,
    queues: [Queue; SITES],
    streams: [Stream; SITES],
    tasks: Vec<Option<Task>>,
    audit: Audit,
    goods: Goods,
    set_up: Vec<Request>,
    customers: u32,
    plans: Vec<Plan>,
    by_order: FxHashMap<String, u32>,
    hints: Vec<Hint>,
    cancelled_at: FxHashMap<String, i64>,
    due: [BTreeSet<(i64, Key)>; SITES],
    due_of: [FxHashMap<Key, i64>; SITES],
    ticks_at: [Option<i64>; SITES],
    rates: Rates,
    windows: Vec<schedule::Window>,
    again: Vec<publish_again::Again>,
    mails: FxHashSet<(String, String)>,
    sent_mails: FxHashMap<TaskId, Vec<(String, String)>>,
    serial: u64,
    happenings: u64,
    span_ms: i64,
    closes_at: i64,
    logs: Logs,
}

impl World {
    /// Runs a world of a seed to its end.
    pub fn run(settings: &Settings, seed: u64) -> WorldReport {
        let mut world = Self::new(settings, seed);
        let _logs = tracing::subscriber::set_default(world.logs.clone());
        world.begin_set_up();
        world.go_on();
        world.begin_trading();
        world.go_on();
        world.end(seed)
    }

    /// Lets happen what is on the agenda until nothing is.
    fn go_on(&mut self) {
        loop {
            let next = {
                let mut parts = self.fabric.parts();
                let next = parts.agenda.next();
                if let Some((at, _)) = &next {
                    // An instant that has passed already happens now.
                    parts.now = parts.now.max(*at);
                    self.audit.time_is(parts.now);
                }
                next
            };
            let Some((at, due)) = next else { return };
            if at > BEGINNING + END_MS || self.happenings > self.settings.most_happenings() {
                self.audit.findings.check(Invariant::WorkEnds, false, || {
                    format!("the world does not come to rest: {due:?} is next")
                });
                return;
            }
            self.happen(due);
            if self.settings.stops_at_first && !self.audit.findings.violations.is_empty() {
                return;
            }
        }
    }

    fn happen(&mut self, due: Due) {
        self.happenings += 1;
        match due {
            Due::Wake(task, waker) => {
                waker.wake();
                self.poll(task);
            }
            Due::TimeLimit(task) => self.time_out(task),
            Due::Arrive(site, message) => self.arrive(site, message),
            Due::Poll(site) => self.poll_queue(site),
            Due::Shard(site, shard) => self.poll_shard(site, shard),
            Due::Tick(site) => self.tick(site),
            Due::Errand(errand) => self.run_errand(errand),
            Due::HoldEnds(number) => self.hold_ends(number),
            Due::Webhook(hint, tries) => self.send_webhook(hint, tries),
            Due::Window(window) => self.turn_window(window),
            Due::Redrive(site) => self.redrive(site),
            Due::Phase => self.next_phase(),
        }
    }

    fn now(&self) -> i64 {
        self.audit.findings.now
    }

    fn later(&self, milliseconds: i64, due: Due) {
        self.fabric.parts().later(milliseconds, due);
    }

    /// A line of the trace, made only if it is wanted.
    fn line(&self, who: &str, what: impl FnOnce() -> String) {
        let mut parts = self.fabric.parts();
        let now = parts.now;
        parts.trace.line(now, who, what);
    }

    fn note(&self, number: u64) {
        self.fabric.parts().trace.note(number);
    }

    fn end(mut self, seed: u64) -> WorldReport {
        let fabric = Arc::clone(&self.fabric);
        let mut parts = fabric.parts();
        if !self.settings.stops_at_first || self.audit.findings.violations.is_empty() {
            let scene = Scene {
                books: &parts.books,
                queues: &self.queues,
                streams: &self.streams,
            };
            self.audit.check_quiet(&scene);
            self.check_acknowledged();
        }
        let trace = std::mem::take(&mut parts.trace);
        WorldReport {
            seed,
            orders: self.audit.orders.len() as u64,
            events: self.audit.messages.events.len() as u64,
            happenings: self.happenings,
            calls: parts.calls,
            fired: parts.fired.clone(),
            checked: self.audit.findings.checked,
            violations: std::mem::take(&mut self.audit.findings.violations),
            hash: trace.hash(),
            ends: self.ends(),
            lines: trace.into_lines(),
        }
    }

    fn check_acknowledged(&mut self) {
        let Self { plans, audit, .. } = self;
        for plan in plans.iter().filter(|plan| plan.acknowledged) {
            let order = audit.orders.get(&plan.order_id);
            // A checkout whose total orders could not agree to is there as refused.
            let holds = order.is_some_and(|order| {
                order.total == plan.total_minor || (plan.cart.is_some() && order.no.is_some())
            });
            audit
                .findings
                .check(Invariant::AcknowledgedExists, holds, || {
                    format!("order {} was acknowledged, and is {order:?}", plan.order_id)
                });
            let refunds = audit.refunds_asked_for(&plan.order_id);
            let wished = plan.refunds.len();
            audit
                .findings
                .check(Invariant::EffectOnce, refunds <= wished, || {
                    let id = &plan.order_id;
                    format!("order {id}: {refunds} refunds for {wished} wishes")
                });
        }
    }

    /// How orders ended, by number.
    fn ends(&self) -> std::collections::BTreeMap<String, u64> {
        let mut ends = std::collections::BTreeMap::new();
        for order in self.audit.orders.values() {
            *ends.entry(order.st.clone()).or_insert(0) += 1;
        }
        ends
    }
}

/// A new world's fabric.
fn fabric(settings: &Settings, seed: u64) -> Arc<Fabric> {
    let mut dice = crate::dice::Dice::new(seed);
    let _ = dice.bits();
    Fabric::new(crate::fabric::Parts {
        now: BEGINNING,
        agenda: Default::default(),
        dice,
        rates: Rates::none(),
        is_instant: true,
        fired: Default::default(),
        running: None,
        dies: false,
        calls: 0,
        crash_points: Vec::new(),
        effects: Vec::new(),
        books: Default::default(),
        provider_down_until: 0,
        plant: settings.planted.clone(),
        trace: Trace::new(BEGINNING, settings.trace),
    })
}
