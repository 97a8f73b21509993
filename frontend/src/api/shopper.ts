/**
 * What a customer and a guest do alike, each by routes of their own: the customer's want their access token, the guest's the guest
 * token. Which of the two it is, is decided here and nowhere else.
 */

import { body } from './client';
import {
  type Cart,
  type CartCheckout,
  type CartOrder,
  type NewContact,
  type Order,
  type Payment,
  type ReturnWish,
  cancelGuestOrder,
  cancelOrder,
  checkOutCart,
  checkOutGuestCart,
  removeCartLine,
  removeGuestCartLine,
  requestGuestReturn,
  requestReturn,
  setCartLine,
  setContact,
  setGuestCartLine,
  setGuestContact,
  showCart,
  showGuestCart,
  showGuestOrder,
  showGuestPayment,
  showOrder,
  showPayment,
} from './generated';

/** On whose behalf. A guest without a token has not put anything into a cart yet. */
export type Caller = { kind: 'customer'; subject: string } | { kind: 'guest'; token: string | undefined };

/** The guest's proof, as a header; the customer's is put on by the client. */
export function as(caller: Caller): { headers?: { 'Guest-Token': string } } {
  return caller.kind === 'guest' ? { headers: { 'Guest-Token': caller.token ?? '' } } : {};
}

export const isGuest = (caller: Caller) => caller.kind === 'guest';

export const cartOf = (caller: Caller): Promise<Cart> => body((isGuest(caller) ? showGuestCart : showCart)(as(caller)));

export const putLine = (caller: Caller, sku: string, quantity: number): Promise<Cart> =>
  body((isGuest(caller) ? setGuestCartLine : setCartLine)({ ...as(caller), path: { sku }, body: { quantity } }));

export const takeOutLine = (caller: Caller, sku: string): Promise<Cart> =>
  body((isGuest(caller) ? removeGuestCartLine : removeCartLine)({ ...as(caller), path: { sku } }));

export const checkOut = (caller: Caller, wish: CartCheckout, idempotencyKey: string): Promise<CartOrder> =>
  body(
    (isGuest(caller) ? checkOutGuestCart : checkOutCart)({
      body: wish,
      headers: { ...as(caller).headers, 'Idempotency-Key': idempotencyKey },
    }),
  );

export const orderOf = (caller: Caller, order_id: string): Promise<Order> =>
  body((isGuest(caller) ? showGuestOrder : showOrder)({ ...as(caller), path: { order_id } }));

export const cancelOrderOf = (caller: Caller, order_id: string, idempotencyKey: string): Promise<Order> =>
  body(
    (isGuest(caller) ? cancelGuestOrder : cancelOrder)({
      path: { order_id },
      headers: { ...as(caller).headers, 'Idempotency-Key': idempotencyKey },
    }),
  );

export const requestReturnOf = (caller: Caller, order_id: string, wish: ReturnWish, idempotencyKey: string): Promise<Order> =>
  body(
    (isGuest(caller) ? requestGuestReturn : requestReturn)({
      path: { order_id },
      body: wish,
      headers: { ...as(caller).headers, 'Idempotency-Key': idempotencyKey },
    }),
  );

export const paymentOf = (caller: Caller, order_id: string): Promise<Payment> =>
  body((isGuest(caller) ? showGuestPayment : showPayment)({ ...as(caller), path: { order_id } }));

export async function setContactOf(caller: Caller, contact: NewContact): Promise<void> {
  await body((isGuest(caller) ? setGuestContact : setContact)({ ...as(caller), body: contact }));
}
