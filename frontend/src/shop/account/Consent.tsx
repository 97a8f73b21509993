/** Whether the shop may write for the sake of selling; said under a wording that has a number, and taken back as easily. */

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { setConsentOf } from '../../api/account';
import type { CustomerProfile } from '../../api/generated';
import { formatInstant, useLanguage } from '../../language/language';
import { Failure } from '../../page/Failure';
import { m } from '../../paraglide/messages';
import { useCaller } from '../caller';

/** Of `account_consent` in the messages; another wording is another version, and asks anew. */
const TEXT_VERSION = 'letters-1';

export function Consent({ profile }: { profile: CustomerProfile }) {
  const language = useLanguage();
  const caller = useCaller();
  const queries = useQueryClient();
  const said = profile.marketing_consent?.text_version === TEXT_VERSION ? profile.marketing_consent : undefined;
  const save = useMutation({
    mutationFn: (given: boolean) => setConsentOf(caller, { marketing: given, text_version: TEXT_VERSION }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['account'] }),
  });
  return (
    <>
      <label className="check">
        <input type="checkbox" checked={save.isPending ? save.variables : (said?.given ?? false)} disabled={save.isPending} onChange={(event) => save.mutate(event.target.checked)} /> {m.account_consent()}
      </label>
      <p role="status">
        <small>{save.isPending ? m.account_saving() : said ? m.account_consent_said({ when: formatInstant(said.at, language) }) : m.account_consent_none()}</small>
      </p>
      {save.error && <Failure error={save.error} />}
    </>
  );
}
