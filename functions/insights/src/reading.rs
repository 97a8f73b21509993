//! Another context's event, read for what insights takes from it.
//!
//! Every event type is named: a new one must be decided about, and does not pass unread.

use contracts::carts::CartCheckedOut;
use contracts::catalog::{PriceChanged, ProductPublished, ProductRetired};
use contracts::customers::{CustomerErased, CustomerRegistered};
use contracts::inventory::{
    LowStock, StockAdjusted, StockReleased, StockReservationFailed, StockReserved,
};
use contracts::notifications::NotificationSent;
use contracts::orders::{
    CancellationRequested, OrderCancelled, OrderCompleted, OrderConfirmed, OrderPlaced,
    PaymentRequested, ReturnRequested,
};
use contracts::payments::{
    PaymentActionRequired, PaymentAuthorized, PaymentCaptured, PaymentDeclined, PaymentRefunded,
    PaymentVoided,
};
use contracts::shipping::{
    ReturnReceived, ShipmentCancelled, ShipmentCreated, ShipmentDelivered, ShipmentDispatched,
    ShippingRateChanged,
};
use contracts::{CloudEvent, EventData, UnreadableEvent};
use identifiers::{CustomerId, OrderId};

use crate::fact::{About, Fact};
use crate::order::{FulfilmentStatus, OrderStatus, PaymentStatus};
use crate::stock::StockNews;

/// Reads what an event is about.
///
/// # Errors
/// When it is of no type that is heard, or its data does not have the type's shape.
pub fn read(event: &CloudEvent) -> Result<About, UnreadableEvent> {
    let about = match event.event_type.split('.').next().unwrap_or_default() {
        "carts" => of_carts(event)?,
        "catalog" => of_catalog(event)?,
        "customers" => of_customers(event)?,
        "inventory" => of_inventory(event)?,
        "notifications" => of_notifications(event)?,
        "orders" => of_orders(event)?,
        "payments" => of_payments(event)?,
        "shipping" => of_shipping(event)?,
        _ => None,
    };
    about.ok_or_else(|| UnreadableEvent::UnknownType(event.event_type.clone()))
}

type Read = Result<Option<About>, UnreadableEvent>;

fn mentioned(order_id: OrderId) -> About {
    About::Order(order_id, Fact::Mentioned { customer_id: None })
}

fn mentioned_of(order_id: OrderId, customer_id: CustomerId) -> About {
    let customer_id = Some(customer_id);
    About::Order(order_id, Fact::Mentioned { customer_id })
}

fn of_carts(event: &CloudEvent) -> Read {
    Ok(Some(match event.event_type.as_str() {
        CartCheckedOut::TYPE => {
            let said: CartCheckedOut = event.data()?;
            mentioned_of(said.order_id, said.customer_id)
        }
        _ => return Ok(None),
    }))
}

fn of_catalog(event: &CloudEvent) -> Read {
    Ok(Some(match event.event_type.as_str() {
        ProductPublished::TYPE => {
            let said: ProductPublished = event.data()?;
            match said.title {
                Some(title) => {
                    let skus = said.variants.into_iter().map(|variant| variant.sku);
                    About::Titles(skus.collect(), title)
                }
                None => About::Flow,
            }
        }
        PriceChanged::TYPE => {
            event.data::<PriceChanged>()?;
            About::Flow
        }
        // What was sold under it keeps its name.
        ProductRetired::TYPE => {
            event.data::<ProductRetired>()?;
            About::Flow
        }
        _ => return Ok(None),
    }))
}

/// Orders name a customer by a pseudonym, which outlives the customer's erasure.
fn of_customers(event: &CloudEvent) -> Read {
    Ok(Some(match event.event_type.as_str() {
        CustomerRegistered::TYPE => {
            event.data::<CustomerRegistered>()?;
            About::Flow
        }
        CustomerErased::TYPE => {
            event.data::<CustomerErased>()?;
            About::Flow
        }
        _ => return Ok(None),
    }))
}

fn of_inventory(event: &CloudEvent) -> Read {
    Ok(Some(match event.event_type.as_str() {
        StockReserved::TYPE => mentioned(event.data::<StockReserved>()?.order_id),
        StockReservationFailed::TYPE => mentioned(event.data::<StockReservationFailed>()?.order_id),
        StockReleased::TYPE => mentioned(event.data::<StockReleased>()?.order_id),
        StockAdjusted::TYPE => {
            let said: StockAdjusted = event.data()?;
            About::Stock(StockNews::adjusted(event, &said))
        }
        LowStock::TYPE => {
            let said: LowStock = event.data()?;
            About::Stock(StockNews::low(event, &said))
        }
        _ => return Ok(None),
    }))
}

fn of_notifications(event: &CloudEvent) -> Read {
    Ok(Some(match event.event_type.as_str() {
        NotificationSent::TYPE => {
            let said: NotificationSent = event.data()?;
            mentioned_of(said.order_id, said.customer_id)
        }
        _ => return Ok(None),
    }))
}

fn of_orders(event: &CloudEvent) -> Read {
    let (order_id, customer_id, status) = match event.event_type.as_str() {
        OrderPlaced::TYPE => {
            let said: OrderPlaced = event.data()?;
            let lines = said.lines.into_iter();
            let placed = Fact::Placed {
                customer_id: said.customer_id,
                total: said.total,
                lines: lines.map(|line| (line.sku, line.quantity).into()).collect(),
            };
            return Ok(Some(About::Order(said.order_id, placed)));
        }
        PaymentRequested::TYPE => {
            let said: PaymentRequested = event.data()?;
            let requested = Fact::PaymentRequested {
                customer_id: said.customer_id,
                attempt: said.attempt,
            };
            return Ok(Some(About::Order(said.order_id, requested)));
        }
        ReturnRequested::TYPE => {
            let said: ReturnRequested = event.data()?;
            return Ok(Some(mentioned_of(said.order_id, said.customer_id)));
        }
        OrderConfirmed::TYPE => {
            let said: OrderConfirmed = event.data()?;
            (said.order_id, said.customer_id, OrderStatus::Confirmed)
        }
        CancellationRequested::TYPE => {
            let said: CancellationRequested = event.data()?;
            (said.order_id, said.customer_id, OrderStatus::Cancelling)
        }
        OrderCancelled::TYPE => {
            let said: OrderCancelled = event.data()?;
            (said.order_id, said.customer_id, OrderStatus::Cancelled)
        }
        OrderCompleted::TYPE => {
            let said: OrderCompleted = event.data()?;
            (said.order_id, said.customer_id, OrderStatus::Completed)
        }
        _ => return Ok(None),
    };
    let fact = Fact::Status {
        customer_id,
        status,
    };
    Ok(Some(About::Order(order_id, fact)))
}

fn of_payments(event: &CloudEvent) -> Read {
    let (order_id, status, attempt) = match event.event_type.as_str() {
        PaymentAuthorized::TYPE => {
            let said: PaymentAuthorized = event.data()?;
            (said.order_id, PaymentStatus::Authorized, said.attempt)
        }
        PaymentDeclined::TYPE => {
            let said: PaymentDeclined = event.data()?;
            (said.order_id, PaymentStatus::Declined, said.attempt)
        }
        PaymentActionRequired::TYPE => {
            let said: PaymentActionRequired = event.data()?;
            (said.order_id, PaymentStatus::ActionRequired, said.attempt)
        }
        PaymentVoided::TYPE => {
            let said: PaymentVoided = event.data()?;
            (said.order_id, PaymentStatus::Voided, 0)
        }
        PaymentCaptured::TYPE => {
            let said: PaymentCaptured = event.data()?;
            return Ok(Some(About::Order(
                said.order_id,
                Fact::Captured(said.amount),
            )));
        }
        PaymentRefunded::TYPE => {
            let said: PaymentRefunded = event.data()?;
            let refunded = Fact::Refunded {
                customer_id: said.customer_id,
                total: said.refunded_total,
            };
            return Ok(Some(About::Order(said.order_id, refunded)));
        }
        _ => return Ok(None),
    };
    let fact = Fact::Payment { status, attempt };
    Ok(Some(About::Order(order_id, fact)))
}

fn of_shipping(event: &CloudEvent) -> Read {
    Ok(Some(match event.event_type.as_str() {
        ShipmentCreated::TYPE => mentioned(event.data::<ShipmentCreated>()?.order_id),
        ShipmentCancelled::TYPE => mentioned(event.data::<ShipmentCancelled>()?.order_id),
        ReturnReceived::TYPE => mentioned(event.data::<ReturnReceived>()?.order_id),
        ShipmentDispatched::TYPE => {
            let said: ShipmentDispatched = event.data()?;
            let fact = Fact::Fulfilled {
                customer_id: Some(said.customer_id),
                status: match said.complete {
                    true => FulfilmentStatus::Dispatched,
                    false => FulfilmentStatus::PartiallyDispatched,
                },
            };
            About::Order(said.order_id, fact)
        }
        ShipmentDelivered::TYPE => {
            let said: ShipmentDelivered = event.data()?;
            match said.complete {
                true => {
                    let fact = Fact::Fulfilled {
                        customer_id: None,
                        status: FulfilmentStatus::Delivered,
                    };
                    About::Order(said.order_id, fact)
                }
                // A parcel of several has arrived.
                false => mentioned(said.order_id),
            }
        }
        ShippingRateChanged::TYPE => {
            event.data::<ShippingRateChanged>()?;
            About::Flow
        }
        _ => return Ok(None),
    }))
}
