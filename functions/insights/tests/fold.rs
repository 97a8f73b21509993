//! However often the events of an order come, and in whatever order, the order is the same.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod shop;

use contracts::CloudEvent;
use identifiers::Timestamp;
use insights::fact::About;
use insights::order::{FulfilmentStatus, Order, OrderStatus, PaymentStatus};
use insights::reading::read;
use insights::timeline::{Entry, MOST_EVENTS};
use proptest::prelude::*;

use shop::{NOW_MS, said};

fn hear(order: &mut Order, event: &CloudEvent, heard_after_ms: i64) -> bool {
    let About::Order(_, fact) = read(event).unwrap() else {
        panic!("{} is about no order", event.event_type);
    };
    let heard_at = Timestamp::from_milliseconds(NOW_MS + heard_after_ms);
    order.hear(Entry::of(event, heard_at), fact)
}

/// The order after those events, heard one after the other, but for when each was first heard.
fn after<'a>(events: impl IntoIterator<Item = &'a CloudEvent>) -> serde_json::Value {
    let mut order = Order::default();
    for (position, event) in events.into_iter().enumerate() {
        hear(&mut order, event, 1000 * position as i64);
    }
    let mut value = serde_json::to_value(&order).unwrap();
    for entry in value["h"]["e"].as_array_mut().unwrap() {
        entry[3] = serde_json::Value::Null;
    }
    value
}

/// A payment that is declined, tried again, captured and refunded in two parts; a parcel in two; a cancellation that came to
/// nothing; besides all that goes well.
fn eventful_order() -> Vec<CloudEvent> {
    use contracts::orders::{CancellationReason, CancellationRequested, PaymentRequested};
    use contracts::payments::{PaymentDeclined, PaymentRefunded};
    use contracts::shipping::{ReturnReceived, ShipmentDispatched};
    use shop::{CUSTOMER, ORDER, lines, order_id, yen};
    let mut events = shop::whole_order();
    let customer = || CUSTOMER.parse().unwrap();
    let declined = PaymentDeclined {
        order_id: order_id(ORDER),
        attempt: 1,
        reason: "insufficient_funds".to_owned(),
    };
    let again = PaymentRequested {
        order_id: order_id(ORDER),
        customer_id: customer(),
        attempt: 2,
        amount: yen(6320),
        payment_method: "pm_card_mastercard".to_owned(),
        pay_until: Timestamp::from_milliseconds(NOW_MS + 900_000),
    };
    let cancel = CancellationRequested {
        order_id: order_id(ORDER),
        customer_id: customer(),
        reason: CancellationReason::CustomerRequest,
    };
    let parcel = ShipmentDispatched {
        order_id: order_id(ORDER),
        customer_id: customer(),
        parcel: 1,
        lines: lines(&[("SENCHA-100G", 1)]),
        carrier: "Yamato".to_owned(),
        tracking_number: "1".to_owned(),
        complete: false,
        dispatched_at: Timestamp::from_milliseconds(NOW_MS + 5000),
    };
    let back = ReturnReceived {
        order_id: order_id(ORDER),
        return_number: 1,
        lines: lines(&[("KYUSU-360", 1)]),
        restock: true,
    };
    let refund = |refund: u32, total: i64| PaymentRefunded {
        order_id: order_id(ORDER),
        customer_id: customer(),
        refund,
        amount: yen(3160),
        refunded_total: yen(total),
    };
    events.extend([
        said(ORDER, 10, 200, "orders.x.2.0", &declined),
        said(ORDER, 11, 300, "key:again", &again),
        said(ORDER, 12, 4000, "key:cancel", &cancel),
        said(ORDER, 13, 5000, "http:parcel", &parcel),
        said(ORDER, 14, 95_000_000, "http:back", &back),
        said(ORDER, 15, 96_000_000, "key:refund-1", &refund(1, 3160)),
        said(ORDER, 16, 97_000_000, "key:refund-2", &refund(2, 6320)),
    ]);
    events
}

/// Indexes of events: each at least once, some more often, in any order.
fn deliveries(count: usize) -> impl Strategy<Value = Vec<usize>> {
    let repeats = prop::collection::vec(0..count, 0..2 * count);
    let all = repeats.prop_map(move |repeats| (0..count).chain(repeats).collect::<Vec<_>>());
    all.prop_shuffle()
}

proptest! {
    #[test]
    fn repeats_and_any_order_make_the_same_order(deliveries in deliveries(eventful_order().len())) {
        let events = eventful_order();
        let once = after(&events);
        let otherwise = after(deliveries.iter().map(|position| &events[*position]));
        prop_assert_eq!(once, otherwise);
    }

    #[test]
    fn of_too_many_events_the_same_are_kept(deliveries in deliveries(MOST_EVENTS + 20)) {
        let events = many_mails(MOST_EVENTS + 20);
        let once = after(&events);
        let otherwise = after(deliveries.iter().map(|position| &events[*position]));
        prop_assert_eq!(&once, &otherwise);
        prop_assert_eq!(once["h"]["o"].as_bool(), Some(true));
        prop_assert_eq!(once["h"]["e"].as_array().map(Vec::len), Some(MOST_EVENTS));
    }

    #[test]
    fn an_event_is_new_once(deliveries in deliveries(eventful_order().len())) {
        let events = eventful_order();
        let mut order = Order::default();
        let new = deliveries.iter().filter(|position| hear(&mut order, &events[**position], 0));
        prop_assert_eq!(new.count(), events.len());
    }
}

fn many_mails(count: usize) -> Vec<CloudEvent> {
    let sent = contracts::notifications::NotificationSent {
        order_id: shop::order_id(shop::ORDER),
        customer_id: shop::CUSTOMER.parse().unwrap(),
        kind: "order_confirmed".to_owned(),
        language: "ja".to_owned(),
    };
    let mail = |n: usize| {
        said(
            shop::ORDER,
            n as u64 + 1,
            10 * (n as i64 / 3),
            "orders.x.1.0",
            &sent,
        )
    };
    (0..count).map(mail).collect()
}

#[test]
fn the_three_axes_follow_what_is_said() {
    use FulfilmentStatus::{Delivered, Dispatched, Unfulfilled};
    use OrderStatus::{AwaitingPayment, Completed, Confirmed, Placed};
    let expected = [
        (Placed, PaymentStatus::None, Unfulfilled),
        (Placed, PaymentStatus::None, Unfulfilled),
        (AwaitingPayment, PaymentStatus::Requested, Unfulfilled),
        (AwaitingPayment, PaymentStatus::Authorized, Unfulfilled),
        (Confirmed, PaymentStatus::Authorized, Unfulfilled),
        (Confirmed, PaymentStatus::Authorized, Unfulfilled),
        (Confirmed, PaymentStatus::Authorized, Unfulfilled),
        (Confirmed, PaymentStatus::Authorized, Dispatched),
        (Confirmed, PaymentStatus::Captured, Dispatched),
        (Confirmed, PaymentStatus::Captured, Delivered),
        (Completed, PaymentStatus::Captured, Delivered),
    ];
    let mut order = Order::default();
    for (event, (status, payment, fulfilment)) in shop::whole_order().iter().zip(expected) {
        assert!(hear(&mut order, event, 0));
        let stands = (
            order.status(),
            order.payment_status(),
            order.fulfilment_status(),
        );
        assert_eq!(
            stands,
            (Some(status), payment, fulfilment),
            "{}",
            event.event_type
        );
    }
    assert_eq!(order.unit_count(), 3);
}

#[test]
fn what_is_refunded_and_what_came_to_nothing_is_told() {
    let mut order = Order::default();
    for event in &eventful_order() {
        hear(&mut order, event, 0);
    }
    assert_eq!(order.payment_status(), PaymentStatus::Refunded);
    // Cancelling was asked for after the completion's version here, and something has left.
    assert_eq!(order.status(), Some(OrderStatus::Confirmed));
}

#[test]
fn events_of_one_millisecond_stand_behind_what_caused_them() {
    let mut order = Order::default();
    for event in shop::whole_order() {
        let at_once = CloudEvent {
            time: Timestamp::from_milliseconds(NOW_MS),
            ..event
        };
        hear(&mut order, &at_once, 0);
    }
    let ordered = order.timeline().in_order_of_cause();
    for (position, entry) in ordered.iter().enumerate() {
        let cause = ordered
            .iter()
            .position(|other| other.id == entry.causation_id);
        assert!(cause.is_none_or(|cause| cause < position), "{}", entry.id);
    }
}
