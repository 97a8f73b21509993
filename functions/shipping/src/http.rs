//! Shipping over HTTP: a quote for anybody, all else for operators.

mod description;

use axum::extract::{FromRequest, Path, Request, State};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use contracts::Cause;
use contracts::orders::OrderedLine;
use contracts::shipping::RateBracket;
use decider::{ExecuteError, execute, read};
use door::{Body, Operator, Parameters, Problem, RawBody, RequestCause};
use identifiers::{CorrelationId, OrderId, Region, Timestamp};
use money::Money;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::{Consistency, Origin, Store};

use crate::rate::{MAX_BRACKETS, Rate, RateRejection, SetRate};
use crate::shipment::{
    Shipment, ShipmentCommand, ShipmentRejection, ShipmentState, ShipmentStatus,
};
use crate::view::ShipmentView;
use crate::{listing, worklist};

pub(crate) use description::description;

const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 100;
/// The longest carrier or tracking number, in characters.
const MAX_LABEL_CHARACTERS: usize = 64;

/// Shipping's routes.
pub fn router<S: Store + Clone>(store: S) -> Router {
    Router::new()
        .route("/api/shipping/quote", post(quote::<S>))
        .route("/api/operator/shipping/rates/{region}", put(set_rate::<S>))
        .route("/api/operator/shipping/acts", post(worklist::work_off::<S>))
        .route("/api/operator/shipments", get(list::<S>))
        .route("/api/operator/shipments/{order_id}", get(show::<S>))
        .route("/api/operator/shipments/{order_id}/pack", post(pack::<S>))
        .route(
            "/api/operator/shipments/{order_id}/dispatch",
            post(dispatch::<S>),
        )
        .route(
            "/api/operator/shipments/{order_id}/deliver",
            post(deliver::<S>),
        )
        .route(
            "/api/operator/shipments/{order_id}/returns",
            post(receive_return::<S>),
        )
        .with_state(store)
}

/// A body whose fields may all be left out: no body at all is the same as an empty object.
struct OptionalBody<T>(T);

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for OptionalBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let RawBody(bytes) = RawBody::from_request(Request::new(body), state).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        let Body(value) =
            Body::from_request(Request::from_parts(parts, bytes.into()), state).await?;
        Ok(Self(value))
    }
}

impl<T: schemars::JsonSchema> openapi::Input for OptionalBody<T> {
    fn describe(route: &mut openapi::Route<'_>) {
        route.takes::<T>(false);
        door::refuses_bodies(route);
    }
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "QuoteRequest")]
struct QuoteBody {
    region: Region,
    weight_grams: u64,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "Quote")]
struct QuoteView {
    fee: Money,
}

async fn quote<S: Store>(
    State(store): State<S>,
    Body(body): Body<QuoteBody>,
) -> Result<Json<QuoteView>, Problem> {
    let loaded = decider::load::<Rate, S>(&store, &body.region, Consistency::Eventual).await?;
    let fee = loaded.state().and_then(|rate| rate.fee(body.weight_grams));
    match fee {
        Some(fee) => Ok(Json(QuoteView { fee })),
        None => {
            let (region, weight) = (body.region, body.weight_grams);
            let detail = format!("no rate ships {weight} g to {region}");
            Err(Problem::unprocessable("not-served", detail))
        }
    }
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewShippingRate")]
struct RateBody {
    #[schemars(length(min = 1, max = MAX_BRACKETS))]
    brackets: Vec<BracketBody>,
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewRateBracket")]
struct BracketBody {
    #[schemars(range(min = 1))]
    up_to_grams: u64,
    fee: Money,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "ShippingRate")]
struct RateView {
    region: Region,
    brackets: Vec<RateBracket>,
}

fn refused_rate(rejection: RateRejection) -> Problem {
    Problem::field(rejection.field(), rejection.to_string())
}

async fn set_rate<S: Store>(
    State(store): State<S>,
    _: Operator,
    RequestCause(cause): RequestCause,
    Path(region): Path<String>,
    Body(body): Body<RateBody>,
) -> Result<Json<RateView>, Problem> {
    let region =
        Region::new(region).map_err(|error| Problem::field("region", error.to_string()))?;
    let bracket = |bracket: BracketBody| RateBracket {
        up_to_grams: bracket.up_to_grams,
        fee: bracket.fee,
    };
    let rate = Rate {
        region: region.clone(),
        brackets: body.brackets.into_iter().map(bracket).collect(),
    };
    // Before it is asked whether the request is a repeat: what makes no sense makes none under any key.
    rate.check().map_err(refused_rate)?;
    let command = SetRate(rate);
    let outcome = execute::<Rate, S>(&store, &region, &cause, Origin::Http, &command).await;
    let outcome = outcome.map_err(|error| match error {
        ExecuteError::Rejected(rejection) => refused_rate(rejection),
        ExecuteError::Failed(failure) => failure.into(),
    })?;
    let SetRate(rate) = command;
    let Rate { region, brackets } = outcome.state.unwrap_or(rate);
    Ok(Json(RateView { region, brackets }))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct ListParameters {
    /// Only shipments of this status: to_pack, packed or partially_dispatched.
    status: Option<ShipmentStatus>,
    /// How many shipments a page has at most; 50 if not said.
    #[schemars(range(min = 1, max = MAX_LIMIT))]
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "ShipmentPage")]
struct ListView {
    shipments: Vec<ShipmentView>,
    next: Option<String>,
}

async fn list<S: Store>(
    State(store): State<S>,
    _: Operator,
    Parameters(parameters): Parameters<ListParameters>,
) -> Result<Json<ListView>, Problem> {
    match parameters.status {
        None
        | Some(
            ShipmentStatus::ToPack | ShipmentStatus::Packed | ShipmentStatus::PartiallyDispatched,
        ) => {}
        Some(
            ShipmentStatus::Dispatched | ShipmentStatus::Delivered | ShipmentStatus::Cancelled,
        ) => {
            return Err(Problem::field(
                "status",
                "only what waits is listed: to_pack, packed, partially_dispatched",
            ));
        }
    }
    let limit = parameters.limit.unwrap_or(DEFAULT_LIMIT);
    if limit == 0 || limit > MAX_LIMIT {
        return Err(Problem::field("limit", format!("must be 1 to {MAX_LIMIT}")));
    }
    let first = listing::open(limit).resume_at(parameters.cursor.as_deref())?;
    let listed = listing::list(&store, parameters.status, first).await?;
    Ok(Json(ListView {
        shipments: listed.shipments.iter().map(ShipmentView::of).collect(),
        next: listed.next.map(|cursor| cursor.to_text()),
    }))
}

fn order_id(text: String) -> Result<OrderId, Problem> {
    OrderId::new(text).map_err(|_| Problem::not_found("this order"))
}

async fn show<S: Store>(
    State(store): State<S>,
    _: Operator,
    Path(id): Path<String>,
) -> Result<Json<ShipmentView>, Problem> {
    let order_id = order_id(id)?;
    match read::<Shipment, S>(&store, &order_id).await? {
        Some(state) => Ok(Json(ShipmentView::of(&state))),
        None => Err(Problem::not_found(format!(
            "a shipment of order {order_id}"
        ))),
    }
}

#[derive(Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Packing")]
struct PackBody {
    #[schemars(length(min = 1))]
    lines: Option<Vec<LineBody>>,
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ShippedLine")]
pub(crate) struct LineBody {
    sku: identifiers::Sku,
    #[schemars(range(min = 1))]
    quantity: u32,
}

async fn pack<S: Store>(
    State(store): State<S>,
    _: Operator,
    cause: RequestCause,
    Path(id): Path<String>,
    OptionalBody(body): OptionalBody<PackBody>,
) -> Result<Json<ShipmentView>, Problem> {
    let lines = body
        .lines
        .map(|lines| ordered_lines("lines", lines))
        .transpose()?;
    act(&store, id, cause, |_, _| ShipmentCommand::Pack { lines }).await
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Dispatch")]
struct DispatchBody {
    #[schemars(length(min = 1, max = MAX_LABEL_CHARACTERS))]
    carrier: String,
    #[schemars(length(min = 1, max = MAX_LABEL_CHARACTERS))]
    tracking_number: String,
    #[schemars(length(min = 1))]
    lines: Option<Vec<LineBody>>,
}

async fn dispatch<S: Store>(
    State(store): State<S>,
    _: Operator,
    cause: RequestCause,
    Path(id): Path<String>,
    Body(body): Body<DispatchBody>,
) -> Result<Json<ShipmentView>, Problem> {
    let carrier = label("carrier", &body.carrier)?;
    let tracking_number = label("tracking_number", &body.tracking_number)?;
    let lines = body
        .lines
        .map(|lines| ordered_lines("lines", lines))
        .transpose()?;
    act(&store, id, cause, |_, at| ShipmentCommand::Dispatch {
        carrier,
        tracking_number,
        lines,
        at,
    })
    .await
}

#[derive(Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Delivery")]
struct DeliverBody {
    parcel: Option<u32>,
}

async fn deliver<S: Store>(
    State(store): State<S>,
    _: Operator,
    cause: RequestCause,
    Path(id): Path<String>,
    OptionalBody(body): OptionalBody<DeliverBody>,
) -> Result<Json<ShipmentView>, Problem> {
    let parcel = body.parcel;
    act(&store, id, cause, |_, at| ShipmentCommand::Deliver {
        parcel,
        at,
    })
    .await
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ReturnReceipt")]
struct ReturnBody {
    #[schemars(length(min = 1))]
    lines: Vec<LineBody>,
    restock: bool,
}

async fn receive_return<S: Store>(
    State(store): State<S>,
    _: Operator,
    cause: RequestCause,
    Path(id): Path<String>,
    Body(body): Body<ReturnBody>,
) -> Result<Json<ShipmentView>, Problem> {
    let lines = ordered_lines("lines", body.lines)?;
    let restock = body.restock;
    act(&store, id, cause, |message_id, at| {
        ShipmentCommand::ReceiveReturn {
            message_id,
            lines,
            restock,
            at,
        }
    })
    .await
}

async fn act<S: Store>(
    store: &S,
    id: String,
    RequestCause(cause): RequestCause,
    command: impl FnOnce(identifiers::MessageId, Timestamp) -> ShipmentCommand,
) -> Result<Json<ShipmentView>, Problem> {
    let order_id = order_id(id)?;
    let command = command(cause.message_id.clone(), cause.now);
    let state = perform(store, &order_id, cause, &command).await?;
    Ok(Json(ShipmentView::of(&state)))
}

/// Does the command, and returns the shipment as it then is.
pub(crate) async fn perform<S: Store>(
    store: &S,
    order_id: &OrderId,
    mut cause: Cause,
    command: &ShipmentCommand,
) -> Result<ShipmentState, Problem> {
    // What an operator does about an order belongs to the order's own thread.
    cause.correlation_id = CorrelationId::from(order_id);
    let unknown = || Problem::not_found(format!("a shipment of order {order_id}"));
    match execute::<Shipment, S>(store, order_id, &cause, Origin::Http, command).await {
        Ok(outcome) => outcome.state.ok_or_else(unknown),
        Err(ExecuteError::Rejected(rejection)) => Err(refused(order_id, &rejection)),
        Err(ExecuteError::Failed(failure)) => Err(failure.into()),
    }
}

fn refused(order_id: &OrderId, rejection: &ShipmentRejection) -> Problem {
    let detail = rejection.to_string();
    match rejection {
        ShipmentRejection::Unknown => Problem::not_found(format!("a shipment of order {order_id}")),
        ShipmentRejection::Cancelled => Problem::conflict("shipment-cancelled", detail),
        ShipmentRejection::NothingLeft => Problem::conflict("nothing-left", detail),
        ShipmentRejection::NothingDispatched => Problem::conflict("nothing-dispatched", detail),
        ShipmentRejection::TrackingNumberTaken { .. } => {
            Problem::conflict("tracking-number-taken", detail)
        }
        ShipmentRejection::SenselessLines
        | ShipmentRejection::NotOrdered(_)
        | ShipmentRejection::TooMany { .. } => Problem::field("lines", detail),
        ShipmentRejection::NoSuchParcel(_) => Problem::field("parcel", detail),
    }
}

/// The lines under that field of the body: each SKU once, at least one of it.
pub(crate) fn ordered_lines(
    field: &str,
    lines: Vec<LineBody>,
) -> Result<Vec<OrderedLine>, Problem> {
    if lines.is_empty() {
        return Err(Problem::field(field, "must not be empty"));
    }
    let mut seen = std::collections::BTreeSet::new();
    for (position, line) in lines.iter().enumerate() {
        if line.quantity == 0 {
            let field = format!("{field}[{position}].quantity");
            return Err(Problem::field(field, "must be at least 1"));
        }
        if !seen.insert(line.sku.clone()) {
            let field = format!("{field}[{position}].sku");
            return Err(Problem::field(field, "stands in an earlier line too"));
        }
    }
    let line = |line: LineBody| OrderedLine {
        sku: line.sku,
        quantity: line.quantity,
    };
    Ok(lines.into_iter().map(line).collect())
}

/// A short printable text. It goes into events, so it is bounded.
pub(crate) fn label(field: &str, text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::field(field, "must not be blank"));
    }
    if text.chars().count() > MAX_LABEL_CHARACTERS {
        let rule = format!("must be at most {MAX_LABEL_CHARACTERS} characters");
        return Err(Problem::field(field, rule));
    }
    if text.chars().any(char::is_control) {
        return Err(Problem::field(field, "must not have control characters"));
    }
    Ok(text.to_owned())
}
