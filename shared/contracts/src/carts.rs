//! What carts says.

use identifiers::{AddressId, CartId, CustomerId, OrderId, Region, Sku};
use money::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::published_by;

/// A customer or guest has checked out what is in their cart: it shall become an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CartCheckedOut {
    /// The cart.
    pub cart_id: CartId,
    /// The version of it that was checked out. Each is checked out once.
    pub version: u64,
    /// Whose it is; a guest's begins with `guest-`.
    pub customer_id: CustomerId,
    /// The order that it shall become.
    pub order_id: OrderId,
    /// What was in it: each SKU once.
    pub lines: Vec<CheckedOutLine>,
    /// Where it goes.
    pub region: Region,
    /// The address in the customer's address book that it goes to, where one was named. Customers has the address itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_address_id: Option<AddressId>,
    /// The provider's token of the payment method.
    pub payment_method: String,
    /// The total that the customer was shown, tax and shipping included.
    pub expected_total: Money,
}

/// A quantity of one SKU, at the price that the customer was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckedOutLine {
    /// What.
    pub sku: Sku,
    /// How many, at least one.
    pub quantity: u32,
    /// The price of one.
    pub unit_price: Money,
}

published_by!("carts": CartCheckedOut);
