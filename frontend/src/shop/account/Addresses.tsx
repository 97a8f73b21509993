/** The addresses in use: added, changed, given up. */

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { retireAddressOf } from '../../api/account';
import type { Address } from '../../api/generated';
import { useLanguage } from '../../language/language';
import { Ask } from '../../page/Ask';
import { Failure } from '../../page/Failure';
import { Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { useCaller } from '../caller';
import { AddressForm } from './AddressForm';
import { AddressLines, oneLine } from './AddressLines';
import { useAddresses } from './account';

export function Addresses() {
  const addresses = useAddresses();
  const [adding, setAdding] = useState(false);
  if (addresses.isLoading) return <Loading />;
  if (addresses.error) return <Failure error={addresses.error} onRetry={() => void addresses.refetch()} />;
  const kept = addresses.data ?? [];
  return (
    <>
      {kept.length === 0 && !adding && <p>{m.address_none()}</p>}
      <ul className="addresses">
        {kept.map((address) => (
          <One key={address.address_id} address={address} />
        ))}
      </ul>
      {adding ? (
        <AddressForm onDone={() => setAdding(false)} />
      ) : (
        <Button className="button" onPress={() => setAdding(true)}>
          {m.address_add()}
        </Button>
      )}
    </>
  );
}

function One({ address }: { address: Address }) {
  const language = useLanguage();
  const caller = useCaller();
  const queries = useQueryClient();
  const [changing, setChanging] = useState(false);
  const retire = useMutation({
    mutationFn: () => retireAddressOf(caller, address.address_id),
    onSettled: () => queries.invalidateQueries({ queryKey: ['account'] }),
  });
  if (changing) {
    return (
      <li>
        <AddressForm replaces={address} onDone={() => setChanging(false)} />
      </li>
    );
  }
  return (
    <li>
      <AddressLines address={address} />
      <div className="row">
        <Button className="plain" aria-label={m.address_change_of({ address: oneLine(address, language) })} onPress={() => setChanging(true)}>
          {m.address_change()}
        </Button>
        <Ask action={m.address_remove()} title={m.address_remove_sure()} className="plain" isDisabled={retire.isPending} onYes={() => retire.mutate()}>
          <p>{oneLine(address, language)}</p>
          <p>{m.address_remove_what()}</p>
        </Ask>
      </div>
      {retire.error && <Failure error={retire.error} />}
    </li>
  );
}
