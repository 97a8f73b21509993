//! The route by which a customer asks to send goods back.

use std::collections::BTreeSet;

use ::store::Store;
use axum::extract::{Path, State};
use axum::response::Response;
use contracts::orders::{OrderedLine, ReturnReason};
use door::{Body, FieldProblem, IdempotencyKey, Problem, RequestCause, Shopper};
use identifiers::{OrderId, Sku};
use serde::Deserialize;

use super::{App, change, unknown};
use crate::Orders;
use crate::order::OrderCommand;
use crate::quote::{MAX_LINES, MAX_QUANTITY};
use crate::returning::{Return, return_id};

/// What a customer wishes to send back.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReturnWish {
    /// What, and how many: each SKU once.
    #[schemars(length(min = 1, max = MAX_LINES))]
    lines: Vec<ReturnWishLine>,
    /// Why.
    reason: ReturnReason,
}

/// A quantity of one SKU.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReturnWishLine {
    /// What.
    sku: Sku,
    /// How many.
    #[schemars(range(min = 1, max = MAX_QUANTITY))]
    quantity: u32,
}

impl ReturnWish {
    fn check(&self) -> Result<(), Problem> {
        let mut problems = Vec::new();
        let mut field =
            |field: String, message: String| problems.push(FieldProblem { field, message });
        if self.lines.is_empty() || self.lines.len() > MAX_LINES {
            field(
                "lines".to_owned(),
                format!("must be 1 to {MAX_LINES} lines"),
            );
        }
        let mut seen = BTreeSet::new();
        for (number, line) in self.lines.iter().enumerate() {
            if !(1..=MAX_QUANTITY).contains(&line.quantity) {
                let message = format!("must be 1 to {MAX_QUANTITY}, not {}", line.quantity);
                field(format!("lines[{number}].quantity"), message);
            }
            if !seen.insert(&line.sku) {
                field(
                    format!("lines[{number}].sku"),
                    format!("{} stands twice", line.sku),
                );
            }
        }
        match problems.is_empty() {
            true => Ok(()),
            false => Err(Problem::fields(problems)),
        }
    }
}

pub(super) async fn request_return<S: Store + Clone, W: Shopper<std::sync::Arc<Orders<S>>>>(
    State(orders): App<S>,
    who: W,
    key: IdempotencyKey,
    Path(order_id): Path<String>,
    RequestCause(cause): RequestCause,
    Body(wish): Body<ReturnWish>,
) -> Result<Response, Problem> {
    let return_id = return_id(&key.required()?);
    wish.check()?;
    let id = OrderId::new(&order_id).map_err(|_| unknown(&order_id))?;
    let lines = wish.lines.into_iter().map(|line| OrderedLine {
        sku: line.sku,
        quantity: line.quantity,
    });
    let command = OrderCommand::RequestReturn {
        customer_id: who.into_id(),
        wish: Return {
            return_id,
            lines: lines.collect(),
            reason: wish.reason,
            requested_at: cause.now,
        },
    };
    change(&orders, &id, cause, &command).await
}
