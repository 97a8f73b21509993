//! Many acts in one request: a warehouse packs a trolley and a carrier scans a van, and neither does it one order at a
//! time. Each act stands for itself; one that is refused leaves the others done.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use contracts::Cause;
use door::{Body, IdempotencyKey, Operator, Problem, RequestCause};
use futures::StreamExt as _;
use identifiers::{MessageId, OrderId};
use serde::{Deserialize, Serialize};
use store::Store;

use crate::http::{LineBody, label, ordered_lines, perform};
use crate::shipment::{ShipmentCommand, ShipmentStatus};

/// The most acts of one request. Each is a read and a write; all of them stay well within the function's time.
pub(crate) const MAX_ACTS: usize = 100;
/// How many orders are worked on at a time.
const ORDERS_AT_A_TIME: usize = 16;

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ShippingActs")]
pub(crate) struct ActsBody {
    #[schemars(length(min = 1, max = MAX_ACTS))]
    acts: Vec<ActBody>,
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ShippingAct")]
struct ActBody {
    order_id: OrderId,
    act: ActName,
    #[schemars(length(min = 1, max = 64))]
    carrier: Option<String>,
    #[schemars(length(min = 1, max = 64))]
    tracking_number: Option<String>,
    lines: Option<Vec<LineBody>>,
    parcel: Option<u32>,
}

/// What an operator does about a shipment, whole or in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ShippingActName")]
enum ActName {
    Pack,
    Dispatch,
    Deliver,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "ShippingActResults")]
pub(crate) struct ActsView {
    results: Vec<ActView>,
}

/// What came of one act: the shipment's status after it, or why it was refused.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "ShippingActResult")]
struct ActView {
    order_id: OrderId,
    act: ActName,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<ShipmentStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
}

/// The request as the cause of each act of its list. Whether its key was used for another request each act tells for itself:
/// the list as a whole is not refused for it.
pub(crate) struct ListCause(Cause);

impl<S: Send + Sync> FromRequestParts<S> for ListCause {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let RequestCause(cause) = RequestCause::from_request_parts(parts, state).await?;
        Ok(Self(cause))
    }
}

impl openapi::Input for ListCause {
    fn describe(route: &mut openapi::Route<'_>) {
        IdempotencyKey::describe(route);
    }
}

/// An act that can be read, at its place in the list.
struct Act {
    position: usize,
    name: ActName,
    cause: Cause,
    command: ShipmentCommand,
}

/// `POST /api/operator/shipping/acts`. Acts on one order are done in the order of the list, and those after a refused
/// one are not tried. The same list again does nothing twice. Answers 503 if any act failed without being refused; what breaks
/// a rule is a refusal of its act, never of the list.
pub(crate) async fn work_off<S: Store>(
    State(store): State<S>,
    _: Operator,
    ListCause(cause): ListCause,
    Body(body): Body<ActsBody>,
) -> Result<Json<ActsView>, Problem> {
    if body.acts.is_empty() || body.acts.len() > MAX_ACTS {
        return Err(Problem::field("acts", format!("must be 1 to {MAX_ACTS}")));
    }
    let mut by_order: BTreeMap<OrderId, Vec<Act>> = BTreeMap::new();
    for (position, act) in body.acts.into_iter().enumerate() {
        let order_id = act.order_id.clone();
        let act = read(act, position, &cause)?;
        by_order.entry(order_id).or_default().push(act);
    }
    let work = by_order
        .into_iter()
        .map(|(order_id, acts)| in_turn(&store, order_id, acts));
    let mut results: Vec<(usize, ActView)> = futures::stream::iter(work)
        .buffer_unordered(ORDERS_AT_A_TIME)
        .flat_map(futures::stream::iter)
        .collect()
        .await;
    results.sort_by_key(|(position, _)| *position);
    let results: Vec<ActView> = results.into_iter().map(|(_, result)| result).collect();
    // What failed on our side is no refusal: the whole list is to come again, which does nothing twice.
    let failed = results
        .iter()
        .filter_map(|result| result.problem.as_ref())
        .find(|problem| problem.is_failure());
    match failed {
        Some(problem) => Err(problem.clone()),
        None => Ok(Json(ActsView { results })),
    }
}

async fn in_turn<S: Store>(store: &S, order_id: OrderId, acts: Vec<Act>) -> Vec<(usize, ActView)> {
    let mut results = Vec::with_capacity(acts.len());
    let mut is_refused = false;
    for act in acts {
        let outcome = if is_refused {
            let detail = "an earlier act of the list on this order was not done";
            Err(Problem::conflict("earlier-act-not-done", detail))
        } else {
            perform(store, &order_id, act.cause, &act.command).await
        };
        is_refused = outcome.is_err();
        let (status, problem) = match outcome {
            Ok(state) => (Some(state.status()), None),
            Err(problem) => (None, Some(problem)),
        };
        let view = ActView {
            order_id: order_id.clone(),
            act: act.name,
            status,
            problem,
        };
        results.push((act.position, view));
    }
    results
}

fn read(act: ActBody, position: usize, cause: &Cause) -> Result<Act, Problem> {
    let at = cause.now;
    let field = |name: &str| format!("acts[{position}].{name}");
    let dispatches = act.act == ActName::Dispatch;
    let delivers = act.act == ActName::Deliver;
    let misplaced = [
        ("carrier", act.carrier.is_some() && !dispatches),
        (
            "tracking_number",
            act.tracking_number.is_some() && !dispatches,
        ),
        ("lines", act.lines.is_some() && delivers),
        ("parcel", act.parcel.is_some() && !delivers),
    ];
    if let Some((name, _)) = misplaced
        .into_iter()
        .find(|(_, is_misplaced)| *is_misplaced)
    {
        return Err(Problem::field(field(name), "is not a field of this act"));
    }
    let lines = act
        .lines
        .map(|lines| ordered_lines(&field("lines"), lines))
        .transpose()?;
    let command = match act.act {
        ActName::Pack => ShipmentCommand::Pack { lines },
        ActName::Dispatch => ShipmentCommand::Dispatch {
            carrier: label(
                &field("carrier"),
                act.carrier.as_deref().unwrap_or_default(),
            )?,
            tracking_number: label(
                &field("tracking_number"),
                act.tracking_number.as_deref().unwrap_or_default(),
            )?,
            lines,
            at,
        },
        ActName::Deliver => ShipmentCommand::Deliver {
            parcel: act.parcel,
            at,
        },
    };
    // Each act is a message of its own, and the same one when the request comes again.
    let message_id = MessageId::new(format!("{}:{position}", cause.message_id))
        .map_err(|_| Problem::field("Idempotency-Key", "is too long for a list of acts"))?;
    Ok(Act {
        position,
        name: act.act,
        cause: Cause {
            message_id,
            ..cause.clone()
        },
        command,
    })
}
