/** A failure in plain words: what it means, and what to do about it. */

import { ApiProblem } from '../api/problem';
import { m } from '../paraglide/messages';

export interface Explanation {
  title: string;
  advice: string;
  /** What the server said, where it helps whoever is asked for help. */
  detail: string;
}

export function explain(error: unknown): Explanation {
  if (!(error instanceof ApiProblem)) {
    return { title: m.problem_page_title(), advice: m.problem_page_advice(), detail: error instanceof Error ? error.message : '' };
  }
  const fields = error.errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return { ...words(error), detail: [error.detail, fields].filter(Boolean).join(' — ') };
}

function words({ status, kind }: ApiProblem): { title: string; advice: string } {
  switch (kind) {
    case 'customer-erased':
      return { title: m.problem_erased_title(), advice: m.problem_erased_advice() };
    case 'not-served':
      return { title: m.problem_not_served_title(), advice: m.problem_not_served_advice() };
    case 'not-returnable':
      return { title: m.problem_not_returnable_title(), advice: m.problem_not_returnable_advice() };
    case 'other-currency':
      return { title: m.problem_currency_title(), advice: m.cart_mixed() };
    case 'total-differs':
      return { title: m.problem_changed_title(), advice: m.problem_changed_advice() };
  }
  if (status === 0) return { title: m.problem_offline_title(), advice: m.problem_offline_advice() };
  if (status === 401) return { title: m.problem_signed_out_title(), advice: m.problem_signed_out_advice() };
  if (status === 403) return { title: m.problem_forbidden_title(), advice: m.problem_forbidden_advice() };
  if (status === 404) return { title: m.problem_not_found_title(), advice: m.problem_not_found_advice() };
  if (status === 409) return { title: m.problem_conflict_title(), advice: m.problem_conflict_advice() };
  if (status === 429) return { title: m.problem_busy_title(), advice: m.problem_busy_advice() };
  if (status >= 500) return { title: m.problem_server_title(), advice: m.problem_server_advice() };
  return { title: m.problem_refused_title(), advice: m.problem_refused_advice() };
}
