//! What customers and operators do about what they hear: the first time that each event reaches its topic.

use contracts::CloudEvent;
use serde::Deserialize;

use super::{Phase, World};
use crate::agenda::Due;
use crate::people::{CancelWhen, Confirms, Errand, What};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Complete {
    complete: bool,
}

impl World {
    pub(super) fn react(&mut self, event: &CloudEvent) {
        let Some(order) = self.by_order.get(event.subject.as_str()).copied() else {
            return;
        };
        if self.phase > Phase::Closing {
            return;
        }
        let plan = &self.plans[order as usize];
        let (cancels, confirms, packs_after) = (plan.cancels, plan.confirms, plan.packs_after);
        let soon = {
            let mut parts = self.fabric.parts();
            if parts.dice.below(2) == 0 {
                parts.dice.between(0, 60)
            } else {
                parts.dice.between(0, 5_000)
            }
        };
        let go = |what: What, number: u16, after: i64| {
            self.fabric
                .parts()
                .later(after, Due::Errand(Errand::new(what, order, number)));
        };
        match event.event_type.as_str() {
            "orders.OrderPlaced.v1" if cancels == CancelWhen::AtOnce => {
                go(What::Cancel, 0, soon / 4)
            }
            "orders.PaymentRequested.v1" if cancels == CancelWhen::WhilePaying => {
                go(What::Cancel, 0, soon);
            }
            "payments.PaymentActionRequired.v1" => match confirms {
                Confirms::After(after) => go(What::Confirm, 1, after),
                Confirms::FailsAfter(after) => go(What::Confirm, 0, after),
                Confirms::Never => {}
            },
            "orders.OrderConfirmed.v1" if cancels == CancelWhen::Confirmed => {
                let what = if order % 3 == 0 {
                    What::CancelAsOperator
                } else {
                    What::Cancel
                };
                go(what, 0, soon);
            }
            "shipping.ShipmentCreated.v1" => {
                if cancels == CancelWhen::AsDispatched {
                    // Both within a second or so of one another, in any order.
                    go(What::Dispatch, 1, 1_000 + soon / 4);
                    go(What::Cancel, 0, 1_600);
                } else {
                    go(What::Pack, 0, packs_after);
                }
            }
            "shipping.ShipmentDispatched.v1" if cancels == CancelWhen::Dispatched => {
                go(What::Cancel, 0, soon);
            }
            "payments.PaymentCaptured.v1" => {
                let refunds = self.plans[order as usize].refunds.len() as u16;
                for number in 0..refunds {
                    go(What::Refund, number, 1_000 + soon);
                }
                if order % 16 == 3 {
                    go(What::RefundTooMuch, 0, 2_000 + soon);
                }
            }
            "shipping.ShipmentDelivered.v1" => {
                let said: Complete = event.data_or_default();
                if said.complete && self.plans[order as usize].returns {
                    go(What::TakeBack, 0, 60_000 + soon);
                }
            }
            _ => {}
        }
    }
}

trait DataOrDefault {
    fn data_or_default(&self) -> Complete;
}

impl DataOrDefault for CloudEvent {
    fn data_or_default(&self) -> Complete {
        serde_json::from_str(self.data.get()).unwrap_or_default()
    }
}
