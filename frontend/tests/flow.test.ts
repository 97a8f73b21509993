/** The map of events: where contexts stand, how ways are drawn, and what is told of them. */

import { describe, expect, it } from 'vitest';
import { MAP, NODE, type Point, type Way, arrange } from '../src/console/flow/arrange';
import { draw } from '../src/console/flow/curve';
import { type FlowEdge, deadLetters, pairsOf } from '../src/console/flow/pairs';

const names = ['carts', 'catalog', 'customers', 'inventory', 'notifications', 'orders', 'payments', 'shipping'];
const ways: Way[] = [
  ['catalog', 'carts'],
  ['catalog', 'orders'],
  ['carts', 'orders'],
  ['customers', 'carts'],
  ['customers', 'notifications'],
  ['orders', 'inventory'],
  ['inventory', 'orders'],
  ['orders', 'payments'],
  ['payments', 'orders'],
  ['payments', 'notifications'],
  ['orders', 'shipping'],
  ['shipping', 'orders'],
  ['shipping', 'payments'],
  ['shipping', 'inventory'],
  ['shipping', 'notifications'],
  ['orders', 'notifications'],
].map(([from = '', to = '']) => ({ from, to }));

const apart = (a: Point, b: Point) => Math.abs(a.x - b.x) >= NODE.width || Math.abs(a.y - b.y) >= NODE.height;

describe('the map', () => {
  const places = arrange(names, ways);

  it('puts whom most speak with in the middle, and everybody on it, apart', () => {
    expect(places.get('orders')).toEqual({ x: MAP.width / 2, y: MAP.height / 2 });
    expect([...places.keys()].sort()).toEqual(names);
    const all = [...places.values()];
    for (const [at, place] of all.entries()) {
      expect(place.x - NODE.width / 2 >= 0 && place.x + NODE.width / 2 <= MAP.width && place.y - NODE.height / 2 >= 0 && place.y + NODE.height / 2 <= MAP.height).toBe(true);
      for (const other of all.slice(at + 1)) expect(apart(place, other)).toBe(true);
    }
  });

  it('is the same whatever order they are told in', () => {
    const turned = arrange([...names].reverse(), [...ways].reverse());
    expect(Object.fromEntries(turned)).toEqual(Object.fromEntries(places));
  });

  it('has room for all eleven contexts, and for those who hear everything', () => {
    const more = [...names, 'insights', 'migration', 'promotions'];
    const all = [...arrange(more, [...ways, ...more.map((from) => ({ from, to: 'insights' }))]).values()];
    for (const [at, place] of all.entries()) for (const other of all.slice(at + 1)) expect(apart(place, other)).toBe(true);
  });

  it('needs no middle for two', () => expect(arrange(['a', 'b'], [{ from: 'a', to: 'b' }]).size).toBe(2));

  it('draws each way past everybody else, with its label where no other is', () => {
    const drawn = draw(ways, places);
    expect(drawn.size).toBe(ways.length);
    for (const [{ from, to }, { path }] of drawn) {
      const [x0 = 0, y0 = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0] = [...path.matchAll(/-?[\d.]+/g)].map(Number);
      for (let at = 0; at <= 1; at += 0.05) {
        const point = { x: (1 - at) ** 2 * x0 + 2 * at * (1 - at) * x1 + at ** 2 * x2, y: (1 - at) ** 2 * y0 + 2 * at * (1 - at) * y1 + at ** 2 * y2 };
        for (const [name, place] of places) {
          const within = Math.abs(point.x - place.x) < NODE.width / 2 && Math.abs(point.y - place.y) < NODE.height / 2;
          expect([from, to, name, within]).toEqual([from, to, name, false]);
        }
      }
    }
    const labels = [...drawn.values()].map(({ label }) => `${Math.round(label.x)},${Math.round(label.y)}`);
    expect(new Set(labels).size).toBe(labels.length);
  });

  it('draws no way to who is not there', () => expect(draw([{ from: 'orders', to: 'nobody' }], places).size).toBe(0));
});

function edge(publisher: string, type: string, consumer: string, figures: Partial<FlowEdge> = {}): FlowEdge {
  return {
    edge: `${publisher}.${type}.v1@${consumer}`,
    publisher,
    type: `${publisher}.${type}.v1`,
    consumer,
    events: 0,
    per_minute: 0,
    p50_ms: null,
    p95_ms: null,
    measured: 'reply',
    last_seen: null,
    dead_letters: null,
    undelivered: null,
    ...figures,
  };
}

describe('ways', () => {
  const edges = [
    edge('orders', 'OrderPlaced', 'inventory', { events: 4, per_minute: 0.5, p50_ms: 10, p95_ms: 40, dead_letters: 2, undelivered: 1 }),
    edge('orders', 'OrderCancelled', 'inventory', { events: 6, per_minute: 1.5, p50_ms: 30, p95_ms: 30, dead_letters: 2, undelivered: 1 }),
    edge('inventory', 'StockReserved', 'orders'),
  ];

  it('put together what one context says to another: sums of events, the slowest lag, one queue counted once', () => {
    const [first, second] = pairsOf(edges);
    expect(first).toMatchObject({ from: 'orders', to: 'inventory', events: 10, perMinute: 2, p50Ms: 30, p95Ms: 40, undelivered: 1 });
    expect(first?.edges.map(({ type }) => type)).toEqual(['orders.OrderCancelled.v1', 'orders.OrderPlaced.v1']);
    expect(second).toMatchObject({ from: 'inventory', to: 'orders', events: 0, p50Ms: undefined, undelivered: 0 });
  });

  it('tell whose messages have failed, once for all of a context’s ways', () => {
    expect(Object.fromEntries(deadLetters(edges))).toEqual({ inventory: 2 });
  });
});
