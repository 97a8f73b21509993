//! Insights over a table in memory, and what the others say of an order.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test uses some of it, and one that cannot go on fails"
)]

use std::collections::BTreeMap;

use contracts::inventory::{LowStock, StockReserved};
use contracts::notifications::NotificationSent;
use contracts::orders::{
    OrderCompleted, OrderConfirmed, OrderPlaced, OrderedLine, PaymentRequested,
};
use contracts::payments::{PaymentAuthorized, PaymentCaptured};
use contracts::shipping::{ShipmentCreated, ShipmentDelivered, ShipmentDispatched};
use contracts::{CloudEvent, EventData};
use harness::event;
use identifiers::{CustomerId, MessageId, OrderId, Timestamp};
use insights::failed::FailedQueues;
use insights::{Config, INDEXES, Insights};
use money::{Currency, Money};
use store::MemoryStore;

pub const ORDER: &str = "019ac5d2-7c40-7a31-9f6e-2f0b8d1c4e57";
pub const CUSTOMER: &str = "c-7f3a91";
/// The harness's clock begins here: half past six in the evening in Tokyo.
pub const NOW_MS: i64 = 1_795_512_600_000;

pub fn config() -> Config {
    Config {
        time_zone: jiff::tz::TimeZone::posix("JST-9").unwrap(),
    }
}

/// The settings of an SDK client for that endpoint.
pub fn sdk(endpoint: &str) -> aws_config::SdkConfig {
    let variables = [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_REGION", "ap-northeast-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    door::sdk_config(&variables.into_iter().collect()).unwrap()
}

/// Insights where there is no queue of failed messages.
pub fn without_queues() -> (MemoryStore, Insights<MemoryStore>) {
    let failed = FailedQueues::among(&sdk("http://127.0.0.1:9"), &BTreeMap::new());
    let store = MemoryStore::new(INDEXES);
    (store.clone(), Insights::new(store, failed, config()))
}

pub fn yen(amount: i64) -> Money {
    Money::new(amount, Currency::JPY)
}

pub fn order_id(id: &str) -> OrderId {
    id.parse().unwrap()
}

fn customer_id() -> CustomerId {
    CUSTOMER.parse().unwrap()
}

pub fn lines(lines: &[(&str, u32)]) -> Vec<OrderedLine> {
    let line = |(sku, quantity): &(&str, u32)| OrderedLine {
        sku: sku.parse().unwrap(),
        quantity: *quantity,
    };
    lines.iter().map(line).collect()
}

/// An event of that version, committed so many milliseconds after the clock began, caused by that message.
pub fn said<E: EventData>(
    order: &str,
    version: u64,
    after_ms: i64,
    cause: &str,
    data: &E,
) -> CloudEvent {
    CloudEvent {
        time: Timestamp::from_milliseconds(NOW_MS + after_ms),
        causationid: MessageId::new(cause).unwrap(),
        ..event(order, version, 0, data)
    }
}

pub fn placed_of(order: &str, bought: &[(&str, u32)], total: i64) -> CloudEvent {
    let data = OrderPlaced {
        order_id: order_id(order),
        customer_id: customer_id(),
        lines: lines(bought),
        total: yen(total),
        reserve_until: Timestamp::from_milliseconds(NOW_MS + 600_000),
    };
    said(order, 1, 0, "key:5d41402abc4b2a76b9719d911017c592", &data)
}

pub fn placed() -> CloudEvent {
    placed_of(ORDER, &[("SENCHA-100G", 2), ("KYUSU-360", 1)], 6320)
}

/// The events of an order that goes well, in the order in which they are committed.
pub fn whole_order() -> Vec<CloudEvent> {
    let id = || order_id(ORDER);
    let of = |context: &str, version: u64| format!("{context}.{ORDER}.{version}.0");
    vec![
        placed(),
        said(
            ORDER,
            1,
            70,
            &of("orders", 1),
            &StockReserved { order_id: id() },
        ),
        said(
            ORDER,
            2,
            120,
            &of("inventory", 1),
            &PaymentRequested {
                order_id: id(),
                customer_id: customer_id(),
                attempt: 1,
                amount: yen(6320),
                payment_method: "pm_card_visa".to_owned(),
                pay_until: Timestamp::from_milliseconds(NOW_MS + 900_000),
            },
        ),
        said(
            ORDER,
            2,
            480,
            &of("orders", 2),
            &PaymentAuthorized {
                order_id: id(),
                attempt: 1,
                amount: yen(6320),
                authorized_until: Timestamp::from_milliseconds(NOW_MS + 86_400_000),
            },
        ),
        said(
            ORDER,
            3,
            530,
            &of("payments", 2),
            &OrderConfirmed {
                order_id: id(),
                customer_id: customer_id(),
                lines: lines(&[("SENCHA-100G", 2), ("KYUSU-360", 1)]),
                weight_grams: 890,
                region: "JP-13".parse().unwrap(),
                total: yen(6320),
            },
        ),
        said(
            ORDER,
            1,
            600,
            &of("orders", 3),
            &ShipmentCreated { order_id: id() },
        ),
        said(
            ORDER,
            1,
            640,
            &of("orders", 3),
            &NotificationSent {
                order_id: id(),
                customer_id: customer_id(),
                kind: "order_confirmed".to_owned(),
                language: "ja".to_owned(),
            },
        ),
        said(
            ORDER,
            3,
            3_600_000,
            "http:request-8f21c0",
            &ShipmentDispatched {
                order_id: id(),
                customer_id: customer_id(),
                parcel: 1,
                lines: lines(&[("SENCHA-100G", 2), ("KYUSU-360", 1)]),
                carrier: "Yamato".to_owned(),
                tracking_number: "4912-3456-7890".to_owned(),
                complete: true,
                dispatched_at: Timestamp::from_milliseconds(NOW_MS + 3_600_000),
            },
        ),
        said(
            ORDER,
            3,
            3_600_400,
            &of("shipping", 3),
            &PaymentCaptured {
                order_id: id(),
                amount: yen(6320),
            },
        ),
        said(
            ORDER,
            4,
            90_000_000,
            "http:request-91aa02",
            &ShipmentDelivered {
                order_id: id(),
                parcel: 1,
                complete: true,
            },
        ),
        said(
            ORDER,
            6,
            90_000_090,
            &of("shipping", 4),
            &OrderCompleted {
                order_id: id(),
                customer_id: customer_id(),
            },
        ),
    ]
}

pub fn low(sku: &str, available: u32, after_ms: i64) -> CloudEvent {
    let data = LowStock {
        sku: sku.parse().unwrap(),
        location_id: "main".parse().unwrap(),
        available,
        threshold: 5,
    };
    said(sku, 12, after_ms, &format!("orders.{ORDER}.1.0"), &data)
}
