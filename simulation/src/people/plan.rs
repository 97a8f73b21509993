//! What a customer means to do about one order, and what operators will make of it.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::request::customer_name;
use super::shop::{Goods, REGION, shipping_fee_minor, weight_grams};
use crate::dice::Dice;
use crate::fabric::Parts;
use crate::faults::Fault;
use crate::provider::Method;

/// The most lines of a basket that somebody puts in a cart one by one.
const MOST_LINES_BY_CART: usize = 12;

/// When a customer cancels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelWhen {
    /// Never.
    Never,
    /// At once, perhaps before anybody has heard of the order.
    AtOnce,
    /// While the payment is sought.
    WhilePaying,
    /// When it is confirmed.
    Confirmed,
    /// Just as it is dispatched.
    AsDispatched,
    /// When a parcel has left.
    Dispatched,
}

/// Whether a customer confirms a payment that asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirms {
    /// After so many milliseconds.
    After(i64),
    /// Tries to after so many milliseconds, and fails.
    FailsAfter(i64),
    /// Never.
    Never,
}

/// A cart as its owner last saw it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SeenCart {
    /// Its version.
    pub version: u64,
    /// What its lines cost together.
    pub subtotal_minor: i64,
}

/// An order that somebody means to place.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Who.
    pub customer: u32,
    /// The idempotency key.
    pub key: String,
    /// The order's id, which follows from the two; that of a cart's is known when it is checked out.
    pub order_id: String,
    /// The cart by which it is ordered, if it is: its owner orders nothing else, so that each cart becomes one order.
    pub cart: Option<SeenCart>,
    /// How it is paid.
    pub method: Method,
    /// The body of the request.
    pub body: String,
    /// What is ordered: the SKU's number, and how many; each SKU once, in their order.
    pub lines: Vec<(u16, u32)>,
    /// Whether the customer confirms.
    pub confirms: Confirms,
    /// When the customer cancels.
    pub cancels: CancelWhen,
    /// In how many parcels it goes.
    pub parcels: u16,
    /// How long the operators take until the first, in milliseconds.
    pub packs_after: i64,
    /// Whether the request is sent twice at once.
    pub twice: bool,
    /// Whether the key is used again for another wish.
    pub other: bool,
    /// What is refunded, in hundredths of the total, each by a request of its own; all at once.
    pub refunds: Vec<u8>,
    /// Whether goods come back.
    pub returns: bool,
    /// Whether the order's id is known: a cart's is when it has been checked out.
    pub has_order: bool,
    /// Whether the client was told that the order exists.
    pub acknowledged: bool,
    /// Whether the order was refused.
    pub refused: bool,
    /// The total, as the answer had it.
    pub total_minor: i64,
}

impl Plan {
    /// Draws a plan.
    pub fn draw(parts: &mut Parts, order: u32, goods: &Goods, customers: u32) -> Self {
        let customer = parts.dice.below(u64::from(customers)) as u32;
        let key = format!("key-{order}");
        let lines = basket(&mut parts.dice, goods);
        let method = method(parts);
        let confirms = confirms(parts, method);
        let cancels = cancels(parts);
        let late = method == Method::Short || parts.draws(Fault::HoldExpired);
        let hour = 3_600_000;
        let packs_after = match parts.dice.below(8) {
            // About when the hold ends; half of them in its last minute, so that some capture what has just lapsed and
            // nobody has been told of.
            _ if late => {
                let after = parts.dice.between(-hour, hour / 2);
                let after = if after % 2 == 0 { after / 90 } else { after };
                method.hold_seconds() * 1000 + after
            }
            0..=4 => parts.dice.between(1_000, 600_000),
            5 | 6 => parts.dice.between(60_000, 6 * hour),
            _ => parts.dice.between(hour, 30 * hour),
        };
        let refunds = if parts.fires(Fault::TwoRefunds) {
            let first = 55 + parts.dice.below(46) as u8;
            vec![first, 55 + parts.dice.below(46) as u8]
        } else if parts.dice.below(10) == 0 {
            vec![1 + parts.dice.below(100) as u8]
        } else {
            Vec::new()
        };
        Self {
            order_id: order_id(customer, &key),
            cart: None,
            method,
            body: body(&lines, method),
            customer,
            key,
            lines,
            confirms,
            cancels,
            parcels: match parts.dice.below(8) {
                0 => 3,
                1 => 2,
                _ => 1,
            },
            packs_after: packs_after.max(1_000),
            twice: parts.fires(Fault::SameKeyInParallel),
            other: parts.fires(Fault::SameKeyOtherBody),
            refunds,
            returns: parts.dice.below(8) == 0,
            has_order: true,
            acknowledged: false,
            refused: false,
            total_minor: 0,
        }
    }

    /// Of small baskets, one in `every` is put in a cart first, by a customer of its own.
    #[must_use]
    pub fn by_cart(self, order: u32, customers: u32, every: u32) -> Self {
        if order % every != every - 1 || self.lines.len() > MOST_LINES_BY_CART {
            return self;
        }
        self.with_cart(order, customers)
    }

    /// The same, ordered by a cart.
    #[must_use]
    pub fn with_cart(self, order: u32, customers: u32) -> Self {
        let customer = customers + order;
        Self {
            customer,
            cart: Some(SeenCart::default()),
            has_order: false,
            order_id: format!("the cart of {}", customer_name(customer)),
            ..self
        }
    }

    /// What its customer takes for the total: what the cart costs, and the shipping.
    pub fn expected_total_minor(&self, cart: SeenCart) -> i64 {
        let weights = self
            .lines
            .iter()
            .map(|(sku, quantity)| weight_grams(*sku) * u64::from(*quantity));
        cart.subtotal_minor + shipping_fee_minor(weights.sum())
    }

    /// The lines of a parcel, as a request names them; none for all that is left.
    pub fn lines_of_parcel(&self, parcel: u16) -> Option<String> {
        if parcel >= self.parcels {
            return None;
        }
        let part = self.lines.len().div_ceil(usize::from(self.parcels));
        let mut chunks = self.lines.chunks(part);
        let is_last = chunks.len() <= usize::from(parcel);
        let chunk = chunks.nth(usize::from(parcel) - 1).filter(|_| !is_last)?;
        Some(lines_json(chunk))
    }
}

/// How a request names lines.
pub fn lines_json(lines: &[(u16, u32)]) -> String {
    let mut text = String::from("[");
    for (position, (sku, quantity)) in lines.iter().enumerate() {
        let comma = if position == 0 { "" } else { "," };
        let _ = write!(
            text,
            "{comma}{{\"sku\":\"SKU-{sku}\",\"quantity\":{quantity}}}"
        );
    }
    text.push(']');
    text
}

fn body(lines: &[(u16, u32)], method: Method) -> String {
    format!(
        "{{\"lines\":{},\"region\":\"{REGION}\",\"payment_method\":\"{}\"}}",
        lines_json(lines),
        method.token()
    )
}

/// The id that the order of a customer's key has. If the product's rule becomes another, the first answer tells.
fn order_id(customer: u32, key: &str) -> String {
    let digest = Sha256::new()
        .chain_update(customer_name(customer))
        .chain_update([0])
        .chain_update(key)
        .finalize();
    hex::encode(&digest[..16])
}

/// Mostly a few lines, sometimes more than a transaction holds.
fn basket(dice: &mut Dice, goods: &Goods) -> Vec<(u16, u32)> {
    let most = u64::from(goods.skus);
    let count = match dice.below(200) {
        0 => 101 + dice.below(most.saturating_sub(100).max(1)),
        1..=5 => 15 + dice.below(60),
        6..=40 => 5 + dice.below(10),
        41..=110 => 2 + dice.below(3),
        _ => 1,
    };
    let mut lines = std::collections::BTreeMap::new();
    for _ in 0..count.min(most) {
        // A few SKUs are in most baskets.
        let sku = if dice.below(3) == 0 {
            dice.below(most.min(6))
        } else {
            dice.below(most)
        };
        let quantity = if dice.below(4) == 0 {
            1 + dice.below(5)
        } else {
            1
        };
        *lines.entry(sku as u16).or_insert(0_u32) += quantity as u32;
    }
    if count > 100 {
        for sku in 0..count.min(most) {
            lines.entry(sku as u16).or_insert(1);
        }
    }
    lines.into_iter().collect()
}

fn method(parts: &mut Parts) -> Method {
    if parts.fires(Fault::Decline) {
        return if parts.dice.below(6) == 0 {
            Method::Unknown
        } else {
            Method::Declines
        };
    }
    match parts.dice.below(40) {
        0..=2 => Method::Asks,
        _ if parts.draws(Fault::HoldExpired) => Method::Short,
        _ => Method::Good,
    }
}

fn confirms(parts: &mut Parts, method: Method) -> Confirms {
    if method != Method::Asks {
        return Confirms::Never;
    }
    // Of those who are asked, as many give no answer as the fault's rate says of all.
    let rate = parts.rates.of(Fault::ActionNeverCompleted);
    if parts.dice.happens(rate.saturating_mul(13).min(600_000)) {
        parts.fired.count(Fault::ActionNeverCompleted);
        return Confirms::Never;
    }
    match parts.dice.below(5) {
        0 => Confirms::FailsAfter(parts.dice.between(1_000, 600_000)),
        _ => Confirms::After(parts.dice.between(500, 900_000)),
    }
}

fn cancels(parts: &mut Parts) -> CancelWhen {
    if parts.fires(Fault::CaptureRacingVoid) {
        return CancelWhen::AsDispatched;
    }
    match parts.dice.below(40) {
        0 | 1 => CancelWhen::AtOnce,
        2 | 3 => CancelWhen::WhilePaying,
        4 => CancelWhen::Confirmed,
        5 => CancelWhen::Dispatched,
        _ => CancelWhen::Never,
    }
}
