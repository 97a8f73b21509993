//! What the routes of carts say of themselves, with examples.

use ::store::Store;
use door::{Customer, Guest, Problem};
use identifiers::{CartId, CustomerId, ProductId, Sku, Timestamp};
use money::{Currency, Money};
use openapi::{Description, Route};
use serde_json::{Value, json};

use super::{
    OrderedView, SessionView, begin_session, check_out, merge, no_guest, no_payment_method,
    not_on_sale, refused, remove_line, repriced, set_line, show,
};
use crate::cart::{Cart, CartLine, CartRejection};

const GUEST_TOKEN: &str =
    "v1.019ac5d27c407a319f6e2f0b8d1c4e57.1798104600.0Xb2mT3fQm9d2bX3d0jU5n9mB7oQ4l1sPz8yR6wVxYk";

/// Every route of the context.
pub(crate) fn description<S: Store + Clone>() -> Description {
    let mut carts = door::describe(
        "carts",
        "The one open cart of each customer and guest, its checkout, and guests' sessions.",
    );
    let session = json!({ "guest_token": GUEST_TOKEN, "expires_at": "2026-12-24T09:30:00.000Z" });
    let _ = carts
        .post("/api/guest/session", "beginGuestSession", begin_session)
        .says(
            "Makes a guest",
            "For who shops without signing in: the token stands for a new guest, whose cart, orders and payments the \
             guest routes show. Whoever has the token is the guest.",
        )
        .answers::<SessionView>(201, "The guest's token", session);

    let _ = carts
        .get("/api/cart", "showCart", show::<S, Customer>)
        .says("Shows the customer's cart", SHOWN)
        .ok("The cart", cart());
    let _ = carts
        .get("/api/guest/cart", "showGuestCart", show::<S, Guest>)
        .says("Shows the guest's cart", SHOWN)
        .ok("The cart", cart());

    let path = "/api/cart/lines/{sku}";
    let _ = setting(carts.put(path, "setCartLine", set_line::<S, Customer>));
    let _ = removing(carts.delete(path, "removeCartLine", remove_line::<S, Customer>));
    let path = "/api/guest/cart/lines/{sku}";
    let _ = setting(carts.put(path, "setGuestCartLine", set_line::<S, Guest>));
    let _ = removing(carts.delete(path, "removeGuestCartLine", remove_line::<S, Guest>));

    let _ = carts
        .post("/api/cart/merge", "mergeCart", merge::<S>)
        .says(
            "Takes over a guest's cart",
            "For a customer who has just signed in. Quantities add up, the guest's cart is then empty, and repeating it \
             changes nothing.",
        )
        .body_example("usual", "The guest's token", json!({ "guest_token": GUEST_TOKEN }))
        .ok("The customer's cart", cart())
        .refuses(&no_guest())
        .refuses(&refused(CartRejection::TooManyLines))
        .refuses(&refused(CartRejection::Erased))
        .refuses(&other_currency());

    let path = "/api/cart/checkout";
    let _ = checking_out(carts.post(path, "checkOutCart", check_out::<S, Customer>));
    let path = "/api/guest/cart/checkout";
    let _ = checking_out(carts.post(path, "checkOutGuestCart", check_out::<S, Guest>));
    carts
}

const SHOWN: &str = "With the prices of this moment. Where a price is another than was seen before, the line says both. \
    Who has put nothing into a cart has an empty one, of version 0.";

fn of_line<'a>(route: Route<'a>) -> Route<'a> {
    route.path::<Sku>("sku", "The SKU", "SENCHA-100G")
}

fn setting(route: Route<'_>) -> Route<'_> {
    of_line(route)
        .says(
            "Sets how many of a SKU are in the cart",
            "At the price of this moment. The same quantity at the same price changes nothing.",
        )
        .body_example("usual", "Two of it", json!({ "quantity": 2 }))
        .ok("The cart as it is now", cart())
        .refuses(&Problem::field("quantity", "must be 1 to 999"))
        .refuses(&not_on_sale("SENCHA-100G"))
        .refuses(&refused(CartRejection::Erased))
        .refuses(&refused(CartRejection::TooManyLines))
        .refuses(&other_currency())
}

fn removing(route: Route<'_>) -> Route<'_> {
    of_line(route)
        .says(
            "Takes a SKU out of the cart",
            "What is not in it is not in it afterwards either.",
        )
        .ok("The cart as it is now", cart())
        .refuses(&refused(CartRejection::Erased))
}

fn checking_out(route: Route<'_>) -> Route<'_> {
    route
        .says(
            "Checks the cart out",
            "Once for each version of the cart, however often it is asked. The order is placed under the id that is \
             answered, and can be read a moment later; where it cannot be placed, it is there as cancelled, with the \
             reason. A cart or a price that has changed is told before anything is paid: the cart then has a new version \
             with the new prices.",
        )
        .demands_header("Idempotency-Key")
        .body_example("usual", "What the customer saw", json!({
            "version": 4,
            "region": "JP-13",
            "delivery_address_id": "3c0e2f7a9b4d4c1e8f6a5b7c9d0e1f2a",
            "payment_method": "pm_card_visa",
            "expected_total": { "amount_minor": 2820, "currency": "JPY" },
        }))
        .answers::<OrderedView>(202, "The order's id", json!({ "order_id": "5f2b8a0c9d4e4f6aa1c3d5e7f9b0a2c4" }))
        .refuses(&no_payment_method())
        .refuses(&refused(CartRejection::Outdated { revision: 5 }))
        .refuses(&refused(CartRejection::Empty))
        .refuses(&refused(CartRejection::Erased))
        .refuses(&refused(CartRejection::NotOnSale(vec![sku()])))
        .refuses(&repriced(Some(&repriced_cart())))
}

fn sku() -> Sku {
    Sku::new("SENCHA-100G").expect("the example is a SKU")
}

fn yen(amount_minor: i64) -> Money {
    Money::new(amount_minor, Currency::JPY)
}

fn other_currency() -> Problem {
    refused(CartRejection::OtherCurrency {
        sku: sku(),
        price: yen(1080),
        others: Money::new(990, Currency::USD),
    })
}

fn repriced_cart() -> Cart {
    let line = CartLine {
        sku: sku(),
        product_id: ProductId::new("sencha").expect("the example is an identifier"),
        quantity: 2,
        unit_price: yen(1080),
        price_was: Some(yen(980)),
    };
    Cart {
        customer_id: CustomerId::new("c-1").expect("the example is an identifier"),
        cart_id: CartId::new("cart-1").ok(),
        revision: 5,
        lines: vec![line],
        updated_at: Timestamp::default(),
        merged: Vec::new(),
        checked_out: Vec::new(),
        erased_at: None,
    }
}

fn cart() -> Value {
    json!({
        "version": 4,
        "lines": [{
            "sku": "SENCHA-100G",
            "product_id": "sencha",
            "title": { "en": "Sencha", "ja": "煎茶" },
            "quantity": 2,
            "unit_price": { "amount_minor": 1080, "currency": "JPY" },
            "price_was": { "amount_minor": 980, "currency": "JPY" },
            "line_total": { "amount_minor": 2160, "currency": "JPY" },
            "on_sale": true,
        }],
        "subtotal": { "amount_minor": 2160, "currency": "JPY" },
        "updated_at": "2026-11-24T09:30:00.000Z",
    })
}
