//! The context through its real door, fed with the payloads of `events/inventory`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod shop;

use contracts::inventory::{LowStock, StockAdjusted, StockReservationFailed};
use contracts::{CloudEvent, EventData as _};
use harness::{Answer, Harness, Request};
use inventory::{INDEXES, Inventory};
use serde_json::{Value, json};
use shop::{available, lines, many_lines, names, placed, reservation, stock_of, stock_up};
use store::MemoryStore;

type Shop = Harness<Inventory<MemoryStore>>;

const TEA: &str = "TEA-SENCHA-100";
const RICE: &str = "RICE-KOSHI-5KG";

fn shop() -> Shop {
    let store = MemoryStore::new(INDEXES);
    Harness::new(store.clone(), Inventory::new(store))
}

async fn stocked() -> Shop {
    let shop = shop();
    stock_up(&shop.store, TEA, "main", 10, 0).await;
    stock_up(&shop.store, RICE, "main", 3, 0).await;
    shop.store.take_changes();
    shop
}

fn payload(name: &str) -> Vec<u8> {
    let path = format!(
        "{}/../../events/inventory/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Hands over a batch of `events/`; returns the ids of the messages that failed.
async fn batch(shop: &Shop, name: &str) -> Vec<String> {
    let answer = shop.invoke(&payload(name)).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    let failures = answer["batchItemFailures"].as_array().unwrap();
    failures
        .iter()
        .map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned())
        .collect()
}

async fn http(shop: &Shop, name: &str) -> Answer {
    shop.http_payload(&payload(name)).await
}

async fn ask(shop: &Shop, method: &str, path: &str, body: Option<Value>) -> Answer {
    shop.clock.advance_seconds(1);
    let request = Request::new(method, path).by_operator("operator-1");
    let request = match body {
        Some(body) => request.json(&body),
        None => request,
    };
    shop.http(&request).await
}

fn data<E: contracts::EventData>(events: &[CloudEvent]) -> Vec<E> {
    let of_type = events.iter().filter(|event| event.event_type == E::TYPE);
    of_type.map(|event| event.data().unwrap()).collect()
}

#[tokio::test]
async fn goods_come_in_are_counted_and_seen() {
    let shop = shop();
    assert_eq!(http(&shop, "http-stock").await.status, 404);
    assert_eq!(http(&shop, "http-availability").await.status, 404);

    let received = http(&shop, "http-receive").await;
    assert_eq!(received.status, 200, "{received:?}");
    assert_eq!(received.body["locations"][0]["available"], 10);
    let in_bulk = http(&shop, "http-receive-in-bulk").await;
    assert_eq!(in_bulk.body, json!({ "received": 2, "repeated": 0 }));
    let adjusted = http(&shop, "http-adjust").await;
    let level = json!({
        "location_id": "main", "received": 31, "available": 31, "allocated": 0, "low_stock_threshold": 0
    });
    assert_eq!(adjusted.body, json!({ "sku": TEA, "locations": [level] }));

    assert_eq!(
        shop.relay().await,
        4,
        "each movement is a commit of a request"
    );
    let said: Vec<StockAdjusted> = data(&shop.published());
    assert_eq!(
        said.iter().map(|said| said.by).collect::<Vec<_>>(),
        [10, 24, 12, -3]
    );

    let seen = http(&shop, "http-availability").await;
    assert_eq!(seen.body, json!({ "sku": TEA, "available": 31 }));
    let seen = http(&shop, "http-stock").await;
    assert_eq!(seen.body, adjusted.body);
}

#[tokio::test]
async fn a_repeated_request_has_one_effect_and_a_changed_one_is_refused() {
    let shop = stocked().await;
    for repeat in 0..3 {
        let answer = http(&shop, "http-receive-in-bulk").await;
        let (received, repeated) = if repeat == 0 { (2, 0) } else { (0, 2) };
        assert_eq!(
            answer.body,
            json!({ "received": received, "repeated": repeated })
        );
        assert_eq!(http(&shop, "http-adjust").await.status, 200);
        shop.clock.advance_seconds(60);
    }
    assert_eq!(available(&shop.store, TEA).await, 10 + 24 - 3);

    let changed = json!({ "receipt_id": "delivery-2026-11-24", "lines": [{ "sku": "NEW", "quantity": 1 }, { "sku": RICE, "quantity": 13 }] });
    let answer = ask(&shop, "POST", "/api/operator/stock/receive", Some(changed)).await;
    assert_eq!(
        (answer.status, &answer.body["type"]),
        (422, &json!("urn:noren:problem:idempotency-key-reused"))
    );
    assert_eq!(
        available(&shop.store, "NEW").await,
        0,
        "nothing of a refused receipt is booked"
    );
    let more = json!({ "receipt_id": "delivery-2026-11-24", "lines": [{ "sku": "NEW", "quantity": 1 }, { "sku": RICE, "quantity": 12 }] });
    let answer = ask(&shop, "POST", "/api/operator/stock/receive", Some(more)).await;
    assert_eq!(answer.body, json!({ "received": 1, "repeated": 1 }));
    assert_eq!(shop.relay().await, 4);
    assert_eq!(shop.published().len(), 4);
}

#[tokio::test]
async fn a_receipt_of_a_thousand_lines_is_booked() {
    let shop = shop();
    let lines: Vec<_> = many_lines(1000)
        .iter()
        .map(|line| json!({ "sku": line.sku, "quantity": 7 }))
        .collect();
    let body = json!({ "receipt_id": "big", "location_id": "osaka", "lines": lines });
    let answer = ask(&shop, "POST", "/api/operator/stock/receive", Some(body)).await;
    assert_eq!(answer.body, json!({ "received": 1000, "repeated": 0 }));
    assert_eq!(available(&shop.store, "S0999").await, 7);
    assert_eq!(shop.relay().await, 1000);
    assert_eq!(shop.published().len(), 1000);
}

#[tokio::test]
async fn the_ledger_lists_the_newest_first_page_by_page() {
    let shop = shop();
    for count in 1..=5 {
        let body = json!({ "quantity": count });
        ask(
            &shop,
            "POST",
            &format!("/api/operator/stock/{TEA}/receive"),
            Some(body),
        )
        .await;
    }
    ask(
        &shop,
        "POST",
        "/api/operator/stock/OTHER/receive",
        Some(json!({ "quantity": 9 })),
    )
    .await;
    let mut counts = Vec::new();
    let mut page = http(&shop, "http-movements").await;
    loop {
        let movements = page.body["movements"].as_array().unwrap();
        assert!(movements.len() <= 2);
        counts.extend(
            movements
                .iter()
                .map(|movement| movement["by"].as_i64().unwrap()),
        );
        let Some(cursor) = page.body["next"].as_str() else {
            break;
        };
        let path = format!("/api/operator/stock/{TEA}/movements?limit=2&cursor={cursor}");
        page = ask(&shop, "GET", &path, None).await;
    }
    assert_eq!(counts, [5, 4, 3, 2, 1]);
    for query in ["limit=0", "limit=201", "limit=x", "cursor=nonsense"] {
        let answer = ask(
            &shop,
            "GET",
            &format!("/api/operator/stock/{TEA}/movements?{query}"),
            None,
        )
        .await;
        assert_eq!(answer.status, 400, "{query}");
    }
    shop.relay().await;
}

#[tokio::test]
async fn adjusting_down_never_touches_what_is_reserved() {
    let shop = stocked().await;
    shop.deliver(&[placed("o", lines(&[(TEA, 8)]))]).await;
    let path = format!("/api/operator/stock/{TEA}/adjust");
    let refused = ask(
        &shop,
        "POST",
        &path,
        Some(json!({ "by": -3, "reason": "lost" })),
    )
    .await;
    assert_eq!(
        (refused.status, &refused.body["type"]),
        (409, &json!("urn:noren:problem:not-enough-stock"))
    );
    let done = ask(
        &shop,
        "POST",
        &path,
        Some(json!({ "by": -2, "reason": "lost" })),
    )
    .await;
    assert_eq!(done.body["locations"][0]["available"], 0);
    assert_eq!(done.body["locations"][0]["allocated"], 8);
    shop.relay().await;
}

#[tokio::test]
async fn a_threshold_makes_the_crossing_draw_warn_whoever_draws() {
    let shop = stocked().await;
    let set = http(&shop, "http-threshold").await;
    assert_eq!(set.body["locations"][0]["low_stock_threshold"], 5);
    assert_eq!(http(&shop, "http-threshold").await, set);
    assert_eq!(shop.relay().await, 0, "a threshold is no news");

    shop.deliver(&[placed("o1", lines(&[(TEA, 5)]))]).await;
    assert!(data::<LowStock>(&shop.published()).is_empty());
    shop.deliver(&[placed("o2", lines(&[(TEA, 1)]))]).await;
    assert_eq!(data::<LowStock>(&shop.published()).len(), 1);
    shop.deliver(&[placed("o3", lines(&[(TEA, 1)]))]).await;
    assert!(data::<LowStock>(&shop.published()).is_empty());

    ask(
        &shop,
        "POST",
        &format!("/api/operator/stock/{TEA}/receive"),
        Some(json!({ "quantity": 10 })),
    )
    .await;
    ask(
        &shop,
        "POST",
        &format!("/api/operator/stock/{TEA}/adjust"),
        Some(json!({ "by": -9, "reason": "counted" })),
    )
    .await;
    shop.relay().await;
    let warnings: Vec<LowStock> = data(&shop.published());
    assert_eq!(
        warnings
            .iter()
            .map(|low| (low.available, low.threshold))
            .collect::<Vec<_>>(),
        [(4, 5)]
    );

    let elsewhere = json!({ "threshold": 5, "location_id": "osaka" });
    let answer = ask(
        &shop,
        "POST",
        &format!("/api/operator/stock/{TEA}/threshold"),
        Some(elsewhere),
    )
    .await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn an_order_is_reserved_leaves_in_part_and_the_rest_is_released() {
    let shop = stocked().await;
    assert!(batch(&shop, "sqs-order-placed").await.is_empty());
    assert_eq!(shop.published_types(), ["inventory.StockReserved.v1"]);
    let seen = http(&shop, "http-reservation").await;
    assert_eq!(
        (&seen.body["status"], &seen.body["lines"][1]["held"]),
        (&json!("reserved"), &json!(2))
    );

    assert!(batch(&shop, "sqs-shipment-dispatched").await.is_empty());
    assert_eq!(
        http(&shop, "http-reservation").await.body["status"],
        "partly_consumed"
    );
    let before = stock_of(&shop.store, TEA).await;
    assert!(batch(&shop, "sqs-order-cancelled").await.is_empty());
    assert_eq!(shop.published_types(), ["inventory.StockReleased.v1"]);
    let seen = http(&shop, "http-reservation").await;
    assert_eq!(
        (&seen.body["status"], &seen.body["parcels"]),
        (&json!("released"), &json!([1]))
    );
    assert_eq!(
        stock_of(&shop.store, TEA).await,
        before,
        "what has left does not come back by a cancel"
    );
    assert_eq!(available(&shop.store, RICE).await, 3);

    assert!(batch(&shop, "sqs-return-received").await.is_empty());
    assert_eq!(shop.published_types(), ["inventory.StockAdjusted.v1"]);
    assert_eq!(available(&shop.store, TEA).await, 9);
    shop::check_conservation(&shop.store);
}

#[tokio::test]
async fn every_message_may_come_again_and_says_the_same_again() {
    let shop = stocked().await;
    for name in [
        "sqs-order-placed",
        "sqs-shipment-dispatched",
        "sqs-order-cancelled",
        "sqs-return-received",
    ] {
        batch(&shop, name).await;
        let first = shop.published();
        let items = shop.store.all();
        for _ in 0..3 {
            shop.clock.advance_seconds(30 * 86_400);
            assert!(batch(&shop, name).await.is_empty());
            let again: Vec<_> = shop.published().iter().map(CloudEvent::to_json).collect();
            assert_eq!(
                again,
                first.iter().map(CloudEvent::to_json).collect::<Vec<_>>(),
                "{name}"
            );
        }
        assert_eq!(shop.store.all(), items, "{name}");
    }
}

#[tokio::test]
async fn a_cancel_that_comes_first_is_remembered() {
    let shop = stocked().await;
    batch(&shop, "sqs-order-cancelled").await;
    assert!(shop.published().is_empty(), "nothing had been reserved");
    batch(&shop, "sqs-order-placed").await;
    let failed: Vec<StockReservationFailed> = data(&shop.published());
    assert_eq!(serde_json::to_value(failed[0].reason).unwrap(), "released");
    assert_eq!(available(&shop.store, TEA).await, 10);
}

#[tokio::test]
async fn a_request_that_comes_too_late_is_refused() {
    let shop = stocked().await;
    shop.clock.advance_seconds(601);
    batch(&shop, "sqs-order-placed").await;
    let failed: Vec<StockReservationFailed> = data(&shop.published());
    assert_eq!(serde_json::to_value(failed[0].reason).unwrap(), "too_late");
    assert_eq!(available(&shop.store, TEA).await, 10);
}

#[tokio::test]
async fn a_shortage_names_the_lines_and_takes_nothing() {
    let shop = stocked().await;
    shop.deliver(&[placed("o", lines(&[(TEA, 10), (RICE, 4), ("UNKNOWN", 1)]))])
        .await;
    let failed: Vec<StockReservationFailed> = data(&shop.published());
    let short: Vec<_> = failed[0]
        .shortages
        .iter()
        .map(|short| (short.sku.as_str(), short.available))
        .collect();
    assert_eq!(short, [(RICE, 3), ("UNKNOWN", 0)]);
    assert_eq!(available(&shop.store, TEA).await, 10);
    assert!(shop.deliver(&[shop::cancelled("o")]).await.is_empty());
    assert!(shop.published().is_empty());
}

#[tokio::test]
async fn the_same_sku_in_two_lines_is_added_up_and_absurd_quantities_are_shortages() {
    let shop = stocked().await;
    shop.deliver(&[placed("twice", lines(&[(RICE, 2), (RICE, 2)]))])
        .await;
    shop.deliver(&[placed(
        "absurd",
        lines(&[(RICE, u32::MAX), (RICE, u32::MAX)]),
    )])
    .await;
    assert_eq!(
        names(&shop.published()),
        ["StockReservationFailed", "StockReservationFailed"]
    );
    shop.deliver(&[placed("fits", lines(&[(RICE, 2), (RICE, 1)]))])
        .await;
    assert_eq!(names(&shop.published()), ["StockReserved"]);
    assert_eq!(available(&shop.store, RICE).await, 0);
}

#[tokio::test]
async fn poison_in_a_batch_harms_only_itself() {
    let shop = stocked().await;
    // The last message is a parcel of an order that nothing is known of yet: it shall come again.
    assert_eq!(batch(&shop, "sqs-with-poison").await, ["message-6"]);
    assert_eq!(names(&shop.published()), ["StockReserved", "StockReserved"]);
    let mut reasons = shop.dead_letter_reasons();
    reasons.sort();
    let words = [
        "data of orders.OrderPlaced.v1",
        "no lines",
        "none that this context hears",
        "not a CloudEvents",
    ];
    assert_eq!(reasons.len(), words.len(), "{reasons:?}");
    for word in words {
        assert!(
            reasons.iter().any(|reason| reason.contains(word)),
            "{word} in {reasons:?}"
        );
    }
    assert!(reservation(&shop.store, "order-3").await.is_none());
}

#[tokio::test]
async fn more_than_was_reserved_cannot_leave() {
    let shop = stocked().await;
    shop.deliver(&[placed("o", lines(&[(TEA, 1)]))]).await;
    assert!(
        shop.deliver(&[shop::dispatched("o", 1, lines(&[(TEA, 2)]))])
            .await
            .is_empty()
    );
    assert_eq!(
        shop.dead_letter_reasons(),
        [format!(
            "the event is refused: more of {TEA} left than was set aside"
        )]
    );
}

#[tokio::test]
async fn a_return_that_cannot_be_sold_again_changes_nothing() {
    let shop = stocked().await;
    shop.deliver(&[shop::returned("o", 1, lines(&[(TEA, 1)]), false)])
        .await;
    assert!(shop.published().is_empty());
    assert_eq!(available(&shop.store, TEA).await, 10);
}

#[tokio::test]
async fn the_stream_publishes_what_requests_committed() {
    let shop = shop();
    assert!(batch(&shop, "stream-batch").await.is_empty());
    let said: Vec<StockAdjusted> = data(&shop.published());
    assert_eq!(said.len(), 1);
    let tick = shop.invoke(br#"{"schedule":"deadlines"}"#).await;
    assert_eq!(tick.unwrap(), r#"{"due":0}"#, "nothing is ever due here");
}

#[tokio::test]
async fn bad_requests_name_the_field_and_change_nothing() {
    let shop = stocked().await;
    let items = shop.store.all();
    let receive = format!("/api/operator/stock/{TEA}/receive");
    let adjust = format!("/api/operator/stock/{TEA}/adjust");
    let threshold = format!("/api/operator/stock/{TEA}/threshold");
    let bulk = "/api/operator/stock/receive";
    let line = |sku: &str, quantity: i64| json!({ "sku": sku, "quantity": quantity });
    let bulk_of = |lines: Vec<Value>| json!({ "receipt_id": "r", "lines": lines });
    let too_many: Vec<_> = (0..1001)
        .map(|number| line(&format!("S{number}"), 1))
        .collect();
    let cases = [
        (receive.as_str(), json!({ "quantity": 0 }), "quantity"),
        (&receive, json!({ "quantity": -1 }), "quantity"),
        (&receive, json!({ "quantity": 1.5 }), "quantity"),
        (&receive, json!({ "quantity": 1_000_000_001 }), "quantity"),
        (
            &receive,
            json!({ "quantity": 1, "location_id": "no good" }),
            "location_id",
        ),
        (
            &receive,
            json!({ "quantity": 1, "colour": "red" }),
            "colour",
        ),
        (&receive, json!({}), "quantity"),
        (&adjust, json!({ "by": 0, "reason": "lost" }), "by"),
        (&adjust, json!({ "by": i64::MIN, "reason": "lost" }), "by"),
        (&adjust, json!({ "by": -1, "reason": "stolen" }), "reason"),
        (&threshold, json!({ "threshold": -1 }), "threshold"),
        (bulk, bulk_of(vec![]), "lines"),
        (bulk, bulk_of(too_many), "lines"),
        (
            bulk,
            bulk_of(vec![line("A", 1), line("B", 0)]),
            "lines[1].quantity",
        ),
        (
            bulk,
            bulk_of(vec![line("A", 1), line("A", 1)]),
            "lines[1].sku",
        ),
        (bulk, bulk_of(vec![line("no good", 1)]), "lines[0].sku"),
        (
            bulk,
            json!({ "receipt_id": "", "lines": [line("A", 1)] }),
            "receipt_id",
        ),
        (
            bulk,
            json!({ "receipt_id": "x".repeat(65), "lines": [line("A", 1)] }),
            "receipt_id",
        ),
        (
            "/api/operator/stock/no%20good/receive",
            json!({ "quantity": 1 }),
            "sku",
        ),
    ];
    for (path, body, field) in cases {
        let answer = ask(&shop, "POST", path, Some(body.clone())).await;
        assert_eq!(answer.status, 400, "{path} {body}");
        assert_eq!(
            answer.body["errors"][0]["field"], field,
            "{path} {body}: {}",
            answer.body
        );
    }
    assert_eq!(shop.store.all(), items);
}

#[tokio::test]
async fn counters_stay_far_from_their_end() {
    let shop = shop();
    stock_up(&shop.store, TEA, "main", 1_000_000_000_000, 0).await;
    shop.store.take_changes();
    let answer = ask(
        &shop,
        "POST",
        &format!("/api/operator/stock/{TEA}/receive"),
        Some(json!({ "quantity": 1 })),
    )
    .await;
    assert_eq!(
        (answer.status, &answer.body["type"]),
        (422, &json!("urn:noren:problem:too-much-stock"))
    );
    for number in 0..32 {
        stock_up(&shop.store, RICE, &format!("place-{number}"), 1, 0).await;
    }
    shop.store.take_changes();
    let answer = ask(
        &shop,
        "POST",
        &format!("/api/operator/stock/{RICE}/receive"),
        Some(json!({ "quantity": 1 })),
    )
    .await;
    assert_eq!(
        (answer.status, &answer.body["type"]),
        (422, &json!("urn:noren:problem:too-many-locations"))
    );
    shop.deliver(&[placed("o", lines(&[(RICE, 32)]))]).await;
    assert_eq!(names(&shop.published()), ["StockReserved"]);
}

#[tokio::test]
async fn only_operators_see_and_change_stock() {
    let shop = stocked().await;
    let routes = [
        ("GET", format!("/api/operator/stock/{TEA}")),
        ("GET", format!("/api/operator/stock/{TEA}/movements")),
        ("GET", "/api/operator/reservations/order-1".to_owned()),
        ("POST", format!("/api/operator/stock/{TEA}/receive")),
        ("POST", format!("/api/operator/stock/{TEA}/adjust")),
        ("POST", format!("/api/operator/stock/{TEA}/threshold")),
        ("POST", "/api/operator/stock/receive".to_owned()),
    ];
    for (method, path) in routes {
        let request = Request::new(method, &path).json(&json!({}));
        assert_eq!(shop.http(&request).await.status, 401, "{path}");
        assert_eq!(
            shop.http(&request.by_customer("customer-1")).await.status,
            403,
            "{path}"
        );
    }
    let unknown = ask(&shop, "GET", "/api/operator/reservations/nobody", None).await;
    assert_eq!(unknown.status, 404);
    let unknown = ask(&shop, "GET", "/api/operator/reservations/no%20good", None).await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
#[should_panic(expected = "not relayed")]
async fn a_commit_that_nobody_publishes_fails_its_test() {
    let shop = shop();
    http(&shop, "http-receive").await;
}

#[test]
fn what_inventory_hears_is_what_the_table_of_contexts_says() {
    let heard = <Inventory<MemoryStore> as door::Context>::HEARS;
    let expected = [
        contracts::orders::OrderPlaced::TYPE,
        contracts::orders::OrderCancelled::TYPE,
        contracts::shipping::ShipmentDispatched::TYPE,
        contracts::shipping::ReturnReceived::TYPE,
    ];
    assert_eq!(heard, expected);
}

#[tokio::test]
async fn each_change_of_stock_is_done_once_for_its_key_and_the_key_is_for_nothing_else() {
    let shop = stocked().await;
    let adjust = |by: i64| json!({ "by": by, "reason": "counted" });
    let path = |act: &str| format!("/api/operator/stock/{TEA}/{act}");
    for (method, path, body, other) in [
        (
            "POST",
            path("receive"),
            json!({ "quantity": 5 }),
            json!({ "quantity": 6 }),
        ),
        ("POST", path("adjust"), adjust(-1), adjust(-2)),
        (
            "POST",
            path("threshold"),
            json!({ "threshold": 3 }),
            json!({ "threshold": 4 }),
        ),
    ] {
        let request = Request::new(method, &path).by_operator("ops").json(&body);
        shop.holds_key_named(&format!("of {path}"), &request, &other)
            .await;
    }
    assert_eq!(available(&shop.store, TEA).await, 10 + 5 - 1);
}
