//! Orders through its door: requests, batches of its queue, its stream, its schedule.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use contracts::CloudEvent;
use contracts::catalog::{PriceChanged, ProductPublished, ProductRetired, PublishedVariant};
use contracts::inventory::{ReservationFailure, StockReservationFailed, StockReserved};
use contracts::payments::{PaymentAuthorized, PaymentCaptured, PaymentDeclined};
use contracts::shipping::{
    RateBracket, ShipmentCancelled, ShipmentDelivered, ShipmentDispatched, ShippingRateChanged,
};
use harness::{Answer, Harness, Request, event};
use identifiers::{OrderId, Timestamp};
use money::{Currency, Money, TaxClass};
use orders::{Config, INDEXES, Orders};
use serde_json::{Value, json};
use store::MemoryStore;

type Shop = Harness<Orders<MemoryStore>>;

fn yen(amount: i64) -> Money {
    Money::new(amount, Currency::JPY)
}

fn variant(sku: &str, price: Money, tax_class: TaxClass) -> PublishedVariant {
    PublishedVariant {
        sku: sku.parse().unwrap(),
        price,
        tax_class,
        weight_grams: 400,
    }
}

fn published(product: &str, variants: Vec<PublishedVariant>) -> ProductPublished {
    ProductPublished {
        product_id: product.parse().unwrap(),
        category: "tea".to_owned(),
        variants,
        title: None,
    }
}

/// A shop that sells tea and cups in yen and mugs in dollars, and ships to Tokyo.
async fn shop() -> Shop {
    let store = MemoryStore::new(INDEXES);
    let shop = Harness::new(store.clone(), Orders::new(store, Config::default()));
    let tea = variant("TEA-1", yen(540), TaxClass::Reduced);
    let cup = variant("CUP-1", yen(1100), TaxClass::Standard);
    let mug = variant("MUG-1", Money::new(900, Currency::USD), TaxClass::Standard);
    let rate = ShippingRateChanged {
        region: "JP-13".parse().unwrap(),
        brackets: vec![
            RateBracket {
                up_to_grams: 1000,
                fee: yen(330),
            },
            RateBracket {
                up_to_grams: 20_000,
                fee: yen(880),
            },
        ],
    };
    let failed = shop
        .deliver(&[
            event("tea", 1, 0, &published("tea", vec![tea])),
            event("cup", 1, 0, &published("cup", vec![cup])),
            event("mug", 1, 0, &published("mug", vec![mug])),
            event("JP-13", 1, 0, &rate),
        ])
        .await;
    assert!(failed.is_empty());
    shop
}

fn wish(lines: &[(&str, i64)]) -> Value {
    let lines: Vec<_> = lines
        .iter()
        .map(|(sku, quantity)| json!({ "sku": sku, "quantity": quantity }))
        .collect();
    json!({ "lines": lines, "region": "JP-13", "payment_method": "pm_card_visa" })
}

fn placing(key: &str, body: &Value) -> Request {
    Request::new("POST", "/api/orders")
        .by_customer("c-1")
        .header("Idempotency-Key", key)
        .json(body)
}

async fn place(shop: &Shop) -> OrderId {
    let answer = shop.http(&placing("k-1", &wish(&[("TEA-1", 1)]))).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    shop.relay().await;
    assert_eq!(shop.published_types(), ["orders.OrderPlaced.v1"]);
    answer.body["order_id"].as_str().unwrap().parse().unwrap()
}

async fn show(shop: &Shop, order_id: &OrderId) -> Value {
    let answer = shop
        .http(&Request::new("GET", &format!("/api/orders/{order_id}")).by_customer("c-1"))
        .await;
    assert_eq!(answer.status, 200);
    answer.body
}

fn reserved(id: &OrderId) -> CloudEvent {
    event(
        &format!("inventory:{id}"),
        1,
        0,
        &StockReserved {
            order_id: id.clone(),
        },
    )
}

fn authorized(id: &OrderId) -> CloudEvent {
    let authorized = PaymentAuthorized {
        order_id: id.clone(),
        attempt: 1,
        amount: yen(870),
        authorized_until: Timestamp::from_milliseconds(1_796_000_000_000),
    };
    event(&format!("payments:{id}"), 2, 0, &authorized)
}

fn dispatched(id: &OrderId) -> CloudEvent {
    let dispatched = ShipmentDispatched {
        order_id: id.clone(),
        customer_id: "c-1".parse().unwrap(),
        parcel: 1,
        lines: Vec::new(),
        carrier: "yamato".to_owned(),
        tracking_number: "4912".to_owned(),
        complete: true,
        dispatched_at: Timestamp::from_milliseconds(1_795_600_000_000),
    };
    event(&format!("shipping:{id}"), 2, 0, &dispatched)
}

fn captured(id: &OrderId) -> CloudEvent {
    event(
        &format!("payments:{id}"),
        4,
        0,
        &PaymentCaptured {
            order_id: id.clone(),
            amount: yen(870),
        },
    )
}

fn delivered(id: &OrderId) -> CloudEvent {
    event(
        &format!("shipping:{id}"),
        3,
        0,
        &ShipmentDelivered {
            order_id: id.clone(),
            parcel: 1,
            complete: true,
        },
    )
}

fn problem(answer: &Answer, status: u16, field: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    let fields: Vec<_> = answer.body["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|e| &e["field"])
        .collect();
    assert!(
        fields.iter().any(|named| **named == field),
        "{field} is not named in {answer:?}"
    );
}

#[tokio::test]
async fn an_order_goes_its_way_to_completion() {
    let shop = shop().await;
    let id = place(&shop).await;
    let order = show(&shop, &id).await;
    assert_eq!(
        (
            &order["total"]["amount_minor"],
            &order["shipping_fee"]["amount_minor"]
        ),
        (&json!(870), &json!(330))
    );
    assert_eq!(
        order["tax"],
        json!([
            { "tax_class": "standard", "net_minor": 300, "tax_minor": 30 },
            { "tax_class": "reduced", "net_minor": 500, "tax_minor": 40 },
        ])
    );
    let steps = [
        (
            reserved(&id),
            vec!["orders.PaymentRequested.v1"],
            "awaiting_payment",
        ),
        (
            authorized(&id),
            vec!["orders.OrderConfirmed.v1"],
            "confirmed",
        ),
        (dispatched(&id), vec![], "confirmed"),
        (captured(&id), vec![], "confirmed"),
        (
            delivered(&id),
            vec!["orders.OrderCompleted.v1"],
            "completed",
        ),
    ];
    for (event, said, status) in steps {
        for _delivery in 0..3 {
            assert!(shop.deliver(std::slice::from_ref(&event)).await.is_empty());
            // A repeat says the same again: the first delivery may have died before it was published.
            assert_eq!(shop.published_types(), said, "{}", event.event_type);
            assert_eq!(show(&shop, &id).await["status"], status);
        }
    }
    let order = show(&shop, &id).await;
    assert_eq!(
        (&order["payment_status"], &order["fulfilment_status"]),
        (&json!("captured"), &json!("delivered"))
    );
}

#[tokio::test]
async fn a_repeated_event_is_the_same_event() {
    let shop = shop().await;
    let id = place(&shop).await;
    shop.deliver(&[reserved(&id)]).await;
    let first = shop.published();
    shop.clock.advance_seconds(1000);
    shop.deliver(&[reserved(&id)]).await;
    let again = shop.published();
    assert_eq!(first[0].to_json(), again[0].to_json());
    assert_eq!(first[0].causationid, reserved(&id).id);
    assert_eq!(first[0].correlationid, reserved(&id).correlationid);
}

#[tokio::test]
async fn the_same_key_is_the_same_order_and_another_wish_is_refused() {
    let shop = shop().await;
    let id = place(&shop).await;
    let repeat = shop.http(&placing("k-1", &wish(&[("TEA-1", 1)]))).await;
    assert_eq!(
        (repeat.status, &repeat.body["order_id"]),
        (200, &json!(id.as_str()))
    );
    let changed = shop.http(&placing("k-1", &wish(&[("TEA-1", 2)]))).await;
    assert_eq!(changed.status, 422);
    assert_eq!(
        changed.body["type"],
        "urn:noren:problem:idempotency-key-reused"
    );
    let another = shop.http(&placing("k-2", &wish(&[("TEA-1", 1)]))).await;
    assert_eq!(another.status, 201);
    shop.relay().await;
    // The price moves on; the repeat still finds its order, at the old price.
    let retired = ProductRetired {
        product_id: "tea".parse().unwrap(),
        skus: vec!["TEA-1".parse().unwrap()],
    };
    shop.deliver(&[event("tea", 2, 0, &retired)]).await;
    let late = shop.http(&placing("k-1", &wish(&[("TEA-1", 1)]))).await;
    assert_eq!(
        (late.status, &late.body["total"]["amount_minor"]),
        (200, &json!(870))
    );
}

#[tokio::test]
async fn an_older_price_never_overwrites_a_newer() {
    let shop = shop().await;
    let at = |price| PriceChanged {
        product_id: "tea".parse().unwrap(),
        variant: variant("TEA-1", yen(price), TaxClass::Reduced),
    };
    shop.deliver(&[event("tea", 5, 0, &at(1080)), event("tea", 4, 0, &at(216))])
        .await;
    let answer = shop.http(&placing("k-1", &wish(&[("TEA-1", 1)]))).await;
    assert_eq!(answer.body["subtotal"]["amount_minor"], 1080);
    shop.relay().await;
}

#[tokio::test]
async fn refusals_name_the_field_and_change_nothing() {
    let shop = shop().await;
    let with = |name: &str, value: Value| {
        let mut body = wish(&[("TEA-1", 1)]);
        body[name] = value;
        body
    };
    let cases = [
        (wish(&[("TEA-1", 0)]), 400, "lines[0].quantity"),
        (wish(&[("TEA-1", -1)]), 400, "lines[0].quantity"),
        (wish(&[("TEA-1", 10_001)]), 400, "lines[0].quantity"),
        (wish(&[("TEA-1", 5_000_000_000)]), 400, "lines[0].quantity"),
        (
            wish(&[("TEA-1", 6000), ("TEA-1", 6000)]),
            422,
            "lines[0].quantity",
        ),
        (wish(&[("TEA-1", 1), ("NONE", 1)]), 422, "lines[1].sku"),
        (wish(&[("TEA-1", 1), ("MUG-1", 1)]), 422, "lines[0].sku"),
        (wish(&[("TEA-1", 100)]), 422, "lines"),
        (wish(&[]), 400, "lines"),
        (with("region", json!("FR-75")), 422, "region"),
        (with("region", json!("somewhere else")), 400, "region"),
        (
            with("payment_method", json!("4242 4242 4242 4242")),
            400,
            "payment_method",
        ),
        (with("customer_id", json!("c-2")), 400, "customer_id"),
        (
            with(
                "expected_total",
                json!({ "amount_minor": 1, "currency": "JPY" }),
            ),
            422,
            "expected_total",
        ),
        (
            with(
                "expected_total",
                json!({ "amount_minor": 1, "currency": "XXQ" }),
            ),
            400,
            "expected_total.currency",
        ),
        (json!({ "lines": "tea" }), 400, "lines"),
        (json!([]), 400, "body"),
    ];
    for (body, status, field) in cases {
        problem(&shop.http(&placing("k-1", &body)).await, status, field);
    }
    problem(
        &shop
            .http(&placing("k-1", &json!({})).text("{\"lines\":"))
            .await,
        400,
        "lines",
    );
    let unkeyed = Request::new("POST", "/api/orders")
        .by_customer("c-1")
        .json(&wish(&[("TEA-1", 1)]));
    problem(&shop.http(&unkeyed).await, 400, "Idempotency-Key");
    let oversize = placing("k-1", &json!({})).text(" ".repeat(door::MAX_BODY_BYTES + 1));
    assert_eq!(shop.http(&oversize).await.status, 413);
    let form = placing("k-1", &json!({}))
        .header("content-type", "text/plain")
        .text("tea");
    assert!(matches!(shop.http(&form).await.status, 400 | 415));
    assert_eq!(shop.relay().await, 0);
    // None of them burned the key.
    place(&shop).await;
}

#[tokio::test]
async fn a_right_expected_total_is_taken() {
    let shop = shop().await;
    let mut body = wish(&[("TEA-1", 1)]);
    body["expected_total"] = json!({ "amount_minor": 870, "currency": "JPY" });
    assert_eq!(shop.http(&placing("k-1", &body)).await.status, 201);
    shop.relay().await;
}

#[tokio::test]
async fn nobody_sees_or_cancels_anothers_order() {
    let shop = shop().await;
    let id = place(&shop).await;
    let (path, cancelling) = (
        format!("/api/orders/{id}"),
        format!("/api/orders/{id}/cancel"),
    );
    let others = shop
        .http(&Request::new("GET", &path).by_customer("c-2"))
        .await;
    let unknown = shop
        .http(&Request::new("GET", "/api/orders/none").by_customer("c-2"))
        .await;
    assert_eq!((others.status, unknown.status), (404, 404));
    assert_eq!(
        shop.http(&Request::new("POST", &cancelling).by_customer("c-2"))
            .await
            .status,
        404
    );
    assert_eq!(shop.http(&Request::new("GET", &path)).await.status, 401);
    assert_eq!(
        shop.http(&Request::new("GET", &path).by_operator("op"))
            .await
            .status,
        403
    );
    let operators = format!("/api/operator/orders/{id}");
    assert_eq!(
        shop.http(&Request::new("GET", &operators).by_customer("c-1"))
            .await
            .status,
        403
    );
    assert_eq!(
        shop.http(&Request::new("GET", &operators).by_operator("op"))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_customer_pages_through_their_own_orders_newest_first() {
    let shop = shop().await;
    for number in 0..5 {
        shop.clock.advance_seconds(1);
        assert_eq!(
            shop.http(&placing(
                &format!("k-{number}"),
                &wish(&[("TEA-1", number + 1)])
            ))
            .await
            .status,
            201
        );
    }
    shop.relay().await;
    let mut quantities = Vec::new();
    let mut path = "/api/orders?limit=2".to_owned();
    loop {
        let page = shop
            .http(&Request::new("GET", &path).by_customer("c-1"))
            .await
            .body;
        quantities.extend(
            page["orders"]
                .as_array()
                .unwrap()
                .iter()
                .map(|o| o["lines"][0]["quantity"].clone()),
        );
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("/api/orders?limit=2&cursor={next}");
    }
    assert_eq!(quantities, [5, 4, 3, 2, 1]);
    let others = shop
        .http(&Request::new("GET", "/api/orders").by_customer("c-2"))
        .await
        .body;
    assert_eq!(others["orders"], json!([]));
    problem(
        &shop
            .http(&Request::new("GET", "/api/orders?cursor=x").by_customer("c-1"))
            .await,
        400,
        "cursor",
    );
    problem(
        &shop
            .http(&Request::new("GET", "/api/orders?limit=0").by_customer("c-1"))
            .await,
        400,
        "limit",
    );
    assert_eq!(
        shop.http(&Request::new("GET", "/api/orders?page=1").by_customer("c-1"))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn a_confirmed_order_is_cancelled_only_when_nothing_has_left() {
    let shop = shop().await;
    let id = place(&shop).await;
    shop.deliver(&[reserved(&id)]).await;
    shop.deliver(&[authorized(&id)]).await;
    shop.published();
    let cancelling = Request::new("POST", &format!("/api/orders/{id}/cancel")).by_customer("c-1");
    assert_eq!(shop.http(&cancelling).await.body["status"], "cancelling");
    shop.relay().await;
    assert_eq!(shop.published_types(), ["orders.CancellationRequested.v1"]);
    let stays = event(
        &format!("shipping:{id}"),
        2,
        0,
        &ShipmentCancelled {
            order_id: id.clone(),
        },
    );
    shop.deliver(&[stays]).await;
    assert_eq!(shop.published_types(), ["orders.OrderCancelled.v1"]);
    // A dispatch that was overtaken finds the order cancelled; a second cancel changes nothing.
    assert_eq!(shop.http(&cancelling).await.body["status"], "cancelled");
}

#[tokio::test]
async fn a_dispatched_order_cannot_be_cancelled() {
    let shop = shop().await;
    let id = place(&shop).await;
    for event in [reserved(&id), authorized(&id), dispatched(&id)] {
        shop.deliver(&[event]).await;
    }
    let cancelling = Request::new("POST", &format!("/api/orders/{id}/cancel")).by_customer("c-1");
    let answer = shop.http(&cancelling).await;
    assert_eq!(
        (answer.status, &answer.body["type"]),
        (409, &json!("urn:noren:problem:already-dispatched"))
    );
}

#[tokio::test]
async fn a_delivered_order_takes_note_of_what_its_customer_sends_back() {
    let shop = shop().await;
    let id = place(&shop).await;
    let asking = |customer: &str| {
        let path = format!("/api/orders/{id}/returns");
        Request::new("POST", &path).by_customer(customer)
    };
    let wish = json!({ "lines": [{ "sku": "TEA-1", "quantity": 1 }], "reason": "damaged" });
    let early = shop
        .http(&asking("c-1").header("Idempotency-Key", "r-0").json(&wish))
        .await;
    assert_eq!(
        (early.status, &early.body["type"]),
        (409, &json!("urn:noren:problem:not-delivered"))
    );
    for event in [
        reserved(&id),
        authorized(&id),
        dispatched(&id),
        captured(&id),
        delivered(&id),
    ] {
        shop.deliver(&[event]).await;
    }
    shop.published();
    let anothers = shop
        .http(&asking("c-2").header("Idempotency-Key", "r-1").json(&wish))
        .await;
    assert_eq!(anothers.status, 404);
    let twice = json!({ "lines": [{ "sku": "TEA-1", "quantity": 2 }], "reason": "damaged" });
    let more = shop
        .http(&asking("c-1").header("Idempotency-Key", "r-2").json(&twice))
        .await;
    assert_eq!(
        (more.status, &more.body["type"]),
        (422, &json!("urn:noren:problem:not-returnable"))
    );

    let taken = shop.holds_key(&asking("c-1").json(&wish), &twice).await;
    let returns = taken.body["returns"].as_array().unwrap();
    assert_eq!(returns.len(), 1, "a repeat is no second wish");
    assert_eq!(
        (&returns[0]["lines"], &returns[0]["reason"]),
        (&wish["lines"], &json!("damaged"))
    );
    assert_eq!(shop.published_types(), ["orders.ReturnRequested.v1"]);
    assert_eq!(show(&shop, &id).await["returns"], taken.body["returns"]);
}

#[tokio::test]
async fn no_stock_or_no_money_cancels() {
    let shop = shop().await;
    let id = place(&shop).await;
    let reason = ReservationFailure::OutOfStock;
    let short = StockReservationFailed {
        order_id: id.clone(),
        reason,
        shortages: Vec::new(),
    };
    shop.deliver(&[event(&format!("inventory:{id}"), 1, 0, &short)])
        .await;
    assert_eq!(shop.published_types(), ["orders.OrderCancelled.v1"]);
    assert_eq!(
        show(&shop, &id).await["cancellation_reason"],
        "out_of_stock"
    );

    let answer = shop.http(&placing("k-2", &wish(&[("CUP-1", 1)]))).await;
    let id: OrderId = answer.body["order_id"].as_str().unwrap().parse().unwrap();
    shop.relay().await;
    shop.deliver(&[reserved(&id)]).await;
    let declined = PaymentDeclined {
        order_id: id.clone(),
        attempt: 1,
        reason: "insufficient_funds".to_owned(),
    };
    shop.deliver(&[event(&format!("payments:{id}"), 2, 0, &declined)])
        .await;
    assert_eq!(show(&shop, &id).await["payment_status"], "declined");
    assert_eq!(show(&shop, &id).await["status"], "cancelled");
}

#[tokio::test]
async fn poison_is_put_aside_with_its_reason_and_the_rest_succeeds() {
    let shop = shop().await;
    let id = place(&shop).await;
    let mut unheard = reserved(&id);
    unheard.event_type = "inventory.LowStock.v1".to_owned();
    let mut unreadable = reserved(&id);
    unreadable.data = serde_json::value::to_raw_value(&json!({ "order_id": 7 })).unwrap();
    let bodies = [
        "not json".to_owned(),
        unheard.to_json(),
        unreadable.to_json(),
        "{}".to_owned(),
        reserved(&id).to_json().replace("\"1.0\"", "\"0.3\""),
        reserved(&id).to_json(),
    ];
    assert!(shop.deliver_bodies(&bodies).await.is_empty());
    assert_eq!(shop.published_types(), ["orders.PaymentRequested.v1"]);
    let reasons = shop.dead_letter_reasons();
    assert_eq!(reasons.len(), 5, "{reasons:?}");
    for word in ["CloudEvents", "LowStock", "order_id", "specversion"] {
        assert!(
            reasons.iter().any(|reason| reason.contains(word)),
            "{word}: {reasons:?}"
        );
    }
}

#[tokio::test]
async fn a_reply_about_an_unknown_order_comes_again() {
    let shop = shop().await;
    let id = place(&shop).await;
    let unknown: OrderId = "elsewhere".parse().unwrap();
    assert_eq!(
        shop.deliver(&[reserved(&unknown), reserved(&id)])
            .await
            .len(),
        1
    );
    assert_eq!(shop.published_types(), ["orders.PaymentRequested.v1"]);
}

#[tokio::test]
async fn deadlines_ask_again_and_then_cancel() {
    let shop = shop().await;
    let id = place(&shop).await;
    shop.tick().await.unwrap();
    assert_eq!(shop.relay().await, 0, "nothing is due yet");
    let mut said = Vec::new();
    for _ in 0..4 {
        shop.clock.advance_seconds(301);
        shop.tick().await.unwrap();
        shop.relay().await;
        said.extend(shop.published_types());
    }
    assert_eq!(
        said,
        [
            "orders.OrderPlaced.v1",
            "orders.OrderPlaced.v1",
            "orders.OrderCancelled.v1"
        ]
    );
    assert_eq!(show(&shop, &id).await["cancellation_reason"], "timed_out");
}

#[tokio::test]
async fn replies_in_any_order_and_number_end_the_same() {
    let orders = [
        [0, 1, 2, 3, 4],
        [0, 1, 4, 3, 2],
        [0, 1, 3, 4, 2],
        [0, 1, 4, 2, 3],
        [0, 1, 3, 2, 4],
    ];
    for order in orders {
        let shop = shop().await;
        let id = place(&shop).await;
        let events = [
            reserved(&id),
            authorized(&id),
            dispatched(&id),
            captured(&id),
            delivered(&id),
        ];
        for position in order {
            let one = events[position].clone();
            assert!(shop.deliver(&[one.clone(), one]).await.is_empty());
        }
        assert_eq!(show(&shop, &id).await["status"], "completed", "{order:?}");
    }
}

#[tokio::test]
async fn one_order_of_five_lines_stays_within_a_write_unit() {
    let store = MemoryStore::new(INDEXES);
    let shop = Harness::new(store.clone(), Orders::new(store, Config::default()));
    let skus: Vec<String> = (0..5)
        .map(|n| format!("{}", 819_255 + n * 104_729))
        .collect();
    let variants = skus
        .iter()
        .map(|sku| variant(sku, yen(540), TaxClass::Reduced))
        .collect();
    let region = "JP-13".parse().unwrap();
    let rate = ShippingRateChanged {
        region,
        brackets: vec![RateBracket {
            up_to_grams: 90_000,
            fee: yen(330),
        }],
    };
    shop.deliver(&[
        event("tea", 1, 0, &published("tea", variants)),
        event("JP-13", 1, 0, &rate),
    ])
    .await;
    let lines: Vec<_> = skus.iter().map(|sku| (sku.as_str(), 2)).collect();
    let answer = shop
        .http(&placing(
            "0192f0c1-7c1d-7cc4-9f0b-3f1f6a9d1e55",
            &wish(&lines),
        ))
        .await;
    let id: OrderId = answer.body["order_id"].as_str().unwrap().parse().unwrap();
    shop.relay().await;
    let mut sizes = vec![size(&shop, &id)];
    for event in [
        reserved(&id),
        authorized(&id),
        dispatched(&id),
        captured(&id),
        delivered(&id),
    ] {
        shop.deliver(&[event]).await;
        sizes.push(size(&shop, &id));
    }
    assert!(sizes.iter().all(|bytes| *bytes <= 1024), "{sizes:?}");
}

/// The bytes of the order's item, as DynamoDB counts them.
fn size(shop: &Shop, id: &OrderId) -> usize {
    let record = shop
        .store
        .all()
        .into_iter()
        .find(|record| record.key.pk == format!("order#{id}"))
        .unwrap();
    store::item_size_bytes(&record)
}

#[tokio::test]
async fn an_order_is_placed_and_cancelled_once_for_its_key_and_the_key_is_for_nothing_else() {
    let shop = shop().await;
    let placing = Request::new("POST", "/api/orders").by_customer("c-1");
    let placing = placing.json(&wish(&[("TEA-1", 1)]));
    let placed = shop
        .holds_key_that_tells_a_repeat(&placing, &wish(&[("TEA-1", 2)]))
        .await;
    let id = placed.body["order_id"].as_str().unwrap();
    let other = json!({ "reason": "another" });
    let cancelling = Request::new("POST", &format!("/api/orders/{id}/cancel")).by_customer("c-1");
    shop.holds_key_named("cancel", &cancelling, &other).await;

    let second = shop
        .http(&self::placing("second", &wish(&[("TEA-1", 1)])))
        .await;
    shop.relay().await;
    let id = second.body["order_id"].as_str().unwrap();
    let path = format!("/api/operator/orders/{id}/cancel");
    let cancelling = Request::new("POST", &path).by_operator("ops");
    shop.holds_key_named("cancel for them", &cancelling, &other)
        .await;
    assert_eq!(shop.counted("OrderPlaced"), 2);
    assert_eq!(shop.counted("OrderCancelled"), 2);
    assert_eq!(shop.counted("Rejected"), 4);
}
