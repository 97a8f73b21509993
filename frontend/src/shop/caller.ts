/**
 * On whose behalf the shop is used: the signed-in customer's, or a guest's. A guest becomes one only on putting something into the
 * cart; looking around needs no token.
 */

import { useSyncExternalStore } from 'react';
import { body } from '../api/client';
import { type GuestSession, beginGuestSession, mergeCart } from '../api/generated';
import { ApiProblem } from '../api/problem';
import type { Caller } from '../api/shopper';
import { currentSession, useSession } from '../identity/session';

const KEPT_AS = 'noren.guest';
const listeners = new Set<() => void>();

function restore(): GuestSession | undefined {
  try {
    const kept = localStorage.getItem(KEPT_AS);
    const guest = kept ? (JSON.parse(kept) as GuestSession) : undefined;
    return guest && Date.parse(guest.expires_at) > Date.now() ? guest : undefined;
  } catch {
    return undefined;
  }
}

let guest: GuestSession | undefined = restore();

function keep(next: GuestSession | undefined): void {
  guest = next;
  try {
    if (next) localStorage.setItem(KEPT_AS, JSON.stringify(next));
    else localStorage.removeItem(KEPT_AS);
  } catch {
    // Then the guest's cart ends with the page.
  }
  for (const listener of listeners) listener();
}

export function useCaller(): Caller {
  const session = useSession();
  const token = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => guest?.guest_token,
  );
  return session ? { kind: 'customer', subject: session.subject } : { kind: 'guest', token };
}

/** What tells one caller's cached things from another's. */
export function callerKey(caller: Caller): string {
  return caller.kind === 'customer' ? `customer ${caller.subject}` : `guest ${caller.token ?? ''}`;
}

let beginning: Promise<GuestSession> | undefined;

/** The caller, made a guest if they are nobody yet. */
export async function someone(): Promise<Caller> {
  const session = currentSession();
  if (session) return { kind: 'customer', subject: session.subject };
  if (!guest) {
    beginning ??= body(beginGuestSession()).finally(() => {
      beginning = undefined;
    });
    keep(await beginning);
  }
  return { kind: 'guest', token: guest?.guest_token };
}

/** A guest token that the shop no longer takes is given up; whether there was one. */
export function forgetRefusedGuest(error: unknown): boolean {
  if (!(error instanceof ApiProblem) || error.status !== 401 || currentSession() || !guest) return false;
  keep(undefined);
  return true;
}

/** The guest's token goes with whom it was for. */
export function forgetGuest(): void {
  keep(undefined);
}

/** After signing in: what the guest had put in the cart is the customer's. The guest's orders stay readable by their token. */
export async function bringGuestCart(): Promise<void> {
  if (!guest) return;
  await mergeCart({ body: { guest_token: guest.guest_token } });
}
