/** What is kept of whoever shops: a customer by their token, a guest by theirs. */

import { body } from './client';
import {
  type Address,
  type CustomerProfile,
  type ErasedCustomer,
  type NewAddress,
  type NewConsent,
  type NewProfile,
  addAddress,
  addGuestAddress,
  eraseGuest,
  eraseSelf,
  listAddresses,
  listGuestAddresses,
  retireAddress,
  retireGuestAddress,
  setConsent,
  setGuestConsent,
  setGuestProfile,
  setProfile,
  showGuestProfile,
  showProfile,
} from './generated';
import { type Caller, as, isGuest } from './shopper';

export const profileOf = (caller: Caller): Promise<CustomerProfile> => body((isGuest(caller) ? showGuestProfile : showProfile)(as(caller)));

export const setProfileOf = (caller: Caller, profile: NewProfile): Promise<CustomerProfile> =>
  body((isGuest(caller) ? setGuestProfile : setProfile)({ ...as(caller), body: profile }));

export const setConsentOf = (caller: Caller, consent: NewConsent): Promise<CustomerProfile> =>
  body((isGuest(caller) ? setGuestConsent : setConsent)({ ...as(caller), body: consent }));

/** Those in use, the oldest first. */
export const addressesOf = async (caller: Caller): Promise<Address[]> =>
  (await body((isGuest(caller) ? listGuestAddresses : listAddresses)(as(caller)))).addresses;

export const addAddressOf = (caller: Caller, address: NewAddress, idempotencyKey: string): Promise<Address> =>
  body((isGuest(caller) ? addGuestAddress : addAddress)({ body: address, headers: { ...as(caller).headers, 'Idempotency-Key': idempotencyKey } }));

export const retireAddressOf = (caller: Caller, address_id: string): Promise<Address> =>
  body((isGuest(caller) ? retireGuestAddress : retireAddress)({ ...as(caller), path: { address_id } }));

export const eraseOf = (caller: Caller): Promise<ErasedCustomer> => body((isGuest(caller) ? eraseGuest : eraseSelf)(as(caller)));
