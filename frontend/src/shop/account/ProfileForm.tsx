/** Name, telephone, language, and where mails go. */

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { setProfileOf } from '../../api/account';
import type { CustomerProfile } from '../../api/generated';
import { setContactOf } from '../../api/shopper';
import { type Language, setLanguage, useLanguage } from '../../language/language';
import { Failure } from '../../page/Failure';
import { m } from '../../paraglide/messages';
import { useCaller } from '../caller';
import { narrow } from './draft';

export function ProfileForm({ profile }: { profile: CustomerProfile }) {
  const caller = useCaller();
  const queries = useQueryClient();
  const spoken = useLanguage();
  const [name, setName] = useState(profile.name ?? '');
  const [phone, setPhone] = useState(profile.phone ?? '');
  const [language, setWished] = useState<Language>(profile.language ?? spoken);
  const [email, setEmail] = useState('');
  const save = useMutation({
    mutationFn: async () => {
      await setProfileOf(caller, { name: name.trim(), language, ...(narrow(phone) && { phone: narrow(phone) }) });
      if (email.trim()) await setContactOf(caller, { email: email.trim(), language });
    },
    onSuccess: async () => {
      setEmail('');
      await queries.invalidateQueries({ queryKey: ['account'] });
      setLanguage(language);
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <label className="field">
        {m.account_name()}
        <input value={name} required maxLength={100} autoComplete="name" onChange={(event) => setName(event.target.value)} />
      </label>
      <label className="field">
        {m.account_phone()}
        <input type="tel" value={phone} minLength={5} maxLength={24} autoComplete="tel" onChange={(event) => setPhone(event.target.value)} />
      </label>
      <label className="field">
        {m.account_language()}
        <select value={language} onChange={(event) => setWished(event.target.value as Language)}>
          <option value="ja" lang="ja">
            日本語
          </option>
          <option value="en" lang="en">
            English
          </option>
        </select>
        <small>{m.account_language_note()}</small>
      </label>
      <label className="field">
        {m.checkout_email()}
        <input type="email" value={email} maxLength={254} autoComplete="email" aria-describedby="email-kept" onChange={(event) => setEmail(event.target.value)} />
        <small id="email-kept">{m.account_email_note()}</small>
      </label>
      <Button type="submit" className="button button-main" isPending={save.isPending}>
        {save.isPending ? m.account_saving() : m.account_save()}
      </Button>
      {save.isSuccess && (
        <p className="notice notice-good" role="status">
          {m.account_saved()}
        </p>
      )}
      {save.error && <Failure error={save.error} />}
    </form>
  );
}
