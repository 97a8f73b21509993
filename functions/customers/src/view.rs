//! A customer as they see themselves, and as operators see them.

use identifiers::{AddressId, CustomerId, Region, Timestamp};
use serde::Serialize;

use crate::address::{Address, Country};
use crate::consent::{Consent, TextVersion};
use crate::customer::{Customer, Erased, ErasureReason, Known, Language};
use crate::personal::{City, PersonName, Phone, PostalCode, Street};

/// What is known of a customer; null where they have told nothing.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "CustomerProfile")]
pub(crate) struct ProfileView {
    customer_id: CustomerId,
    name: Option<PersonName>,
    phone: Option<Phone>,
    language: Option<Language>,
    /// What they last said about being written to for the sake of selling.
    marketing_consent: Option<ConsentView>,
    /// When they first told something.
    registered_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "MarketingConsent")]
struct ConsentView {
    given: bool,
    /// The wording that they were shown.
    text_version: TextVersion,
    at: Timestamp,
}

/// An address. Its lines never change.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Address")]
pub(crate) struct AddressView {
    address_id: AddressId,
    recipient: PersonName,
    postal_code: PostalCode,
    region: Region,
    city: City,
    street: Street,
    country: Country,
    phone: Option<Phone>,
    added_at: Timestamp,
    /// Since when nothing new is sent there.
    retired_at: Option<Timestamp>,
}

/// The addresses in use, the oldest first.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "AddressBook")]
pub(crate) struct AddressBookView {
    addresses: Vec<AddressView>,
}

/// That a customer is erased.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "ErasedCustomer")]
pub(crate) struct ErasedView {
    customer_id: CustomerId,
    erased_at: Timestamp,
}

/// A customer as operators see them.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "OperatorCustomer")]
pub(crate) struct OperatorView {
    customer_id: CustomerId,
    /// Null once they are erased.
    profile: Option<ProfileView>,
    /// All that are kept, those that were given up too.
    addresses: Vec<AddressView>,
    /// Null while they are not.
    erased: Option<ErasureView>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Erasure")]
struct ErasureView {
    at: Timestamp,
    reason: ErasureReason,
}

/// A customer in a list: nothing but when they came.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "RegisteredCustomer")]
pub(crate) struct RegisteredView {
    pub customer_id: CustomerId,
    pub registered_at: Timestamp,
}

/// Some customers of a day.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "CustomerPage")]
pub(crate) struct PageView {
    pub customers: Vec<RegisteredView>,
    /// The cursor of the next page; null on the last.
    pub next: Option<String>,
}

impl ProfileView {
    /// The profile of somebody who may have told nothing yet.
    pub fn of(customer_id: CustomerId, known: Option<&Known>) -> Self {
        let profile = known.and_then(|known| known.profile.clone());
        let consent = known.and_then(|known| known.consent.clone());
        let language = profile.as_ref().map(|profile| profile.language);
        let (name, phone) = match profile {
            Some(profile) => (Some(profile.name), profile.phone),
            None => (None, None),
        };
        Self {
            customer_id,
            name,
            phone,
            language,
            marketing_consent: consent.map(ConsentView::of),
            registered_at: known.map(|known| known.registered_at),
        }
    }
}

impl ConsentView {
    fn of(consent: Consent) -> Self {
        let Consent {
            given,
            text_version,
            at,
        } = consent;
        Self {
            given,
            text_version,
            at,
        }
    }
}

impl AddressView {
    /// The view of an address.
    pub fn of(address: &Address) -> Self {
        let lines = address.lines.clone();
        Self {
            address_id: address.address_id.clone(),
            recipient: lines.recipient,
            postal_code: lines.postal_code,
            region: lines.region,
            city: lines.city,
            street: lines.street,
            country: lines.country,
            phone: lines.phone,
            added_at: address.added_at,
            retired_at: address.retired_at,
        }
    }
}

impl AddressBookView {
    /// The addresses in use of somebody who may have none.
    pub fn of(known: Option<&Known>) -> Self {
        let in_use = known.into_iter().flat_map(Known::in_use);
        Self {
            addresses: in_use.map(AddressView::of).collect(),
        }
    }
}

impl ErasedView {
    /// The view of a tombstone.
    pub fn of(customer_id: CustomerId, erased: Erased) -> Self {
        Self {
            customer_id,
            erased_at: erased.at,
        }
    }
}

impl OperatorView {
    /// The view of a customer, erased or not.
    pub fn of(customer_id: CustomerId, customer: &Customer) -> Self {
        match customer {
            Customer::Known(known) => Self {
                profile: Some(ProfileView::of(customer_id.clone(), Some(known))),
                customer_id,
                addresses: known.addresses.iter().map(AddressView::of).collect(),
                erased: None,
            },
            Customer::Erased(Erased { at, reason }) => Self {
                customer_id,
                profile: None,
                addresses: Vec::new(),
                erased: Some(ErasureView {
                    at: *at,
                    reason: *reason,
                }),
            },
        }
    }
}
