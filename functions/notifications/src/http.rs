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

use crate::contact::{Contact, Email, Language, SetContact};
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
    let command = SetContact(Contact { email, language });
    let outcome = execute::<Contact, S>(&store, &customer_id, &cause, Origin::Http, &command).await;
    match outcome {
        Ok(outcome) => {
            let SetContact(set) = command;
            let Contact { email, language } = outcome.state.unwrap_or(set);
            Ok(Json(ContactView { email, language }))
        }
        Err(ExecuteError::Failed(failure)) => Err(failure.into()),
        Err(ExecuteError::Rejected(never)) => match never {},
    }
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
    let contact = read::<Contact, S>(&store, &told.customer_id).await?;
    Ok(Json(ToldView::of(order_id, told, contact.as_ref())))
}
