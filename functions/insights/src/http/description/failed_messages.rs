//! What the routes of failed messages say of themselves.

use door::Problem;
use openapi::Description;
use serde_json::{Value, json};
use store::Store;

use super::{ORDER_ID, bad_cursor, bad_limit};
use crate::http::{failed, failed_acts};

const MESSAGE_ID: &str = "8f7a1c52-0b1d-4e0e-9a6b-3f1d2c4b5a69";

pub(super) fn describe<S: Store + Clone>(insights: &mut Description) {
    let unknown = Problem::not_found("this queue of failed messages");
    let queue = "OrdersDeadLetters";
    let _ = insights
        .get(
            "/api/operator/insights/failed/queues",
            "listFailedQueues",
            failed::queues::<S>,
        )
        .says(
            "Lists the queues of failed messages",
            "With how many lie in each, as SQS approximately knows, and how old the oldest of the first ten is.",
        )
        .ok(
            "The queues",
            json!({ "queues": [{
                "queue": queue, "kind": "dead_letters", "context": "orders", "messages": 1, "hidden": 0,
                "oldest_at": "2026-11-24T09:30:00.000Z",
            }] }),
        );
    let _ = insights
        .get(
            "/api/operator/insights/failed/queues/{queue}/messages",
            "listFailedMessages",
            failed::messages::<S>,
        )
        .says(
            "Lists the failed messages of a queue",
            "In no order. Each look counts as one more receive, and misses what another look holds at that moment.",
        )
        .path::<String>("queue", "The queue's name in the template", queue)
        .query_example("limit", 20)
        .refuses(&bad_limit())
        .refuses(&unknown)
        .ok(
            "The messages",
            json!({
                "messages": [{
                    "id": MESSAGE_ID, "queue": queue, "reason": "the event is refused: UnknownOrder",
                    "since": "2026-11-24T09:30:00.000Z", "received": 3, "type": "payments.PaymentAuthorized.v1",
                    "subject": ORDER_ID, "event_id": format!("payments.{ORDER_ID}.2.0"), "can_redrive": true,
                    "body": "{\"specversion\":\"1.0\"}",
                }],
                "more": false,
            }),
        );
    let bad_ids = Problem::field("ids", "give either ids, or all as true");
    let bad_reason = Problem::field("reason", "must be 1 to 500 characters");
    let _ = insights
        .post(
            "/api/operator/insights/failed/queues/{queue}/redrive",
            "redriveFailedMessages",
            failed_acts::redrive::<S>,
        )
        .says(
            "Sends failed messages again",
            "To the queue that they were meant for, and deletes them then where they lie: cut short in between, one is there \
             twice, which every consumer bears. At most 100 a request. The same again finds them gone.",
        )
        .path::<String>("queue", "The queue's name in the template", queue)
        .body_example("some", "Some messages", json!({ "ids": [MESSAGE_ID] }))
        .body_example("all", "All of the queue", json!({ "all": true, "reason": "payments is back" }))
        .refuses(&bad_ids)
        .refuses(&bad_reason)
        .refuses(&unknown)
        .ok("What was done", done());
    let _ = insights
        .post(
            "/api/operator/insights/failed/queues/{queue}/drop",
            "dropFailedMessages",
            failed_acts::give_up::<S>,
        )
        .says(
            "Gives failed messages up",
            "For good, with a reason. Each is recorded whole before it is deleted. At most 100 a request.",
        )
        .path::<String>("queue", "The queue's name in the template", queue)
        .body_example(
            "some",
            "Some messages",
            json!({ "ids": [MESSAGE_ID], "reason": "a test of the supplier, never an order" }),
        )
        .refuses(&bad_ids)
        .refuses(&bad_reason)
        .refuses(&unknown)
        .ok("What was done", done());
    let _ = insights
        .get("/api/operator/insights/failed/acts", "listFailedActs", failed_acts::acts::<S>)
        .says(
            "Lists what operators did about failed messages",
            "The last first, a page at a time. An act that only began was cut short: its message may be there still, or twice.",
        )
        .query_example("limit", 20)
        .refuses(&bad_limit())
        .refuses(&bad_cursor())
        .ok(
            "A page of acts",
            json!({
                "acts": [{
                    "at": "2026-11-24T10:02:11.310Z", "by": "operator-1", "act": "redrive", "queue": queue,
                    "message_id": MESSAGE_ID, "type": "payments.PaymentAuthorized.v1", "subject": ORDER_ID,
                    "event_id": format!("payments.{ORDER_ID}.2.0"), "reason": "payments is back",
                    "failed_because": "the event is refused: UnknownOrder", "outcome": "done",
                }],
                "next": null,
            }),
        );
}

fn done() -> Value {
    json!({
        "done": [MESSAGE_ID],
        "left": [{ "id": "5f1c", "why": "there is no such message to be seen; another look may hold it for a minute" }],
        "more": false,
    })
}
