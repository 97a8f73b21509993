//! Customers over HTTP: the same for customers and guests, each about themselves.

mod addresses;
mod description;
mod operator;

use ::store::{Origin, Store};
use axum::extract::State;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use contracts::Cause;
use decider::{ExecuteError, Outcome, execute, read};
use door::{Body, Customer as CustomerCaller, Guest, Problem, RequestCause, Shopper};
use identifiers::CustomerId;
use serde::Deserialize;

use crate::consent::TextVersion;
use crate::customer::{
    Act, Customer, CustomerCommand, CustomerRejection, Erased, ErasureReason, Known, Language,
    Profile,
};
use crate::personal::{PersonName, Phone};
use crate::view::{ErasedView, ProfileView};

pub(crate) use description::description;

/// The routes of customers.
pub(crate) fn router<S: Store + Clone>(store: S) -> Router {
    Router::new()
        .route(
            "/api/customers/me",
            get(show::<S, CustomerCaller>)
                .put(set_profile::<S, CustomerCaller>)
                .delete(erase::<S, CustomerCaller>),
        )
        .route(
            "/api/customers/me/consent",
            put(set_consent::<S, CustomerCaller>),
        )
        .route(
            "/api/customers/me/addresses",
            get(addresses::list::<S, CustomerCaller>).post(addresses::add::<S, CustomerCaller>),
        )
        .route(
            "/api/customers/me/addresses/{address_id}",
            get(addresses::show::<S, CustomerCaller>)
                .delete(addresses::retire::<S, CustomerCaller>),
        )
        .route(
            "/api/guest/customers/me",
            get(show::<S, Guest>)
                .put(set_profile::<S, Guest>)
                .delete(erase::<S, Guest>),
        )
        .route(
            "/api/guest/customers/me/consent",
            put(set_consent::<S, Guest>),
        )
        .route(
            "/api/guest/customers/me/addresses",
            get(addresses::list::<S, Guest>).post(addresses::add::<S, Guest>),
        )
        .route(
            "/api/guest/customers/me/addresses/{address_id}",
            get(addresses::show::<S, Guest>).delete(addresses::retire::<S, Guest>),
        )
        .route("/api/operator/customers", get(operator::list::<S>))
        .route(
            "/api/operator/customers/{customer_id}",
            get(operator::show::<S>),
        )
        .route(
            "/api/operator/customers/{customer_id}/addresses/{address_id}",
            get(operator::show_address::<S>),
        )
        .route(
            "/api/operator/customers/{customer_id}/erase",
            post(operator::erase::<S>),
        )
        .with_state(store)
}

async fn show<S: Store + Clone, W: Shopper<S>>(
    State(store): State<S>,
    who: W,
) -> Result<Json<ProfileView>, Problem> {
    let customer_id = who.into_id();
    let known = known(&store, &customer_id).await?;
    Ok(Json(ProfileView::of(customer_id, known.as_ref())))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewProfile")]
struct ProfileBody {
    name: PersonName,
    /// Where the customer can be called; none, where it is left out.
    phone: Option<Phone>,
    language: Language,
}

async fn set_profile<S: Store + Clone, W: Shopper<S>>(
    State(store): State<S>,
    who: W,
    RequestCause(cause): RequestCause,
    Body(body): Body<ProfileBody>,
) -> Result<Json<ProfileView>, Problem> {
    let act = Act::SetProfile(Profile {
        name: body.name,
        phone: body.phone,
        language: body.language,
    });
    profile_after(&store, who.into_id(), &cause, act).await
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewConsent")]
struct ConsentBody {
    /// Whether the customer agrees to being written to for the sake of selling.
    marketing: bool,
    /// The wording that they were shown.
    text_version: TextVersion,
}

async fn set_consent<S: Store + Clone, W: Shopper<S>>(
    State(store): State<S>,
    who: W,
    RequestCause(cause): RequestCause,
    Body(body): Body<ConsentBody>,
) -> Result<Json<ProfileView>, Problem> {
    let act = Act::SetConsent {
        given: body.marketing,
        text_version: body.text_version,
    };
    profile_after(&store, who.into_id(), &cause, act).await
}

async fn erase<S: Store + Clone, W: Shopper<S>>(
    State(store): State<S>,
    who: W,
    RequestCause(cause): RequestCause,
) -> Result<Json<ErasedView>, Problem> {
    erased_after(&store, who.into_id(), &cause, ErasureReason::SelfService).await
}

/// Does what is asked and answers with the profile.
async fn profile_after<S: Store>(
    store: &S,
    customer_id: CustomerId,
    cause: &Cause,
    act: Act,
) -> Result<Json<ProfileView>, Problem> {
    let outcome = change(store, &customer_id, cause, act).await?;
    let known = still_known(outcome.state)?;
    Ok(Json(ProfileView::of(customer_id, known.as_ref())))
}

/// Erases and answers since when the customer is.
async fn erased_after<S: Store>(
    store: &S,
    customer_id: CustomerId,
    cause: &Cause,
    reason: ErasureReason,
) -> Result<Json<ErasedView>, Problem> {
    let outcome = change(store, &customer_id, cause, Act::Erase(reason)).await?;
    match outcome.state {
        Some(Customer::Erased(erased)) => Ok(Json(ErasedView::of(customer_id, erased))),
        // The key was used for another request, or this one would have erased.
        Some(Customer::Known(_)) | None => Err(Problem::key_reused()),
    }
}

async fn change<S: Store>(
    store: &S,
    customer_id: &CustomerId,
    cause: &Cause,
    act: Act,
) -> Result<Outcome<Customer>, Problem> {
    let command = CustomerCommand {
        customer_id: customer_id.clone(),
        act,
        now: cause.now,
    };
    let outcome = execute::<Customer, S>(store, customer_id, cause, Origin::Http, &command).await;
    outcome.map_err(|error| match error {
        ExecuteError::Failed(failure) => failure.into(),
        ExecuteError::Rejected(rejection) => refused(rejection),
    })
}

/// What is known of the customer, if anything.
async fn known<S: Store>(store: &S, customer_id: &CustomerId) -> Result<Option<Known>, Problem> {
    still_known(read::<Customer, S>(store, customer_id).await?)
}

/// An erased customer is nobody to show. A repeated request may find one too.
fn still_known(customer: Option<Customer>) -> Result<Option<Known>, Problem> {
    match customer {
        None => Ok(None),
        Some(Customer::Known(known)) => Ok(Some(known)),
        Some(Customer::Erased(Erased { .. })) => Err(refused(CustomerRejection::Erased)),
    }
}

fn refused(rejection: CustomerRejection) -> Problem {
    let detail = rejection.to_string();
    match rejection {
        CustomerRejection::Erased => Problem::gone("customer-erased", detail),
        CustomerRejection::TooManyAddresses => {
            Problem::unprocessable("too-many-addresses", detail)
        }
        CustomerRejection::TooManyChanges => {
            Problem::unprocessable("too-many-address-changes", detail)
        }
        CustomerRejection::NoSuchAddress => Problem::not_found("this address"),
        CustomerRejection::NothingToReplace => Problem::field("replaces", detail),
    }
}
