//! What the routes of notifications say of themselves, with examples.

use door::{Customer, Guest, Problem};
use identifiers::OrderId;
use openapi::Description;
use serde_json::json;
use store::Store;

use super::{erased, set_contact, show};

/// Every route of the context.
pub(crate) fn description<S: Store + Clone>() -> Description {
    let mut notifications = door::describe(
        "notifications",
        "What customers are told by mail, how they are reached, and what they were told.",
    );
    let contact = json!({ "email": "hanako@example.com", "language": "ja" });
    let refused = Problem::field(
        "email",
        "must be a mail address of at most 254 ASCII characters, such as name@example.com",
    );
    let path = "/api/guest/notifications/contact";
    let _ = notifications
        .put(path, "setGuestContact", set_contact::<S, Guest>)
        .says(
            "Sets how the guest is reached",
            "As a customer's: the address and the language of all mails about the guest's orders.",
        )
        .body_example("usual", "In Japanese", contact.clone())
        .refuses(&refused)
        .refuses(&erased())
        .ok("The contact as it is now", contact.clone());
    let path = "/api/notifications/contact";
    let _ = notifications
        .put(path, "setContact", set_contact::<S, Customer>)
        .says(
            "Sets how the customer is reached",
            "The address and the language of all mails from now on. Repeatable by itself: an Idempotency-Key is checked \
             for its form and changes nothing.",
        )
        .body_example("usual", "In Japanese", contact.clone())
        .refuses(&refused)
        .refuses(&erased())
        .ok("The contact as it is now", contact);
    let told = json!({
        "order_id": "5f2b8a0c9d4e4f6aa1c3d5e7f9b0a2c4",
        "customer_id": "c-1",
        "contact": { "masked_email": "h***@example.com", "language": "ja" },
        "erased_at": null,
        "notifications": [
            { "kind": "order_confirmed", "number": 1, "status": "sent", "at": "2026-11-24T09:30:02.000Z", "language": "ja" },
            { "kind": "shipment_dispatched", "number": 1, "status": "skipped", "at": "2026-11-24T12:00:00.000Z", "reason": "no_contact", "skipped_because": "no_contact" },
        ],
    });
    let _ = notifications
        .get(
            "/api/operator/notifications/{order_id}",
            "showNotifications",
            show::<S>,
        )
        .says(
            "Shows what was told about an order",
            "For operators; the address is masked.",
        )
        .path::<OrderId>("order_id", "The order", "5f2b8a0c9d4e4f6aa1c3d5e7f9b0a2c4")
        .ok(
            "What was told, and how the customer is reached at present",
            told,
        )
        .refuses(&Problem::not_found("a notification about order 5f2b8a0c"));
    notifications
}
