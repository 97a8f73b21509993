//! Insights through its door, as Lambda brings what it hears.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod shop;

use contracts::catalog::{ProductPublished, PublishedVariant};
use contracts::inventory::{AdjustmentReason, StockAdjusted};
use contracts::orders::{CancellationReason, OrderCancelled};
use contracts::{CloudEvent, EventData as _};
use harness::{Answer, Harness, Request};
use insights::Insights;
use money::TaxClass;
use serde_json::{Value, json};
use store::{MemoryStore, Record};

use shop::{CUSTOMER, ORDER, low, order_id, placed, placed_of, said, whole_order, yen};

fn insights() -> Harness<Insights<MemoryStore>> {
    let (store, context) = shop::without_queues();
    Harness::new(store, context)
}

async fn get(insights: &Harness<Insights<MemoryStore>>, path: &str) -> Answer {
    let path = format!("/api/operator/insights/{path}");
    let request = Request::new("GET", &path).by_operator("operator-1");
    insights.http(&request).await
}

async fn good(insights: &Harness<Insights<MemoryStore>>, path: &str) -> Value {
    let answer = get(insights, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.body
}

async fn hear(insights: &Harness<Insights<MemoryStore>>, events: &[CloudEvent]) {
    let failed = insights.deliver(events).await;
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!(insights.dead_letter_reasons(), [""; 0]);
    assert!(insights.published().is_empty(), "insights says nothing");
}

fn of_order(records: &[Record]) -> Vec<&Record> {
    let orders = records.iter();
    orders
        .filter(|record| record.key.pk.starts_with("order#"))
        .collect()
}

#[tokio::test]
async fn a_batch_of_an_orders_events_is_one_write_of_its_item() {
    let insights = insights();
    hear(&insights, &whole_order()).await;
    let changes = insights.store.take_changes();
    assert_eq!(of_order(&changes).len(), 1, "{changes:?}");
    assert_eq!(
        changes.len(),
        2,
        "the order, and the minute's flow: {changes:?}"
    );
    let timeline = good(&insights, &format!("orders/{ORDER}/timeline")).await;
    assert_eq!(timeline["events"].as_array().map(Vec::len), Some(11));
}

#[tokio::test]
async fn the_timeline_tells_each_event_once_with_its_cause_and_its_delay() {
    let insights = insights();
    for events in [&whole_order()[..3], &whole_order()[1..], &whole_order()[..]] {
        hear(&insights, events).await;
        insights.clock.advance_seconds(10);
    }
    let timeline = good(&insights, &format!("orders/{ORDER}/timeline")).await;
    let events = timeline["events"].as_array().unwrap();
    let types: Vec<&str> = events
        .iter()
        .map(|one| one["type"].as_str().unwrap())
        .collect();
    let said = whole_order();
    let said: Vec<&str> = said.iter().map(|one| one.event_type.as_str()).collect();
    assert_eq!(types, said, "in the order in which they were committed");
    assert_eq!(events[1]["causation_id"], events[0]["id"]);
    assert_eq!(
        events[1]["delay_ms"], -70,
        "the first hearing counts: {}",
        events[1]
    );
    assert_eq!(events[3]["delay_ms"], 10_000 - 480, "{}", events[3]);
    assert_eq!(timeline["left_out"], false);
    let order = &timeline["order"];
    assert_eq!(order["status"], "completed");
    assert_eq!(order["payment_status"], "captured");
    assert_eq!(order["fulfilment_status"], "delivered");
    assert_eq!(order["customer_id"], CUSTOMER);
    assert_eq!(
        order["total"],
        json!({ "amount_minor": 6320, "currency": "JPY" })
    );
    assert_eq!(
        (order["line_count"].as_u64(), order["unit_count"].as_u64()),
        (Some(2), Some(3))
    );
}

#[tokio::test]
async fn what_is_heard_again_is_not_written_again() {
    let insights = insights();
    hear(&insights, &whole_order()).await;
    insights.store.take_changes();
    for event in whole_order() {
        hear(&insights, &[event]).await;
    }
    hear(&insights, &whole_order()).await;
    assert_eq!(insights.store.take_changes(), []);
}

#[tokio::test]
async fn a_change_of_status_changes_nothing_that_the_index_holds() {
    let insights = insights();
    let mut listed = Vec::new();
    for event in whole_order() {
        hear(&insights, &[event]).await;
        let changes = insights.store.take_changes();
        let order = of_order(&changes)[0];
        listed.push(order.indexed.clone());
    }
    assert!(!listed[0].is_empty());
    assert!(listed.iter().all(|one| *one == listed[0]), "{listed:?}");
}

#[tokio::test]
async fn a_poison_message_goes_aside_and_the_rest_of_its_batch_is_heard() {
    let insights = insights();
    let mut bodies: Vec<String> = whole_order().iter().map(CloudEvent::to_json).collect();
    bodies[1] = bodies[1].replace("\"order_id\"", "\"order\"");
    bodies.insert(0, "no event".to_owned());
    let failed = insights.deliver_bodies(&bodies).await;
    assert!(failed.is_empty(), "{failed:?}");
    let reasons = insights.dead_letter_reasons();
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    let timeline = good(&insights, &format!("orders/{ORDER}/timeline")).await;
    assert_eq!(timeline["events"].as_array().map(Vec::len), Some(10));
}

/// Orders `o-1`, `o-2` and so on, each a second after the one before; each third buys a pot.
async fn shop_of(insights: &Harness<Insights<MemoryStore>>, orders: usize) {
    let mut events = Vec::new();
    for n in 1..=orders {
        let bought: &[(&str, u32)] = match n % 3 {
            0 => &[("KYUSU-360", 1)],
            _ => &[("SENCHA-100G", 2)],
        };
        let mut event = placed_of(&format!("o-{n}"), bought, 1000);
        event.time = event.time.plus_seconds(n as i64);
        events.push(event);
    }
    hear(insights, &events).await;
}

fn ids(page: &Value) -> Vec<String> {
    let orders = page["orders"].as_array().unwrap().iter();
    orders
        .map(|order| order["order_id"].as_str().unwrap().to_owned())
        .collect()
}

/// Every page, one after the other.
async fn all_pages(insights: &Harness<Insights<MemoryStore>>, query: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = good(insights, &format!("orders?{query}{cursor}")).await;
        pages.push(ids(&page));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return pages,
        }
        assert!(pages.len() < 100, "the pages have no end");
    }
}

#[tokio::test]
async fn orders_are_listed_newest_first_a_page_at_a_time_over_days() {
    let insights = insights();
    shop_of(&insights, 7).await;
    // Two days later in Tokyo.
    let mut later = placed_of("o-later", &[("SENCHA-100G", 1)], 500);
    later.time = later.time.plus_seconds(2 * 86_400);
    hear(&insights, &[later]).await;
    insights.clock.advance_seconds(3 * 86_400);
    let expected = ["o-later", "o-7", "o-6", "o-5", "o-4", "o-3", "o-2", "o-1"];
    for limit in [1, 2, 3, 100] {
        let pages = all_pages(&insights, &format!("limit={limit}")).await;
        assert!(pages.iter().all(|page| page.len() <= limit), "{pages:?}");
        assert_eq!(pages.concat(), expected, "limit {limit}");
    }
    let day = all_pages(&insights, "from=2026-11-24&to=2026-11-24").await;
    assert_eq!(day.concat(), expected[1..]);
    let none = all_pages(&insights, "from=2026-11-25&to=2026-11-25").await;
    assert_eq!(none.concat(), [""; 0]);
}

#[tokio::test]
async fn orders_are_found_by_how_they_stand_and_by_what_they_are_called() {
    let insights = insights();
    shop_of(&insights, 6).await;
    let published = ProductPublished {
        product_id: "kyusu".parse().unwrap(),
        category: "Cups".to_owned(),
        variants: vec![PublishedVariant {
            sku: "KYUSU-360".parse().unwrap(),
            price: yen(3000),
            tax_class: TaxClass::Standard,
            weight_grams: 400,
        }],
        title: Some(
            [("en", "Teapot"), ("ja", "急須")]
                .map(|(l, t)| (l.to_owned(), t.to_owned()))
                .into(),
        ),
    };
    let cancelled = OrderCancelled {
        order_id: order_id("o-2"),
        customer_id: CUSTOMER.parse().unwrap(),
        reason: CancellationReason::OutOfStock,
        total: yen(1000),
    };
    let titled = said("kyusu", 1, 0, "http:request-8f21c0", &published);
    let off = said("o-2", 2, 5000, "inventory.o-2.1.0", &cancelled);
    hear(&insights, &[titled, off]).await;
    for (query, expected) in [
        ("status=cancelled", &["o-2"][..]),
        ("status=placed&text=kyusu", &["o-6", "o-3"]),
        ("text=TEAPOT", &["o-6", "o-3"]),
        ("text=%E6%80%A5%E9%A0%88", &["o-6", "o-3"]),
        ("text=o-4", &["o-4"]),
        ("text=C-7f3&status=cancelled", &["o-2"]),
        ("payment_status=captured", &[]),
        (
            "fulfilment_status=unfulfilled&text=sencha",
            &["o-5", "o-4", "o-2", "o-1"],
        ),
    ] {
        for limit in [1, 100] {
            let pages = all_pages(&insights, &format!("{query}&limit={limit}")).await;
            assert_eq!(pages.concat(), expected, "{query}");
        }
    }
    let timeline = good(&insights, "orders/o-3/timeline").await;
    assert_eq!(timeline["order"]["lines"][0]["title"]["ja"], "急須");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_name() {
    let insights = insights();
    shop_of(&insights, 3).await;
    let page = good(&insights, "orders?from=2026-11-24&to=2026-11-24&limit=1").await;
    let next = page["next"].as_str().unwrap();
    for (path, status, field) in [
        ("orders?from=2026-11-31".to_owned(), 400, "from"),
        (
            "orders?from=2026-11-25&to=2026-11-24".to_owned(),
            400,
            "from",
        ),
        (
            "orders?from=2020-01-01&to=2026-11-24".to_owned(),
            400,
            "from",
        ),
        ("orders?limit=101".to_owned(), 400, "limit"),
        ("orders?text=".to_owned(), 400, "text"),
        ("orders?status=lost".to_owned(), 400, "status"),
        ("orders?colour=red".to_owned(), 400, "colour"),
        (
            format!("orders?from=2026-11-25&to=2026-11-25&cursor={next}"),
            400,
            "cursor",
        ),
        ("orders?cursor=2026-11-24.e30".to_owned(), 400, "cursor"),
        (
            "sales?from=2026-10-01&to=2026-11-24".to_owned(),
            400,
            "from",
        ),
        ("flow?minutes=181".to_owned(), 400, "minutes"),
        ("failed/acts?cursor=x".to_owned(), 400, "cursor"),
        ("orders/o-unknown/timeline".to_owned(), 404, ""),
        (
            "flow/orders.OrderPlaced.v1@nobody/events".to_owned(),
            404,
            "",
        ),
        ("failed/queues/OrdersQueue/messages".to_owned(), 404, ""),
    ] {
        let answer = get(&insights, &path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        let named = answer.body["errors"].to_string();
        assert!(named.contains(field), "{path}: {}", answer.body);
    }
}

#[tokio::test]
async fn sales_are_counted_from_orders_and_settled_once_the_day_is_long_over() {
    let insights = insights();
    shop_of(&insights, 6).await;
    shop_of(&insights, 6).await;
    let cancelled = OrderCancelled {
        order_id: order_id("o-1"),
        customer_id: CUSTOMER.parse().unwrap(),
        reason: CancellationReason::CustomerRequest,
        total: yen(1000),
    };
    let off = said("o-1", 2, 5000, "key:cancel", &cancelled);
    hear(&insights, &[off.clone(), off]).await;
    let query = "sales?from=2026-11-23&to=2026-11-24";
    let open = good(&insights, query).await;
    let revenue = json!([{ "amount_minor": 5000, "currency": "JPY" }]);
    let mut day = json!({
        "day": "2026-11-24", "orders": 6, "cancelled": 1, "units": 8, "revenue": revenue,
        "complete": true, "settled": false,
    });
    assert_eq!(open["days"][1], day, "{open}");
    assert_eq!(open["days"][0]["orders"], 0);
    let products = good(&insights, "sales/products?to=2026-11-24&limit=1").await;
    let first = json!([{ "sku": "SENCHA-100G", "units": 6, "orders": 3 }]);
    assert_eq!(products["products"], first, "{products}");
    assert_eq!(products["other_units"], 2);

    // Two whole days must lie between, in Tokyo.
    for (days, settled) in [(2, false), (1, true)] {
        insights.clock.advance_seconds(days * 86_400);
        insights.tick().await.unwrap();
        insights.tick().await.unwrap();
        let seen = good(&insights, query).await;
        day["settled"] = json!(settled);
        assert_eq!(seen["days"][1], day, "{seen}");
    }
    // What is settled stays.
    let late = said("o-2", 2, 5000, "key:cancel", &cancelled_of("o-2"));
    hear(&insights, &[late]).await;
    insights.tick().await.unwrap();
    assert_eq!(good(&insights, query).await["days"][1], day);
}

fn cancelled_of(order: &str) -> OrderCancelled {
    OrderCancelled {
        order_id: order_id(order),
        customer_id: CUSTOMER.parse().unwrap(),
        reason: CancellationReason::CustomerRequest,
        total: yen(1000),
    }
}

#[tokio::test]
async fn a_day_of_many_orders_is_settled_over_pages_and_counts_each_once() {
    let insights = insights();
    for first in [0, 150] {
        let orders =
            (first..first + 150).map(|n| placed_of(&format!("o-{n}"), &[("SENCHA-100G", 1)], 100));
        hear(&insights, &orders.collect::<Vec<_>>()).await;
    }
    insights.clock.advance_seconds(3 * 86_400);
    insights.tick().await.unwrap();
    let seen = good(&insights, "sales?from=2026-11-24&to=2026-11-24").await;
    assert_eq!(seen["days"][0]["orders"], 300, "{seen}");
    assert_eq!(seen["days"][0]["settled"], true, "{seen}");
}

#[tokio::test]
async fn a_warning_stands_until_as_much_is_booked_whatever_comes_first() {
    let booked = |by: i64, version: u64, after_ms: i64| {
        let data = StockAdjusted {
            sku: "SENCHA-100G".parse().unwrap(),
            location_id: "main".parse().unwrap(),
            by,
            reason: AdjustmentReason::Received,
        };
        said(
            "SENCHA-100G",
            version,
            after_ms,
            "http:request-8f21c0",
            &data,
        )
    };
    let insights = insights();
    // What was booked before the warning does not count.
    hear(
        &insights,
        &[
            booked(2, 14, 2000),
            low("SENCHA-100G", 3, 1000),
            booked(90, 11, 500),
        ],
    )
    .await;
    let seen = good(&insights, "stock-warnings").await;
    let warning = &seen["warnings"][0];
    assert_eq!(
        (&warning["available"], &warning["adjusted_by"]),
        (&json!(3), &json!(2)),
        "{seen}"
    );
    hear(&insights, &[booked(1, 15, 3000), booked(1, 15, 3000)]).await;
    assert_eq!(
        good(&insights, "stock-warnings").await["warnings"],
        json!([])
    );
    // Another warning, heard before what came before it.
    hear(&insights, &[low("SENCHA-100G", 4, 9000)]).await;
    hear(&insights, &[low("SENCHA-100G", 5, 8000)]).await;
    let seen = good(&insights, "stock-warnings").await;
    assert_eq!(seen["warnings"][0]["available"], 4, "{seen}");
    assert_eq!(seen["warnings"][0]["adjusted_by"], 0);
}

fn edge<'a>(flow: &'a Value, name: &str) -> &'a Value {
    let mut edges = flow["edges"].as_array().unwrap().iter();
    edges.find(|edge| edge["edge"] == name).unwrap()
}

#[tokio::test]
async fn the_flow_tells_how_long_each_consumer_took_and_what_insights_saw_where_one_says_nothing() {
    let insights = insights();
    insights.clock.advance_seconds(5);
    // The answer is heard before what it answers.
    let mut events = whole_order();
    events.reverse();
    for event in &events {
        hear(&insights, std::slice::from_ref(event)).await;
    }
    hear(&insights, &events).await;
    let flow = good(&insights, "flow").await;
    let reserve = edge(&flow, "orders.OrderPlaced.v1@inventory");
    assert_eq!(reserve["measured"], "reply", "{reserve}");
    assert_eq!(
        (&reserve["p50_ms"], &reserve["events"]),
        (&json!(70), &json!(1)),
        "{reserve}"
    );
    let authorise = edge(&flow, "orders.PaymentRequested.v1@payments");
    assert_eq!(
        authorise["p50_ms"], 500,
        "360 ms, in the bucket that ends there: {authorise}"
    );
    let silent = edge(&flow, "shipping.ShipmentDispatched.v1@inventory");
    assert_eq!(silent["measured"], "insights", "{silent}");
    let never = edge(&flow, "orders.OrderCancelled.v1@payments");
    assert_eq!(
        (&never["events"], &never["last_seen"]),
        (&json!(0), &Value::Null)
    );
    assert_eq!(reserve["dead_letters"], Value::Null, "SQS does not say");

    let seen = good(&insights, "flow/orders.OrderPlaced.v1@inventory/events").await;
    assert_eq!(seen["events"].as_array().map(Vec::len), Some(1), "{seen}");
    assert_eq!(seen["events"][0]["order_id"], ORDER);
    insights.clock.advance_seconds(3600);
    let later = good(&insights, "flow?minutes=15").await;
    assert_eq!(edge(&later, "orders.OrderPlaced.v1@inventory")["events"], 0);
    let hour = good(&insights, "flow?minutes=90").await;
    assert_eq!(edge(&hour, "orders.OrderPlaced.v1@inventory")["events"], 1);
}

#[tokio::test]
async fn what_flows_is_kept_for_two_days() {
    let insights = insights();
    hear(&insights, &[placed()]).await;
    let changes = insights.store.take_changes();
    let flow = changes
        .iter()
        .find(|record| record.key.pk.starts_with("flow#"));
    let expires = flow.unwrap().expires_at_seconds;
    assert_eq!(expires, Some(shop::NOW_MS / 1000 + 2 * 86_400));
}

#[tokio::test]
async fn every_type_that_is_said_is_heard() {
    let said = contracts::all_event_types();
    let insights = insights();
    for event_type in &said {
        let failed = insights
            .deliver_bodies(&[event_type.example.to_owned()])
            .await;
        assert!(failed.is_empty(), "{}", event_type.name);
        assert_eq!(
            insights.dead_letter_reasons(),
            [""; 0],
            "{}",
            event_type.name
        );
    }
    let hears = <Insights<MemoryStore> as door::Context>::HEARS;
    assert_eq!(hears.len(), said.len());
    assert!(hears.contains(&contracts::orders::OrderPlaced::TYPE));
}
