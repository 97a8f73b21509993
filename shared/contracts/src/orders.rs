//! What orders says.

use identifiers::{AddressId, CustomerId, OrderId, Region, Sku, Timestamp};
use money::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::published_by;

/// A customer has placed an order; its stock shall be set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderPlaced {
    /// The order.
    pub order_id: OrderId,
    /// Who placed it.
    pub customer_id: CustomerId,
    /// What is to be set aside: each SKU once.
    pub lines: Vec<OrderedLine>,
    /// What the customer pays, tax and shipping included.
    pub total: Money,
    /// A reservation that has not been made by then shall not be made.
    pub reserve_until: Timestamp,
}

/// A quantity of one SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderedLine {
    /// What.
    pub sku: Sku,
    /// How many, at least one.
    pub quantity: u32,
}

/// An order's stock is set aside; its amount shall be authorised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentRequested {
    /// The order.
    pub order_id: OrderId,
    /// Who pays.
    pub customer_id: CustomerId,
    /// Counts the payment methods tried for the order, from 1.
    pub attempt: u32,
    /// What is to be authorised.
    pub amount: Money,
    /// The provider's token of the payment method.
    pub payment_method: String,
    /// An authorisation that has not been had by then shall not be sought.
    pub pay_until: Timestamp,
}

/// An order is sure: its stock is set aside and its amount authorised. It shall be shipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderConfirmed {
    /// The order.
    pub order_id: OrderId,
    /// Who placed it.
    pub customer_id: CustomerId,
    /// What is to be shipped: each SKU once.
    pub lines: Vec<OrderedLine>,
    /// The weight of it all, in grams.
    pub weight_grams: u64,
    /// Where it goes.
    pub region: Region,
    /// The address in the customer's address book that it goes to, where one was named. Customers has the address itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_address_id: Option<AddressId>,
    /// What the customer pays.
    pub total: Money,
}

/// A confirmed order shall be cancelled if nothing of it has left yet: shipping, who alone knows, decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CancellationRequested {
    /// The order.
    pub order_id: OrderId,
    /// Who placed it.
    pub customer_id: CustomerId,
    /// Why.
    pub reason: CancellationReason,
}

/// An order is off: stock shall be released, and a payment voided, or refunded where it was captured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderCancelled {
    /// The order.
    pub order_id: OrderId,
    /// Who placed it.
    pub customer_id: CustomerId,
    /// Why.
    pub reason: CancellationReason,
    /// What would have been paid.
    pub total: Money,
}

/// Why an order is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CancellationReason {
    /// The customer asked for it.
    CustomerRequest,
    /// An operator asked for it.
    OperatorRequest,
    /// At least one line was out of stock.
    OutOfStock,
    /// The payment was declined.
    PaymentDeclined,
    /// The payment was not completed in time, or its authorisation ended before dispatch.
    PaymentLapsed,
    /// A reply that the order needs did not come in time.
    TimedOut,
}

/// All of an order has been delivered and paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderCompleted {
    /// The order.
    pub order_id: OrderId,
    /// Who placed it.
    pub customer_id: CustomerId,
}

/// A customer wishes to send goods of a delivered order back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReturnRequested {
    /// The order.
    pub order_id: OrderId,
    /// Who placed it.
    pub customer_id: CustomerId,
    /// The wish, within the order.
    pub return_id: String,
    /// What is to come back: each SKU once.
    pub lines: Vec<OrderedLine>,
    /// Why.
    pub reason: ReturnReason,
}

/// Why goods are to come back. A choice and no text, since a text would say who and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReturnReason {
    /// They are broken, spoilt, or came so.
    Damaged,
    /// Something else was ordered.
    WrongItem,
    /// They are not what the shop said of them.
    NotAsDescribed,
    /// They are not wanted any more.
    NotWanted,
}

published_by!("orders":
    OrderPlaced, PaymentRequested, OrderConfirmed, CancellationRequested, OrderCancelled, OrderCompleted, ReturnRequested
);
