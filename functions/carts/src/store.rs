//! Keys and stored form of the carts table.

use ::store::{Index, Key};
use contracts::Announcement;
use contracts::carts::{CartCheckedOut, CheckedOutLine};
use decider::Stored;
use identifiers::{CustomerId, ProductId, Sku};

use crate::cart::{Cart, CartEvent};

/// The indexes of the table: everything is found by its key.
pub const INDEXES: &[Index] = &[];

/// How long a cart is kept that nobody touches, in seconds: sixty days.
const KEPT_SECONDS: i64 = 60 * 24 * 3600;

impl Stored for Cart {
    type Id = CustomerId;

    // A change can be repeated for as long as a client tries; the state answers a repeated checkout and merge for longer.
    const REMEMBERED: usize = 8;

    fn key(customer_id: &CustomerId) -> Key {
        Key::new(format!("cart#{customer_id}"), "cart")
    }

    fn expires_at_seconds(cart: &Cart) -> Option<i64> {
        // A tombstone stays for ever: whatever comes late must find it.
        match cart.erased_at {
            None => Some(cart.updated_at.plus_seconds(KEPT_SECONDS).seconds()),
            Some(_) => None,
        }
    }

    fn announce(event: &CartEvent, cart: &Cart) -> Option<Announcement> {
        match event {
            CartEvent::CheckedOut {
                cart_id,
                lines,
                wish,
                order_id,
                ..
            } => {
                let lines = lines.iter().map(|line| CheckedOutLine {
                    sku: line.sku.clone(),
                    quantity: line.quantity,
                    unit_price: line.unit_price,
                });
                Some(Announcement::of(&CartCheckedOut {
                    cart_id: cart_id.clone(),
                    version: wish.revision,
                    customer_id: cart.customer_id.clone(),
                    order_id: order_id.clone(),
                    lines: lines.collect(),
                    region: wish.region.clone(),
                    delivery_address_id: wish.delivery_address_id.clone(),
                    payment_method: wish.payment_method.clone(),
                    expected_total: wish.expected_total,
                }))
            }
            CartEvent::Filled { .. }
            | CartEvent::Repriced { .. }
            | CartEvent::Emptied { .. }
            | CartEvent::Erased { .. } => None,
        }
    }
}

/// The key of a SKU's price.
pub(crate) fn price_key(sku: &Sku) -> Key {
    Key::new(format!("price#{sku}"), "price")
}

/// The key of a product's title.
pub(crate) fn title_key(product_id: &ProductId) -> Key {
    Key::new(format!("product#{product_id}"), "title")
}
