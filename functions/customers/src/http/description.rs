//! What the routes of customers say of themselves, with examples.

use ::store::Store;
use door::{Customer, Guest, Problem};
use identifiers::{AddressId, CustomerId};
use openapi::{Description, Route};
use serde_json::{Value, json};

use super::addresses::{self, dropped, other_country, unknown as no_address};
use super::operator::{self, no_day, unknown as nobody};
use super::{erase, refused, set_consent, set_profile, show};
use crate::customer::CustomerRejection;
use crate::view::AddressView;

const ADDRESS_ID: &str = "3c0e2f7a9b4d4c1e8f6a5b7c9d0e1f2a";

/// Every route of the context.
pub(crate) fn description<S: Store + Clone>() -> Description {
    let mut customers = door::describe(
        "customers",
        "Who a customer is, their addresses, what they agreed to, and that they are forgotten.",
    );
    let path = "/api/customers/me";
    let _ = showing(customers.get(path, "showProfile", show::<S, Customer>));
    let _ = setting(customers.put(path, "setProfile", set_profile::<S, Customer>));
    let _ = erasing(customers.delete(path, "eraseSelf", erase::<S, Customer>));
    let path = "/api/customers/me/consent";
    let _ = consenting(customers.put(path, "setConsent", set_consent::<S, Customer>));
    let path = "/api/customers/me/addresses";
    let _ = listing(customers.get(path, "listAddresses", addresses::list::<S, Customer>));
    let _ = adding(customers.post(path, "addAddress", addresses::add::<S, Customer>));
    let path = "/api/customers/me/addresses/{address_id}";
    let _ = showing_one(customers.get(path, "showAddress", addresses::show::<S, Customer>));
    let _ = retiring(customers.delete(path, "retireAddress", addresses::retire::<S, Customer>));

    let path = "/api/guest/customers/me";
    let _ = showing(customers.get(path, "showGuestProfile", show::<S, Guest>));
    let _ = setting(customers.put(path, "setGuestProfile", set_profile::<S, Guest>));
    let _ = erasing(customers.delete(path, "eraseGuest", erase::<S, Guest>));
    let path = "/api/guest/customers/me/consent";
    let _ = consenting(customers.put(path, "setGuestConsent", set_consent::<S, Guest>));
    let path = "/api/guest/customers/me/addresses";
    let _ = listing(customers.get(path, "listGuestAddresses", addresses::list::<S, Guest>));
    let _ = adding(customers.post(path, "addGuestAddress", addresses::add::<S, Guest>));
    let path = "/api/guest/customers/me/addresses/{address_id}";
    let _ = showing_one(customers.get(path, "showGuestAddress", addresses::show::<S, Guest>));
    let _ = retiring(customers.delete(path, "retireGuestAddress", addresses::retire::<S, Guest>));

    describe_operators::<S>(&mut customers);
    customers
}

fn describe_operators<S: Store + Clone>(customers: &mut Description) {
    let _ = customers
        .get("/api/operator/customers", "listCustomers", operator::list::<S>)
        .says(
            "Lists who registered on a day",
            "Their ids alone, the earliest first: no index holds anything about a person. Erased customers are not listed. The \
             day is today unless another is asked for.",
        )
        .query_example("registered_on", "2026-11-24")
        .query_example("limit", 20)
        .ok(
            "The customers",
            json!({
                "customers": [{ "customer_id": "c-1", "registered_at": "2026-11-24T09:20:00.000Z" }],
                "next": null,
            }),
        )
        .refuses(&no_day())
        .refuses(&Problem::field("limit", "must be 1 to 100"))
        .refuses(&Problem::field("cursor", "is none of this listing's"));
    let path = "/api/operator/customers/{customer_id}";
    let _ = customers
        .get(path, "showCustomer", operator::show::<S>)
        .path::<CustomerId>("customer_id", "The customer", "c-1")
        .says(
            "Shows a customer",
            "With all addresses that are kept; of an erased one, that they are.",
        )
        .ok(
            "The customer",
            json!({ "customer_id": "c-1", "profile": profile(), "addresses": [address()], "erased": null }),
        )
        .refuses(&nobody());
    let path = "/api/operator/customers/{customer_id}/addresses/{address_id}";
    let _ = one_address(customers.get(path, "showCustomerAddress", operator::show_address::<S>))
        .path::<CustomerId>("customer_id", "The customer", "c-1")
        .says("Shows an address of a customer", "For who packs a parcel.")
        .refuses(&nobody());
    let path = "/api/operator/customers/{customer_id}/erase";
    let _ = customers
        .post(path, "eraseCustomer", operator::erase::<S>)
        .path::<CustomerId>("customer_id", "The customer", "c-1")
        .says(
            "Erases a customer",
            "As the customer's own route; also somebody who has told nothing here. May be repeated, and the first reason stays.",
        )
        .body_example("usual", "They asked for it", json!({ "reason": "customer_request" }))
        .ok("Since when they are erased", erased())
        .refuses(&nobody());
}

fn gone() -> Problem {
    refused(CustomerRejection::Erased)
}

fn showing(route: Route<'_>) -> Route<'_> {
    route
        .says(
            "Shows who the customer is",
            "Whatever they have not told is null; all of it, where they have told nothing.",
        )
        .ok("The profile", profile())
        .refuses(&gone())
}

fn setting(route: Route<'_>) -> Route<'_> {
    route
        .says(
            "Sets who the customer is",
            "All of it at once. What a customer is written to at is set with the notifications.",
        )
        .body_example(
            "usual",
            "In Japanese",
            json!({ "name": "山田 花子", "phone": "03-1234-5678", "language": "ja" }),
        )
        .ok("The profile as it is now", profile())
        .refuses(&gone())
}

fn consenting(route: Route<'_>) -> Route<'_> {
    route
        .says(
            "Agrees to being written to for the sake of selling, or not",
            "The wording is named by its version. Saying the same again does not move the instant.",
        )
        .body_example(
            "usual",
            "Agrees",
            json!({ "marketing": true, "text_version": "2026-11" }),
        )
        .ok("The profile as it is now", profile())
        .refuses(&gone())
}

fn erasing(route: Route<'_>) -> Route<'_> {
    route
        .says(
            "Erases the customer",
            "For ever: profile, addresses, consent, the mail address and the cart. Orders and their payments stay, under an \
             id that says nothing of anybody; what is not packed yet has no address any more, and no mail is sent. The \
             account at the sign-in is not ours to close. May be repeated.",
        )
        .ok("Since when they are erased", erased())
}

fn listing(route: Route<'_>) -> Route<'_> {
    route
        .says(
            "Lists the customer's addresses",
            "Those in use, the oldest first.",
        )
        .ok("The addresses", json!({ "addresses": [address()] }))
        .refuses(&gone())
}

fn adding(route: Route<'_>) -> Route<'_> {
    route
        .says(
            "Adds an address",
            "An address never changes: to change one, add another that `replaces` it; orders that were placed before go on \
             to the old one. 200 where just that address is there already.",
        )
        .body_example("usual", "In Tokyo", json!({
            "recipient": "山田 花子",
            "postal_code": "150-0001",
            "region": "JP-13",
            "city": "渋谷区",
            "street": "神宮前1-2-3 のれん荘 201",
            "country": "JP",
            "phone": "03-1234-5678",
        }))
        .answers::<AddressView>(201, "The new address", address())
        .answers::<AddressView>(200, "The address that is there already", address())
        .refuses(&other_country())
        .refuses(&refused(CustomerRejection::NothingToReplace))
        .refuses(&dropped())
        .refuses(&gone())
        .refuses(&refused(CustomerRejection::TooManyAddresses))
        .refuses(&refused(CustomerRejection::TooManyChanges))
}

fn one_address(route: Route<'_>) -> Route<'_> {
    route
        .path::<AddressId>("address_id", "The address", ADDRESS_ID)
        .ok("The address", address())
        .refuses(&no_address())
        .refuses(&gone())
}

fn showing_one(route: Route<'_>) -> Route<'_> {
    one_address(route).says(
        "Shows one of the customer's addresses",
        "Also one that was given up, for as long as it is kept.",
    )
}

fn retiring(route: Route<'_>) -> Route<'_> {
    one_address(route).says(
        "Gives an address up",
        "Nothing new is sent there. It is kept for half a year at least, for orders that were placed before. May be repeated.",
    )
}

fn profile() -> Value {
    json!({
        "customer_id": "c-1",
        "name": "山田 花子",
        "phone": "03-1234-5678",
        "language": "ja",
        "marketing_consent": { "given": true, "text_version": "2026-11", "at": "2026-11-24T09:21:00.000Z" },
        "registered_at": "2026-11-24T09:20:00.000Z",
    })
}

fn address() -> Value {
    json!({
        "address_id": ADDRESS_ID,
        "recipient": "山田 花子",
        "postal_code": "150-0001",
        "region": "JP-13",
        "city": "渋谷区",
        "street": "神宮前1-2-3 のれん荘 201",
        "country": "JP",
        "phone": "03-1234-5678",
        "added_at": "2026-11-24T09:22:00.000Z",
        "retired_at": null,
    })
}

fn erased() -> Value {
    json!({ "customer_id": "c-1", "erased_at": "2026-12-20T18:00:00.000Z" })
}
