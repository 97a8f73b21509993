/** An address while it is being written. */

import type { Address, NewAddress } from '../../api/generated';

export interface Draft {
  recipient: string;
  postal_code: string;
  region: string;
  city: string;
  street: string;
  phone: string;
}

export function draftOf(address: Address | undefined): Draft {
  return {
    recipient: address?.recipient ?? '',
    postal_code: address?.postal_code ?? '',
    region: address?.region ?? '',
    city: address?.city ?? '',
    street: address?.street ?? '',
    phone: address?.phone ?? '',
  };
}

/** The country that a region is in, by ISO 3166-2: `JP` of `JP-13`. */
export function countryOf(region: string): string | undefined {
  return /^([A-Z]{2})-[A-Z0-9]{1,3}$/.exec(region)?.[1];
}

/** Digits, letters and hyphens of full width, as a Japanese keyboard writes them, as those of half. */
export function narrow(text: string): string {
  return text.normalize('NFKC').replace(/[‐‑–—―−ー]/g, '-').trim();
}

/** As the API takes it: no blanks at the ends, digits and letters of full width as those of half, nothing that was left empty. */
export function wishOf(draft: Draft, replaces: string | undefined): NewAddress {
  const phone = narrow(draft.phone);
  return {
    recipient: draft.recipient.trim(),
    postal_code: narrow(draft.postal_code),
    region: draft.region,
    city: draft.city.trim(),
    street: draft.street.trim(),
    country: countryOf(draft.region) ?? '',
    ...(phone && { phone }),
    ...(replaces && { replaces }),
  };
}
