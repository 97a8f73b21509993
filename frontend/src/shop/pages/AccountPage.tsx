/** What the shop keeps of its customer, or of the guest of this device, all of it to be changed or erased here. */

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { useSession } from '../../identity/session';
import { signIn, signOut } from '../../identity/signing';
import { formatInstant, useLanguage } from '../../language/language';
import { Failure } from '../../page/Failure';
import { Page } from '../../page/Page';
import { Empty, Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { Addresses } from '../account/Addresses';
import { Consent } from '../account/Consent';
import { Erase } from '../account/Erase';
import { ProfileForm } from '../account/ProfileForm';
import { isErased, isSomebody, useProfile } from '../account/account';
import { callerKey, useCaller } from '../caller';

export default function AccountPage() {
  const session = useSession();
  const queries = useQueryClient();
  const [erased, setErased] = useState(false);
  return (
    <Page title={m.account_title()} lead={session && <p>{m.account_of({ name: session.name })}</p>}>
      {erased ? (
        <Erased signedIn={session !== undefined} />
      ) : (
        <Account
          onErased={() => {
            setErased(true);
            queries.clear();
          }}
        />
      )}
    </Page>
  );
}

function Account({ onErased }: { onErased: () => void }) {
  const language = useLanguage();
  const session = useSession();
  const caller = useCaller();
  const profile = useProfile();
  if (!isSomebody(caller)) {
    return (
      <Empty title={m.account_nobody()}>
        <p>{m.account_nobody_note()}</p>
        <button type="button" className="button button-main" onClick={() => void signIn('/account')}>
          {m.sign_in()}
        </button>
      </Empty>
    );
  }
  if (profile.isPending) return <Loading />;
  if (isErased(profile.error)) return <Erased signedIn={session !== undefined} />;
  if (profile.error) return <Failure error={profile.error} onRetry={() => void profile.refetch()} />;
  const { registered_at } = profile.data;
  return (
    <div className="account" key={callerKey(caller)}>
      {!session && (
        <p className="notice">
          {m.account_guest()}{' '}
          <button type="button" className="plain" onClick={() => void signIn('/account')}>
            {m.sign_in()}
          </button>
        </p>
      )}
      <section aria-labelledby="profile">
        <h2 id="profile">{m.account_profile()}</h2>
        <ProfileForm profile={profile.data} />
        {registered_at && (
          <p>
            <small>{m.account_since({ when: formatInstant(registered_at, language) })}</small>
          </p>
        )}
      </section>
      <section aria-labelledby="addresses">
        <h2 id="addresses">{m.account_addresses()}</h2>
        <Addresses />
      </section>
      <section aria-labelledby="consent">
        <h2 id="consent">{m.account_letters()}</h2>
        <Consent profile={profile.data} />
      </section>
      <section aria-labelledby="erase">
        <h2 id="erase">{m.erase_title()}</h2>
        <Erase onErased={onErased} />
      </section>
    </div>
  );
}

function Erased({ signedIn }: { signedIn: boolean }) {
  return (
    <Empty title={m.erased_title()}>
      <p>{signedIn ? m.erased_account() : m.erased_guest()}</p>
      {signedIn ? (
        <button type="button" className="button button-main" onClick={() => void signOut()}>
          {m.sign_out()}
        </button>
      ) : (
        <Link to="/">{m.nav_shop()}</Link>
      )}
    </Empty>
  );
}
