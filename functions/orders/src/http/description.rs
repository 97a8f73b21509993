//! What the routes of orders say of themselves, with examples.

use ::store::Store;
use decider::ExecuteError;
use door::{Customer, Guest, Problem};
use identifiers::OrderId;
use openapi::{Description, Route};
use serde_json::{Value, json};

use super::returns::request_return;
use super::{Listing, cancel, cancel_any, list, place, show, show_any};
use crate::order::OrderRejection;
use crate::view::OrderView;

const ORDER_ID: &str = "5f2b8a0c9d4e4f6aa1c3d5e7f9b0a2c4";

/// Every route of the context.
pub(crate) fn description<S: Store + Clone>() -> Description {
    let mut orders = door::describe(
        "orders",
        "The order and its process: placing, following and cancelling. A customer sees their own, an operator all.",
    );
    let route = orders.post("/api/orders", "placeOrder", place::<S>).says(
        "Places an order",
        "Prices, tax and total are the server's own. The order is placed when this answers; its stock and its payment \
         are obtained afterwards, and the order tells how far it is. Send a new Idempotency-Key for each new wish.",
    );
    let wish = json!({
        "lines": [{ "sku": "ONIGIRI-SALMON", "quantity": 2 }],
        "region": "JP-13",
        "delivery_address_id": "3c0e2f7a9b4d4c1e8f6a5b7c9d0e1f2a",
        "payment_method": "pm_card_visa",
    });
    let mut expecting = wish.clone();
    expecting["expected_total"] = json!({ "amount_minor": 956, "currency": "JPY" });
    let _ = route
        .demands_header("Idempotency-Key")
        .body_example("usual", "Two of one thing", wish)
        .body_example(
            "expecting",
            "Only at the total that the customer was shown",
            expecting,
        )
        .answers::<OrderView<'static>>(201, "The order is placed", order("placed"))
        .answers::<OrderView<'static>>(
            200,
            "The key has placed this order before",
            order("confirmed"),
        )
        .refuses(&Problem::field(
            "lines[0].quantity",
            "must be 1 to 10000, not 0",
        ))
        .refuses(&Problem::unprocessable(
            "unsellable",
            "lines[0].sku: NO-SUCH is not on sale",
        ))
        .refuses(&Problem::unprocessable(
            "total-differs",
            "the total is 956 JPY",
        ))
        .refuses(&refusal(OrderRejection::KeyReused));
    let page = json!({ "orders": [order("confirmed")], "next": null });
    let _ = orders
        .get("/api/orders", "listOrders", list::<S>)
        .says(
            "Lists the customer's own orders",
            "The latest first, a page at a time.",
        )
        .query_example("limit", 20)
        .refuses(&Problem::field("limit", "must be 1 to 50"))
        .refuses(&Problem::field(
            "cursor",
            "the cursor is not one that an answer gave",
        ))
        .answers::<Listing<'static>>(200, "A page of orders", page);
    let _ = order_of(orders.get("/api/orders/{order_id}", "showOrder", show::<S, Customer>))
        .says(
            "Shows one of the customer's own orders",
            "Another customer's order is as unknown as none.",
        )
        .answers::<OrderView<'static>>(200, "The order", order("confirmed"));
    let _ = order_of(orders.post(
        "/api/orders/{order_id}/cancel",
        "cancelOrder",
        cancel::<S, Customer>,
    ))
    .says("Cancels one of the customer's own orders", CANCELLING)
    .answers::<OrderView<'static>>(
        200,
        "The order, cancelled or about to be",
        order("cancelled"),
    )
    .refuses(&refusal(OrderRejection::AlreadyDispatched));
    let path = "/api/orders/{order_id}/returns";
    let _ = returning(orders.post(path, "requestReturn", request_return::<S, Customer>))
        .says("Asks to send some of an order back", RETURNING);
    let path = "/api/guest/orders/{order_id}";
    let _ = order_of(orders.get(path, "showGuestOrder", show::<S, Guest>))
        .says(
            "Shows one of the guest's own orders",
            "Another's order is as unknown as none.",
        )
        .answers::<OrderView<'static>>(200, "The order", order("confirmed"));
    let path = "/api/guest/orders/{order_id}/cancel";
    let _ = order_of(orders.post(path, "cancelGuestOrder", cancel::<S, Guest>))
        .says("Cancels one of the guest's own orders", CANCELLING)
        .answers::<OrderView<'static>>(
            200,
            "The order, cancelled or about to be",
            order("cancelled"),
        )
        .refuses(&refusal(OrderRejection::AlreadyDispatched));
    let path = "/api/guest/orders/{order_id}/returns";
    let _ = returning(orders.post(path, "requestGuestReturn", request_return::<S, Guest>))
        .says("Asks to send some of an order back", RETURNING);
    let _ = order_of(orders.get(
        "/api/operator/orders/{order_id}",
        "showAnyOrder",
        show_any::<S>,
    ))
    .says("Shows any order", "For operators: whoever placed it.")
    .answers::<OrderView<'static>>(200, "The order", order("confirmed"));
    let path = "/api/operator/orders/{order_id}/cancel";
    let _ = order_of(orders.post(path, "cancelAnyOrder", cancel_any::<S>))
        .says("Cancels any order", CANCELLING)
        .answers::<OrderView<'static>>(
            200,
            "The order, cancelled or about to be",
            order("cancelled"),
        )
        .refuses(&refusal(OrderRejection::AlreadyDispatched));
    orders
}

const CANCELLING: &str = "Stock is released and a held payment let go. An order that is confirmed is cancelled once \
    shipping says that no parcel has left; until then it is as it was. Repeating it changes nothing.";

const RETURNING: &str = "For an order that has been delivered, and as many of each SKU as have not been asked about. The \
    wish stands on the order; the goods are received and the money refunded by an operator. Send a new Idempotency-Key for \
    each new wish.";

fn returning(route: Route<'_>) -> Route<'_> {
    let mut returned = order("completed");
    let lines = json!([{ "sku": "ONIGIRI-SALMON", "quantity": 1 }]);
    returned["payment_status"] = "captured".into();
    returned["fulfilment_status"] = "delivered".into();
    returned["returns"] = json!([{
        "return_id": "1f6c2a9d03b84e57",
        "lines": lines,
        "reason": "damaged",
        "requested_at": "2026-11-26T08:00:00.000Z",
    }]);
    order_of(route)
        .demands_header("Idempotency-Key")
        .body_example(
            "usual",
            "One of two came broken",
            json!({ "lines": lines, "reason": "damaged" }),
        )
        .answers::<OrderView<'static>>(200, "The order, with what was asked for", returned)
        .refuses(&Problem::field(
            "lines[0].quantity",
            "must be 1 to 10000, not 0",
        ))
        .refuses(&refusal(OrderRejection::NotDelivered))
        .refuses(&refusal(OrderRejection::NotReturnable))
        .refuses(&refusal(OrderRejection::TooManyReturns))
        .refuses(&refusal(OrderRejection::KeyReused))
}

fn order_of(route: Route<'_>) -> Route<'_> {
    route
        .path::<OrderId>("order_id", "The order", ORDER_ID)
        .refuses(&super::unknown("5f2b8a0c"))
}

fn refusal(rejection: OrderRejection) -> Problem {
    super::problem(ExecuteError::Rejected(rejection))
}

fn order(status: &str) -> Value {
    let payment_status = match status {
        "confirmed" => "authorized",
        "cancelled" => "voided",
        _ => "none",
    };
    let mut order = json!({
        "order_id": ORDER_ID,
        "status": status,
        "payment_status": payment_status,
        "fulfilment_status": "unfulfilled",
        "lines": [{
            "sku": "ONIGIRI-SALMON",
            "quantity": 2,
            "unit_price": { "amount_minor": 148, "currency": "JPY" },
            "tax_class": "reduced",
        }],
        "subtotal": { "amount_minor": 296, "currency": "JPY" },
        "shipping_fee": { "amount_minor": 660, "currency": "JPY" },
        "tax": [
            { "tax_class": "standard", "net_minor": 600, "tax_minor": 60 },
            { "tax_class": "reduced", "net_minor": 275, "tax_minor": 21 },
        ],
        "total": { "amount_minor": 956, "currency": "JPY" },
        "placed_at": "2026-11-24T09:30:00.000Z",
    });
    if status == "cancelled" {
        order["cancellation_reason"] = "customer_request".into();
    }
    order
}
