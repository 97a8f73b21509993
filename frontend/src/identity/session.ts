/**
 * Who is signed in, in this tab. Tokens live in the tab's session storage: they survive a reload and end with the tab. The access
 * token is renewed a minute before it expires; when that is refused, the session is over.
 */

import { useSyncExternalStore } from 'react';
import { loadConfig } from '../config';
import { claimsOf } from './pkce';

export interface Session {
  accessToken: string;
  refreshToken: string | undefined;
  /** Milliseconds since 1970. */
  expiresAt: number;
  subject: string;
  /** How the caller is called, for showing. */
  name: string;
  groups: string[];
}

interface TokenAnswer {
  access_token: string;
  id_token?: string;
  refresh_token?: string;
  expires_in: number;
}

const KEPT_AS = 'noren.session';
const RENEW_BEFORE_MS = 60_000;
export const OPERATORS = 'operators';

let session: Session | undefined = restore();
const listeners = new Set<() => void>();

function restore(): Session | undefined {
  try {
    const kept = sessionStorage.getItem(KEPT_AS);
    return kept ? (JSON.parse(kept) as Session) : undefined;
  } catch {
    return undefined;
  }
}

function keep(next: Session | undefined): void {
  session = next;
  try {
    if (next) sessionStorage.setItem(KEPT_AS, JSON.stringify(next));
    else sessionStorage.removeItem(KEPT_AS);
  } catch {
    // Then the session ends with the page.
  }
  for (const listener of listeners) listener();
}

export function currentSession(): Session | undefined {
  return session;
}

export function useSession(): Session | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => session,
  );
}

export function beginSession(answer: TokenAnswer): Session {
  const access = claimsOf(answer.access_token);
  const id = answer.id_token ? claimsOf(answer.id_token) : {};
  const subject = textOf(access.sub) ?? '';
  const groups = access['cognito:groups'];
  const next: Session = {
    accessToken: answer.access_token,
    // A renewal need not bring a new one.
    refreshToken: answer.refresh_token ?? session?.refreshToken,
    expiresAt: Date.now() + answer.expires_in * 1000,
    subject,
    name: textOf(id.name) ?? textOf(id['cognito:username']) ?? textOf(id.preferred_username) ?? textOf(access.username) ?? subject,
    groups: Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : [],
  };
  // A renewal without an identity token says nothing about the name.
  if (!answer.id_token && session?.subject === subject) next.name = session.name;
  keep(next);
  return next;
}

export function endSession(): void {
  keep(undefined);
}

function textOf(claim: unknown): string | undefined {
  return typeof claim === 'string' && claim !== '' ? claim : undefined;
}

export async function postToken(endpoint: string, form: Record<string, string>): Promise<TokenAnswer> {
  const response = await fetch(endpoint, { method: 'POST', body: new URLSearchParams(form) });
  if (!response.ok) throw new TokenRefused(response.status);
  return (await response.json()) as TokenAnswer;
}

export class TokenRefused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the issuer answered ${status}`);
    this.status = status;
  }
}

export interface Discovery {
  authorization_endpoint: string;
  token_endpoint: string;
  end_session_endpoint?: string;
}

export async function discover(issuer: string): Promise<Discovery> {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  if (!response.ok) throw new TokenRefused(response.status);
  return (await response.json()) as Discovery;
}

let renewal: Promise<string | undefined> | undefined;

/** A token that is still good, renewed where it must be; undefined when nobody is signed in. */
export async function accessToken(): Promise<string | undefined> {
  if (!session) return undefined;
  if (session.expiresAt - Date.now() > RENEW_BEFORE_MS) return session.accessToken;
  // Many requests may find it expiring at once; it is renewed for all of them together.
  renewal ??= renew().finally(() => {
    renewal = undefined;
  });
  return renewal;
}

async function renew(): Promise<string | undefined> {
  const refreshToken = session?.refreshToken;
  if (!refreshToken) {
    endSession();
    return undefined;
  }
  const config = await loadConfig();
  const { token_endpoint } = await discover(config.issuer);
  try {
    const answer = await postToken(token_endpoint, {
      grant_type: 'refresh_token',
      client_id: config.client_id,
      refresh_token: refreshToken,
    });
    return beginSession(answer).accessToken;
  } catch (error) {
    if (error instanceof TokenRefused && error.status < 500) {
      endSession();
      return undefined;
    }
    throw error;
  }
}
