/** What of a cart the shelf does not hold, told before anything is paid. Whether it is still so, the order finds out. */

import { useQueries } from '@tanstack/react-query';
import type { Cart, CartLine } from '../api/generated';
import { stockQuery } from './catalog';

/** How often the shelf is looked at while a shopper thinks it over. */
const STOCK_MS = 15_000;

export interface Shortage {
  line: CartLine;
  /** How many there are; fewer than the line asks for. */
  available: number;
}

export function useShortages(cart: Cart): Shortage[] {
  const stocks = useQueries({ queries: cart.lines.map(({ sku }) => ({ ...stockQuery(sku), staleTime: 0, refetchInterval: STOCK_MS })) });
  return cart.lines.flatMap((line, position) => {
    const available = stocks[position]?.data;
    return available !== undefined && available < line.quantity ? [{ line, available }] : [];
  });
}
