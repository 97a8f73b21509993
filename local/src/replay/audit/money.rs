//! Money, by the payment provider's own ledger.

use std::collections::HashMap;

use orders::order::OrderStatus;
use payment_stand_in::LedgerEntry;

use super::Audit;
use super::rules::{Findings, Rule};

/// What the provider has of one order, over all attempts. Minor units.
#[derive(Debug, Default, Clone, Copy)]
struct Sums {
    held: i64,
    captured: i64,
    refunded: i64,
    /// Authorisations under which money is held or was captured and not given back.
    alive: u32,
}

/// All charges, and the orders of this replay.
pub(super) fn check(audit: &Audit<'_>, findings: &mut Findings) {
    let mut sums: HashMap<&str, Sums> = HashMap::new();
    let mut attempts: HashMap<(&str, &str), u32> = HashMap::new();
    for entry in &audit.snapshot.ledger {
        ordered(entry, findings);
        let Some(order_id) = entry.order_id.as_deref() else {
            findings.check(
                Rule::NoChargeWithoutOrder,
                entry.amount_authorised_minor == 0,
                || format!("{} names no order", entry.payment_intent),
            );
            continue;
        };
        let known = audit.snapshot.orders.contains_key(order_id);
        findings.check(Rule::NoChargeWithoutOrder, known, || {
            let intent = &entry.payment_intent;
            format!("{intent} is of order {order_id}, which does not exist")
        });
        if entry.amount_authorised_minor > 0 {
            let attempt = entry.attempt.as_deref().unwrap_or_default();
            *attempts.entry((order_id, attempt)).or_default() += 1;
        }
        let sum = sums.entry(order_id).or_default();
        sum.held += entry.amount_held_minor;
        sum.captured += entry.amount_captured_minor;
        sum.refunded += entry.amount_refunded_minor;
        let kept = entry.amount_captured_minor - entry.amount_refunded_minor;
        sum.alive += u32::from(entry.amount_held_minor > 0 || kept > 0);
    }
    for ((order_id, attempt), count) in attempts {
        findings.check(Rule::OneAuthorisation, count == 1, || {
            format!("order {order_id} was authorised {count} times in attempt {attempt}")
        });
    }
    for order_id in audit.placed.keys() {
        let sum = sums.get(order_id.as_str()).copied().unwrap_or_default();
        check_order(audit, order_id, sum, findings);
    }
}

fn ordered(entry: &LedgerEntry, findings: &mut Findings) {
    let amounts = [
        0,
        entry.amount_refunded_minor,
        entry.amount_captured_minor,
        entry.amount_authorised_minor,
    ];
    findings.check(Rule::MoneyIsOrdered, amounts.is_sorted(), || {
        let [_, refunded, captured, authorised] = amounts;
        let intent = &entry.payment_intent;
        format!("{intent}: refunded {refunded}, captured {captured}, authorised {authorised}")
    });
}

fn check_order(audit: &Audit<'_>, order_id: &str, sum: Sums, findings: &mut Findings) {
    findings.check(Rule::OneAuthorisation, sum.alive <= 1, || {
        format!("order {order_id} has {} live authorisations", sum.alive)
    });
    let payment = audit
        .snapshot
        .payments
        .get(order_id)
        .map(|kept| &kept.state);
    let books = payment.map_or((0, 0), |payment| {
        (payment.captured_minor(), payment.refunded_minor())
    });
    findings.check(Rule::BooksAgree, books == (sum.captured, sum.refunded), || {
        let (captured, refunded) = books;
        format!("order {order_id}: the shop has captured {captured} and refunded {refunded}; the provider: {sum:?}")
    });
    let Some(order) = audit.snapshot.orders.get(order_id) else {
        return;
    };
    let total = order.state.total_minor;
    match order.state.status {
        OrderStatus::Cancelled => {
            let nothing_kept = sum.held == 0 && sum.captured == sum.refunded;
            findings.check(Rule::NoChargeOnCancelled, nothing_kept, || {
                format!("order {order_id} is cancelled: {sum:?}")
            });
        }
        OrderStatus::Completed => {
            let paid = sum.held == 0 && sum.captured == total && sum.refunded == 0;
            findings.check(Rule::CompletedIsPaid, paid, || {
                format!("order {order_id} is completed, its total {total}: {sum:?}")
            });
        }
        OrderStatus::Placed
        | OrderStatus::AwaitingPayment
        | OrderStatus::Confirmed
        | OrderStatus::Cancelling => {}
    }
}
