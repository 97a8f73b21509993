//! What customers and operators go to do, and what follows from the answers.

use serde::Deserialize;

use super::close::LAST_PARCEL;
use super::invoke::Trigger;
use super::requests::makes_sense;
use super::{Phase, World};
use crate::agenda::Due;
use crate::audit::Invariant;
use crate::fabric::Effect;
use crate::people::{Answer, CancelWhen, Errand, What};

/// How often somebody tries before giving up for good.
const MOST_TRIES: u16 = 60;

#[derive(Debug, Deserialize)]
struct OrderAnswer {
    order_id: String,
    total: Amount,
}

#[derive(Debug, Deserialize)]
struct Amount {
    amount_minor: i64,
}

#[derive(Debug, Deserialize)]
struct Listing {
    orders: Vec<OrderAnswer>,
}

impl World {
    pub(super) fn run_errand(&mut self, errand: Errand) {
        if errand.what == What::Confirm {
            self.confirm(errand);
            return;
        }
        if errand.what == What::PublishAgain {
            self.publish_again(errand);
            return;
        }
        let Some(request) = self.request(errand) else {
            return;
        };
        self.serial += 1;
        let payload = request.payload(self.serial);
        let plant = self.fabric.parts().plant.clone();
        let payload = match plant {
            Some(plant) => plant.on_request(request.site, payload),
            None => payload,
        };
        self.line("people", || {
            format!("{} {} ({errand:?})", request.method, request.path)
        });
        self.invoke(request.site, Trigger::Errand(errand), payload);
    }

    /// A customer confirms a payment at the bank, or fails to.
    fn confirm(&mut self, errand: Errand) {
        let order_id = &self.plans[errand.order as usize].order_id;
        let effects = {
            let mut parts = self.fabric.parts();
            let parts = &mut *parts;
            let mut effects: Vec<Effect> = Vec::new();
            if let Some(number) = parts.books.waiting_for_customer(order_id) {
                parts
                    .books
                    .confirm(parts.now, number, errand.number == 1, &mut effects);
            }
            effects
        };
        for effect in effects {
            self.take_effect(effect);
        }
    }

    /// What an answer is checked for, and what it leads to. None: there was no answer.
    pub(super) fn answered(&mut self, errand: Errand, answer: Option<Answer>) {
        let status = answer.as_ref().map(|answer| answer.status);
        self.note(u64::from(status.unwrap_or(0)));
        self.line("people", || format!("are answered {status:?} ({errand:?})"));
        let Some(answer) = answer.filter(|answer| answer.status != 503) else {
            self.try_again(errand);
            return;
        };
        if errand.what == What::SetUp {
            self.set_up_answered(errand, &answer);
            return;
        }
        // Whoever places an order again with its own key finds it, or places it.
        let is_burnt = errand.what == What::Place && answer.body.contains("idempotency-key-reused");
        let makes_sense = makes_sense(errand.what, answer.status) && !is_burnt;
        self.audit
            .findings
            .check(Invariant::AnswersMakeSense, makes_sense, || {
                format!(
                    "{errand:?} was answered with {}: {}",
                    answer.status, answer.body
                )
            });
        let is_good = (200..300).contains(&answer.status);
        match errand.what {
            What::Place => self.placed(errand, &answer),
            What::Fill => self.filled(errand, &answer),
            What::SeeCart if is_good => self.cart_seen(errand, &answer),
            What::CheckOut => self.checked_out(errand, &answer),
            What::Pack if answer.status != 404 => {
                self.go(What::Dispatch, errand.order, 1, 500, 60_000)
            }
            What::Dispatch if is_good => self.dispatched(errand),
            What::Look if is_good => {
                let plan = &self.plans[errand.order as usize];
                let read: Option<OrderAnswer> = serde_json::from_str(&answer.body).ok();
                let holds = read.is_some_and(|order| order.order_id == plan.order_id);
                self.audit
                    .findings
                    .check(Invariant::OthersHidden, holds, || {
                        format!("{errand:?} shows {}", answer.body)
                    });
            }
            What::Peek | What::PeekPayment => {
                self.audit
                    .findings
                    .check(Invariant::OthersHidden, answer.status == 404, || {
                        format!("{errand:?} was answered with {}", answer.status)
                    });
            }
            What::List if is_good => self.listed(errand, &answer),
            What::SetUp
            | What::PlaceOther
            | What::SeeCart
            | What::Cancel
            | What::CancelAsOperator
            | What::Confirm
            | What::Look
            | What::List
            | What::Pack
            | What::Dispatch
            | What::Deliver
            | What::TakeBack
            | What::Refund
            | What::RefundTooMuch
            | What::ChangePrice
            | What::Receive
            | What::Adjust
            | What::Threshold
            | What::Retire
            | What::ListOpen
            | What::PublishAgain => {}
        }
    }

    fn try_again(&mut self, errand: Errand) {
        let errand = Errand {
            tries: errand.tries + 1,
            ..errand
        };
        if errand.tries > MOST_TRIES {
            self.audit
                .findings
                .check(Invariant::AnswersMakeSense, false, || {
                    format!("{errand:?} is never answered")
                });
            return;
        }
        let most = 1_000_i64 << errand.tries.min(9);
        let after = self.fabric.parts().dice.between(200, most.min(600_000));
        self.later(after, Due::Errand(errand));
    }

    pub(super) fn go(&mut self, what: What, order: u32, number: u16, least: i64, most: i64) {
        let after = self.fabric.parts().dice.between(least, most);
        self.later(after, Due::Errand(Errand::new(what, order, number)));
    }

    fn set_up_answered(&mut self, errand: Errand, answer: &Answer) {
        let is_good =
            (200..300).contains(&answer.status) && !answer.body.contains("\"rejected\":1");
        self.audit
            .findings
            .check(Invariant::AnswersMakeSense, is_good, || {
                format!(
                    "{errand:?} was answered with {}: {}",
                    answer.status, answer.body
                )
            });
        self.later(
            1,
            Due::Errand(Errand::new(What::SetUp, 0, errand.number + 1)),
        );
    }

    fn placed(&mut self, errand: Errand, answer: &Answer) {
        let order = errand.order;
        if answer.status != 201 && answer.status != 200 {
            self.plans[order as usize].refused = true;
            return;
        }
        let read: Result<OrderAnswer, _> = serde_json::from_str(&answer.body);
        let plan = &mut self.plans[order as usize];
        let holds = read
            .as_ref()
            .is_ok_and(|read| read.order_id == plan.order_id);
        self.audit
            .findings
            .check(Invariant::AnswersMakeSense, holds, || {
                format!(
                    "the order of key {} should be {}: {}",
                    plan.key, plan.order_id, answer.body
                )
            });
        let Ok(read) = read else { return };
        let (other, cancels) = (plan.other, plan.cancels);
        if !self.acknowledged(order, read.total.amount_minor) {
            return;
        }
        if other {
            self.go(What::PlaceOther, order, 0, 0, 5_000);
        }
        if cancels == CancelWhen::AtOnce && order.is_multiple_of(2) {
            // Before anybody else has heard of it.
            self.go(What::Cancel, order, 1, 0, 30);
        }
        if order.is_multiple_of(12) && self.settings.script.is_none() {
            self.go(What::Look, order, 0, 100, 60_000);
        }
    }

    /// The customer knows that there is an order; whether that is news. Those who are curious go and look.
    pub(super) fn acknowledged(&mut self, order: u32, total_minor: i64) -> bool {
        let plan = &mut self.plans[order as usize];
        plan.total_minor = total_minor;
        let is_news = !std::mem::replace(&mut plan.acknowledged, true);
        if is_news && self.settings.script.is_none() {
            self.be_curious(order);
        }
        is_news
    }

    fn be_curious(&mut self, order: u32) {
        match order % 12 {
            1 => self.go(What::Peek, order, 0, 0, 60_000),
            2 => self.go(What::PeekPayment, order, 0, 0, 60_000),
            3 => self.go(What::List, order, 0, 100, 60_000),
            4 => self.go(What::Peek, order, 1, 0, 60_000),
            _ => {}
        }
    }

    fn dispatched(&mut self, errand: Errand) {
        let Errand { order, number, .. } = errand;
        let parcels = self.plans[order as usize].parcels;
        if number < parcels {
            self.go(What::Dispatch, order, number + 1, 1_000, 3_600_000);
        }
        let hour = if self.phase == Phase::Trading {
            3_600_000
        } else {
            30_000
        };
        let last = if number == LAST_PARCEL {
            5_000
        } else {
            20 * hour
        };
        self.go(What::Deliver, order, number, 1_000, last);
    }

    fn listed(&mut self, errand: Errand, answer: &Answer) {
        let customer = self.plans[errand.order as usize].customer;
        let Ok(listing) = serde_json::from_str::<Listing>(&answer.body) else {
            return;
        };
        let Self {
            by_order,
            plans,
            audit,
            ..
        } = self;
        for order in &listing.orders {
            let owner = by_order
                .get(&order.order_id)
                .map(|order| plans[*order as usize].customer);
            audit
                .findings
                .check(Invariant::OthersHidden, owner == Some(customer), || {
                    format!("customer {customer} was shown order {}", order.order_id)
                });
        }
    }
}
