/**
 * TO BE REPLACED by the generated client: the routes of carts and of guests, kept by hand until docs/contracts/openapi.json
 * describes them. Nothing else in the storefront names these paths.
 */

import type { Contact, Money, NewContact, Order, Payment } from './generated';
import { client } from './generated/client.gen';

export interface CartLine {
  sku: string;
  product_id: string;
  title: Record<string, string>;
  quantity: number;
  unit_price: Money;
  /** What it cost when it was put in, where that was something else. */
  price_was?: Money | null;
  line_total: Money;
  /** Whether it can be bought; a cart with a line that cannot is not checked out. */
  on_sale: boolean;
}

export interface Cart {
  version: number;
  lines: CartLine[];
  /** None for an empty cart. */
  subtotal: Money | null;
  updated_at?: string | null;
}

export interface CheckoutWish {
  version: number;
  region: string;
  payment_method: string;
  expected_total: Money;
}

export interface GuestSession {
  guest_token: string;
  expires_at: string;
}

/** On whose behalf: a customer by their access token, a guest by their guest token. */
export type Caller = { kind: 'customer'; subject: string } | { kind: 'guest'; token: string | undefined };

const CUSTOMER = [{ scheme: 'bearer' as const, type: 'http' as const }];

function asCaller(caller: Caller, path: string) {
  return caller.kind === 'customer'
    ? { url: `/api${path}`, security: CUSTOMER }
    : { url: `/api/guest${path}`, headers: { 'Guest-Token': caller.token ?? '' } };
}

function json(caller: Caller, path: string, body: unknown, headers: Record<string, string> = {}) {
  const as = asCaller(caller, path);
  return { ...as, body, headers: { ...as.headers, 'Content-Type': 'application/json', ...headers } };
}

type Call<T> = Promise<{ data: T }>;

export const beginGuestSession = () => client.post({ url: '/api/guest/session' }) as Call<GuestSession>;

export const showCart = (caller: Caller) => client.get(asCaller(caller, '/cart')) as Call<Cart>;

export const setCartLine = (caller: Caller, sku: string, quantity: number) =>
  client.put(json(caller, `/cart/lines/${encodeURIComponent(sku)}`, { quantity })) as Call<Cart>;

export const removeCartLine = (caller: Caller, sku: string) =>
  client.delete(asCaller(caller, `/cart/lines/${encodeURIComponent(sku)}`)) as Call<Cart>;

export const mergeCart = (guest_token: string) =>
  client.post(json({ kind: 'customer', subject: '' }, '/cart/merge', { guest_token })) as Call<Cart>;

export const checkOut = (caller: Caller, wish: CheckoutWish, idempotencyKey: string) =>
  client.post(json(caller, '/cart/checkout', wish, { 'Idempotency-Key': idempotencyKey })) as Call<{ order_id: string }>;

export const showOrderAs = (caller: Caller, orderId: string) =>
  client.get(asCaller(caller, `/orders/${encodeURIComponent(orderId)}`)) as Call<Order>;

export const cancelOrderAs = (caller: Caller, orderId: string, idempotencyKey: string) => {
  const as = asCaller(caller, `/orders/${encodeURIComponent(orderId)}/cancel`);
  return client.post({ ...as, headers: { ...as.headers, 'Idempotency-Key': idempotencyKey } }) as Call<Order>;
};

export const showPaymentAs = (caller: Caller, orderId: string) =>
  client.get(asCaller(caller, `/payments/${encodeURIComponent(orderId)}`)) as Call<Payment>;

export const setContactAs = (caller: Caller, contact: NewContact) =>
  client.put(json(caller, '/notifications/contact', contact)) as Call<Contact>;
