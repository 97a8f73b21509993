//! Checks that nothing was lost, sold twice or charged wrongly: every invariant, against what the stores and the payment
//! provider themselves hold, and against the baskets. Owns the rules; changes nothing.
//!
//! Rules about one order are checked for the orders of this replay; what must hold of everything (stock, the provider's
//! ledger) is checked of everything.

mod money;
mod order;
mod rules;
mod snapshot;
mod stock;
mod told;

use std::collections::{BTreeSet, HashMap};

use noren::Stillness;
use orders::order::OrderStatus;

use super::book::Facts;
use super::scene::Scene;
pub(super) use rules::{Findings, Rule, RuleResult};
pub(super) use snapshot::Snapshot;

/// Where the orders of this replay stand, by the store.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Standing {
    pub(super) completed: u64,
    pub(super) cancelled: u64,
    pub(super) unfinished: u64,
}

/// What the audit is about.
pub(super) struct Audit<'a> {
    pub(super) scene: &'a Scene,
    pub(super) snapshot: &'a Snapshot,
    /// The orders of this replay.
    pub(super) placed: &'a HashMap<String, Facts>,
    /// Customers with a mail address.
    pub(super) contacts: &'a BTreeSet<String>,
    pub(super) stillness: &'a Stillness,
}

impl Standing {
    /// The same by what was heard of them, where the store is not asked.
    pub(super) fn as_heard<'a>(placed: impl Iterator<Item = &'a Facts>) -> Self {
        let mut standing = Self::default();
        for facts in placed {
            match (facts.completed_at, facts.cancelled_at) {
                (Some(_), _) => standing.completed += 1,
                (None, Some(_)) => standing.cancelled += 1,
                (None, None) => standing.unfinished += 1,
            }
        }
        standing
    }
}

impl Audit<'_> {
    /// Checks everything.
    pub(super) fn run(&self) -> (Findings, Standing) {
        let mut findings = Findings::default();
        let mut standing = Standing::default();
        order::one_order_per_basket(self, &mut findings);
        for order_id in self.placed.keys() {
            let Some(order) = self.snapshot.orders.get(order_id) else {
                standing.unfinished += 1;
                continue;
            };
            match order.state.status {
                OrderStatus::Completed => standing.completed += 1,
                OrderStatus::Cancelled => standing.cancelled += 1,
                OrderStatus::Placed
                | OrderStatus::AwaitingPayment
                | OrderStatus::Confirmed
                | OrderStatus::Cancelling => standing.unfinished += 1,
            }
            order::check(self, order_id, &order.state, &mut findings);
            stock::check_reservation(self, order_id, &order.state, &mut findings);
        }
        order::versions(self.snapshot, &mut findings);
        stock::check(self.snapshot, &mut findings);
        money::check(self, &mut findings);
        told::check(self, &mut findings);
        // One check where the queues hold nothing, which the stack does not list, and one for each that does.
        let dead = &self.stillness.dead_letters;
        findings.check(Rule::NoDeadLetters, dead.is_empty(), || format!("{dead:?}"));
        (findings, standing)
    }
}
