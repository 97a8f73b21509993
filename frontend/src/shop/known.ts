/**
 * Two small things that this device remembers, because the API has no route for them: what a SKU was called when it was seen (an
 * order's lines say SKUs only), and which orders were placed here as a guest.
 */

import type { Product } from '../api/generated';

export interface KnownSku {
  product_id: string;
  title: Record<string, string>;
  name?: Record<string, string> | null;
  category?: string;
}

const SKUS = 'noren.skus';
const ORDERS = 'noren.guest-orders';
const MOST_SKUS = 400;
const MOST_ORDERS = 50;

function read<T>(key: string, otherwise: T): T {
  try {
    const kept = localStorage.getItem(key);
    return kept ? (JSON.parse(kept) as T) : otherwise;
  } catch {
    return otherwise;
  }
}

function write(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // It is only a convenience.
  }
}

export function knownSku(sku: string): KnownSku | undefined {
  return read<Record<string, KnownSku>>(SKUS, {})[sku];
}

export function rememberSkus(seen: Record<string, KnownSku>): void {
  const all = { ...read<Record<string, KnownSku>>(SKUS, {}) };
  for (const [sku, known] of Object.entries(seen)) {
    // Seen last stands last, so that the oldest are dropped first.
    const before = all[sku];
    delete all[sku];
    all[sku] = { ...before, ...known };
  }
  write(SKUS, Object.fromEntries(Object.entries(all).slice(-MOST_SKUS)));
}

export function rememberProduct({ product_id, title, category, variants }: Product): void {
  rememberSkus(Object.fromEntries(variants.map(({ sku, name }) => [sku, { product_id, title, name, category }])));
}

export interface GuestOrder {
  order_id: string;
  placed_at: string;
}

export function guestOrders(): GuestOrder[] {
  return read<GuestOrder[]>(ORDERS, []);
}

export function rememberGuestOrder(order_id: string): void {
  const others = guestOrders().filter((order) => order.order_id !== order_id);
  write(ORDERS, [{ order_id, placed_at: new Date().toISOString() }, ...others].slice(0, MOST_ORDERS));
}

/** What was bought and seen here is nobody's business any more. */
export function forgetKnown(): void {
  for (const key of [SKUS, ORDERS]) {
    try {
      localStorage.removeItem(key);
    } catch {
      // Where storage is closed, nothing was kept either.
    }
  }
}
