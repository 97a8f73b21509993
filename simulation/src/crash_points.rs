//! A small world that is killed at every point.

use crate::fabric::Parts;
use crate::people::{Goods, Plan};

/// What people do in a small world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// One order is delivered, one cancelled, one declined.
    Small,
}

impl Script {
    /// The plan of an order.
    pub fn plan(self, parts: &mut Parts, order: u32, goods: &Goods, customers: u32) -> Plan {
        Plan::draw(parts, order, goods, customers)
    }
}
