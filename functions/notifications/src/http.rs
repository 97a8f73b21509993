//! Notifications over HTTP: customers set how they are reached, operators see what was told.

mod description;

use axum::extract::{Path, State};
use axum::routing::{get, put};
use axum::{Json, Router};
use decider::{ExecuteError, execute, read};
use door::{Body, Customer, Operator, Problem, RequestCause};
use identifiers::{MessageId, OrderId};
use serde::{Deserialize, Serialize};
use store::{Origin, Store};

use crate::contact::{Contact, Email, Language, SetContact};
use crate::told::Told;
use crate::view::ToldView;

pub(crate) use description::description;

/// Notifications' routes.
pub fn router<S: Store + Clone>(store: S) -> Router {
    Router::new()
        .route("/api/notifications/contact", put(set_contact::<S>))
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

async fn set_contact<S: Store>(
    State(store): State<S>,
    Customer(customer_id): Customer,
    RequestCause(mut cause): RequestCause,
    Body(ContactBody { email, language }): Body<ContactBody>,
) -> Result<Json<ContactView>, Problem> {
    // Setting is repeatable by itself. Were an idempotency key heeded, a key used again with another address would
    // silently keep the old one.
    let request = format!("http:{}", cause.correlation_id);
    cause.message_id = MessageId::new(request).unwrap_or_else(|_| MessageId::generate());
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
