//! A cart: its state, what may be asked of it, what happens to it. Pure: time, ids and prices come in the command.

use decider::Aggregate;
use identifiers::{AddressId, CartId, CustomerId, OrderId, ProductId, Region, Sku, Timestamp};
use money::Money;
use serde::{Deserialize, Serialize};

/// The most lines of a cart: above the largest baskets that are published, and well within what one event may hold.
pub const MAX_LINES: usize = 200;
/// The most of one SKU in a cart.
pub const MAX_QUANTITY: u32 = 999;
/// How many checkouts, and how many merged carts, a cart remembers: far more than can be repeated at a time.
const REMEMBERED: usize = 8;

/// The one open cart of a customer or guest. Names are short because every kilobyte of the item counts on each write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cart {
    /// Whose it is.
    #[serde(rename = "c")]
    pub customer_id: CustomerId,
    /// Which filling it is: a new one after each checkout. None while nothing is in it.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub cart_id: Option<CartId>,
    /// Counts its changes.
    #[serde(rename = "v")]
    pub revision: u64,
    /// What is in it: each SKU once, in the order in which they came.
    #[serde(rename = "l")]
    pub lines: Vec<CartLine>,
    /// When it was changed last.
    #[serde(rename = "u")]
    pub updated_at: Timestamp,
    /// The guests' carts that went into it last.
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<CartId>,
    /// Its last checkouts.
    #[serde(rename = "o", default, skip_serializing_if = "Vec::is_empty")]
    pub checked_out: Vec<CheckedOut>,
    /// Since when its owner is erased: nothing is put into it ever again.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Timestamp>,
}

/// A quantity of one SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    /// What.
    #[serde(rename = "s")]
    pub sku: Sku,
    /// The product that it is a variant of.
    #[serde(rename = "p")]
    pub product_id: ProductId,
    /// How many.
    #[serde(rename = "q")]
    pub quantity: u32,
    /// The price of one that the customer has seen.
    #[serde(rename = "a")]
    pub unit_price: Money,
    /// The price before, where it changed while it lay here.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub price_was: Option<Money>,
}

/// A checkout that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedOut {
    /// Of which revision.
    #[serde(rename = "v")]
    pub revision: u64,
    /// The order that it became.
    #[serde(rename = "o")]
    pub order_id: OrderId,
}

/// What a customer decides when checking out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutWish {
    /// The revision that they saw.
    pub revision: u64,
    /// Where it shall go.
    pub region: Region,
    /// The address in the customer's address book that it shall go to.
    pub delivery_address_id: Option<AddressId>,
    /// The provider's token of the payment method.
    pub payment_method: String,
    /// The total that they were shown, tax and shipping included.
    pub expected_total: Money,
}

/// What a SKU costs at present; no price where it is not on sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What.
    pub sku: Sku,
    /// The price of one.
    pub price: Option<Money>,
}

/// What may be asked of a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CartCommand {
    /// Have that many of a SKU in it, at the price that is shown now.
    SetLine {
        /// Whose cart it is.
        customer_id: CustomerId,
        /// The id of the cart, where this begins one.
        cart_id: CartId,
        /// The line as it shall be.
        line: CartLine,
        /// The present instant.
        now: Timestamp,
    },
    /// Have none of a SKU in it.
    RemoveLine {
        /// Which.
        sku: Sku,
        /// The present instant.
        now: Timestamp,
    },
    /// Take over what is in a guest's cart. Quantities add up.
    Merge {
        /// Whose cart it is.
        customer_id: CustomerId,
        /// The id of the cart, where this begins one.
        cart_id: CartId,
        /// The guest's cart.
        from: CartId,
        /// What is in that.
        lines: Vec<CartLine>,
        /// The present instant.
        now: Timestamp,
    },
    /// Empty a guest's cart that went into a customer's, unless it is another by now.
    Empty {
        /// Which.
        cart_id: CartId,
        /// The present instant.
        now: Timestamp,
    },
    /// Forget what is in it, and take nothing any more: its owner is erased.
    Erase {
        /// Whose cart it is.
        customer_id: CustomerId,
        /// The present instant.
        now: Timestamp,
    },
    /// Make an order of it.
    CheckOut {
        /// What the customer decided.
        wish: CheckoutWish,
        /// The order's id.
        order_id: OrderId,
        /// The prices at present.
        offers: Vec<Offer>,
        /// The present instant.
        now: Timestamp,
    },
}

/// What happens to a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CartEvent {
    /// Its lines are others.
    Filled {
        /// Whose cart it is.
        customer_id: CustomerId,
        /// Its id.
        cart_id: CartId,
        /// The lines as they are.
        lines: Vec<CartLine>,
        /// The cart that came in.
        merged: Option<CartId>,
        /// When.
        now: Timestamp,
    },
    /// Prices had changed when it was to be checked out: the customer is told, and sees them from now on.
    Repriced {
        /// The lines as they are.
        lines: Vec<CartLine>,
        /// When.
        now: Timestamp,
    },
    /// What was in it went into another.
    Emptied {
        /// When.
        now: Timestamp,
    },
    /// Its owner is erased.
    Erased {
        /// Whose cart it is.
        customer_id: CustomerId,
        /// When.
        now: Timestamp,
    },
    /// It became an order.
    CheckedOut {
        /// The cart.
        cart_id: CartId,
        /// What was in it.
        lines: Vec<CartLine>,
        /// What the customer decided.
        wish: CheckoutWish,
        /// The order.
        order_id: OrderId,
        /// When.
        now: Timestamp,
    },
}

/// Why a cart refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CartRejection {
    /// There are as many lines as there may be.
    #[error("a cart has {MAX_LINES} lines at the most")]
    TooManyLines,
    /// One cart is paid in one currency.
    #[error("{sku} is priced in {}, and what is in the cart in {}", price.currency, others.currency)]
    OtherCurrency {
        /// What.
        sku: Sku,
        /// Its price.
        price: Money,
        /// The price of another line.
        others: Money,
    },
    /// The customer saw another cart than this.
    #[error("the cart has changed: it is at version {revision}")]
    Outdated {
        /// Its revision.
        revision: u64,
    },
    /// There is nothing in it.
    #[error("the cart is empty")]
    Empty,
    /// Some of it is not on sale any more.
    #[error("some of it is not on sale any more")]
    NotOnSale(Vec<Sku>),
    /// Its owner is erased.
    #[error("this customer has been erased, and nothing is kept of them any more")]
    Erased,
}

impl Cart {
    /// The order that this revision became, if it was checked out.
    pub fn order_of(&self, revision: u64) -> Option<&OrderId> {
        let found = self.checked_out.iter().find(|one| one.revision == revision);
        found.map(|one| &one.order_id)
    }
}

impl Aggregate for Cart {
    type Command = CartCommand;
    type Event = CartEvent;
    type State = Self;
    type Rejection = CartRejection;

    fn decide(
        state: Option<&Self>,
        command: &CartCommand,
    ) -> Result<Vec<CartEvent>, CartRejection> {
        if state.is_some_and(|cart| cart.erased_at.is_some()) {
            return when_erased(command);
        }
        let lines = state.map_or(&[][..], |cart| &cart.lines);
        let own_id = state.and_then(|cart| cart.cart_id.clone());
        match command {
            CartCommand::SetLine {
                customer_id,
                cart_id,
                line,
                now,
            } => {
                let set = with_line(lines, line.clone())?;
                if set == lines {
                    return Ok(Vec::new());
                }
                Ok(vec![CartEvent::Filled {
                    customer_id: customer_id.clone(),
                    cart_id: own_id.unwrap_or_else(|| cart_id.clone()),
                    lines: set,
                    merged: None,
                    now: *now,
                }])
            }
            CartCommand::RemoveLine { sku, now } => {
                let (Some(cart), Some(cart_id)) = (state, own_id) else {
                    return Ok(Vec::new());
                };
                let left: Vec<_> = lines
                    .iter()
                    .filter(|line| line.sku != *sku)
                    .cloned()
                    .collect();
                if left.len() == lines.len() {
                    return Ok(Vec::new());
                }
                Ok(vec![CartEvent::Filled {
                    customer_id: cart.customer_id.clone(),
                    cart_id,
                    lines: left,
                    merged: None,
                    now: *now,
                }])
            }
            CartCommand::Merge {
                customer_id,
                cart_id,
                from,
                lines: theirs,
                now,
            } => {
                let known = state.is_some_and(|cart| cart.merged.contains(from));
                if known || theirs.is_empty() {
                    return Ok(Vec::new());
                }
                Ok(vec![CartEvent::Filled {
                    customer_id: customer_id.clone(),
                    cart_id: own_id.unwrap_or_else(|| cart_id.clone()),
                    lines: together(lines, theirs)?,
                    merged: Some(from.clone()),
                    now: *now,
                }])
            }
            CartCommand::Empty { cart_id, now } => match own_id {
                Some(own) if own == *cart_id => Ok(vec![CartEvent::Emptied { now: *now }]),
                Some(_) | None => Ok(Vec::new()),
            },
            CartCommand::Erase { customer_id, now } => Ok(vec![CartEvent::Erased {
                customer_id: customer_id.clone(),
                now: *now,
            }]),
            CartCommand::CheckOut {
                wish,
                order_id,
                offers,
                now,
            } => check_out(state, wish, order_id, offers, *now),
        }
    }

    fn evolve(state: Option<Self>, event: &CartEvent) -> Self {
        match event {
            CartEvent::Filled {
                customer_id,
                cart_id,
                lines,
                merged,
                now,
            } => {
                let mut cart = state.unwrap_or_else(|| Self::new(customer_id, *now));
                cart.cart_id = Some(cart_id.clone());
                cart.merged.extend(merged.clone());
                keep_last(&mut cart.merged);
                cart.changed_to(lines.clone(), *now)
            }
            CartEvent::Repriced { lines, now } => existing(state).changed_to(lines.clone(), *now),
            CartEvent::Emptied { now } => {
                let mut cart = existing(state);
                cart.cart_id = None;
                cart.changed_to(Vec::new(), *now)
            }
            CartEvent::Erased { customer_id, now } => {
                // The version goes on, so that whoever saw an earlier one sees that it is another.
                let revision = state.map_or(0, |cart| cart.revision);
                let cart = Self {
                    revision,
                    erased_at: Some(*now),
                    ..Self::new(customer_id, *now)
                };
                cart.changed_to(Vec::new(), *now)
            }
            CartEvent::CheckedOut {
                wish,
                order_id,
                now,
                ..
            } => {
                let mut cart = existing(state);
                cart.checked_out.push(CheckedOut {
                    revision: wish.revision,
                    order_id: order_id.clone(),
                });
                keep_last(&mut cart.checked_out);
                cart.cart_id = None;
                cart.changed_to(Vec::new(), *now)
            }
        }
    }
}

impl Cart {
    fn new(customer_id: &CustomerId, now: Timestamp) -> Self {
        Self {
            customer_id: customer_id.clone(),
            cart_id: None,
            revision: 0,
            lines: Vec::new(),
            updated_at: now,
            merged: Vec::new(),
            checked_out: Vec::new(),
            erased_at: None,
        }
    }

    fn changed_to(mut self, lines: Vec<CartLine>, now: Timestamp) -> Self {
        self.lines = lines;
        self.revision += 1;
        self.updated_at = now;
        self
    }
}

/// What is asked of the cart of somebody who is erased.
fn when_erased(command: &CartCommand) -> Result<Vec<CartEvent>, CartRejection> {
    match command {
        CartCommand::Erase { .. } | CartCommand::Empty { .. } => Ok(Vec::new()),
        CartCommand::SetLine { .. }
        | CartCommand::RemoveLine { .. }
        | CartCommand::Merge { .. }
        | CartCommand::CheckOut { .. } => Err(CartRejection::Erased),
    }
}

fn existing(state: Option<Cart>) -> Cart {
    state.unwrap_or_else(|| {
        unreachable!("decide lets nothing but Filled happen to a cart that is not there")
    })
}

fn keep_last<T>(items: &mut Vec<T>) {
    let surplus = items.len().saturating_sub(REMEMBERED);
    items.drain(..surplus);
}

fn with_line(lines: &[CartLine], line: CartLine) -> Result<Vec<CartLine>, CartRejection> {
    let other = lines.iter().find(|other| other.sku != line.sku);
    if let Some(other) = other.filter(|other| other.unit_price.currency != line.unit_price.currency)
    {
        return Err(CartRejection::OtherCurrency {
            sku: line.sku,
            price: line.unit_price,
            others: other.unit_price,
        });
    }
    let mut lines = lines.to_vec();
    match lines.iter().position(|known| known.sku == line.sku) {
        Some(position) => lines[position] = line,
        None if lines.len() == MAX_LINES => return Err(CartRejection::TooManyLines),
        None => lines.push(line),
    }
    Ok(lines)
}

/// Both carts' lines. Who has both has seen the price in their own; a quantity beyond what a line may hold is cut to it.
fn together(own: &[CartLine], theirs: &[CartLine]) -> Result<Vec<CartLine>, CartRejection> {
    let mut lines = own.to_vec();
    for line in theirs {
        let known = own.iter().find(|known| known.sku == line.sku);
        let quantity = line
            .quantity
            .saturating_add(known.map_or(0, |known| known.quantity));
        let line = CartLine {
            quantity: quantity.min(MAX_QUANTITY),
            ..known.unwrap_or(line).clone()
        };
        lines = with_line(&lines, line)?;
    }
    Ok(lines)
}

fn check_out(
    state: Option<&Cart>,
    wish: &CheckoutWish,
    order_id: &OrderId,
    offers: &[Offer],
    now: Timestamp,
) -> Result<Vec<CartEvent>, CartRejection> {
    let cart = state.ok_or(CartRejection::Empty)?;
    // Said once, however often it is asked.
    if cart.order_of(wish.revision).is_some() {
        return Ok(Vec::new());
    }
    if cart.revision != wish.revision {
        return Err(CartRejection::Outdated {
            revision: cart.revision,
        });
    }
    let cart_id = cart.cart_id.clone().filter(|_| !cart.lines.is_empty());
    let cart_id = cart_id.ok_or(CartRejection::Empty)?;
    let price = |sku: &Sku| {
        offers
            .iter()
            .find(|offer| offer.sku == *sku)
            .and_then(|offer| offer.price)
    };
    let gone: Vec<Sku> = cart
        .lines
        .iter()
        .filter(|line| price(&line.sku).is_none())
        .map(|line| line.sku.clone())
        .collect();
    if !gone.is_empty() {
        return Err(CartRejection::NotOnSale(gone));
    }
    let lines: Vec<CartLine> = cart
        .lines
        .iter()
        .map(|line| match price(&line.sku) {
            Some(price) if price != line.unit_price => CartLine {
                unit_price: price,
                price_was: Some(line.unit_price),
                ..line.clone()
            },
            Some(_) | None => line.clone(),
        })
        .collect();
    if lines != cart.lines {
        return Ok(vec![CartEvent::Repriced { lines, now }]);
    }
    Ok(vec![CartEvent::CheckedOut {
        cart_id,
        lines,
        wish: wish.clone(),
        order_id: order_id.clone(),
        now,
    }])
}
