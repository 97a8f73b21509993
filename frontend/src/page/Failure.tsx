/** A failure where the thing would be: what it means, what to do, and a way to try again. */

import { ApiProblem } from '../api/problem';
import { signIn } from '../identity/signing';
import { m } from '../paraglide/messages';
import { explain } from './explain';

interface Props {
  error: unknown;
  onRetry?: (() => void) | undefined;
}

export function Failure({ error, onRetry }: Props) {
  const { title, advice, detail } = explain(error);
  const signedOut = error instanceof ApiProblem && error.status === 401;
  return (
    <div className="notice notice-bad" role="alert">
      <p className="notice-title">{title}</p>
      <p>{advice}</p>
      {signedOut ? (
        <button type="button" className="button" onClick={() => void signIn(location.pathname + location.search)}>
          {m.sign_in()}
        </button>
      ) : (
        onRetry && (
          <button type="button" className="button" onClick={onRetry}>
            {m.try_again()}
          </button>
        )
      )}
      {detail && (
        <details>
          <summary>{m.problem_details()}</summary>
          <p lang="en">{detail}</p>
        </details>
      )}
    </div>
  );
}
