//! A customer: what is known of them, what may be asked, what happens. Pure: time and ids come in the command.
//!
//! An erased customer is a tombstone for ever: it holds nothing about the person, and refuses everything that would
//! make it hold something again, whenever that comes.

use decider::Aggregate;
use identifiers::{AddressId, CustomerId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::address::{Address, AddressLines};
use crate::change::{add_address, change, retire};
use crate::consent::{Consent, TextVersion};
use crate::personal::{PersonName, Phone};

/// The most addresses in use.
pub const MAX_ADDRESSES: usize = 20;
/// The most addresses in all, those included that are kept for orders of the past.
pub const MAX_KEPT_ADDRESSES: usize = 60;
/// How long a retired address is kept at least, in seconds: 180 days. An order is over within weeks, and what may come
/// back of it comes back within months.
pub const RETIRED_KEPT_SECONDS: i64 = 180 * 86_400;

/// A customer or guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Customer {
    /// Somebody who has told something of themselves.
    #[serde(rename = "k")]
    Known(Known),
    /// Somebody of whom nothing is kept, nor ever will be again.
    #[serde(rename = "x")]
    Erased(Erased),
}

/// What is known of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// When they first told something.
    #[serde(rename = "r")]
    pub registered_at: Timestamp,
    /// Who they are.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// What they last said about being written to for the sake of selling.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// Their addresses, the oldest first.
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Address>,
}

/// Who a customer is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// What they are called.
    #[serde(rename = "n")]
    pub name: PersonName,
    /// Where they can be called.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// In which language they are spoken to.
    #[serde(rename = "l")]
    pub language: Language,
}

/// A language that the shop speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Japanese.
    Ja,
    /// English.
    En,
}

/// What is left of an erased customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// When.
    #[serde(rename = "a")]
    pub at: Timestamp,
    /// Why.
    #[serde(rename = "r")]
    pub reason: ErasureReason,
}

/// Why a customer was erased. A choice and no text, since a text would say who.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErasureReason {
    /// They did it themselves.
    SelfService,
    /// They asked an operator for it.
    CustomerRequest,
    /// Their account was closed.
    AccountClosed,
    /// The time is over for which the shop keeps what it knows.
    RetentionEnded,
    /// They should never have been registered.
    RegisteredInError,
}

/// Something that is asked of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerCommand {
    /// Of whom.
    pub customer_id: CustomerId,
    /// What.
    pub act: Act,
    /// The present instant.
    pub now: Timestamp,
}

/// What may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Be this.
    SetProfile(Profile),
    /// Agree to being written to for the sake of selling, or not, as that version of the text asks.
    SetConsent {
        /// Whether they agree.
        given: bool,
        /// The text that they were shown.
        text_version: TextVersion,
    },
    /// Have this address.
    AddAddress {
        /// Its id.
        address_id: AddressId,
        /// What stands on the label.
        lines: AddressLines,
        /// The address that is no longer used instead.
        replaces: Option<AddressId>,
    },
    /// No longer use this address.
    RetireAddress(AddressId),
    /// Be forgotten.
    Erase(ErasureReason),
}

/// What happens to a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomerEvent {
    /// They told something of themselves for the first time.
    Registered {
        /// Who.
        customer_id: CustomerId,
        /// When.
        at: Timestamp,
    },
    /// They are this.
    ProfileSet(Profile),
    /// They agreed, or did not.
    ConsentSet(Consent),
    /// They have an address more.
    AddressAdded(Address),
    /// They no longer use an address.
    AddressRetired {
        /// Which.
        address_id: AddressId,
        /// Since when.
        at: Timestamp,
    },
    /// An address that was retired long ago is forgotten.
    AddressDropped(AddressId),
    /// They are forgotten.
    Erased {
        /// Who.
        customer_id: CustomerId,
        /// What is left.
        erased: Erased,
    },
}

/// Why a customer refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CustomerRejection {
    /// They are erased.
    #[error("this customer has been erased, and nothing is kept of them any more")]
    Erased,
    /// There are as many addresses as there may be.
    #[error("an address book has {MAX_ADDRESSES} addresses in use at the most")]
    TooManyAddresses,
    /// Addresses were exchanged more often than old ones are kept.
    #[error(
        "an address book keeps {MAX_KEPT_ADDRESSES} addresses at the most, those included that were given up lately"
    )]
    TooManyChanges,
    /// There is no such address.
    #[error("there is no such address in the address book")]
    NoSuchAddress,
    /// There is no such address that another could take the place of.
    #[error("is no address of the address book")]
    NothingToReplace,
}

impl Known {
    /// The address with that id, in use or not.
    pub fn address(&self, address_id: &AddressId) -> Option<&Address> {
        let mut addresses = self.addresses.iter();
        addresses.find(|address| address.address_id == *address_id)
    }

    /// The address in use with just those lines.
    pub fn address_with(&self, lines: &AddressLines) -> Option<&Address> {
        let mut in_use = self.in_use();
        in_use.find(|address| address.lines == *lines)
    }

    /// The addresses in use.
    pub fn in_use(&self) -> impl Iterator<Item = &Address> {
        self.addresses.iter().filter(|address| address.is_in_use())
    }
}

impl Aggregate for Customer {
    type Command = CustomerCommand;
    type Event = CustomerEvent;
    type State = Self;
    type Rejection = CustomerRejection;

    fn decide(
        state: Option<&Self>,
        command: &CustomerCommand,
    ) -> Result<Vec<CustomerEvent>, CustomerRejection> {
        let now = command.now;
        let known = match state {
            None => None,
            Some(Self::Known(known)) => Some(known),
            Some(Self::Erased(_)) => {
                return match &command.act {
                    Act::Erase(_) => Ok(Vec::new()),
                    Act::SetProfile(_)
                    | Act::SetConsent { .. }
                    | Act::AddAddress { .. }
                    | Act::RetireAddress(_) => Err(CustomerRejection::Erased),
                };
            }
        };
        let happened = match &command.act {
            Act::SetProfile(profile) => match known.and_then(|known| known.profile.as_ref()) {
                Some(present) if present == profile => Vec::new(),
                Some(_) | None => vec![CustomerEvent::ProfileSet(profile.clone())],
            },
            Act::SetConsent {
                given,
                text_version,
            } => match known.and_then(|known| known.consent.as_ref()) {
                Some(present) if present.says(*given, text_version) => Vec::new(),
                Some(_) | None => vec![CustomerEvent::ConsentSet(Consent {
                    given: *given,
                    text_version: text_version.clone(),
                    at: now,
                })],
            },
            Act::AddAddress {
                address_id,
                lines,
                replaces,
            } => add_address(known, address_id, lines, replaces.as_ref(), now)?,
            Act::RetireAddress(address_id) => retire(known, address_id, now)?,
            Act::Erase(reason) => {
                return Ok(vec![CustomerEvent::Erased {
                    customer_id: command.customer_id.clone(),
                    erased: Erased {
                        at: now,
                        reason: *reason,
                    },
                }]);
            }
        };
        if known.is_some() || happened.is_empty() {
            return Ok(happened);
        }
        let registered = CustomerEvent::Registered {
            customer_id: command.customer_id.clone(),
            at: now,
        };
        Ok([registered].into_iter().chain(happened).collect())
    }

    fn evolve(state: Option<Self>, event: &CustomerEvent) -> Self {
        if let CustomerEvent::Erased { erased, .. } = event {
            return Self::Erased(*erased);
        }
        let known = match state {
            Some(Self::Known(known)) => Some(known),
            Some(Self::Erased(_)) | None => None,
        };
        Self::Known(change(known, event))
    }
}
