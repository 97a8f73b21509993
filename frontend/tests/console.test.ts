/** What the console reckons before it shows or sends something. */

import { describe, expect, it } from 'vitest';
import { readOn } from '../src/api/pages';
import { eventName } from '../src/console/contexts';
import { carryOut } from '../src/console/failed/acts';
import { orderOf } from '../src/console/failed/letter';
import { dayFrom, daysIn, formatDay, formatRate, formatSpan } from '../src/console/figures';
import { causesOf } from '../src/console/orders/causes';
import { readFilters, writeFilters } from '../src/console/orders/filters';
import { marks, shown } from '../src/console/sales/scale';

describe('figures', () => {
  it.each([
    [-5, '0 ms'],
    [12.4, '12 ms'],
    [1_240, '1.2 sec'],
    [90_000, '1.5 min'],
    [7_200_000, '2 hr'],
    [172_800_000, '2 days'],
  ])('write %d milliseconds as %s', (milliseconds, text) => expect(formatSpan(milliseconds, 'en')).toBe(text));

  it('write spans in Japanese too', () => expect(formatSpan(1_240, 'ja')).toMatch(/1\.2 ?秒/));

  it('never write a rate that is something as nothing', () => {
    expect([0, 0.01, 0.26, 12.3].map((rate) => formatRate(rate, 'en'))).toEqual(['0', '0.1', '0.3', '12']);
  });

  it('count days of a calendar, across months and leap days', () => {
    expect(dayFrom('2028-03-01', -1)).toBe('2028-02-29');
    expect(daysIn('2026-11-23', '2026-11-29')).toBe(7);
    expect(daysIn('2026-11-30', '2026-11-29')).toBe(0);
    expect(daysIn('', '2026-11-29')).toBe(0);
    // Wherever the reader is, the day is the one that is named.
    expect(formatDay('2026-11-29', 'en')).toBe('11/29');
  });
});

describe('lists by cursor', () => {
  const pages: Record<string, { items: number[]; next: string | undefined }> = {
    '': { items: [], next: 'a' },
    a: { items: [1], next: 'b' },
    b: { items: [2, 3], next: 'c' },
    c: { items: [4], next: undefined },
  };
  const read = (cursor: string) => Promise.resolve(pages[cursor] ?? { items: [], next: undefined });

  it('are read on over short and empty pages until there is enough', async () => {
    expect(await readOn('', 3, read)).toEqual({ items: [1, 2, 3], next: 'c' });
    expect(await readOn('c', 3, read)).toEqual({ items: [4], next: undefined });
  });

  it('stop asking where nothing comes, and can be gone on with', async () => {
    let asked = 0;
    const endless = await readOn('', 3, () => {
      asked += 1;
      return Promise.resolve({ items: [], next: 'more' });
    });
    expect(endless).toEqual({ items: [], next: 'more' });
    expect(asked).toBeLessThan(10);
  });
});

describe('filters of orders', () => {
  it('come back from the address as they went into it', () => {
    const filters = readFilters(new URLSearchParams('status=confirmed&payment_status=captured&fulfilment_status=dispatched&from=2026-11-01&to=2026-11-29&text=miso'));
    expect(readFilters(new URLSearchParams(writeFilters(filters) as Record<string, string>))).toEqual(filters);
  });

  it('are nothing where the address says nothing, or nonsense', () => {
    expect(writeFilters(readFilters(new URLSearchParams('status=lost&from=yesterday&text=%20')))).toEqual({});
  });
});

describe('the cause of an event', () => {
  it('is another event of the order, a request, or not told', () => {
    const events = [
      { id: 'e1', type: 'orders.OrderPlaced.v1', causation_id: 'key:k-1' },
      { id: 'e2', type: 'inventory.StockReserved.v1', causation_id: 'e1' },
      { id: 'e3', type: 'orders.OrderCancelled.v1', causation_id: 'gone' },
    ];
    const causes = causesOf(events);
    expect(causes.get('e1')).toEqual({ request: true });
    expect(causes.get('e2')?.event?.type).toBe('orders.OrderPlaced.v1');
    expect(causes.get('e3')).toEqual({ request: false });
  });

  it('is named without what every type repeats', () => {
    expect(['orders.OrderPlaced.v1', 'orders.OrderPlaced.v2', 'strange'].map(eventName)).toEqual(['OrderPlaced', 'OrderPlaced v2', 'strange']);
  });
});

describe('failed messages', () => {
  it('lead to their order where they are about one', () => {
    expect(orderOf({ type: 'payments.PaymentAuthorized.v1', subject: 'o-1' })).toBe('o-1');
    expect(orderOf({ type: 'inventory.LowStock.v1', subject: 'SKU' })).toBeUndefined();
    expect(orderOf({ type: 'catalog.PriceChanged.v1', subject: 'tea' })).toBeUndefined();
    expect(orderOf({})).toBeUndefined();
  });

  const wish = { act: 'redrive', queue: 'q', reason: '' } as const;

  it('are sent again in parts, telling how far it is', async () => {
    const told: string[] = [];
    const ids = Array.from({ length: 45 }, (_, id) => `m${id}`);
    const outcome = await carryOut(
      [{ ...wish, ids, of: 45 }],
      ({ done, of }) => told.push(`${done}/${of}`),
      (_, which) => Promise.resolve({ done: 'ids' in which ? which.ids : [], left: [], more: false }),
    );
    expect(told).toEqual(['0/45', '20/45', '40/45', '45/45']);
    expect(outcome).toEqual({ done: 45, left: [] });
  });

  it('are sent again to the last of a queue, and not for ever where none goes', async () => {
    let rounds = 0;
    const all = await carryOut([{ ...wish, of: 5 }], () => undefined, () => {
      rounds += 1;
      return Promise.resolve({ done: ['x'], left: [], more: rounds < 3 });
    });
    expect([all.done, rounds]).toEqual([3, 3]);
    const stuck = await carryOut([{ ...wish, of: 1 }], () => undefined, () => Promise.resolve({ done: [], left: [{ id: 'm', why: 'w' }], more: true }));
    expect(stuck.left).toEqual([{ id: 'm', why: 'w', queue: 'q' }]);
  });
});

describe('a chart’s scale', () => {
  it.each([0, 1, 3, 7, 42, 99, 1_480, 123_456, 9_999_999])('reaches just above %d in whole steps', (highest) => {
    const scale = marks(highest);
    expect(scale[0]).toBe(0);
    expect(scale[scale.length - 1]).toBeGreaterThanOrEqual(highest);
    expect(scale.every(Number.isInteger)).toBe(true);
    expect(scale.length).toBeLessThanOrEqual(6);
    // The highest bar fills at least half of it.
    if (highest > 1) expect(highest / (scale[scale.length - 1] ?? 1)).toBeGreaterThan(0.5);
  });

  it('labels all of few days, and every so many of many, the last one always', () => {
    expect([...shown(7, 10)]).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const many = shown(31, 10);
    expect(many.size).toBeLessThanOrEqual(10);
    expect(many.has(30)).toBe(true);
  });
});
