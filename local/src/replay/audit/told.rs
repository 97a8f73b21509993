//! What customers were told, by the mails that were really sent: each thing once, and to nobody else.

use std::collections::HashMap;

use orders::order::OrderStatus;

use super::super::preparation::address;
use super::Audit;
use super::rules::{Findings, Rule};
use super::snapshot::Mail;

/// Kinds of mails, by the tag that notifications puts on them.
const CONFIRMED: &str = "order_confirmed";
const DISPATCHED: &str = "shipment_dispatched";
const CANCELLED: &str = "order_cancelled";

/// All mails about orders of this replay.
pub(super) fn check(audit: &Audit<'_>, findings: &mut Findings) {
    let mut counts: HashMap<(&str, &str, &str), u64> = HashMap::new();
    for mail in &audit.snapshot.mails {
        let Some(order_id) = order_of(audit, mail) else {
            continue;
        };
        let (kind, number) = (tag(mail, "kind"), tag(mail, "number"));
        *counts.entry((order_id, kind, number)).or_default() += 1;
        let customer = audit.snapshot.orders.get(order_id);
        let customer = customer.map(|order| order.state.customer_id.as_str());
        let right = customer.is_some_and(|id| mail.to == [address(id)]);
        findings.check(Rule::ToldToTheRightOne, right, || {
            format!(
                "a mail ({kind}) about order {order_id} went to {:?}",
                mail.to
            )
        });
    }
    for ((order_id, kind, number), count) in &counts {
        findings.check(Rule::ToldAtMostOnce, *count == 1, || {
            format!("order {order_id}: {kind} {number} was told {count} times")
        });
    }
    let told = |order_id: &str, kind: &'static str| counts.contains_key(&(order_id, kind, "1"));
    for order_id in audit.placed.keys() {
        let Some(order) = audit.snapshot.orders.get(order_id) else {
            continue;
        };
        if !audit.contacts.contains(order.state.customer_id.as_str()) {
            continue;
        }
        // A confirmation that was overtaken by the cancellation is not told any more.
        let must: &[&'static str] = match order.state.status {
            OrderStatus::Completed => &[CONFIRMED, DISPATCHED],
            OrderStatus::Cancelled => &[CANCELLED],
            OrderStatus::Confirmed | OrderStatus::Cancelling => &[CONFIRMED],
            OrderStatus::Placed | OrderStatus::AwaitingPayment => &[],
        };
        for kind in must {
            findings.check(Rule::ToldAtLeastOnce, told(order_id, kind), || {
                format!("order {order_id}: {kind} was never told")
            });
        }
    }
}

fn tag<'a>(mail: &'a Mail, name: &str) -> &'a str {
    mail.tags.get(name).map_or("", String::as_str)
}

/// The order of this replay that the mail names.
fn order_of<'a>(audit: &'a Audit<'_>, mail: &Mail) -> Option<&'a str> {
    let texts = [Some(mail.subject.as_str()), mail.text.as_deref()];
    let words = texts
        .into_iter()
        .flatten()
        .flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-'));
    let mut known = words.filter_map(|word| audit.placed.get_key_value(word));
    known.next().map(|(order_id, _)| order_id.as_str())
}
