//! A customer's wish to send goods back: what may be asked for, and what of it stands on the order. Pure. That goods have
//! come back is shipping's to say, and that money goes back payments'.

use std::collections::BTreeMap;

use contracts::orders::OrderedLine;
use identifiers::{Sku, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use contracts::orders::ReturnReason;

use crate::order::{FulfilmentStatus, Order, OrderEvent, OrderRejection};

/// The most wishes that one order keeps: each makes its item longer.
pub const MAX_RETURNS: usize = 20;

/// A wish to send goods of an order back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    /// Its identifier, made of the request's key.
    #[serde(rename = "id")]
    pub return_id: String,
    /// What is to come back: each SKU once.
    pub lines: Vec<OrderedLine>,
    /// Why.
    #[serde(rename = "why")]
    pub reason: ReturnReason,
    /// When it was asked for.
    #[serde(rename = "at")]
    pub requested_at: Timestamp,
}

/// The wish that a request's key stands for, within an order.
pub(crate) fn return_id(key: &str) -> String {
    hex::encode(&Sha256::digest(key)[..8])
}

/// What is left of a delivered order can be asked to be taken back, and a repeated request is the same wish.
pub(crate) fn request(order: &Order, wish: &Return) -> Result<Vec<OrderEvent>, OrderRejection> {
    let known = order
        .returns
        .iter()
        .find(|known| known.return_id == wish.return_id);
    if let Some(known) = known {
        let same = known.lines == wish.lines && known.reason == wish.reason;
        return if same {
            Ok(Vec::new())
        } else {
            Err(OrderRejection::KeyReused)
        };
    }
    if order.fulfilment != FulfilmentStatus::Delivered {
        return Err(OrderRejection::NotDelivered);
    }
    if order.returns.len() >= MAX_RETURNS {
        return Err(OrderRejection::TooManyReturns);
    }
    let left = returnable(order);
    let within = |line: &OrderedLine| {
        let left = left.get(&line.sku).copied().unwrap_or(0);
        (1..=left).contains(&line.quantity)
    };
    match wish.lines.iter().all(within) {
        true => Ok(vec![OrderEvent::ReturnRequested(wish.clone())]),
        false => Err(OrderRejection::NotReturnable),
    }
}

/// How many of each SKU have not been asked to be taken back.
fn returnable(order: &Order) -> BTreeMap<&Sku, u32> {
    let mut left: BTreeMap<&Sku, u32> = BTreeMap::new();
    for line in &order.lines {
        *left.entry(&line.sku).or_default() += line.quantity;
    }
    for line in order.returns.iter().flat_map(|wish| &wish.lines) {
        if let Some(left) = left.get_mut(&line.sku) {
            *left = left.saturating_sub(line.quantity);
        }
    }
    left
}
