//! What the routes of guestbooks say of themselves, with examples.

use door::Problem;
use identifiers::OrderId;
use openapi::Description;
use serde_json::json;
use store::Store;

use super::{closed, show, unknown, write};

const ORDER: &str = "5f2b8a0c9d4e4f6aa1c3d5e7f9b0a2c4";

/// Every route of the context.
pub(crate) fn description<S: Store + Clone>() -> Description {
    let mut guestbooks = door::describe(
        "guestbooks",
        "A guestbook for each order, which its customer writes in until the order is completed.",
    );
    let order_id = OrderId::new(ORDER).expect("the example is an identifier");
    let guestbook = json!({ "order_id": ORDER, "status": "open", "note": "Please ring twice." });
    let _ = guestbooks
        .get("/api/guestbooks/{order_id}", "showGuestbook", show::<S>)
        .says("Shows an order's guestbook", "To its own customer only.")
        .path::<OrderId>("order_id", "The order", ORDER)
        .ok("The guestbook", guestbook.clone())
        .refuses(&unknown(&order_id));
    let _ = guestbooks
        .put("/api/guestbooks/{order_id}", "writeGuestbook", write::<S>)
        .says(
            "Writes in an order's guestbook",
            "The first note opens it. The same note again changes nothing.",
        )
        .path::<OrderId>("order_id", "The order", ORDER)
        .body_example("usual", "A note", json!({ "note": "Please ring twice." }))
        .ok("The guestbook as it is now", guestbook)
        .refuses(&Problem::field("note", "must be 1 to 500 characters"))
        .refuses(&unknown(&order_id))
        .refuses(&closed(&order_id));
    guestbooks
}
