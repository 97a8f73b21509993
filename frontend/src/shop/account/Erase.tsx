/** Erasing all that the shop keeps of whoever asks for it, here and on this device. */

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { eraseOf } from '../../api/account';
import { Ask } from '../../page/Ask';
import { Failure } from '../../page/Failure';
import { m } from '../../paraglide/messages';
import { forgetGuest, useCaller } from '../caller';
import { forgetKnown } from '../known';

export function Erase({ onErased }: { onErased: () => void }) {
  const caller = useCaller();
  const [sure, setSure] = useState(false);
  const erase = useMutation({
    mutationFn: () => eraseOf(caller),
    onSuccess: () => {
      forgetKnown();
      if (caller.kind === 'guest') forgetGuest();
      onErased();
    },
  });
  return (
    <>
      <p>{m.erase_what()}</p>
      <ul>
        <li>{m.erase_profile()}</li>
        <li>{m.erase_orders()}</li>
        <li>{m.erase_never_back()}</li>
      </ul>
      <Ask action={erase.isPending ? m.erase_under_way() : m.erase_do()} title={m.erase_sure()} isDisabled={erase.isPending} isReady={sure} className="button button-bad" onYes={() => erase.mutate()}>
        <p>{m.erase_never_back()}</p>
        <label className="check">
          <input type="checkbox" checked={sure} onChange={(event) => setSure(event.target.checked)} /> {m.erase_understood()}
        </label>
      </Ask>
      {erase.error && <Failure error={erase.error} />}
    </>
  );
}
