//! Orders: that each basket is one, at the right price, come to its end; and that items were written step by step.

use std::collections::{HashMap, HashSet};

use orders::order::{Order, OrderStatus};
use shipping::shipment::{ShipmentState, ShipmentStatus};

use super::Audit;
use super::rules::{Findings, Rule};
use super::snapshot::{Kept, Snapshot};

/// Each basket that was placed is an order of its own in the store, with the basket's lines.
pub(super) fn one_order_per_basket(audit: &Audit<'_>, findings: &mut Findings) {
    let mut baskets: HashMap<usize, &str> = HashMap::new();
    for (order_id, facts) in audit.placed {
        let Some(placing) = facts.placing else {
            continue;
        };
        let basket = &audit.scene.baskets[placing.basket];
        let basket_id = &basket.basket_id;
        let other = baskets.insert(placing.basket, order_id);
        let stored = audit.snapshot.orders.get(order_id);
        let same = stored.is_some_and(|Kept { state: order, .. }| {
            let wanted: HashMap<&str, u32> = basket
                .lines
                .iter()
                .map(|(sku, quantity)| (sku.as_str(), *quantity))
                .collect();
            let lines = order.lines.iter();
            let ordered: HashMap<&str, u32> = lines
                .map(|line| (line.sku.as_str(), line.quantity))
                .collect();
            order.customer_id.as_str() == basket.customer_id
                && order.lines.len() == basket.lines.len()
                && ordered == wanted
        });
        findings.check(Rule::BasketIsOneOrder, same && other.is_none(), || {
            match (other, stored) {
                (Some(other), _) => {
                    format!("basket {basket_id} is order {order_id} and order {other}")
                }
                (None, None) => {
                    format!("order {order_id} of basket {basket_id} is not in the store")
                }
                (None, Some(_)) => format!("order {order_id} is not what basket {basket_id} holds"),
            }
        });
    }
}

/// One order of this replay.
pub(super) fn check(audit: &Audit<'_>, order_id: &str, order: &Order, findings: &mut Findings) {
    let terminal = order.is_terminal();
    findings.check(Rule::OrderIsTerminal, terminal, || {
        format!(
            "order {order_id} is {:?}, payment {:?}, fulfilment {:?}",
            order.status, order.payment, order.fulfilment
        )
    });
    let prices = &audit.scene.assortment.prices;
    let wrong = order
        .lines
        .iter()
        .find(|line| prices.get(line.sku.as_str()) != Some(&line.unit_price_minor));
    let goods: i64 = order
        .lines
        .iter()
        .map(|line| line.unit_price_minor * i64::from(line.quantity))
        .sum();
    // Prices contain tax here; where a shop's do not, it comes on top of the goods.
    let tax: i64 = order.tax.iter().map(|line| line.tax_minor).sum();
    let sum = goods + order.shipping_fee_minor;
    let adds_up =
        order.total_minor == sum || (order.total_minor > sum && order.total_minor <= sum + tax);
    findings.check(Rule::PricesAreRight, wrong.is_none() && adds_up, || {
        format!(
            "order {order_id}: total {}, goods {goods}, line {wrong:?}",
            order.total_minor
        )
    });
    let shipment = audit
        .snapshot
        .shipments
        .get(order_id)
        .map(|kept| &kept.state);
    let status = shipment.map(ShipmentState::status);
    let agrees = match (order.status, status) {
        (OrderStatus::Completed, status) => status == Some(ShipmentStatus::Delivered),
        (OrderStatus::Cancelled, status) => {
            matches!(status, None | Some(ShipmentStatus::Cancelled))
        }
        (
            OrderStatus::Placed
            | OrderStatus::AwaitingPayment
            | OrderStatus::Confirmed
            | OrderStatus::Cancelling,
            _,
        ) => true,
    };
    findings.check(Rule::ShipmentAgrees, agrees, || {
        format!(
            "order {order_id} is {:?}, its shipment {status:?}",
            order.status
        )
    });
}

/// What the items remember of their commits.
pub(super) fn versions(snapshot: &Snapshot, findings: &mut Findings) {
    // A commit of these is the handling of one message, so versions leave no gap.
    kept(&snapshot.orders, "order", true, findings);
    kept(&snapshot.shipments, "shipment", true, findings);
    // A reservation of many lines and a payment's calls take several commits to a message.
    kept(&snapshot.reservations, "reservation", false, findings);
    kept(&snapshot.payments, "payment", false, findings);
}

fn kept<T>(items: &HashMap<String, Kept<T>>, what: &str, gapless: bool, findings: &mut Findings) {
    for (order_id, item) in items {
        let messages: HashSet<&str> = item
            .handled
            .iter()
            .map(|handled| handled.message_id.as_str())
            .collect();
        let once = messages.len() == item.handled.len();
        let steps = item.handled.windows(2).all(|pair| match gapless {
            true => pair[1].version == pair[0].version + 1,
            false => pair[1].version > pair[0].version,
        });
        let last = item.handled.last().map_or(0, |handled| handled.version);
        let ends = match gapless {
            true => last == item.version,
            false => last <= item.version,
        };
        findings.check(Rule::VersionsStep, once && steps && ends, || {
            let versions: Vec<u64> = item.handled.iter().map(|handled| handled.version).collect();
            format!(
                "{what} of order {order_id} is version {}, from {versions:?}",
                item.version
            )
        });
    }
}
