//! What shall happen to each order: chance, but the same chance in every run with the same seed, so that a replay that
//! is run again asks for the same things.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::arguments::{Arguments, Percent};
use super::baskets::number_of;

const PAYS: &str = "pm_card_visa";
const DECLINES: &str = "pm_card_chargeDeclined";
const ASKS: &str = "pm_card_authenticationRequired";
/// The longest that a cancellation at some moment waits.
const LATEST_CANCEL_MS: u64 = 400;

/// What shall happen to one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    /// The test card it is paid with.
    pub(super) card: &'static str,
    /// How it is cancelled, if it is.
    pub(super) cancel: Option<Cancel>,
}

/// How an order is cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cancel {
    pub(super) when: When,
    /// By its customer, or by the operator.
    pub(super) by_customer: bool,
}

/// The moment of a cancellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// So long after placing.
    After(Duration),
    /// As soon as it is confirmed.
    Confirmed,
    /// When it is packed, racing the carrier.
    Packed,
    /// When it has left: in vain.
    Dispatched,
}

/// Decides plans.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planner {
    seed: u64,
    decline: Percent,
    action: Percent,
    cancel: Percent,
    contacts: Percent,
    scarce: Percent,
    scarce_units: Option<u64>,
}

impl Planner {
    pub(super) fn new(arguments: &Arguments) -> Self {
        Self {
            seed: arguments.seed,
            decline: arguments.decline,
            action: arguments.action,
            cancel: arguments.cancel,
            contacts: arguments.contacts,
            scarce: arguments.scarce,
            scarce_units: arguments.scarce_units,
        }
    }

    fn dice(&self, about: &str) -> StdRng {
        StdRng::seed_from_u64(self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ number_of(about))
    }

    /// What shall happen to the basket's order.
    pub(super) fn of_basket(&self, basket_id: &str) -> Plan {
        let mut dice = self.dice(basket_id);
        let kind: f64 = dice.random();
        let card = if kind < self.decline.share() {
            DECLINES
        } else if kind < self.decline.share() + self.action.share() {
            ASKS
        } else {
            PAYS
        };
        let cancels = dice.random_bool(self.cancel.share());
        let when = match dice.random_range(0..6) {
            0 => When::After(Duration::ZERO),
            1 | 2 => When::After(Duration::from_millis(
                dice.random_range(1..LATEST_CANCEL_MS),
            )),
            3 => When::Confirmed,
            4 => When::Packed,
            _ => When::Dispatched,
        };
        let by_customer = dice.random();
        let cancel = cancels.then_some(Cancel { when, by_customer });
        Plan { card, cancel }
    }

    /// Whether the customer has left an address.
    pub(super) fn has_contact(&self, customer_id: &str) -> bool {
        let share = self.contacts.share();
        self.dice(&format!("contact {customer_id}"))
            .random_bool(share)
    }

    /// How much of a SKU is received where so much is needed: all, or for a share of SKUs up to nine tenths of it (or the
    /// number of units set for them).
    pub(super) fn stock(&self, sku: &str, needed: u64) -> u64 {
        let mut dice = self.dice(&format!("stock {sku}"));
        match dice.random_bool(self.scarce.share()) {
            true => match self.scarce_units {
                Some(units) => units.min(needed),
                None => needed * dice.random_range(0..=9_u64) / 10,
            },
            false => needed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planner(percent: f64) -> Planner {
        Planner {
            seed: 7,
            decline: Percent(percent),
            action: Percent(percent),
            cancel: Percent(percent),
            contacts: Percent(percent),
            scarce: Percent(percent),
            scarce_units: None,
        }
    }

    #[test]
    fn shares_are_met_and_the_same_seed_decides_the_same() {
        let planner = planner(20.0);
        let plans: Vec<Plan> = (0..5000)
            .map(|basket| planner.of_basket(&basket.to_string()))
            .collect();
        let share = |chosen: &dyn Fn(&&Plan) -> bool| plans.iter().filter(chosen).count() / 50;
        for percent in [
            share(&|plan| plan.card == DECLINES),
            share(&|plan| plan.card == ASKS),
            share(&|plan| plan.cancel.is_some()),
        ] {
            assert!((18..=22).contains(&percent), "{percent}");
        }
        assert_eq!(plans[17], planner.of_basket("17"));
    }

    #[test]
    fn scarce_skus_get_less_than_is_needed() {
        let all = planner(100.0);
        assert!((0..100).all(|sku: i32| all.stock(&sku.to_string(), 10) < 10));
        let none = planner(0.0);
        assert!((0..100).all(|sku: i32| none.stock(&sku.to_string(), 10) == 10));
    }
}
