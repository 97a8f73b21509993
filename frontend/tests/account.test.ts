import { describe, expect, it } from 'vitest';
import type { Address } from '../src/api/generated';
import { linesOf, oneLine } from '../src/shop/account/AddressLines';
import { countryOf, draftOf, wishOf } from '../src/shop/account/draft';

const address: Address = {
  address_id: 'a-1',
  recipient: '山田花子',
  postal_code: '100-0001',
  region: 'JP-13',
  city: '千代田区',
  street: '千代田1-1',
  country: 'JP',
  phone: null,
  added_at: '2026-11-29T00:00:00Z',
  retired_at: null,
};

describe('an address', () => {
  it('is written from outside inwards in Japanese, and from the door outwards in English', () => {
    expect(linesOf(address, 'ja')).toEqual(['〒100-0001', '東京都千代田区千代田1-1', '山田花子']);
    expect(oneLine(address, 'en')).toBe('山田花子, 千代田1-1, 千代田区, Tokyo 100-0001');
  });

  it('is sent as half-width digits, without what is empty, in the country of its region', () => {
    const wish = wishOf({ ...draftOf(undefined), recipient: ' 花子 ', postal_code: '１００－０００１', region: 'JP-13', city: '千代田区', street: '1-1', phone: ' ' }, undefined);
    expect(wish).toEqual({ recipient: '花子', postal_code: '100-0001', region: 'JP-13', city: '千代田区', street: '1-1', country: 'JP' });
  });

  it('takes the place of the one that it was made from', () => {
    expect(wishOf(draftOf(address), address.address_id)).toMatchObject({ replaces: 'a-1', region: 'JP-13', country: 'JP' });
  });

  it('is in a country only where its region is one', () => expect([countryOf('US-CA'), countryOf(''), countryOf('Tokyo')]).toEqual(['US', undefined, undefined]));
});
