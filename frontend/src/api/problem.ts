/**
 * A refused or failed request, as the API told it (problem+json), as the gateway told it ({"message"}), or as nobody told it
 * because no answer came.
 */

import type { FieldProblem, Problem } from './generated';

export class ApiProblem extends Error {
  /** The HTTP status; 0 when no answer came. */
  readonly status: number;
  /** The last part of the problem's type, such as `out-of-stock`; empty when the answer had none. */
  readonly kind: string;
  /** What the server said, in English; empty when it said nothing. */
  readonly detail: string;
  readonly errors: readonly FieldProblem[];
  /** The whole body, for routes that say more than the standard fields. */
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    const problem = isObject(body) ? (body as Partial<Problem> & { message?: unknown }) : {};
    const detail = text(problem.detail) || text(problem.message);
    super(detail || `HTTP ${status}`);
    this.name = 'ApiProblem';
    this.status = status;
    this.kind = text(problem.type).split(':').pop() ?? '';
    this.detail = detail;
    this.errors = Array.isArray(problem.errors) ? problem.errors : [];
    this.body = body;
  }

  /** Whether asking again, unchanged, may go better. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
