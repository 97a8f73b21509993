//! What operators see and do of customers.

use ::store::Store;
use axum::Json;
use axum::extract::{Path, State};
use decider::read;
use door::{Arrival, Body, Operator, Parameters, Problem, RequestCause};
use identifiers::{CustomerId, Timestamp};
use serde::Deserialize;

use super::{addresses, erased_after, known};
use crate::customer::{Customer, ErasureReason};
use crate::store::{customer_id_of, day_of, registered_at_of, registered_on};
use crate::view::{AddressView, ErasedView, OperatorView, PageView, RegisteredView};

/// How many customers a page has at the most, and unless fewer are asked for.
const PAGE: usize = 100;

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ListParameters {
    /// The day (UTC) of their registration; today if not said.
    #[schemars(length(equal = 10), regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    registered_on: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// How many customers a page has at most; 100 if not said.
    #[schemars(range(min = 1, max = PAGE))]
    limit: Option<usize>,
}

/// By day, since nothing about a person stands in an index.
pub(super) async fn list<S: Store>(
    State(store): State<S>,
    _: Operator,
    Arrival(now): Arrival,
    Parameters(parameters): Parameters<ListParameters>,
) -> Result<Json<PageView>, Problem> {
    let limit = parameters.limit.unwrap_or(PAGE);
    if !(1..=PAGE).contains(&limit) {
        return Err(Problem::field("limit", format!("must be 1 to {PAGE}")));
    }
    let day = match parameters.registered_on {
        Some(day) if is_day(&day) => day,
        Some(_) => return Err(no_day()),
        None => day_of(&now.to_string()).to_owned(),
    };
    let query = registered_on(&day, limit).resume_at(parameters.cursor.as_deref())?;
    let page = store.query(&query).await?;
    let customers = page.records.iter().filter_map(|record| {
        Some(RegisteredView {
            customer_id: customer_id_of(&record.key)?,
            registered_at: registered_at_of(&record.indexed)?,
        })
    });
    Ok(Json(PageView {
        customers: customers.collect(),
        next: page.next.map(|next| next.to_text()),
    }))
}

fn is_day(text: &str) -> bool {
    text.len() == 10 && format!("{text}T00:00:00Z").parse::<Timestamp>().is_ok()
}

pub(super) fn no_day() -> Problem {
    Problem::field("registered_on", "must be a day, such as 2026-11-24")
}

pub(super) async fn show<S: Store>(
    State(store): State<S>,
    _: Operator,
    Path(customer_id): Path<String>,
) -> Result<Json<OperatorView>, Problem> {
    let customer_id = CustomerId::new(customer_id).map_err(|_| unknown())?;
    let customer = read::<Customer, S>(&store, &customer_id).await?;
    let customer = customer.ok_or_else(unknown)?;
    Ok(Json(OperatorView::of(customer_id, &customer)))
}

pub(super) async fn show_address<S: Store>(
    State(store): State<S>,
    _: Operator,
    Path((customer_id, address_id)): Path<(String, String)>,
) -> Result<Json<AddressView>, Problem> {
    let customer_id = CustomerId::new(customer_id).map_err(|_| unknown())?;
    let known = known(&store, &customer_id).await?;
    addresses::address_of(known.as_ref(), &address_id)
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewErasure")]
pub(super) struct EraseBody {
    reason: OperatorsReason,
}

/// Why an operator erases somebody.
#[derive(Clone, Copy, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
enum OperatorsReason {
    /// They asked for it.
    CustomerRequest,
    /// Their account was closed.
    AccountClosed,
    /// The time is over for which the shop keeps what it knows.
    RetentionEnded,
    /// They should never have been registered.
    RegisteredInError,
}

/// Also somebody of whom customers knows nothing: their mail address may be known, or their cart.
pub(super) async fn erase<S: Store>(
    State(store): State<S>,
    _: Operator,
    Path(customer_id): Path<String>,
    RequestCause(cause): RequestCause,
    Body(EraseBody { reason }): Body<EraseBody>,
) -> Result<Json<ErasedView>, Problem> {
    let customer_id = CustomerId::new(customer_id).map_err(|_| unknown())?;
    let reason = match reason {
        OperatorsReason::CustomerRequest => ErasureReason::CustomerRequest,
        OperatorsReason::AccountClosed => ErasureReason::AccountClosed,
        OperatorsReason::RetentionEnded => ErasureReason::RetentionEnded,
        OperatorsReason::RegisteredInError => ErasureReason::RegisteredInError,
    };
    erased_after(&store, customer_id, &cause, reason).await
}

pub(super) fn unknown() -> Problem {
    Problem::not_found("this customer")
}
