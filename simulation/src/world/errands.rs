//! The requests of customers and operators, what their answers must be, and what follows.

use serde::Deserialize;

use super::close::LAST_PARCEL;
use super::invoke::Trigger;
use super::{Phase, World};
use crate::agenda::Due;
use crate::audit::Invariant;
use crate::fabric::Effect;
use crate::people::{Answer, Caller, CancelWhen, Errand, Request, What, lines_json};
use crate::site::Site;

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

    fn request(&self, errand: Errand) -> Option<Request> {
        let Errand {
            what,
            order,
            number,
            ..
        } = errand;
        let operator =
            |site, method, path: String| Request::new(site, method, path, Caller::Operator);
        let about_order = match what {
            What::SetUp
            | What::ChangePrice
            | What::Receive
            | What::Adjust
            | What::Threshold
            | What::Retire
            | What::ListOpen
            | What::PublishAgain => None,
            _ => Some(&self.plans[order as usize]),
        };
        if let Some(plan) = about_order {
            let id = &plan.order_id;
            let customer = Caller::Customer(plan.customer);
            let other = Caller::Customer((plan.customer + 1) % self.customers);
            let shipping = |verb: &str| format!("/api/operator/shipments/{id}/{verb}");
            let refund = || {
                operator(
                    Site::Payments,
                    "POST",
                    format!("/api/operator/payments/{id}/refund"),
                )
            };
            return Some(match what {
                What::Place => Request::new(Site::Orders, "POST", "/api/orders", customer)
                    .key(&plan.key)
                    .body(&plan.body),
                What::PlaceOther => {
                    let body = plan.body.replacen("\"quantity\":", "\"quantity\":1", 1);
                    Request::new(Site::Orders, "POST", "/api/orders", customer)
                        .key(&plan.key)
                        .body(body)
                }
                What::Cancel => Request::new(
                    Site::Orders,
                    "POST",
                    format!("/api/orders/{id}/cancel"),
                    customer,
                ),
                What::CancelAsOperator => operator(
                    Site::Orders,
                    "POST",
                    format!("/api/operator/orders/{id}/cancel"),
                ),
                What::Look => {
                    Request::new(Site::Orders, "GET", format!("/api/orders/{id}"), customer)
                }
                What::Peek if number == 1 => Request::new(
                    Site::Orders,
                    "POST",
                    format!("/api/orders/{id}/cancel"),
                    other,
                ),
                What::Peek => Request::new(Site::Orders, "GET", format!("/api/orders/{id}"), other),
                What::PeekPayment => {
                    Request::new(Site::Payments, "GET", format!("/api/payments/{id}"), other)
                }
                What::List => Request::new(Site::Orders, "GET", "/api/orders?limit=10", customer),
                What::Pack => operator(Site::Shipping, "POST", shipping("pack")),
                What::Dispatch => {
                    let lines = plan.lines_of_parcel(number);
                    let lines = lines
                        .map(|lines| format!(",\"lines\":{lines}"))
                        .unwrap_or_default();
                    operator(Site::Shipping, "POST", shipping("dispatch")).body(format!(
                        "{{\"carrier\":\"Yamato\",\"tracking_number\":\"t-{order}-{number}\"{lines}}}"
                    ))
                }
                What::Deliver => operator(Site::Shipping, "POST", shipping("deliver")).body("{}"),
                What::TakeBack => {
                    let restock = order % 2 == 0;
                    let (sku, _) = plan.lines[0];
                    operator(Site::Shipping, "POST", shipping("returns"))
                        .key(format!("return-{order}-{number}"))
                        .body(format!(
                            "{{\"lines\":{},\"restock\":{restock}}}",
                            lines_json(&[(sku, 1)])
                        ))
                }
                What::Refund => {
                    let hundredths = i64::from(plan.refunds[usize::from(number)]);
                    let amount = (plan.total_minor * hundredths / 100).max(1);
                    refund()
                        .key(format!("refund-{order}-{number}"))
                        .body(money(amount))
                }
                What::RefundTooMuch => refund()
                    .key(format!("refund-much-{order}"))
                    .body(money(plan.total_minor * 2 + 1)),
                What::Confirm
                | What::SetUp
                | What::ChangePrice
                | What::Receive
                | What::Adjust
                | What::Threshold
                | What::Retire
                | What::ListOpen
                | What::PublishAgain => return None,
            });
        }
        let sku = order;
        let stock = |verb: &str| format!("/api/operator/stock/SKU-{sku}/{verb}");
        Some(match what {
            What::SetUp => self.set_up.get(usize::from(number))?.clone(),
            What::ChangePrice => {
                let price = 50 + 10 * (i64::from(number) * 37 % 400);
                let product = sku / 8;
                operator(Site::Catalog, "POST", format!("/api/operator/products/P-{product}/price"))
                    .key(format!("price-{number}"))
                    .body(format!(
                        "{{\"sku\":\"SKU-{sku}\",\"price\":{{\"amount_minor\":{price},\"currency\":\"JPY\"}}}}"
                    ))
            }
            What::Receive => operator(Site::Inventory, "POST", stock("receive"))
                .key(format!("receive-{number}"))
                .body(format!("{{\"quantity\":{}}}", 1 + number % 20)),
            What::Adjust => {
                let reason = if number % 2 == 0 {
                    "damaged"
                } else {
                    "counted"
                };
                let by = if number % 3 == 0 {
                    2
                } else {
                    -1 - i32::from(number % 4)
                };
                operator(Site::Inventory, "POST", stock("adjust"))
                    .key(format!("adjust-{number}"))
                    .body(format!("{{\"by\":{by},\"reason\":\"{reason}\"}}"))
            }
            What::Threshold => operator(Site::Inventory, "POST", stock("threshold"))
                .body(format!("{{\"threshold\":{}}}", number % 9)),
            What::Retire => operator(
                Site::Catalog,
                "POST",
                format!("/api/operator/products/P-{order}/retire"),
            )
            .key("retire"),
            What::ListOpen => operator(
                Site::Shipping,
                "GET",
                "/api/operator/shipments?limit=100".to_owned(),
            ),
            _ => return None,
        })
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

    fn go(&mut self, what: What, order: u32, number: u16, least: i64, most: i64) {
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
        let is_first = !plan.acknowledged;
        plan.acknowledged = true;
        plan.total_minor = read.total.amount_minor;
        if !is_first {
            return;
        }
        let (other, cancels) = (plan.other, plan.cancels);
        if other {
            self.go(What::PlaceOther, order, 0, 0, 5_000);
        }
        if cancels == CancelWhen::AtOnce && order.is_multiple_of(2) {
            // Before anybody else has heard of it.
            self.go(What::Cancel, order, 1, 0, 30);
        }
        if self.settings.script.is_some() {
            return;
        }
        match order % 12 {
            0 => self.go(What::Look, order, 0, 100, 60_000),
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

fn money(amount_minor: i64) -> String {
    format!("{{\"amount\":{{\"amount_minor\":{amount_minor},\"currency\":\"JPY\"}}}}")
}

/// Whether a request may be answered so. 503 never comes here: it is tried again.
fn makes_sense(what: What, status: u16) -> bool {
    match what {
        What::SetUp | What::Confirm | What::PublishAgain => true,
        What::Place => matches!(status, 201 | 200 | 422),
        What::PlaceOther => status == 422,
        What::Cancel | What::CancelAsOperator => matches!(status, 200 | 409),
        What::Look | What::List | What::ListOpen => status == 200,
        What::Peek | What::PeekPayment => status == 404,
        What::Pack | What::Deliver => matches!(status, 200 | 409),
        // A parcel's lines may have left with another.
        What::Dispatch => matches!(status, 200 | 409 | 400),
        What::TakeBack => matches!(status, 200 | 400),
        What::Refund => matches!(status, 200 | 409 | 422),
        What::RefundTooMuch => matches!(status, 409 | 422),
        What::ChangePrice => matches!(status, 200 | 409),
        What::Receive => status == 200,
        What::Adjust => matches!(status, 200 | 409),
        What::Threshold => status == 200,
        What::Retire => status == 200,
    }
}
