//! An order as customers and operators see it.

use identifiers::{AddressId, OrderId, Sku, Timestamp};
use money::{Money, TaxClass, TaxLine};
use serde::Serialize;

use crate::order::{CancellationReason, FulfilmentStatus, Order, OrderStatus, PaymentStatus};
use crate::returning::{Return, ReturnReason};

/// An order, without what is nobody's business but the server's.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Order")]
pub(crate) struct OrderView<'a> {
    order_id: &'a OrderId,
    status: OrderStatus,
    payment_status: PaymentStatus,
    fulfilment_status: FulfilmentStatus,
    lines: Vec<LineView<'a>>,
    subtotal: Money,
    shipping_fee: Money,
    tax: &'a [TaxLine],
    total: Money,
    placed_at: Timestamp,
    /// The address in the customer's address book that it goes to, where one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery_address_id: Option<&'a AddressId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancellation_reason: Option<CancellationReason>,
    /// Why a checked-out cart did not become an order that is under way, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'a str>,
    /// What the customer has asked to send back, in the order of asking.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    returns: Vec<ReturnView<'a>>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "RequestedReturn")]
struct ReturnView<'a> {
    return_id: &'a str,
    lines: Vec<ReturnLineView<'a>>,
    reason: ReturnReason,
    requested_at: Timestamp,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "RequestedReturnLine")]
struct ReturnLineView<'a> {
    sku: &'a Sku,
    quantity: u32,
}

impl<'a> ReturnView<'a> {
    fn of(wish: &'a Return) -> Self {
        let lines = wish.lines.iter().map(|line| ReturnLineView {
            sku: &line.sku,
            quantity: line.quantity,
        });
        Self {
            return_id: &wish.return_id,
            lines: lines.collect(),
            reason: wish.reason,
            requested_at: wish.requested_at,
        }
    }
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "OrderLine")]
struct LineView<'a> {
    sku: &'a Sku,
    quantity: u32,
    unit_price: Money,
    tax_class: TaxClass,
}

impl<'a> OrderView<'a> {
    pub fn of(order: &'a Order) -> Self {
        let amounts = order
            .lines
            .iter()
            .map(|line| line.unit_price_minor * i64::from(line.quantity));
        let lines = order.lines.iter().map(|line| LineView {
            sku: &line.sku,
            quantity: line.quantity,
            unit_price: order.money(line.unit_price_minor),
            tax_class: line.tax_class,
        });
        Self {
            order_id: &order.order_id,
            status: order.status,
            payment_status: order.payment,
            fulfilment_status: order.fulfilment,
            lines: lines.collect(),
            subtotal: order.money(amounts.sum()),
            shipping_fee: order.money(order.shipping_fee_minor),
            tax: &order.tax,
            total: order.money(order.total_minor),
            placed_at: order.placed_at,
            delivery_address_id: order.delivery_address_id.as_ref(),
            cancellation_reason: order.cancellation,
            refusal: order.refusal.as_deref(),
            returns: order.returns.iter().map(ReturnView::of).collect(),
        }
    }
}
