/** Where the issuer sends the browser back to. */

import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { finishSigningIn } from '../../identity/signing';
import { Page } from '../../page/Page';
import { Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { bringGuestCart } from '../caller';

export default function SignedIn() {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [failed, setFailed] = useState('');
  const begun = useRef(false);
  useEffect(() => {
    // The code is good for one use, however often the page is drawn.
    if (begun.current) return;
    begun.current = true;
    void (async () => {
      try {
        const returnTo = await finishSigningIn(new URLSearchParams(location.search));
        // A cart that could not be brought along is no reason not to be signed in: it is brought at the next sign-in.
        await bringGuestCart().catch(() => undefined);
        await queries.invalidateQueries();
        if (returnTo.startsWith('/console')) location.replace(returnTo);
        else await navigate(returnTo, { replace: true });
      } catch (error) {
        setFailed(error instanceof Error ? error.message : String(error));
      }
    })();
  }, [navigate, queries]);
  return (
    <Page title={m.signing_in()}>
      {failed ? (
        <div className="notice notice-bad" role="alert">
          <p className="notice-title">{m.sign_in_failed()}</p>
          <p>{m.sign_in_failed_advice()}</p>
          <Link to="/">{m.nav_shop()}</Link>
          <details>
            <summary>{m.problem_details()}</summary>
            <p lang="en">{failed}</p>
          </details>
        </div>
      ) : (
        <Loading />
      )}
    </Page>
  );
}
