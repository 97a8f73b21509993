/** Signing in and out at the issuer: authorization code with PKCE, for a client without a secret. */

import { loadConfig } from '../config';
import { challengeOf, randomText } from './pkce';
import { beginSession, discover, endSession, postToken } from './session';

const KEPT_AS = 'noren.signing-in';
/** The page that the issuer sends the browser back to. */
export const CALLBACK_PATH = '/signed-in';

interface Attempt {
  state: string;
  verifier: string;
  returnTo: string;
}

/** Leaves for the issuer's login page; `returnTo` is the path to come back to. */
export async function signIn(returnTo: string): Promise<void> {
  const config = await loadConfig();
  const { authorization_endpoint } = await discover(config.issuer);
  const attempt: Attempt = { state: randomText(), verifier: randomText(), returnTo };
  sessionStorage.setItem(KEPT_AS, JSON.stringify(attempt));
  const target = new URL(authorization_endpoint);
  const parameters = {
    response_type: 'code',
    client_id: config.client_id,
    redirect_uri: `${location.origin}${CALLBACK_PATH}`,
    scope: config.scopes,
    state: attempt.state,
    code_challenge: await challengeOf(attempt.verifier),
    code_challenge_method: 'S256',
    // OpenID Connect's name and Cognito's for the login page's language.
    ui_locales: document.documentElement.lang,
    lang: document.documentElement.lang,
  };
  for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value);
  location.assign(target);
}

/** Takes the issuer's answer; the path to go on to. Throws when the answer is not to a question that this tab asked. */
export async function finishSigningIn(query: URLSearchParams): Promise<string> {
  const kept = sessionStorage.getItem(KEPT_AS);
  sessionStorage.removeItem(KEPT_AS);
  const attempt = kept ? (JSON.parse(kept) as Attempt) : undefined;
  const code = query.get('code');
  if (!attempt || !code || query.get('state') !== attempt.state) {
    throw new Error(query.get('error_description') ?? query.get('error') ?? 'no sign-in is under way in this tab');
  }
  const config = await loadConfig();
  const { token_endpoint } = await discover(config.issuer);
  const answer = await postToken(token_endpoint, {
    grant_type: 'authorization_code',
    client_id: config.client_id,
    redirect_uri: `${location.origin}${CALLBACK_PATH}`,
    code,
    code_verifier: attempt.verifier,
  });
  beginSession(answer);
  // Only ever a path of ours: an address from elsewhere would make this an open redirect.
  return /^\/(?!\/)/.test(attempt.returnTo) ? attempt.returnTo : '/';
}

/** Forgets the session, and has the issuer forget it too where it offers that. */
export async function signOut(): Promise<void> {
  endSession();
  const config = await loadConfig();
  const { end_session_endpoint } = await discover(config.issuer);
  if (!end_session_endpoint) return;
  const target = new URL(end_session_endpoint);
  target.searchParams.set('client_id', config.client_id);
  // OpenID Connect's name and Cognito's for the same.
  target.searchParams.set('post_logout_redirect_uri', `${location.origin}/`);
  target.searchParams.set('logout_uri', `${location.origin}/`);
  location.assign(target);
}
