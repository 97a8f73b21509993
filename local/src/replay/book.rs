//! What is known of each order while it is on its way: what was sent, and what has been heard of it since.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::plan::Plan;

/// All orders heard of, by id. An event may be heard before the answer to the request that placed the order.
#[derive(Default)]
pub(super) struct Book {
    orders: Mutex<HashMap<String, Arc<Tracked>>>,
    /// Something was heard.
    pub(super) changed: Notify,
}

/// One order.
#[derive(Default)]
pub(super) struct Tracked {
    facts: Mutex<Facts>,
    changed: Notify,
}

/// What is known of one order.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Facts {
    /// The basket it was made of, and when it was sent; none for an order that is not this replay's.
    pub(super) placing: Option<Placing>,
    /// When it was heard to be confirmed.
    pub(super) confirmed_at: Option<Instant>,
    /// When it was heard to be cancelled.
    pub(super) cancelled_at: Option<Instant>,
    /// When it was heard to be completed.
    pub(super) completed_at: Option<Instant>,
    /// Its customer must act.
    pub(super) action_required: bool,
}

/// The placing of an order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placing {
    /// Which basket.
    pub(super) basket: usize,
    /// When it was sent.
    pub(super) begun: Instant,
    /// What shall happen to it.
    pub(super) plan: Plan,
    /// It was there already, from a replay that was cut short.
    pub(super) resumed: bool,
}

/// What is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    Confirmed,
    Cancelled,
    Completed,
    ActionRequired,
}

impl Facts {
    /// When it was confirmed or cancelled, whichever came first.
    pub(super) fn decided_at(&self) -> Option<Instant> {
        let known = [self.confirmed_at, self.cancelled_at, self.completed_at];
        known.into_iter().flatten().min()
    }

    /// When it was cancelled or completed.
    pub(super) fn terminal_at(&self) -> Option<Instant> {
        self.cancelled_at.or(self.completed_at)
    }

    /// Whether nothing more will come of it.
    pub(super) fn is_terminal(&self) -> bool {
        self.terminal_at().is_some()
    }
}

impl Book {
    /// The order of that id, new or known.
    pub(super) fn order(&self, order_id: &str) -> Arc<Tracked> {
        let mut orders = self.orders.lock();
        match orders.get(order_id) {
            Some(order) => Arc::clone(order),
            None => Arc::clone(orders.entry(order_id.to_owned()).or_default()),
        }
    }

    /// What is known of the order, if it is this replay's.
    pub(super) fn placing(&self, order_id: &str) -> Option<Placing> {
        let order = self.orders.lock().get(order_id).map(Arc::clone);
        order.and_then(|order| order.facts().placing)
    }

    /// Notes what is heard of an order.
    pub(super) fn hear(&self, order_id: &str, heard: Heard) {
        self.order(order_id).hear(heard);
        self.changed.notify_waiters();
    }

    /// All orders of this replay.
    pub(super) fn placed(&self) -> Vec<(String, Facts)> {
        let orders = self.orders.lock();
        let facts = orders.iter().map(|(id, order)| (id.clone(), order.facts()));
        facts.filter(|(_, facts)| facts.placing.is_some()).collect()
    }

    /// How many orders of this replay there are, and how many of them have come to their end.
    pub(super) fn terminal(&self) -> (usize, usize) {
        let (mut placed, mut terminal) = (0, 0);
        for order in self.orders.lock().values() {
            let facts = order.facts.lock();
            placed += usize::from(facts.placing.is_some());
            terminal += usize::from(facts.placing.is_some() && facts.is_terminal());
        }
        (placed, terminal)
    }
}

impl Tracked {
    /// What is known now.
    pub(super) fn facts(&self) -> Facts {
        *self.facts.lock()
    }

    /// Notes how it was placed.
    pub(super) fn place(&self, placing: Placing) {
        self.facts.lock().placing = Some(placing);
    }

    /// Notes what is heard.
    pub(super) fn hear(&self, heard: Heard) {
        let mut facts = self.facts.lock();
        let now = Instant::now();
        match heard {
            Heard::Confirmed => _ = facts.confirmed_at.get_or_insert(now),
            Heard::Cancelled => _ = facts.cancelled_at.get_or_insert(now),
            Heard::Completed => _ = facts.completed_at.get_or_insert(now),
            Heard::ActionRequired => facts.action_required = true,
        }
        drop(facts);
        self.changed.notify_waiters();
    }

    /// Waits until something that is asked for is known.
    pub(super) async fn until(&self, known: impl Fn(&Facts) -> bool) -> Facts {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let facts = self.facts();
            if known(&facts) {
                return facts;
            }
            changed.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_event_may_come_before_the_answer() {
        let book = Book::default();
        book.hear("o-1", Heard::Confirmed);
        assert!(book.placed().is_empty());
        let facts = book
            .order("o-1")
            .until(|facts| facts.decided_at().is_some())
            .await;
        assert!(facts.confirmed_at.is_some() && !facts.is_terminal());
        book.order("o-1").place(Placing {
            basket: 0,
            begun: Instant::now(),
            plan: Plan {
                card: "pm_card_visa",
                cancel: None,
            },
            resumed: false,
        });
        assert_eq!(book.terminal(), (1, 0));
        book.hear("o-1", Heard::Completed);
        assert_eq!(book.terminal(), (1, 1));
    }
}
