/** What led to an event: another event of the same order, or a request; else something that is not told. */

export interface Caused {
  id: string;
  type: string;
  causation_id?: string | null;
}

export interface Cause<E> {
  event?: E;
  request?: boolean;
}

/** How a request's causation id begins: an idempotency key, a request's own number, a cart's checkout. */
const REQUESTS = ['key:', 'http:', 'checkout:'];

export function causesOf<E extends Caused>(events: readonly E[]): Map<string, Cause<E>> {
  const known = new Map(events.map((event) => [event.id, event]));
  return new Map(
    events.map(({ id, causation_id }): [string, Cause<E>] => {
      const cause = causation_id == null ? undefined : known.get(causation_id);
      if (cause) return [id, { event: cause }];
      return [id, { request: REQUESTS.some((begin) => causation_id?.startsWith(begin)) }];
    }),
  );
}
