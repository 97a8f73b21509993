//! The order's process, given/when/then: every state with every command.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use contracts::orders::OrderedLine;
use decider::Aggregate as _;
use identifiers::{CustomerId, OrderId, Timestamp};
use money::{Currency, TaxClass};
use orders::order::{
    CancellationReason, FulfilmentStatus, Order, OrderCommand, OrderEvent, OrderLine, OrderStatus,
    PaymentStatus,
};
use orders::returning::{Return, ReturnReason};

const NOW: Timestamp = Timestamp::from_milliseconds(1_795_000_000_000);

fn placed() -> Order {
    Order {
        order_id: OrderId::new("o-1").unwrap(),
        customer_id: CustomerId::new("c-1").unwrap(),
        request_digest: "abc".to_owned(),
        lines: vec![OrderLine {
            sku: "TEA-500".parse().unwrap(),
            quantity: 2,
            unit_price_minor: 500,
            tax_class: TaxClass::Reduced,
            weight_grams: 510,
        }],
        currency: Currency::JPY,
        shipping_fee_minor: 300,
        tax: Vec::new(),
        total_minor: 1300,
        region: "JP-13".parse().unwrap(),
        delivery_address_id: None,
        payment_method: "pm_card_visa".to_owned(),
        placed_at: NOW,
        obtain_until: NOW.plus_seconds(1200),
        status: OrderStatus::Placed,
        payment: PaymentStatus::None,
        fulfilment: FulfilmentStatus::Unfulfilled,
        attempt: 0,
        captured_minor: 0,
        refunded_minor: 0,
        deadline: Some(NOW.plus_seconds(300)),
        asked_again: 0,
        cancellation: None,
        refusal: None,
        returns: Vec::new(),
    }
}

/// The order after those commands, each of which must do something.
fn given(commands: &[OrderCommand]) -> Order {
    let mut order = placed();
    for command in commands {
        let events = Order::decide(Some(&order), command).unwrap();
        assert!(!events.is_empty(), "{command:?} does nothing to {order:?}");
        order = events
            .iter()
            .fold(order, |order, event| Order::evolve(Some(order), event));
    }
    order
}

fn commands() -> Vec<(&'static str, OrderCommand)> {
    let reply_by = NOW.plus_seconds(600);
    vec![
        ("place again", OrderCommand::Place(Box::new(placed()))),
        (
            "place another",
            OrderCommand::Place(Box::new(Order {
                request_digest: "xyz".into(),
                ..placed()
            })),
        ),
        ("cancel", cancel()),
        (
            "cancel another's",
            OrderCommand::Cancel {
                customer_id: Some(CustomerId::new("c-2").unwrap()),
                reason: CancellationReason::CustomerRequest,
                reply_by,
            },
        ),
        ("stock reserved", OrderCommand::NoteStockReserved),
        (
            "reservation failed",
            OrderCommand::NoteReservationFailed {
                reason: CancellationReason::OutOfStock,
            },
        ),
        (
            "authorized 1",
            OrderCommand::NotePaymentAuthorized { attempt: 1 },
        ),
        (
            "authorized 2",
            OrderCommand::NotePaymentAuthorized { attempt: 2 },
        ),
        (
            "declined 1",
            OrderCommand::NotePaymentDeclined { attempt: 1 },
        ),
        (
            "action required",
            OrderCommand::NoteActionRequired {
                attempt: 1,
                reply_by,
            },
        ),
        (
            "captured",
            OrderCommand::NotePaymentCaptured { amount_minor: 1300 },
        ),
        (
            "void lapsed",
            OrderCommand::NotePaymentVoided {
                lapsed: true,
                reply_by,
            },
        ),
        (
            "voided by us",
            OrderCommand::NotePaymentVoided {
                lapsed: false,
                reply_by,
            },
        ),
        (
            "refunded 100",
            OrderCommand::NotePaymentRefunded {
                refunded_total_minor: 100,
            },
        ),
        (
            "left partly",
            OrderCommand::NoteDispatched { complete: false },
        ),
        ("left", OrderCommand::NoteDispatched { complete: true }),
        (
            "arrived partly",
            OrderCommand::NoteDelivered { complete: false },
        ),
        ("arrived", OrderCommand::NoteDelivered { complete: true }),
        ("stays", OrderCommand::NoteShipmentCancelled),
        ("return one", returning("r-1", "TEA-500", 1)),
        ("return three", returning("r-1", "TEA-500", 3)),
        ("return another", returning("r-1", "RICE-1", 1)),
        (
            "not due yet",
            OrderCommand::MeetDeadline { now: NOW, reply_by },
        ),
        (
            "due",
            OrderCommand::MeetDeadline {
                now: NOW.plus_seconds(86_400),
                reply_by,
            },
        ),
    ]
}

fn cancel() -> OrderCommand {
    OrderCommand::Cancel {
        customer_id: Some(CustomerId::new("c-1").unwrap()),
        reason: CancellationReason::CustomerRequest,
        reply_by: NOW.plus_seconds(600),
    }
}

fn returning(id: &str, sku: &str, quantity: u32) -> OrderCommand {
    OrderCommand::RequestReturn {
        customer_id: CustomerId::new("c-1").unwrap(),
        wish: Return {
            return_id: id.to_owned(),
            lines: vec![OrderedLine {
                sku: sku.parse().unwrap(),
                quantity,
            }],
            reason: ReturnReason::Damaged,
            requested_at: NOW,
        },
    }
}

fn lapsed() -> OrderCommand {
    OrderCommand::NotePaymentVoided {
        lapsed: true,
        reply_by: NOW.plus_seconds(600),
    }
}

fn states() -> Vec<(&'static str, Option<Order>)> {
    let reserved = OrderCommand::NoteStockReserved;
    let action = OrderCommand::NoteActionRequired {
        attempt: 1,
        reply_by: NOW.plus_seconds(600),
    };
    let authorized = OrderCommand::NotePaymentAuthorized { attempt: 1 };
    let left_partly = OrderCommand::NoteDispatched { complete: false };
    let left = OrderCommand::NoteDispatched { complete: true };
    let captured = OrderCommand::NotePaymentCaptured { amount_minor: 1300 };
    let arrived = OrderCommand::NoteDelivered { complete: true };
    let confirmed = [reserved.clone(), authorized.clone()];
    let with = |more: &[OrderCommand]| Some(given(&[&confirmed, more].concat()));
    vec![
        ("none", None),
        ("placed", Some(placed())),
        (
            "awaiting payment",
            Some(given(std::slice::from_ref(&reserved))),
        ),
        ("awaiting action", Some(given(&[reserved, action]))),
        ("confirmed", with(&[])),
        ("partly left", with(&[left_partly])),
        ("left", with(std::slice::from_ref(&left))),
        ("left and captured", with(&[left.clone(), captured.clone()])),
        (
            "arrived, not captured",
            with(&[left.clone(), arrived.clone()]),
        ),
        ("left, hold lapsed", with(&[left.clone(), lapsed()])),
        ("cancelling", with(&[cancel()])),
        ("completed", with(&[left, captured, arrived])),
        ("cancelled", Some(given(&[cancel()]))),
    ]
}

fn outcome(state: Option<&Order>, command: &OrderCommand) -> String {
    match Order::decide(state, command) {
        Err(rejection) => format!("refused: {rejection:?}"),
        Ok(events) if events.is_empty() => "-".to_owned(),
        Ok(events) => events.iter().map(name).collect::<Vec<_>>().join(", "),
    }
}

fn name(event: &OrderEvent) -> String {
    match event {
        OrderEvent::Placed(_) => "Placed".to_owned(),
        OrderEvent::Cancelled { reason } => format!("Cancelled({reason:?})"),
        OrderEvent::CancellationRequested { reason, .. } => {
            format!("CancellationRequested({reason:?})")
        }
        OrderEvent::Fulfilled(status) => format!("{status:?}"),
        other => format!("{other:?}")
            .split([' ', '('])
            .next()
            .unwrap()
            .to_owned(),
    }
}

/// The whole table, one block per state. Whoever changes the process changes this file and sees what else moved.
#[test]
fn every_state_answers_every_command() {
    let mut table = String::new();
    for (state_name, state) in states() {
        table.push_str(&format!("{state_name}\n"));
        for (command_name, command) in commands() {
            table.push_str(&format!(
                "  {command_name:<20}{}\n",
                outcome(state.as_ref(), &command)
            ));
        }
    }
    insta::assert_snapshot!("state_by_command", table);
}

#[test]
fn an_order_that_left_while_its_hold_lapsed_ends_when_it_has_arrived() {
    let left = [
        OrderCommand::NoteStockReserved,
        OrderCommand::NotePaymentAuthorized { attempt: 1 },
        OrderCommand::NoteDispatched { complete: true },
    ];
    let arrived = OrderCommand::NoteDelivered { complete: true };
    for last in [[lapsed(), arrived.clone()], [arrived, lapsed()]] {
        let order = given(&[&left[..], &last].concat());
        assert_eq!(
            (order.status, order.payment, order.fulfilment),
            (
                OrderStatus::Completed,
                PaymentStatus::Voided,
                FulfilmentStatus::Delivered
            )
        );
    }
}

/// However often and in whatever portions it is asked: never more than was delivered, and a repeat is no second wish.
#[test]
fn no_more_is_taken_back_than_was_delivered() {
    let arrived = [
        OrderCommand::NoteStockReserved,
        OrderCommand::NotePaymentAuthorized { attempt: 1 },
        OrderCommand::NoteDispatched { complete: true },
        OrderCommand::NoteDelivered { complete: true },
    ];
    let first = returning("r-1", "TEA-500", 1);
    let order = given(&[&arrived[..], std::slice::from_ref(&first)].concat());
    for (command, expected) in [
        (first, "-"),
        (returning("r-1", "TEA-500", 2), "refused: KeyReused"),
        (returning("r-2", "TEA-500", 2), "refused: NotReturnable"),
        (returning("r-2", "TEA-500", 1), "ReturnRequested"),
    ] {
        assert_eq!(outcome(Some(&order), &command), expected, "{command:?}");
    }
    let mut crowded = order;
    for number in crowded.returns.len()..orders::returning::MAX_RETURNS {
        let mut wish = crowded.returns[0].clone();
        wish.return_id = format!("r-{number}-more");
        crowded.returns.push(wish);
    }
    let one_more = returning("r-2", "TEA-500", 1);
    assert_eq!(
        outcome(Some(&crowded), &one_more),
        "refused: TooManyReturns"
    );
}

#[test]
fn an_order_asks_twice_and_is_then_cancelled() {
    let due = |after| OrderCommand::MeetDeadline {
        now: NOW.plus_seconds(after),
        reply_by: NOW.plus_seconds(after + 300),
    };
    let order = given(&[due(300), due(600)]);
    assert_eq!(outcome(Some(&order), &due(900)), "Cancelled(TimedOut)");
    let order = given(&[OrderCommand::NoteStockReserved, due(300), due(600)]);
    assert_eq!(outcome(Some(&order), &due(900)), "Cancelled(TimedOut)");
}

#[test]
fn a_cancelling_order_asks_until_it_hears_whether_a_parcel_has_left() {
    let confirmed = [
        OrderCommand::NoteStockReserved,
        OrderCommand::NotePaymentAuthorized { attempt: 1 },
    ];
    let due = |after| OrderCommand::MeetDeadline {
        now: NOW.plus_seconds(after),
        reply_by: NOW.plus_seconds(after + 300),
    };
    let mut order = given(&[&confirmed[..], &[cancel()]].concat());
    let first = order.deadline.unwrap();
    let mut waits = Vec::new();
    for _ in 0..20 {
        let after = order.deadline.unwrap().seconds() - NOW.seconds();
        let events = Order::decide(Some(&order), &due(after)).unwrap();
        order = events
            .iter()
            .fold(order, |order, event| Order::evolve(Some(order), event));
        waits.push(order.deadline.unwrap().seconds() - NOW.seconds() - after);
    }
    assert_eq!(waits[..5], [600, 1_200, 2_400, 3_600, 3_600]);
    assert!(waits[5..].iter().all(|wait| *wait == 3_600), "{waits:?}");
    assert_eq!(
        first.plus_seconds(waits.iter().sum()),
        order.deadline.unwrap()
    );
    assert_eq!(
        outcome(Some(&order), &OrderCommand::NoteShipmentCancelled),
        "Cancelled(CustomerRequest)"
    );
    let went_on = given(
        &[
            &confirmed[..],
            &[cancel(), OrderCommand::NoteDispatched { complete: true }],
        ]
        .concat(),
    );
    assert_eq!(went_on.status, OrderStatus::Confirmed);
    assert_eq!(went_on.cancellation, None);
}

/// Only the terminal states may be left without anything to wait for but an operator.
#[test]
fn an_order_that_waits_for_a_reply_has_a_deadline() {
    for (name, state) in states() {
        let Some(order) = state else { continue };
        let waits = matches!(
            order.status,
            OrderStatus::Placed | OrderStatus::AwaitingPayment | OrderStatus::Cancelling
        );
        assert_eq!(order.deadline.is_some(), waits, "{name}");
    }
}
