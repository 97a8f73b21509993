/** A new address, or another in the place of one that is kept. */

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Button } from 'react-aria-components';
import { addAddressOf } from '../../api/account';
import { newIdempotencyKey } from '../../api/client';
import type { Address } from '../../api/generated';
import { useLanguage } from '../../language/language';
import { prefectures } from '../../language/prefectures';
import { states } from '../../language/states';
import { Failure } from '../../page/Failure';
import { m } from '../../paraglide/messages';
import { useCaller } from '../caller';
import { type Draft, countryOf, draftOf, wishOf } from './draft';

interface Props {
  /** The address that this one comes instead of. */
  replaces?: Address;
  onDone: () => void;
}

export function AddressForm({ replaces, onDone }: Props) {
  const language = useLanguage();
  const caller = useCaller();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft>(() => draftOf(replaces));
  const key = useRef('');
  const save = useMutation({
    mutationFn: () => {
      // A wish that was changed is another wish.
      key.current ||= newIdempotencyKey();
      return addAddressOf(caller, wishOf(draft, replaces?.address_id), key.current);
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['account'] });
      onDone();
    },
  });
  const set = (change: Partial<Draft>) => {
    key.current = '';
    setDraft((before) => ({ ...before, ...change }));
  };
  const country = countryOf(draft.region);
  return (
    <form
      className="panel"
      aria-label={replaces ? m.address_change() : m.address_add()}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <label className="field">
        {m.address_recipient()}
        <input value={draft.recipient} required maxLength={100} autoComplete="name" autoFocus onChange={(event) => set({ recipient: event.target.value })} />
      </label>
      <label className="field">
        {m.address_postal_code()}
        <input value={draft.postal_code} required maxLength={16} autoComplete="postal-code" onChange={(event) => set({ postal_code: event.target.value })} />
      </label>
      <label className="field">
        {m.address_region()}
        <select value={draft.region} required autoComplete="address-level1" onChange={(event) => set({ region: event.target.value })}>
          <option value="">{m.checkout_choose()}</option>
          <optgroup label={m.address_japan()}>
            {prefectures(language).map(({ region, name }) => (
              <option key={region} value={region}>
                {name}
              </option>
            ))}
          </optgroup>
          <optgroup label={m.address_usa()}>
            {states(language).map(({ region, name }) => (
              <option key={region} value={region}>
                {name}
              </option>
            ))}
          </optgroup>
        </select>
      </label>
      <label className="field">
        {m.address_city()}
        <input value={draft.city} required maxLength={100} autoComplete="address-level2" onChange={(event) => set({ city: event.target.value })} />
      </label>
      <label className="field">
        {m.address_street()}
        <input value={draft.street} required maxLength={200} autoComplete="street-address" onChange={(event) => set({ street: event.target.value })} />
      </label>
      <label className="field">
        {m.account_phone()}
        <input type="tel" value={draft.phone} minLength={5} maxLength={24} autoComplete="tel" onChange={(event) => set({ phone: event.target.value })} />
      </label>
      <div className="row">
        <Button type="submit" className="button button-main" isDisabled={country === undefined} isPending={save.isPending}>
          {save.isPending ? m.account_saving() : m.account_save()}
        </Button>
        <Button className="button" onPress={onDone}>
          {m.returns_leave()}
        </Button>
      </div>
      {save.error && <Failure error={save.error} />}
    </form>
  );
}
