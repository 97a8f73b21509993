/**
 * Sets the generated client up: same origin, the signed-in caller's token on routes that want one, and every failure as an
 * {@link ApiProblem}.
 */

import { accessToken } from '../identity/session';
import { client } from './generated/client.gen';
import { ApiProblem } from './problem';

export function prepareClient(): void {
  client.setConfig({ baseUrl: '', auth: (scheme) => (scheme.type === 'http' ? accessToken() : undefined), throwOnError: true });
  client.interceptors.error.use((error, response) => new ApiProblem(response?.status ?? 0, error));
}

/** The body of an answer, without the request and response that the generated client hands out beside it. */
export async function body<T>(call: Promise<{ data: T }>): Promise<T> {
  return (await call).data;
}

/** A key under which a wish may be sent again without being done twice. */
export function newIdempotencyKey(): string {
  return crypto.randomUUID();
}
