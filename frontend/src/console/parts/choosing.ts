/** Which rows of a list are ticked. */

import { useState } from 'react';

export function useChoosing() {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  return {
    chosen,
    choose: (ids: readonly string[], on: boolean) =>
      setChosen((before) => {
        const next = new Set(before);
        for (const id of ids) {
          if (on) next.add(id);
          else next.delete(id);
        }
        return next;
      }),
    chooseNone: () => setChosen(new Set()),
  };
}
