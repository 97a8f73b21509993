//! Customers who order by a cart: they fill it line by line, look what it costs, and check it out.
//!
//! A cart's order has an id that its customer cannot know before the checkout is answered. The world knows it as soon as
//! the checkout is committed, and notices when a second order comes of the same cart.

use std::sync::Arc;

use serde::Deserialize;
use store::Record;

use super::World;
use crate::audit::{Cart, Document, Invariant};
use crate::people::{Answer, Caller, Errand, REGION, Request, SeenCart, What};
use crate::site::Site;

/// How often somebody checks out a cart that has become another each time.
const MOST_ROUNDS: u16 = 8;

#[derive(Deserialize)]
struct CartAnswer {
    version: u64,
    subtotal: Option<money::Money>,
}

#[derive(Deserialize)]
struct CheckoutAnswer {
    order_id: String,
}

impl World {
    pub(super) fn cart_request(&self, errand: Errand) -> Option<Request> {
        let plan = &self.plans[errand.order as usize];
        let customer = Caller::Customer(plan.customer);
        let request =
            |method, path: String| Some(Request::new(Site::Carts, method, path, customer));
        match errand.what {
            What::Fill => {
                let (sku, quantity) = plan.lines.get(usize::from(errand.number))?;
                let path = format!("/api/cart/lines/SKU-{sku}");
                Some(request("PUT", path)?.body(format!("{{\"quantity\":{quantity}}}")))
            }
            What::CheckOut => {
                let seen = plan.cart?;
                let total_minor = plan.expected_total_minor(seen);
                let body = format!(
                    "{{\"version\":{},\"region\":\"{REGION}\",\"payment_method\":\"{}\",\
                     \"expected_total\":{{\"amount_minor\":{total_minor},\"currency\":\"JPY\"}}}}",
                    seen.version,
                    plan.method.token()
                );
                let key = format!("checkout-{}", errand.number);
                Some(
                    request("POST", "/api/cart/checkout".to_owned())?
                        .key(key)
                        .body(body),
                )
            }
            _ => request("GET", "/api/cart".to_owned()),
        }
    }

    /// A line is in the cart, or is not to be had.
    pub(super) fn filled(&mut self, errand: Errand, answer: &Answer) {
        let Errand { order, number, .. } = errand;
        let plan = &mut self.plans[order as usize];
        let next = if answer.status == 200 {
            plan.cart = seen(answer).or(plan.cart);
            number + 1
        } else {
            plan.lines.remove(usize::from(number));
            number
        };
        let (left, twice) = (plan.lines.len(), plan.twice);
        if usize::from(next) < left {
            self.go(What::Fill, order, next, 50, 20_000);
        } else if left == 0 {
            plan.refused = true;
        } else {
            self.go(What::CheckOut, order, 0, 100, 300_000);
            if twice {
                // Checked out by a second click, or a while later by another tab.
                self.go(What::CheckOut, order, 0, 100, 300_000);
            }
        }
    }

    /// The owner has looked again what is in the cart.
    pub(super) fn cart_seen(&mut self, errand: Errand, answer: &Answer) {
        let Some(seen) = seen(answer) else { return };
        self.plans[errand.order as usize].cart = Some(seen);
        self.go(What::CheckOut, errand.order, errand.number, 100, 60_000);
    }

    pub(super) fn checked_out(&mut self, errand: Errand, answer: &Answer) {
        let Errand { order, number, .. } = errand;
        let plan = &mut self.plans[order as usize];
        if answer.status != 202 {
            if answer.body.contains("prices-changed") && number < MOST_ROUNDS {
                self.go(What::SeeCart, order, number + 1, 100, 10_000);
            } else {
                plan.refused = true;
            }
            return;
        }
        let read: Option<CheckoutAnswer> = serde_json::from_str(&answer.body).ok();
        let holds = read.is_some_and(|read| read.order_id == plan.order_id);
        self.audit
            .findings
            .check(Invariant::AnswersMakeSense, holds, || {
                format!(
                    "the cart of customer {} became {}: {}",
                    plan.customer, plan.order_id, answer.body
                )
            });
        let total_minor = plan.cart.map_or(0, |seen| plan.expected_total_minor(seen));
        self.acknowledged(order, total_minor);
    }

    /// A cart was committed: if it was checked out, its order is known from now on.
    pub(super) fn cart_committed(&mut self, record: &Arc<Record>) {
        let Ok(Document { s: cart, .. }) =
            serde_json::from_str::<Document<'_, Cart>>(&record.document)
        else {
            return;
        };
        let Some(order) = cart
            .owner()
            .and_then(|customer| customer.checked_sub(self.customers))
        else {
            return;
        };
        for checked_out in &cart.o {
            let Some(plan) = self.plans.get_mut(order as usize) else {
                return;
            };
            let is_new = self.by_order.insert(checked_out.o.clone(), order).is_none();
            if is_new {
                let is_first = !std::mem::replace(&mut plan.has_order, true);
                self.audit
                    .findings
                    .check(Invariant::EffectOnce, is_first, || {
                        format!(
                            "the cart of customer {} became {} and {}",
                            plan.customer, plan.order_id, checked_out.o
                        )
                    });
                plan.order_id.clone_from(&checked_out.o);
            }
        }
    }
}

fn seen(answer: &Answer) -> Option<SeenCart> {
    let cart: CartAnswer = serde_json::from_str(&answer.body).ok()?;
    Some(SeenCart {
        version: cart.version,
        subtotal_minor: cart.subtotal?.amount_minor,
    })
}
