//! A customer's address book.

use ::http::StatusCode;
use ::store::Store;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use contracts::Cause;
use door::{Body, Problem, RequestCause, Shopper};
use identifiers::{AddressId, CustomerId, Region};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{change, known, refused, still_known};
use crate::address::{AddressLines, Country};
use crate::customer::{Act, CustomerRejection, Known};
use crate::personal::{City, PersonName, Phone, PostalCode, Street};
use crate::view::{AddressBookView, AddressView};

pub(super) async fn list<S: Store + Clone, W: Shopper<S>>(
    State(store): State<S>,
    who: W,
) -> Result<Json<AddressBookView>, Problem> {
    let known = known(&store, &who.into_id()).await?;
    Ok(Json(AddressBookView::of(known.as_ref())))
}

pub(super) async fn show<S: Store + Clone, W: Shopper<S>>(
    State(store): State<S>,
    who: W,
    Path(address_id): Path<String>,
) -> Result<Json<AddressView>, Problem> {
    let known = known(&store, &who.into_id()).await?;
    address_of(known.as_ref(), &address_id)
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewAddress")]
pub(super) struct AddressBody {
    /// Who receives what is sent there.
    recipient: PersonName,
    postal_code: PostalCode,
    /// Prefecture, state or the like (ISO 3166-2), as parcels are rated by it. Begins with the country.
    region: Region,
    /// City, town or ward.
    city: City,
    /// Street, house, floor and room, in one line.
    street: Street,
    country: Country,
    /// Whom the carrier may call.
    phone: Option<Phone>,
    /// The address that is no longer used instead.
    replaces: Option<AddressId>,
}

impl AddressBody {
    fn checked(self) -> Result<(AddressLines, Option<AddressId>), Problem> {
        if !self.country.has(&self.region) {
            return Err(other_country());
        }
        let lines = AddressLines {
            recipient: self.recipient,
            postal_code: self.postal_code,
            region: self.region,
            city: self.city,
            street: self.street,
            country: self.country,
            phone: self.phone,
        };
        Ok((lines, self.replaces))
    }
}

pub(super) async fn add<S: Store + Clone, W: Shopper<S>>(
    State(store): State<S>,
    who: W,
    RequestCause(cause): RequestCause,
    Body(body): Body<AddressBody>,
) -> Result<Response, Problem> {
    let (lines, replaces) = body.checked()?;
    let customer_id = who.into_id();
    let address_id = address_id(&customer_id, &cause);
    let act = Act::AddAddress {
        address_id: address_id.clone(),
        lines: lines.clone(),
        replaces,
    };
    let outcome = change(&store, &customer_id, &cause, act).await?;
    let known = still_known(outcome.state)?;
    let added = known.as_ref().and_then(|known| known.address(&address_id));
    let status = match added {
        Some(_) => StatusCode::CREATED,
        None => StatusCode::OK,
    };
    // The same address may have been there before, under an id of its own.
    let same = || known.as_ref().and_then(|known| known.address_with(&lines));
    let address = added.or_else(same).ok_or_else(dropped)?;
    Ok((status, Json(AddressView::of(address))).into_response())
}

pub(super) async fn retire<S: Store + Clone, W: Shopper<S>>(
    State(store): State<S>,
    who: W,
    RequestCause(cause): RequestCause,
    Path(text): Path<String>,
) -> Result<Json<AddressView>, Problem> {
    let address_id = AddressId::new(&text).map_err(|_| unknown())?;
    let customer_id = who.into_id();
    let act = Act::RetireAddress(address_id);
    let outcome = change(&store, &customer_id, &cause, act).await?;
    let known = still_known(outcome.state)?;
    address_of(known.as_ref(), &text)
}

/// An address of the customer's by the text of its id.
pub(super) fn address_of(known: Option<&Known>, text: &str) -> Result<Json<AddressView>, Problem> {
    let address_id = AddressId::new(text).map_err(|_| unknown())?;
    let address = known.and_then(|known| known.address(&address_id));
    let address = address.ok_or_else(unknown)?;
    Ok(Json(AddressView::of(address)))
}

/// The id of the address that a request adds: the same for a repeat of it. Says nothing of the address itself.
fn address_id(customer_id: &CustomerId, cause: &Cause) -> AddressId {
    let digest = Sha256::new()
        .chain_update(customer_id.as_str())
        .chain_update([0])
        .chain_update(cause.message_id.as_str())
        .finalize();
    AddressId::new(hex::encode(&digest[..16])).expect("hexadecimal digits make an identifier")
}

pub(super) fn unknown() -> Problem {
    refused(CustomerRejection::NoSuchAddress)
}

pub(super) fn other_country() -> Problem {
    Problem::field(
        "region",
        "must be one of the country's (ISO 3166-2), such as JP-13 of JP",
    )
}

/// A repeat of a request whose address was given up, and forgotten half a year later.
pub(super) fn dropped() -> Problem {
    Problem::conflict(
        "address-forgotten",
        "this request added an address that is kept no longer; send a new Idempotency-Key for a new one",
    )
}
