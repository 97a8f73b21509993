//! Stock: that it is conserved, and that what is over holds none of it.

use std::collections::HashMap;

use inventory::reservation::Reservation;
use orders::order::{Order, OrderStatus};

use super::Audit;
use super::rules::{Findings, Rule};
use super::snapshot::Snapshot;

/// All stock, and all reservations.
pub(super) fn check(snapshot: &Snapshot, findings: &mut Findings) {
    let mut allocated: HashMap<(&str, &str), i64> = HashMap::new();
    for (order_id, reservation) in &snapshot.reservations {
        for line in &reservation.state.lines {
            for part in &line.parts {
                let place = (line.sku.as_str(), part.location_id.as_str());
                let count = i64::try_from(part.held + part.consumed).unwrap_or(i64::MAX);
                *allocated.entry(place).or_default() += count;
            }
        }
        findings.check(
            Rule::NothingWithoutOrder,
            snapshot.orders.contains_key(order_id),
            || format!("a reservation is of order {order_id}, which does not exist"),
        );
    }
    for level in &snapshot.stock {
        let (sku, location) = (level.sku.as_str(), level.location.as_str());
        let allocated = allocated.remove(&(sku, location)).unwrap_or_default();
        findings.check(
            Rule::StockIsNotNegative,
            level.available >= 0 && level.received >= 0,
            || format!("{sku} at {location}: {} available", level.available),
        );
        findings.check(
            Rule::StockIsConserved,
            level.available + allocated == level.received,
            || {
                let (available, received) = (level.available, level.received);
                format!("{sku} at {location}: {available} available + {allocated} reserved or shipped, {received} received")
            },
        );
    }
    for ((sku, location), count) in allocated {
        findings.check(Rule::StockIsConserved, count == 0, || {
            format!("{count} of {sku} are reserved or shipped at {location}, where none came in")
        });
    }
}

/// The reservation of an order of this replay.
pub(super) fn check_reservation(
    audit: &Audit<'_>,
    order_id: &str,
    order: &Order,
    findings: &mut Findings,
) {
    let reservation = audit.snapshot.reservations.get(order_id);
    let reservation = reservation.map(|kept| &kept.state);
    let sum = |of: fn(&inventory::reservation::Line) -> u64| -> u64 {
        let lines = reservation.map(|reservation| &reservation.lines);
        lines.into_iter().flatten().map(of).sum()
    };
    let held = sum(|line| line.held());
    let consumed = sum(|line| line.consumed());
    let ordered: u64 = order
        .lines
        .iter()
        .map(|line| u64::from(line.quantity))
        .sum();
    let expected = match order.status {
        OrderStatus::Completed => Some((0, ordered)),
        OrderStatus::Cancelled => Some((0, 0)),
        OrderStatus::Placed
        | OrderStatus::AwaitingPayment
        | OrderStatus::Confirmed
        | OrderStatus::Cancelling => None,
    };
    let settled = !reservation.is_some_and(Reservation::is_under_way);
    let holds = expected.is_none_or(|expected| expected == (held, consumed) && settled);
    findings.check(Rule::NoReservationLeaks, holds, || {
        format!(
            "order {order_id} of {ordered} pieces is {:?}: {held} reserved, {consumed} shipped",
            order.status
        )
    });
}
