//! The requests of customers and operators, and how they may be answered.

use super::World;
use crate::people::{Caller, Errand, Request, What, lines_json};
use crate::site::Site;

impl World {
    /// The request of an errand; none where there is nothing to ask.
    pub(super) fn request(&self, errand: Errand) -> Option<Request> {
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
                What::Fill | What::SeeCart | What::CheckOut => {
                    return self.cart_request(errand);
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
}

fn money(amount_minor: i64) -> String {
    format!("{{\"amount\":{{\"amount_minor\":{amount_minor},\"currency\":\"JPY\"}}}}")
}

/// Whether a request may be answered so. 503 never comes here: it is tried again.
pub(super) fn makes_sense(what: What, status: u16) -> bool {
    match what {
        What::SetUp | What::Confirm | What::PublishAgain => true,
        What::Place => matches!(status, 201 | 200 | 422),
        What::PlaceOther => status == 422,
        // A product may have been taken off the shelves.
        What::Fill => matches!(status, 200 | 422),
        What::SeeCart => status == 200,
        What::CheckOut => matches!(status, 202 | 409),
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
