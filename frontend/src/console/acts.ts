/** Working off many shipments: in requests of a size that shows progress, each act answered for itself. */

import { body, newIdempotencyKey } from '../api/client';
import { type ShippingAct, type ShippingActResult, workOffShipments } from '../api/generated';

/** Acts a request; the API takes a hundred, but fewer show sooner how it goes. */
const AT_ONCE = 25;

export interface Progress {
  done: number;
  of: number;
}

export async function workOff(acts: readonly ShippingAct[], tell: (progress: Progress) => void): Promise<ShippingActResult[]> {
  const results: ShippingActResult[] = [];
  tell({ done: 0, of: acts.length });
  for (let at = 0; at < acts.length; at += AT_ONCE) {
    const answer = await body(
      workOffShipments({ body: { acts: acts.slice(at, at + AT_ONCE) }, headers: { 'Idempotency-Key': newIdempotencyKey() } }),
    );
    results.push(...answer.results);
    tell({ done: results.length, of: acts.length });
  }
  return results;
}
