//! The routes that change stock. Each movement is named by the request's idempotency key, or by the receipt.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use contracts::Cause;
use contracts::inventory::AdjustmentReason;
use door::{Body, FieldProblem, Operator, Problem, RequestCause};
use identifiers::{LocationId, MessageId, Sku};
use serde::{Deserialize, Serialize};
use store::{Origin, Store};

use super::{read_sku, stock_after};
use crate::DEFAULT_LOCATION;
use crate::movement::{Movement, MovementId};
use crate::receive::{RecordError, record};
use crate::threshold::{ThresholdError, set_threshold};
use crate::view::StockView;

/// The most that one movement can be of.
const MAX_QUANTITY: i64 = 1_000_000_000;
/// The most lines of one receipt.
const MAX_RECEIPT_LINES: usize = 1000;
/// The longest receipt id, in characters.
const MAX_RECEIPT_ID_CHARACTERS: usize = 64;

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "StockReceipt")]
pub(super) struct ReceiveMany {
    #[schemars(length(min = 1, max = MAX_RECEIPT_ID_CHARACTERS), regex(pattern = "^[A-Za-z0-9._:-]+$"))]
    receipt_id: String,
    location_id: Option<LocationId>,
    #[schemars(length(min = 1, max = MAX_RECEIPT_LINES))]
    lines: Vec<ReceiveLine>,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "StockReceiptLine")]
struct ReceiveLine {
    sku: Sku,
    #[schemars(range(min = 1, max = MAX_QUANTITY))]
    quantity: u32,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "StockDelivery")]
pub(super) struct Receive {
    #[schemars(range(min = 1, max = MAX_QUANTITY))]
    quantity: u32,
    location_id: Option<LocationId>,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "StockAdjustment")]
pub(super) struct Adjust {
    #[schemars(range(min = -MAX_QUANTITY, max = MAX_QUANTITY), extend("not" = { "const": 0 }))]
    by: i64,
    reason: AdjustmentReason,
    location_id: Option<LocationId>,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LowStockThreshold")]
pub(super) struct Threshold {
    threshold: u32,
    location_id: Option<LocationId>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "StockReceiptResult")]
pub(super) struct ReceivedMany {
    received: usize,
    repeated: usize,
}

pub(super) async fn receive_many<S: Store>(
    State(store): State<Arc<S>>,
    _: Operator,
    RequestCause(cause): RequestCause,
    Body(body): Body<ReceiveMany>,
) -> Result<Json<ReceivedMany>, Problem> {
    let wish = format!("receipt:{}", body.receipt_id);
    let message_id = MessageId::new(&wish).ok().filter(|_| {
        body.receipt_id.len() <= MAX_RECEIPT_ID_CHARACTERS && !body.receipt_id.is_empty()
    });
    let Some(message_id) = message_id else {
        let allowed =
            format!("must be 1 to {MAX_RECEIPT_ID_CHARACTERS} characters of A-Z a-z 0-9 . _ - :");
        return Err(Problem::field("receipt_id", allowed));
    };
    check_lines(&body.lines)?;
    let location_id = location_or_default(body.location_id);
    let movements: Vec<_> = body
        .lines
        .into_iter()
        .map(|line| {
            let movement = Movement {
                sku: line.sku.clone(),
                location_id: location_id.clone(),
                by: line.quantity.into(),
                reason: AdjustmentReason::Received,
                moved_at: cause.now,
            };
            (MovementId::new(line.sku, &wish), movement)
        })
        .collect();
    // The receipt is the wish, whichever request brings it.
    let cause = Cause {
        message_id,
        request: None,
        ..cause
    };
    let recorded = record(&*store, &cause, Origin::Http, &movements)
        .await
        .map_err(refused)?;
    Ok(Json(ReceivedMany {
        received: recorded.recorded,
        repeated: recorded.repeated,
    }))
}

fn check_lines(lines: &[ReceiveLine]) -> Result<(), Problem> {
    if lines.is_empty() || lines.len() > MAX_RECEIPT_LINES {
        let message = format!(
            "there must be 1 to {MAX_RECEIPT_LINES} lines, and there are {}",
            lines.len()
        );
        return Err(Problem::field("lines", message));
    }
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for (position, line) in lines.iter().enumerate() {
        if let Err(message) = check_quantity(line.quantity.into()) {
            let field = format!("lines[{position}].quantity");
            problems.push(FieldProblem { field, message });
        }
        if !seen.insert(&line.sku) {
            let field = format!("lines[{position}].sku");
            problems.push(FieldProblem {
                field,
                message: "stands in an earlier line too".to_owned(),
            });
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Problem::fields(problems))
    }
}

pub(super) async fn receive<S: Store>(
    State(store): State<Arc<S>>,
    _: Operator,
    Path(sku): Path<String>,
    RequestCause(cause): RequestCause,
    Body(body): Body<Receive>,
) -> Result<Response, Problem> {
    check_quantity(body.quantity.into()).map_err(|message| Problem::field("quantity", message))?;
    let movement = Movement {
        sku: read_sku(sku)?,
        location_id: location_or_default(body.location_id),
        by: body.quantity.into(),
        reason: AdjustmentReason::Received,
        moved_at: cause.now,
    };
    move_one(&*store, &cause, movement).await
}

pub(super) async fn adjust<S: Store>(
    State(store): State<Arc<S>>,
    _: Operator,
    Path(sku): Path<String>,
    RequestCause(cause): RequestCause,
    Body(body): Body<Adjust>,
) -> Result<Response, Problem> {
    if body.by == 0 || body.by.unsigned_abs() > MAX_QUANTITY.unsigned_abs() {
        let message = format!("must be from -{MAX_QUANTITY} to {MAX_QUANTITY}, and not 0");
        return Err(Problem::field("by", message));
    }
    let movement = Movement {
        sku: read_sku(sku)?,
        location_id: location_or_default(body.location_id),
        by: body.by,
        reason: body.reason,
        moved_at: cause.now,
    };
    move_one(&*store, &cause, movement).await
}

async fn move_one<S: Store>(
    store: &S,
    cause: &Cause,
    movement: Movement,
) -> Result<Response, Problem> {
    let sku = movement.sku.clone();
    let id = MovementId::new(sku.clone(), cause.message_id.as_str());
    record(store, cause, Origin::Http, &[(id, movement)])
        .await
        .map_err(refused)?;
    stock_after(store, &sku).await
}

pub(super) async fn threshold<S: Store>(
    State(store): State<Arc<S>>,
    _: Operator,
    Path(sku): Path<String>,
    RequestCause(cause): RequestCause,
    Body(body): Body<Threshold>,
) -> Result<Response, Problem> {
    let sku = read_sku(sku)?;
    let location_id = location_or_default(body.location_id);
    match set_threshold(&*store, &cause, &sku, &location_id, body.threshold).await {
        Ok(stock) => Ok(Json(StockView::of(&sku, &stock)).into_response()),
        Err(ThresholdError::NotThere { sku, location_id }) => Err(Problem::not_found(format!(
            "stock of {sku} at {location_id}"
        ))),
        Err(ThresholdError::Failed(failure)) => Err(failure.into()),
    }
}

fn location_or_default(location_id: Option<LocationId>) -> LocationId {
    location_id.unwrap_or_else(|| LocationId::new(DEFAULT_LOCATION).expect("it is a location id"))
}

fn check_quantity(quantity: i64) -> Result<(), String> {
    if (1..=MAX_QUANTITY).contains(&quantity) {
        Ok(())
    } else {
        Err(format!("must be 1 to {MAX_QUANTITY}"))
    }
}

fn refused(error: RecordError) -> Problem {
    match error {
        RecordError::NotEnough { .. } => Problem::conflict("not-enough-stock", error.to_string()),
        RecordError::TooMany { .. } => Problem::unprocessable("too-much-stock", error.to_string()),
        RecordError::TooManyLocations { .. } => {
            Problem::unprocessable("too-many-locations", error.to_string())
        }
        RecordError::Reused { .. } => {
            Problem::unprocessable("idempotency-key-reused", error.to_string())
        }
        RecordError::Failed(failure) => failure.into(),
    }
}
