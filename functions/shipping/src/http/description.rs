//! What the routes of shipping say of themselves, with examples.

use door::Problem;
use identifiers::{OrderId, Region};
use openapi::{Description, Route};
use serde_json::{Value, json};
use store::Store;

use super::{deliver, dispatch, list, pack, quote, receive_return, refused, set_rate, show};
use crate::shipment::ShipmentRejection;
use crate::worklist::work_off;

const ORDER_ID: &str = "5f2b8a0c9d4e4f6aa1c3d5e7f9b0a2c4";

/// Every route of the context.
pub(crate) fn description<S: Store + Clone>() -> Description {
    let mut shipping = door::describe(
        "shipping",
        "Shipments from packing to delivery, returns received, and the rates by region and weight.",
    );
    let _ = shipping
        .post("/api/shipping/quote", "quoteShipping", quote::<S>)
        .says(
            "Tells what shipping costs",
            "For a weight to a region; the fee contains the tax.",
        )
        .body_example(
            "usual",
            "A small parcel to Tokyo",
            json!({ "region": "JP-13", "weight_grams": 220 }),
        )
        .ok(
            "The fee",
            json!({ "fee": { "amount_minor": 660, "currency": "JPY" } }),
        )
        .refuses(&Problem::unprocessable(
            "not-served",
            "no rate ships 220 g to FR-75",
        ));
    let brackets = json!([
        { "up_to_grams": 2000, "fee": { "amount_minor": 660, "currency": "JPY" } },
        { "up_to_grams": 25_000, "fee": { "amount_minor": 1540, "currency": "JPY" } },
    ]);
    let _ = shipping
        .put("/api/operator/shipping/rates/{region}", "setRate", set_rate::<S>)
        .says(
            "Sets a region's rate",
            "Brackets of rising weight, in one currency. Takes the place of the rate before. What is heavier than the \
             last bracket is not shipped there.",
        )
        .path::<Region>("region", "The region, as ISO 3166-2", "JP-13")
        .body_example("usual", "Two brackets", json!({ "brackets": brackets }))
        .refuses(&Problem::field("brackets[1].up_to_grams", "must be more than the bracket before"))
        .ok("The rate", json!({ "region": "JP-13", "brackets": brackets }));
    let _ = shipping
        .get("/api/operator/shipments", "listShipments", list::<S>)
        .says(
            "Lists the shipments that wait",
            "To be packed or dispatched, the longest waiting first, a page at a time.",
        )
        .query_example("status", "to_pack")
        .query_example("limit", 50)
        .refuses(&Problem::field("limit", "must be 1 to 100"))
        .refuses(&Problem::field(
            "status",
            "only what waits is listed: to_pack, packed, partially_dispatched",
        ))
        .refuses(&Problem::field(
            "cursor",
            "the cursor is not one that an answer gave",
        ))
        .ok(
            "A page of shipments",
            json!({ "shipments": [to_pack()], "next": null }),
        );
    let _ = of_order(shipping.get(
        "/api/operator/shipments/{order_id}",
        "showShipment",
        show::<S>,
    ))
    .says("Shows the shipment of an order", "For operators.")
    .ok("The shipment", to_pack());
    let lines = json!([{ "sku": "ONIGIRI-SALMON", "quantity": 2 }]);
    let _ = of_order(shipping.post(
        "/api/operator/shipments/{order_id}/pack",
        "packShipment",
        pack::<S>,
    ))
    .says(
        "Notes that lines are packed",
        "All that is not packed yet, where none are named.",
    )
    .body_example("some", "Some lines", json!({ "lines": lines }))
    .body_example("all", "All the rest", json!({}))
    .ok("The shipment", packed())
    .refuses(&bad_lines())
    .refuses(&refusal(&ShipmentRejection::Cancelled))
    .refuses(&refusal(&ShipmentRejection::NothingLeft));
    let acts = json!({ "acts": [
        { "order_id": ORDER_ID, "act": "pack" },
        { "order_id": ORDER_ID, "act": "dispatch", "carrier": "Kuroneko", "tracking_number": "4912-3456-7890" },
    ] });
    let results = json!({ "results": [
        { "order_id": ORDER_ID, "act": "pack", "status": "packed" },
        { "order_id": ORDER_ID, "act": "dispatch", "problem": refusal(&ShipmentRejection::NothingLeft) },
    ] });
    let _ = shipping
        .post("/api/operator/shipping/acts", "workOffShipments", work_off::<S>)
        .says(
            "Notes many acts at once",
            "Acts on one order are done in the order of the list, and those after a refused one are not tried. Each act \
             tells the shipment's status after it, or the problem for which it was refused, with the status that the \
             act alone would be answered with; this answer is 200 all the same. The list as a whole is refused only \
             where it cannot be read. The same list again does nothing twice; another list with the same key is done, \
             except for acts on an order for which the key was used at the same place of the list: those are refused \
             with idempotency-key-reused. Where an act failed on our side, this answers 503 and the whole list is to \
             be sent again.",
        )
        .body_example("usual", "Packed and gone", acts)
        .ok("What came of each act", results)
        .refuses(&Problem::field("acts", "must be 1 to 100"));
    let parcel = json!({ "carrier": "Kuroneko", "tracking_number": "4912-3456-7890" });
    let _ = of_order(shipping.post("/api/operator/shipments/{order_id}/dispatch", "dispatchShipment", dispatch::<S>))
        .says(
            "Notes that a parcel has left",
            "With all that has not left yet, where no lines are named. From now on the order cannot be cancelled, and \
             its payment is captured. The same parcel again changes nothing.",
        )
        .body_example("usual", "All in one parcel", parcel)
        .ok("The shipment", dispatched())
        .refuses(&Problem::field("carrier", "must be at most 64 characters"))
        .refuses(&bad_lines())
        .refuses(&refusal(&ShipmentRejection::Cancelled))
        .refuses(&refusal(&ShipmentRejection::NothingLeft))
        .refuses(&Problem::conflict("tracking-number-taken", "the tracking number is another parcel's of this shipment"));
    let _ = of_order(shipping.post(
        "/api/operator/shipments/{order_id}/deliver",
        "deliverShipment",
        deliver::<S>,
    ))
    .says(
        "Notes that a parcel has arrived",
        "All that have left, where none is named.",
    )
    .body_example("usual", "All", json!({}))
    .body_example("one", "One parcel of several", json!({ "parcel": 1 }))
    .ok("The shipment", delivered())
    .refuses(&refusal(&ShipmentRejection::NoSuchParcel(7)))
    .refuses(&refusal(&ShipmentRejection::Cancelled))
    .refuses(&refusal(&ShipmentRejection::NothingDispatched));
    let _ = of_order(shipping.post(
        "/api/operator/shipments/{order_id}/returns",
        "receiveReturn",
        receive_return::<S>,
    ))
    .says(
        "Notes that lines have come back",
        "Back into stock where `restock` says so. Send an Idempotency-Key: \
               two returns of the same lines are two.",
    )
    .body_example(
        "usual",
        "Two came back whole",
        json!({ "lines": lines, "restock": true }),
    )
    .ok("The shipment", returned())
    .refuses(&bad_lines())
    .refuses(&refusal(&ShipmentRejection::Cancelled))
    .refuses(&refusal(&ShipmentRejection::NothingDispatched));
    shipping
}

fn of_order(route: Route<'_>) -> Route<'_> {
    route
        .path::<OrderId>("order_id", "The order that is shipped", ORDER_ID)
        .refuses(&refusal(&ShipmentRejection::Unknown))
}

fn refusal(rejection: &ShipmentRejection) -> Problem {
    let order_id = OrderId::new(ORDER_ID).expect("it is an order id");
    refused(&order_id, rejection)
}

fn bad_lines() -> Problem {
    Problem::field("lines[0].quantity", "must be at least 1")
}

fn to_pack() -> Value {
    json!({
        "order_id": ORDER_ID,
        "status": "to_pack",
        "customer_id": "c-1",
        "region": "JP-13",
        "weight_grams": 220,
        "created_at": "2026-11-24T09:30:02.000Z",
        "lines": [{ "sku": "ONIGIRI-SALMON", "quantity": 2, "packed": 0, "dispatched": 0, "returned": 0 }],
        "parcels": [],
        "returns": [],
    })
}

fn packed() -> Value {
    let mut shipment = to_pack();
    shipment["status"] = "packed".into();
    shipment["lines"][0]["packed"] = 2.into();
    shipment
}

fn dispatched() -> Value {
    let mut shipment = packed();
    shipment["status"] = "dispatched".into();
    shipment["lines"][0]["dispatched"] = 2.into();
    shipment["parcels"] = json!([{
        "parcel": 1,
        "carrier": "Kuroneko",
        "tracking_number": "4912-3456-7890",
        "lines": [{ "sku": "ONIGIRI-SALMON", "quantity": 2 }],
        "dispatched_at": "2026-11-24T12:00:00.000Z",
    }]);
    shipment
}

fn delivered() -> Value {
    let mut shipment = dispatched();
    shipment["status"] = "delivered".into();
    shipment["parcels"][0]["delivered_at"] = "2026-11-25T10:00:00.000Z".into();
    shipment
}

fn returned() -> Value {
    let mut shipment = delivered();
    shipment["lines"][0]["returned"] = 2.into();
    shipment["returns"] = json!([{
        "return_number": 1,
        "lines": [{ "sku": "ONIGIRI-SALMON", "quantity": 2 }],
        "restock": true,
        "received_at": "2026-11-28T10:00:00.000Z",
    }]);
    shipment
}
