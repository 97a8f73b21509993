/** The caller's cart as the server has it, and the ways to change it. */

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Cart } from '../api/generated';
import { ApiProblem } from '../api/problem';
import { keepAnswer } from '../api/query';
import { type Caller, cartOf, putLine, takeOutLine } from '../api/shopper';
import { callerKey, forgetRefusedGuest, someone, useCaller } from './caller';
import { rememberSkus } from './known';

const NOTHING: Cart = { version: 0, lines: [], subtotal: null, updated_at: null };

const cartKey = (caller: Caller) => ['cart', callerKey(caller)];

export function useCart() {
  const caller = useCaller();
  return useQuery({
    queryKey: cartKey(caller),
    queryFn: async (): Promise<Cart> => {
      // Who has put nothing in has no cart to ask for.
      if (caller.kind === 'guest' && !caller.token) return NOTHING;
      try {
        return seen(await cartOf(caller));
      } catch (error) {
        if (forgetRefusedGuest(error) || (error instanceof ApiProblem && error.status === 404)) return NOTHING;
        throw error;
      }
    },
  });
}

function seen(cart: Cart): Cart {
  rememberSkus(Object.fromEntries(cart.lines.map(({ sku, product_id, title }) => [sku, { product_id, title }])));
  return cart;
}

export interface LineChange {
  sku: string;
  /** How many there shall be; none takes the line out. */
  quantity: number;
}

/** Sets how many of a SKU there are. */
export function useSetLine() {
  const queries = useQueryClient();
  return useMutation({
    scope: { id: 'cart' },
    mutationFn: async ({ sku, quantity }: LineChange) => {
      const change = (caller: Caller) => (quantity > 0 ? putLine(caller, sku, quantity) : takeOutLine(caller, sku));
      const caller = await someone();
      try {
        return { caller, cart: await change(caller) };
      } catch (error) {
        if (!forgetRefusedGuest(error)) throw error;
        // The guest's time was up, and their cart with it: a new guest begins a new one.
        const anew = await someone();
        return { caller: anew, cart: await change(anew) };
      }
    },
    onSuccess: ({ caller, cart }) => keepAnswer(queries, cartKey(caller), seen(cart)),
    onError: () => void queries.invalidateQueries({ queryKey: ['cart'] }),
  });
}
