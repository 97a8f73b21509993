/** The caller's orders, asked for again by themselves until they have come to rest. */

import { useQuery } from '@tanstack/react-query';
import type { Order } from '../api/generated';
import { ApiProblem } from '../api/problem';
import { type Caller, orderOf, paymentOf } from '../api/shopper';
import { callerKey, useCaller } from './caller';

/** How often an order under way is asked for. */
const POLL_MS = 1_000;
/** A placed order may not be there in its first moments: the cart's checkout has still to reach orders. */
const UNKNOWN_FOR_MS = 30_000;

/** Whether the shop still has something to do before the shopper can go away. */
export function isUnderWay(order: Order): boolean {
  return order.status === 'placed' || order.status === 'awaiting_payment' || order.status === 'cancelling';
}

/** What the cache knows an order by. */
export const orderKey = (caller: Caller, orderId: string) => ['order', callerKey(caller), orderId];

export function useOrder(orderId: string, justPlaced: boolean) {
  const caller = useCaller();
  return useQuery({
    queryKey: orderKey(caller, orderId),
    queryFn: () => orderOf(caller, orderId),
    retry: (failures, error) => {
      if (!(error instanceof ApiProblem)) return false;
      if (error.status === 404) return justPlaced && failures < UNKNOWN_FOR_MS / POLL_MS;
      return error.passing && failures < 3;
    },
    retryDelay: POLL_MS,
    refetchInterval: (query) => (query.state.data && isUnderWay(query.state.data) ? POLL_MS : false),
    staleTime: 0,
  });
}

/** The payment of an order, where the shopper may have to act on it. */
export function usePayment(orderId: string, wanted: boolean) {
  const caller = useCaller();
  return useQuery({
    queryKey: ['payment', callerKey(caller), orderId],
    queryFn: () => paymentOf(caller, orderId),
    enabled: wanted,
    refetchInterval: (query) => (wanted && query.state.data?.status !== 'action_required' ? POLL_MS : false),
    staleTime: 0,
  });
}
