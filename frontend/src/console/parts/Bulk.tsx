/** What is done with many orders at once: packed, sent, each with a tracking number of its own; how far it is, and what was refused. */

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { Link } from 'react-router';
import type { ShippingAct, ShippingActResult } from '../../api/generated';
import { Failure } from '../../page/Failure';
import { m } from '../../paraglide/messages';
import { type Progress, workOff } from '../acts';

export function Bulk({ chosen, onDone }: { chosen: readonly { order_id: string }[]; onDone: () => void }) {
  const queries = useQueryClient();
  const [carrier, setCarrier] = useState('');
  const [numbers, setNumbers] = useState<Record<string, string>>({});
  const [progress, setProgress] = useState<Progress>();
  const work = useMutation({
    mutationFn: (acts: ShippingAct[]) => workOff(acts, setProgress),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['operator'] });
      onDone();
    },
  });
  const ready = chosen.length > 0 && carrier.trim() !== '' && chosen.every(({ order_id }) => numbers[order_id]?.trim());
  return (
    <section className="panel" aria-label={m.console_bulk()}>
      <div className="row">
        <strong role="status">{m.console_chosen({ count: chosen.length })}</strong>
        <Button className="button" isDisabled={chosen.length === 0} isPending={work.isPending} onPress={() => work.mutate(chosen.map(({ order_id }) => ({ order_id, act: 'pack' })))}>
          {m.console_pack()}
        </Button>
      </div>
      {chosen.length > 0 && (
        <details>
          <summary className="button">{m.console_dispatch()}</summary>
          <form
            className="panel"
            onSubmit={(event) => {
              event.preventDefault();
              if (!ready) return;
              work.mutate(
                chosen.map(({ order_id }) => ({ order_id, act: 'dispatch', carrier: carrier.trim(), tracking_number: (numbers[order_id] ?? '').trim() })),
              );
            }}
          >
            <label className="field">
              {m.console_carrier()}
              <input value={carrier} required maxLength={64} onChange={(event) => setCarrier(event.target.value)} />
            </label>
            {chosen.map(({ order_id }) => (
              <label key={order_id} className="field">
                {m.console_tracking_of({ order: order_id })}
                <input value={numbers[order_id] ?? ''} required maxLength={64} onChange={(event) => setNumbers((before) => ({ ...before, [order_id]: event.target.value }))} />
              </label>
            ))}
            <Button type="submit" className="button button-main" isDisabled={!ready} isPending={work.isPending}>
              {m.console_dispatch_chosen({ count: chosen.length })}
            </Button>
          </form>
        </details>
      )}
      {work.isPending && progress && (
        <label>
          {m.console_progress({ done: progress.done, of: progress.of })} <progress value={progress.done} max={progress.of} />
        </label>
      )}
      {work.error && <Failure error={work.error} />}
      {work.data && <Results results={work.data} />}
    </section>
  );
}

function Results({ results }: { results: readonly ShippingActResult[] }) {
  const refused = results.filter(({ problem }) => problem);
  return (
    <div className={`notice ${refused.length > 0 ? 'notice-bad' : 'notice-good'}`} role="status">
      <p>{m.console_done({ done: results.length - refused.length, of: results.length })}</p>
      {refused.length > 0 && (
        <ul>
          {refused.map(({ order_id, problem }) => (
            <li key={order_id}>
              <Link to={`/orders/${order_id}`}>
                <code>{order_id}</code>
              </Link>{' '}
              <span lang="en">{problem?.detail}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
