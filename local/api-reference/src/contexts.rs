//! The contexts, and the documents of all of them or of some.

use door::Context as _;
use openapi::Description;
use serde_json::Value;
use store::MemoryStore;

const ABOUT: &str = "\
A shop as a set of contexts, each with its own routes and its own tag. Customers and operators send an access token \
(`Authorization: Bearer ...`); what is public needs none. Amounts are whole numbers of the currency's minor unit; \
instants are RFC 3339 in UTC. A listing gives a `next` to go on with as `cursor`, or null at its end.

Refusals are `application/problem+json` (RFC 9457): `type` tells the kind for programs, `detail` the case for people, \
and `errors` names the fields that are wrong. What the gateway refuses before a context is asked is \
`{\"message\": ...}`. Members may be added to answers at any time: overlook those that you do not know.

What changes something may be repeated: send an `Idempotency-Key` where an operation takes one, and a repeat is answered \
and does nothing.";

/// A context that has routes.
#[derive(Clone, Copy)]
pub struct Context {
    /// Its name: of its folder, its binary and its tag.
    pub name: &'static str,
    /// What its routes take and answer.
    pub description: fn() -> Description,
}

/// Every context.
pub const CONTEXTS: &[Context] = &[
    Context {
        name: "carts",
        description: carts::Carts::<MemoryStore>::description,
    },
    Context {
        name: "catalog",
        description: catalog::Catalog::<MemoryStore>::description,
    },
    Context {
        name: "customers",
        description: customers::Customers::<MemoryStore>::description,
    },
    Context {
        name: "insights",
        description: insights::Insights::<MemoryStore>::description,
    },
    Context {
        name: "inventory",
        description: inventory::Inventory::<MemoryStore>::description,
    },
    Context {
        name: "notifications",
        description:
            notifications::Notifications::<MemoryStore, notifications::SesMailer>::description,
    },
    Context {
        name: "orders",
        description: orders::Orders::<MemoryStore>::description,
    },
    Context {
        name: "payments",
        description: payments::Payments::<MemoryStore, payments::Stripe>::description,
    },
    Context {
        name: "shipping",
        description: shipping::Shipping::<MemoryStore>::description,
    },
];

/// The document of every context's routes.
pub fn document() -> Value {
    document_of(|_| true)
}

/// The document of those contexts' routes.
pub fn document_of(wanted: impl Fn(&str) -> bool) -> Value {
    let contexts = CONTEXTS.iter().filter(|context| wanted(context.name));
    let descriptions = contexts.map(|context| (context.description)());
    openapi::document("Noren", ABOUT, env!("CARGO_PKG_VERSION"), descriptions)
}
