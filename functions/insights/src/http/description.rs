//! What the routes of insights say of themselves, with examples.

mod failed_messages;

use door::Problem;
use identifiers::OrderId;
use openapi::Description;
use serde_json::{Value, json};
use store::Store;

use super::{flow, orders, sales, stock};

const ORDER_ID: &str = "019ac5d2-7c40-7a31-9f6e-2f0b8d1c4e57";
const CUSTOMER_ID: &str = "c-7f3a91";

/// Every route of the context.
pub(crate) fn description<S: Store + Clone>() -> Description {
    let mut insights = door::describe(
        "insights",
        "What operators see of all that happens: orders and their timelines, sales, stock that runs low, how events flow, and \
         messages that failed. It may be some seconds behind.",
    );
    describe_orders::<S>(&mut insights);
    describe_sales::<S>(&mut insights);
    describe_flow::<S>(&mut insights);
    failed_messages::describe::<S>(&mut insights);
    insights
}

fn bad_limit() -> Problem {
    Problem::field("limit", "must be 1 to 100")
}

fn bad_cursor() -> Problem {
    Problem::field("cursor", "the cursor is not one that an answer gave")
}

fn describe_orders<S: Store + Clone>(insights: &mut Description) {
    let _ = insights
        .get("/api/operator/insights/orders", "listInsightOrders", orders::list::<S>)
        .says(
            "Lists orders",
            "Those placed on some days, newest first, a page at a time; a page may be short or empty and not the last. \
             Without days those of the last 31.",
        )
        .query_example("from", "2026-11-01")
        .query_example("to", "2026-11-24")
        .query_example("status", "confirmed")
        .query_example("payment_status", "authorized")
        .query_example("fulfilment_status", "unfulfilled")
        .query_example("text", "sencha")
        .query_example("limit", 50)
        .refuses(&bad_limit())
        .refuses(&bad_cursor())
        .refuses(&Problem::field("from", "must be the latest day, or up to 365 days earlier"))
        .refuses(&Problem::field("text", "must be 1 to 64 characters"))
        .ok("A page of orders", json!({ "orders": [order()], "next": null }));
    let mut with_lines = order();
    with_lines["lines"] = json!([{
        "sku": "SENCHA-100G", "quantity": 2, "title": { "ja": "煎茶 100g", "en": "Sencha 100 g" },
    }]);
    let _ = insights
        .get(
            "/api/operator/insights/orders/{order_id}/timeline",
            "showOrderTimeline",
            orders::timeline::<S>,
        )
        .says(
            "Shows what was heard of an order",
            "Its summary, and each event about it with what caused it and how long it was on its way. Of more than 64 events \
             those in the middle are left out.",
        )
        .path::<OrderId>("order_id", "The order", ORDER_ID)
        .refuses(&Problem::not_found(format!("order {ORDER_ID}")))
        .ok(
            "The order and its events",
            json!({
                "order": with_lines,
                "events": [{
                    "id": format!("orders.{ORDER_ID}.1.0"), "type": "orders.OrderPlaced.v1", "source": "orders",
                    "subject": ORDER_ID, "time": "2026-11-24T09:30:00.000Z", "heard_at": "2026-11-24T09:30:02.140Z",
                    "delay_ms": 2140, "causation_id": "key:5d41402abc4b2a76b9719d911017c592", "version": 1,
                }],
                "left_out": false,
            }),
        );
    let _ = insights
        .get(
            "/api/operator/insights/stock-warnings",
            "listStockWarnings",
            stock::warnings::<S>,
        )
        .says(
            "Lists what runs low",
            "SKUs that fell to their warning level, newest first, as long as nothing was booked that makes up for it. What was \
             sold since is not known here: inventory knows.",
        )
        .query_example("limit", 50)
        .refuses(&bad_limit())
        .refuses(&bad_cursor())
        .ok(
            "A page of warnings",
            json!({
                "warnings": [{
                    "sku": "SENCHA-100G", "title": { "ja": "煎茶 100g", "en": "Sencha 100 g" }, "location_id": "main",
                    "available": 4, "threshold": 5, "noticed_at": "2026-11-24T09:30:00.000Z", "adjusted_by": 0,
                }],
                "next": null,
            }),
        );
}

fn describe_sales<S: Store + Clone>(insights: &mut Description) {
    let bad_days = Problem::field("from", "must be the latest day, or up to 30 days earlier");
    let _ = insights
        .get("/api/operator/insights/sales", "showSales", sales::by_day::<S>)
        .says(
            "Shows what was sold by day",
            "Counted from the orders placed on each day, in the shop's time zone; without days, the last seven. One request \
             counts 2,000 orders of days that are not settled, the latest first. A day that has been over for two days is settled: its \
             figures are kept and do not change any more.",
        )
        .query_example("from", "2026-11-18")
        .query_example("to", "2026-11-24")
        .refuses(&bad_days)
        .ok(
            "The days",
            json!({ "days": [{
                "day": "2026-11-24", "orders": 120, "cancelled": 3, "units": 410,
                "revenue": [{ "amount_minor": 384_200, "currency": "JPY" }], "complete": true, "settled": false,
            }] }),
        );
    let _ = insights
        .get(
            "/api/operator/insights/sales/products",
            "showProductSales",
            sales::by_product::<S>,
        )
        .says(
            "Shows what was sold by product",
            "Pieces of each SKU in the orders of some days that are not cancelled, the most first. As for sales by day, one \
             request counts 2,000 orders of days that are not settled.",
        )
        .query_example("from", "2026-11-18")
        .query_example("to", "2026-11-24")
        .query_example("limit", 20)
        .refuses(&bad_limit())
        .refuses(&bad_days)
        .ok(
            "The products",
            json!({
                "products": [{
                    "sku": "SENCHA-100G", "title": { "ja": "煎茶 100g", "en": "Sencha 100 g" }, "units": 48, "orders": 31,
                }],
                "other_units": 362,
                "complete": true,
            }),
        );
}

fn describe_flow<S: Store + Clone>(insights: &mut Description) {
    let edge = "orders.OrderPlaced.v1@inventory";
    let _ = insights
        .get("/api/operator/insights/flow", "showFlow", flow::edges::<S>)
        .says(
            "Shows how events flow",
            "Each event type to each context that hears it: how many there were, how long the consumer took, and what lies \
             in its queues of failed messages. Figures are approximate: durations fall into buckets, and what belongs to no \
             order is counted again when it comes again.",
        )
        .query_example("minutes", 15)
        .refuses(&Problem::field("minutes", "must be 1 to 180"))
        .ok(
            "The edges",
            json!({
                "from": "2026-11-24T09:15:00.000Z", "until": "2026-11-24T09:30:00.000Z", "minutes": 15,
                "edges": [{
                    "edge": edge, "publisher": "orders", "type": "orders.OrderPlaced.v1", "consumer": "inventory",
                    "events": 30, "per_minute": 2.0, "p50_ms": 70, "p95_ms": 150, "measured": "reply",
                    "last_seen": "2026-11-24T09:29:41.002Z", "dead_letters": 0, "undelivered": 0,
                }],
            }),
        );
    let _ = insights
        .get(
            "/api/operator/insights/flow/{edge}/events",
            "listFlowEvents",
            flow::events::<S>,
        )
        .says(
            "Lists the last events of an edge",
            "Of the last three hours, the latest first: at most five of each minute, and of each batch that was heard at once.",
        )
        .path::<String>("edge", "The edge's name", edge)
        .query_example("limit", 20)
        .refuses(&bad_limit())
        .refuses(&Problem::not_found("this edge"))
        .ok(
            "The events",
            json!({ "events": [{
                "id": format!("orders.{ORDER_ID}.1.0"), "type": "orders.OrderPlaced.v1", "subject": ORDER_ID,
                "order_id": ORDER_ID, "time": "2026-11-24T09:30:00.000Z", "heard_at": "2026-11-24T09:30:02.140Z",
                "delay_ms": 2140,
            }] }),
        );
}

fn order() -> Value {
    json!({
        "order_id": ORDER_ID, "customer_id": CUSTOMER_ID, "placed_at": "2026-11-24T09:30:00.000Z", "status": "confirmed",
        "payment_status": "authorized", "fulfilment_status": "unfulfilled",
        "total": { "amount_minor": 6320, "currency": "JPY" }, "line_count": 1, "unit_count": 2,
        "last_event_at": "2026-11-24T09:30:01.204Z",
    })
}
