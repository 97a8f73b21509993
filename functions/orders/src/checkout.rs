//! A cart that was checked out: the order is placed under the id that its owner was told, or is there as refused.
//!
//! Prices and the total are orders' own, as for every order. Whoever checked out has been given an id already, so a
//! refusal must be found under it: an order that is off from the start, of which nothing is said to other contexts.

use contracts::CloudEvent;
use contracts::carts::{CartCheckedOut, CheckedOutLine};
use door::ConsumeError;
use identifiers::{Sku, Timestamp};
use money::TaxClass;
use store::{Origin, Store};

use crate::Orders;
use crate::order::{Order, OrderCommand};
use crate::price;
use crate::quote::{Unquotable, Wish, WishedLine};

/// Places the order.
pub(crate) async fn place<S: Store>(
    orders: &Orders<S>,
    event: &CloudEvent,
    now: Timestamp,
) -> Result<Vec<CloudEvent>, ConsumeError> {
    let checked_out: CartCheckedOut = event.data()?;
    let wish = wish_of(&checked_out);
    let skus: Vec<Sku> = wish.quantities().into_keys().cloned().collect();
    let (prices, rate) = futures::try_join!(
        price::prices(&orders.store, &skus),
        price::rate(&orders.store, &wish.region)
    )?;
    let CartCheckedOut {
        order_id,
        customer_id,
        lines,
        ..
    } = checked_out;
    let quoted = wish.check().and_then(|()| {
        let (order_id, customer_id) = (order_id.clone(), customer_id.clone());
        wish.quote(
            order_id,
            customer_id,
            &prices,
            rate.as_ref(),
            &orders.config,
            now,
        )
    });
    let command = match quoted {
        Ok(order) => OrderCommand::Place(Box::new(order)),
        Err(unquotable) => {
            let reason = reason(&unquotable);
            tracing::info!(%order_id, reason, "a checkout is refused");
            let shown = lines.iter().map(|line: &CheckedOutLine| {
                let known = prices.iter().find(|price| price.sku == line.sku);
                (
                    line.clone(),
                    known.map_or(TaxClass::Standard, |price| price.tax_class),
                )
            });
            let refused = wish.refused(order_id.clone(), customer_id, shown, reason, now);
            OrderCommand::Refuse(Box::new(refused))
        }
    };
    let cause = event.as_cause(now);
    let outcome =
        decider::execute::<Order, _>(&orders.store, &order_id, &cause, Origin::Queue, &command);
    Ok(outcome.await.map_err(ConsumeError::from_execute)?.events)
}

fn wish_of(checked_out: &CartCheckedOut) -> Wish {
    let lines = checked_out.lines.iter().map(|line| WishedLine {
        sku: line.sku.clone(),
        quantity: line.quantity,
    });
    Wish {
        lines: lines.collect(),
        region: checked_out.region.clone(),
        delivery_address_id: checked_out.delivery_address_id.clone(),
        payment_method: checked_out.payment_method.clone(),
        expected_total: Some(checked_out.expected_total),
    }
}

/// Why, in words for whoever checked out.
fn reason(unquotable: &Unquotable) -> String {
    match unquotable {
        Unquotable::Fields(errors) | Unquotable::Unsellable(errors) => {
            let each: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
            each.join("; ")
        }
        Unquotable::TotalDiffers { total } => format!("the total is {total}"),
    }
}
