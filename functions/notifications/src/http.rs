//! Notifications over HTTP: customers set how they are reached, operators see what was told.

mod description;

use axum::extract::{Path, State};
use axum::routing::{get, put};
use axum::{Json, Router};
use decider::{ExecuteError, execute, read};
use door::{Body, Customer, Guest, Operator, Problem, RequestCause, Shopper};
use identifiers::OrderId;
use serde::{Deserialize, Serialize};
use store::{Origin, Store};

use crate::contact::{Contact, Email, Language};
use crate::reach::{Reach, ReachCommand, ReachRejection};
use crate::told::Told;
use crate::view::ToldView;

pub(crate) use description::description;

/// Notifications' routes.
pub fn router<S: Store + Clone>(store: S) -> Router {
    Router::new()
        .route(
            "/api/notifications/contact",
            put(set_contact::<S, Customer>),
        )
        .route(
            "/api/guest/notifications/contact",
            put(set_contact::<S, Guest>),
        )
        .route("/api/operator/notifications/{order_id}", get(show::<S>))
        .with_state(store)
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewContact")]
struct ContactBody {
    email: Email,
    language: Language,
}

/// The caller's own contact, in the clear.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "Contact")]
struct ContactView {
    email: Email,
    language: Language,
}

async fn set_contact<S: Store, W: Shopper<S>>(
    State(store): State<S>,
    who: W,
    RequestCause(cause): RequestCause,
    Body(ContactBody { email, language }): Body<ContactBody>,
) -> Result<Json<ContactView>, Problem> {
    let customer_id = who.into_id();
    let command = ReachCommand::Set(Contact { email, language });
    let outcome = execute::<Reach, S>(&store, &customer_id, &cause, Origin::Http, &command).await;
    match outcome.map(|outcome| outcome.state) {
        Ok(Some(Reach::By(Contact { email, language }))) => {
            Ok(Json(ContactView { email, language }))
        }
        // A repeat of a request that was answered before the erasure finds what is left.
        Ok(Some(Reach::Erased { .. }) | None) => Err(erased()),
        Err(ExecuteError::Rejected(ReachRejection::Erased)) => Err(erased()),
        Err(ExecuteError::Failed(failure)) => Err(failure.into()),
    }
}

fn erased() -> Problem {
    Problem::gone("customer-erased", ReachRejection::Erased.to_string())
}

async fn show<S: Store>(
    State(store): State<S>,
    _: Operator,
    Path(id): Path<String>,
) -> Result<Json<ToldView>, Problem> {
    let order_id = OrderId::new(id).map_err(|_| Problem::not_found("this order"))?;
    let Some(told) = read::<Told, S>(&store, &order_id).await? else {
        return Err(Problem::not_found(format!(
            "a notification about order {order_id}"
        )));
    };
    let reach = read::<Reach, S>(&store, &told.customer_id).await?;
    Ok(Json(ToldView::of(order_id, told, reach.as_ref())))
}
