//! What the routes of inventory say of themselves, with examples.

use door::Problem;
use identifiers::{OrderId, Sku};
use openapi::{Description, Route};
use serde_json::{Value, json};
use store::Store;

use super::changes::{adjust, receive, receive_many, threshold};
use super::{availability, movements, reservation, stock};
use crate::view::{AvailabilityView, ReservationView, StockView};

const SKU: &str = "ONIGIRI-SALMON";
const ORDER_ID: &str = "5f2b8a0c9d4e4f6aa1c3d5e7f9b0a2c4";

/// Every route of the context.
pub(crate) fn description<S: Store + Clone>() -> Description {
    let mut inventory = door::describe(
        "inventory",
        "Stock by SKU and location, reservations of orders, and the ledger of movements.",
    );
    let _ = of_sku(inventory.get("/api/stock/{sku}", "showAvailability", availability::<S>))
        .says(
            "Tells how many of a SKU can be ordered",
            "Over all locations; may be a second behind.",
        )
        .answers::<AvailabilityView<'static>>(
            200,
            "What is available",
            json!({ "sku": SKU, "available": 48 }),
        );
    let receipt =
        json!({ "receipt_id": "delivery-2026-11-24", "lines": [{ "sku": SKU, "quantity": 50 }] });
    let _ = inventory
        .post(
            "/api/operator/stock/receive",
            "receiveStock",
            receive_many::<S>,
        )
        .says(
            "Takes a delivery of many SKUs in",
            "Idempotent by receipt and SKU: a receipt that was taken in part is simply sent again.",
        )
        .body_example("usual", "A delivery", receipt)
        .ok("What was taken in", json!({ "received": 1, "repeated": 0 }))
        .refuses(&Problem::field(
            "lines[0].quantity",
            "must be 1 to 1000000000",
        ))
        .refuses(&too_much())
        .refuses(&too_many_locations())
        .refuses(&key_reused());
    let _ = of_sku(inventory.get("/api/operator/stock/{sku}", "showStock", stock::<S>))
        .says("Shows a SKU's stock at each location", "For operators.")
        .answers::<StockView<'static>>(200, "The stock", level());
    let _ = of_new_sku(inventory.post(
        "/api/operator/stock/{sku}/receive",
        "receiveOneSku",
        receive::<S>,
    ))
    .says(
        "Takes some of a SKU in",
        "At the location `main`, unless another is named.",
    )
    .body_example("usual", "Fifty", json!({ "quantity": 50 }))
    .answers::<StockView<'static>>(200, "The stock afterwards", level())
    .refuses(&Problem::field("quantity", "must be 1 to 1000000000"))
    .refuses(&too_much())
    .refuses(&too_many_locations())
    .refuses(&key_reused());
    let _ = of_new_sku(inventory.post(
        "/api/operator/stock/{sku}/adjust",
        "adjustStock",
        adjust::<S>,
    ))
    .says(
        "Corrects a SKU's stock",
        "By a difference, with the reason. Reserved stock cannot be taken away.",
    )
    .body_example(
        "usual",
        "Three are damaged",
        json!({ "by": -3, "reason": "damaged" }),
    )
    .answers::<StockView<'static>>(200, "The stock afterwards", level())
    .refuses(&Problem::field(
        "by",
        "must be from -1000000000 to 1000000000, and not 0",
    ))
    .refuses(&Problem::conflict(
        "not-enough-stock",
        "there are 2 of ONIGIRI-SALMON at main, and not 3",
    ))
    .refuses(&too_much())
    .refuses(&too_many_locations())
    .refuses(&key_reused());
    let path = "/api/operator/stock/{sku}/threshold";
    let _ = of_sku(inventory.post(path, "setThreshold", threshold::<S>))
        .says(
            "Sets below how many a SKU is low",
            "At a location that has had stock of it. Nought is never low.",
        )
        .body_example("usual", "Below ten", json!({ "threshold": 10 }))
        .answers::<StockView<'static>>(200, "The stock", level());
    let movement = json!({
        "location_id": "main", "by": 50, "reason": "received", "moved_at": "2026-11-24T09:30:00.000Z",
    });
    let _ = of_new_sku(inventory.get(
        "/api/operator/stock/{sku}/movements",
        "listMovements",
        movements::<S>,
    ))
    .says(
        "Lists the movements of a SKU",
        "The latest first, a page at a time. A SKU that never moved has none.",
    )
    .query_example("limit", 50)
    .refuses(&Problem::field("limit", "must be 1 to 200"))
    .refuses(&Problem::field(
        "cursor",
        "the cursor is not one that an answer gave",
    ))
    .ok(
        "A page of movements",
        json!({ "movements": [movement], "next": null }),
    );
    let reserved = json!({
        "order_id": ORDER_ID,
        "status": "reserved",
        "lines": [{
            "sku": SKU, "quantity": 2, "held": 2, "consumed": 0,
            "locations": [{ "location_id": "main", "held": 2, "consumed": 0 }],
        }],
        "parcels": [],
    });
    let _ = inventory
        .get(
            "/api/operator/reservations/{order_id}",
            "showReservation",
            reservation::<S>,
        )
        .says("Shows what is set aside for an order", "For operators.")
        .path::<OrderId>("order_id", "The order", ORDER_ID)
        .refuses(&Problem::not_found("a reservation of that order"))
        .answers::<ReservationView<'static>>(200, "The reservation", reserved);
    inventory
}

/// A route about a SKU that must be known.
fn of_sku(route: Route<'_>) -> Route<'_> {
    of_new_sku(route).refuses(&Problem::not_found(format!("stock of {SKU}")))
}

/// A route about any SKU, known or not.
fn of_new_sku(route: Route<'_>) -> Route<'_> {
    let rule =
        "a SKU is 1 to 64 characters of A-Z a-z 0-9 . _ - : and starts with a letter or digit";
    route
        .path::<Sku>("sku", "The SKU", SKU)
        .refuses(&Problem::field("sku", rule))
}

fn too_much() -> Problem {
    Problem::unprocessable(
        "too-much-stock",
        "there would be more of ONIGIRI-SALMON at main than can be counted",
    )
}

fn too_many_locations() -> Problem {
    Problem::unprocessable(
        "too-many-locations",
        "ONIGIRI-SALMON is at as many locations as it can be",
    )
}

fn key_reused() -> Problem {
    Problem::unprocessable(
        "idempotency-key-reused",
        "the movement of ONIGIRI-SALMON was another",
    )
}

fn level() -> Value {
    json!({
        "sku": SKU,
        "locations": [{
            "location_id": "main", "received": 50, "available": 48, "allocated": 2, "low_stock_threshold": 10,
        }],
    })
}
