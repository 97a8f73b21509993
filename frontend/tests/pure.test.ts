import { describe, expect, it } from 'vitest';
import { ApiProblem } from '../src/api/problem';
import { readConfig } from '../src/config';
import { pieces, records, writeCsv } from '../src/console/csv';
import { challengeOf, claimsOf } from '../src/identity/pkce';
import { prefectures } from '../src/language/prefectures';
import { states } from '../src/language/states';
import { motifOf } from '../src/pictures/motif';
import { drawFrom, hash } from '../src/pictures/seed';
import { inBand, priceBands } from '../src/shop/prices';
import type { Product } from '../src/api/generated';

function product(id: string, ...prices: number[]): Product {
  return {
    product_id: id,
    category: 'Tea',
    status: 'published',
    title: { en: id, ja: id },
    variants: prices.map((amount_minor, position) => ({
      sku: `${id}-${position}`,
      price: { amount_minor, currency: 'JPY' },
      tax_class: 'reduced',
      weight_grams: 100,
    })),
  };
}

describe('signing in', () => {
  it('makes the challenge that RFC 7636 gives for its example', async () => {
    expect(await challengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
  });

  it('reads claims in any script, and nothing from what is no token', () => {
    const payload = Buffer.from(JSON.stringify({ name: '暖簾' })).toString('base64url');
    expect(claimsOf(`x.${payload}.y`)).toEqual({ name: '暖簾' });
    expect(claimsOf('senseless')).toEqual({});
  });
});

describe('problems', () => {
  it('are read from problem+json, from the gateway, and from no answer', () => {
    const told = new ApiProblem(409, { type: 'urn:noren:problem:conflict', title: 't', status: 409, detail: 'd', errors: [{ field: 'f', message: 'm' }] });
    expect([told.kind, told.detail, told.errors.length, told.passing]).toEqual(['conflict', 'd', 1, false]);
    const gateway = new ApiProblem(503, { message: 'Service Unavailable' });
    expect([gateway.kind, gateway.detail, gateway.passing]).toEqual(['', 'Service Unavailable', true]);
    expect(new ApiProblem(0, new TypeError('Failed to fetch')).passing).toBe(true);
    expect(new ApiProblem(500, '<html>').detail).toBe('');
  });
});

describe('the configuration', () => {
  const good = { issuer: 'http://i', client_id: 'c', scopes: 's', payment: { element: 'stand-in' } };

  it('takes both payment elements', () => {
    expect(readConfig(good)).toEqual(good);
    expect(readConfig({ ...good, payment: { element: 'stripe', publishable_key: 'pk' } }).payment.element).toBe('stripe');
  });

  it.each([[null], [{}], [{ ...good, issuer: undefined }], [{ ...good, payment: {} }], [{ ...good, payment: { element: 'stripe' } }]])('refuses %o', (value) =>
    expect(() => readConfig(value)).toThrow(),
  );
});

describe('pictures', () => {
  it('are the same for the same text, and differ for others', () => {
    expect(drawFrom(hash('a'))()).toBe(drawFrom(hash('a'))());
    expect(new Set(['a', 'b', 'c', 'ab', 'ba'].map(hash)).size).toBe(5);
  });

  it('show what the title says, else what the category does, else a crest', () => {
    expect(motifOf('Salmon rice ball', 'Rice balls')).toBe('onigiri');
    expect(motifOf('Rice crackers', 'Sweets')).toBe('cracker');
    expect(motifOf('Soy sauce ramen', 'Noodles')).toBe('noodles');
    expect(motifOf('Something new', 'Tea')).toBe('leaf');
    expect(motifOf('Something new', 'Whatever')).toBe('crest');
  });
});

describe('price bands', () => {
  it('leave no price out and count none twice', () => {
    const products = [98, 118, 298, 378, 540, 880, 1480, 2980, 5480].map((price, position) => product(`p${position}`, price));
    const bands = priceBands(products);
    expect(bands?.edges.length).toBeGreaterThan(0);
    for (const { variants } of products) {
      const inHowMany = [...Array((bands?.edges.length ?? 0) + 1).keys()].filter((band) => inBand(variants[0]!.price, bands?.edges ?? [], band));
      expect(inHowMany.length).toBe(1);
    }
  });

  it('are none for nothing, or for one price', () => {
    expect(priceBands([])).toBeUndefined();
    expect(priceBands([product('a', 100)])?.edges).toEqual([]);
  });
});

describe('places', () => {
  it('are all of Japan, and all states with the capital', () => {
    expect(prefectures('ja').find(({ region }) => region === 'JP-13')?.name).toBe('東京都');
    expect(new Set(prefectures('en').map(({ region }) => region)).size).toBe(47);
    expect(new Set(states('ja').map(({ region }) => region)).size).toBe(51);
  });
});

describe('files', () => {
  const header = 'product_id,sku,title_en';

  it('keep quoted line ends within a record', () => {
    expect(records('a,"b\nc"\r\nd,e\n')).toEqual(['a,"b\nc"', 'd,e']);
  });

  it('are cut between products, numbered by their rows', () => {
    const cut = pieces([header, 'a,1,x', 'a,2,x', 'b,3,x', 'c,4,x', ''].join('\n'), 3);
    expect(cut.map(({ from, rows }) => [from, rows])).toEqual([
      [1, 3],
      [4, 1],
    ]);
    expect(cut.every(({ text }) => text.startsWith(header))).toBe(true);
    expect(pieces([header, 'a,1,x', 'b,2,x', 'b,3,x'].join('\n'), 2).map(({ rows }) => rows)).toEqual([1, 2]);
  });

  it('are cut by their bytes too', () => {
    const rows = Array.from({ length: 10 }, (_, row) => `p${row},1,${'ん'.repeat(30)}`);
    for (const { text } of pieces([header, ...rows].join('\n'), 1000, 300)) expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(300);
  });

  it('hold nothing for an empty file', () => expect(pieces('')).toEqual([]));

  it('are written so that they can be read again', () => {
    const tea = { ...product('tea', 1080), title: { en: 'Tea, "green"', ja: '茶' } };
    const [, row] = records(writeCsv([tea]));
    expect(row).toBe('tea,tea-0,"Tea, ""green""",茶,Tea,1080,JPY,reduced,100');
  });
});
