//! Guestbooks over HTTP: customers write in their own and read it.

mod description;

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use decider::{ExecuteError, execute, read};
use door::{Body, Customer, Problem, RequestCause};
use identifiers::{CustomerId, OrderId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Origin, Store};

use crate::guestbook::{
    Guestbook, GuestbookCommand, GuestbookRejection, GuestbookStatus, MAX_NOTE_CHARACTERS,
};

pub(crate) use description::description;

/// The routes of guestbooks.
pub(crate) fn router<S: Store + Clone>(store: S) -> Router {
    Router::new()
        .route("/api/guestbooks/{order_id}", get(show::<S>).put(write::<S>))
        .with_state(store)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewGuestbookNote")]
struct NoteBody {
    note: String,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Guestbook")]
struct GuestbookView {
    order_id: OrderId,
    status: GuestbookStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl From<Guestbook> for GuestbookView {
    fn from(guestbook: Guestbook) -> Self {
        Self {
            order_id: guestbook.order_id,
            status: guestbook.status,
            note: guestbook.note,
        }
    }
}

async fn write<S: Store>(
    State(store): State<S>,
    Customer(customer_id): Customer,
    Path(id): Path<String>,
    RequestCause(cause): RequestCause,
    Body(NoteBody { note }): Body<NoteBody>,
) -> Result<Json<GuestbookView>, Problem> {
    let order_id = order_id(id)?;
    if note.trim().is_empty() || note.chars().count() > MAX_NOTE_CHARACTERS {
        let must = format!("must be 1 to {MAX_NOTE_CHARACTERS} characters");
        return Err(Problem::field("note", must));
    }
    let command = GuestbookCommand::Write {
        order_id: order_id.clone(),
        customer_id,
        note,
    };
    let outcome = execute::<Guestbook, S>(&store, &order_id, &cause, Origin::Http, &command).await;
    match outcome {
        Ok(outcome) => match outcome.state {
            Some(guestbook) => Ok(Json(guestbook.into())),
            None => Err(unknown(&order_id)),
        },
        Err(ExecuteError::Rejected(GuestbookRejection::OthersGuestbook)) => Err(unknown(&order_id)),
        Err(ExecuteError::Rejected(GuestbookRejection::Closed)) => Err(closed(&order_id)),
        Err(ExecuteError::Failed(failure)) => Err(failure.into()),
    }
}

async fn show<S: Store>(
    State(store): State<S>,
    Customer(customer_id): Customer,
    Path(id): Path<String>,
) -> Result<Json<GuestbookView>, Problem> {
    let order_id = order_id(id)?;
    match read::<Guestbook, S>(&store, &order_id).await? {
        Some(guestbook) if is_of(&guestbook, &customer_id) => Ok(Json(guestbook.into())),
        // What is another's and what there is not are the same to who asks.
        Some(_) | None => Err(unknown(&order_id)),
    }
}

fn is_of(guestbook: &Guestbook, customer_id: &CustomerId) -> bool {
    guestbook.customer_id.as_ref() == Some(customer_id)
}

fn order_id(id: String) -> Result<OrderId, Problem> {
    OrderId::new(id).map_err(|_| Problem::not_found("this order"))
}

fn unknown(order_id: &OrderId) -> Problem {
    Problem::not_found(format!("a guestbook of order {order_id}"))
}

fn closed(order_id: &OrderId) -> Problem {
    let detail = format!("the guestbook of order {order_id} is closed: the order is completed");
    Problem::conflict("guestbook-closed", detail)
}
