//! What changes a customer who is known: the rules of the address book, and what each event makes of the state.

use identifiers::{AddressId, Timestamp};

use crate::address::{Address, AddressLines};
use crate::customer::{
    CustomerEvent, CustomerRejection, Known, MAX_ADDRESSES, MAX_KEPT_ADDRESSES,
    RETIRED_KEPT_SECONDS,
};

/// Adds an address, gives up the one that it replaces, and forgets those that were given up long ago.
pub(crate) fn add_address(
    known: Option<&Known>,
    address_id: &AddressId,
    lines: &AddressLines,
    replaces: Option<&AddressId>,
    now: Timestamp,
) -> Result<Vec<CustomerEvent>, CustomerRejection> {
    let same = known.and_then(|known| known.address_with(lines));
    let mut happened = match replaces {
        // An address that replaces itself stays.
        Some(replaced) if same.is_some_and(|same| same.address_id == *replaced) => Vec::new(),
        Some(replaced) => {
            retire(known, replaced, now).map_err(|_| CustomerRejection::NothingToReplace)?
        }
        None => Vec::new(),
    };
    if same.is_some() {
        return Ok(happened);
    }
    let in_use = known.map_or(0, |known| known.in_use().count());
    if in_use - happened.len() >= MAX_ADDRESSES {
        return Err(CustomerRejection::TooManyAddresses);
    }
    let addresses = known.map_or(&[][..], |known| &known.addresses);
    let is_old = |address: &&Address| {
        let kept_until = address
            .retired_at
            .map(|at| at.plus_seconds(RETIRED_KEPT_SECONDS));
        kept_until.is_some_and(|until| until <= now)
    };
    let old = addresses.iter().filter(is_old);
    let dropped: Vec<CustomerEvent> = old
        .map(|address| CustomerEvent::AddressDropped(address.address_id.clone()))
        .collect();
    if addresses.len() - dropped.len() >= MAX_KEPT_ADDRESSES {
        return Err(CustomerRejection::TooManyChanges);
    }
    happened.extend(dropped);
    happened.push(CustomerEvent::AddressAdded(Address {
        address_id: address_id.clone(),
        lines: lines.clone(),
        added_at: now,
        retired_at: None,
    }));
    Ok(happened)
}

/// Gives an address up; nothing where it was given up before.
pub(crate) fn retire(
    known: Option<&Known>,
    address_id: &AddressId,
    now: Timestamp,
) -> Result<Vec<CustomerEvent>, CustomerRejection> {
    let address = known.and_then(|known| known.address(address_id));
    let address = address.ok_or(CustomerRejection::NoSuchAddress)?;
    if !address.is_in_use() {
        return Ok(Vec::new());
    }
    Ok(vec![CustomerEvent::AddressRetired {
        address_id: address_id.clone(),
        at: now,
    }])
}

/// A known customer after the event.
pub(crate) fn change(known: Option<Known>, event: &CustomerEvent) -> Known {
    if let CustomerEvent::Registered { at, .. } = event {
        return Known {
            registered_at: *at,
            profile: None,
            consent: None,
            addresses: Vec::new(),
        };
    }
    let mut known = known
        .unwrap_or_else(|| unreachable!("decide lets nothing happen before the registration"));
    match event {
        CustomerEvent::Registered { .. } | CustomerEvent::Erased { .. } => {}
        CustomerEvent::ProfileSet(profile) => known.profile = Some(profile.clone()),
        CustomerEvent::ConsentSet(consent) => known.consent = Some(consent.clone()),
        CustomerEvent::AddressAdded(address) => known.addresses.push(address.clone()),
        CustomerEvent::AddressRetired { address_id, at } => {
            let mut addresses = known.addresses.iter_mut();
            if let Some(address) = addresses.find(|address| address.address_id == *address_id) {
                address.retired_at = Some(*at);
            }
        }
        CustomerEvent::AddressDropped(address_id) => {
            known
                .addresses
                .retain(|address| address.address_id != *address_id);
        }
    }
    known
}
