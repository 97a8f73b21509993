/** Messages that failed for good: where they lie, what they are, and what to do about them; and the record of what was done. */

import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { body } from '../../api/client';
import { listFailedQueues } from '../../api/generated';
import { formatInstant, formatNumber, useLanguage } from '../../language/language';
import { Failure } from '../../page/Failure';
import { Page } from '../../page/Page';
import { Empty, Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { Acts } from '../failed/Acts';
import { DeedState, RedriveButton, useDeed } from '../failed/Deed';
import { Messages } from '../failed/Messages';
import { type FailedQueue, queueWords } from '../failed/words';

const REFRESH_MS = 5_000;

export function Failed() {
  const [parameters, setParameters] = useSearchParams();
  const chosen = parameters.get('queue');
  const queues = useQuery({
    queryKey: ['insights', 'failed', 'queues'],
    queryFn: async () => (await body(listFailedQueues())).queues,
    refetchInterval: REFRESH_MS,
    staleTime: 0,
  });
  const deed = useDeed(() => undefined);
  const filled = queues.data?.filter((queue) => queue.messages === null || (queue.messages ?? 0) > 0 || (queue.hidden ?? 0) > 0 || queue.queue === chosen) ?? [];
  const open = queues.data?.find(({ queue }) => queue === chosen);
  const again = filled.filter(({ kind, messages }) => kind !== 'stream_failures' && (messages ?? 0) > 0);
  const count = again.reduce((all, queue) => all + (queue.messages ?? 0), 0);
  return (
    <Page title={m.console_failed()} lead={<p className="lead">{m.failed_lead()}</p>}>
      {queues.isPending ? (
        <Loading />
      ) : queues.error ? (
        <Failure error={queues.error} onRetry={() => void queues.refetch()} />
      ) : filled.length === 0 ? (
        <Empty title={m.failed_none()}>
          <p>{m.failed_none_note()}</p>
        </Empty>
      ) : (
        <>
          <Queues queues={filled} chosen={chosen} onChoose={(queue) => setParameters({ queue })} />
          <RedriveButton
            label={m.failed_redrive_all()}
            count={count}
            isDisabled={count === 0 || deed.isPending}
            onYes={(reason) => deed.mutate(again.map(({ queue, messages }) => ({ act: 'redrive', queue, of: messages ?? 0, reason })))}
          />
        </>
      )}
      <DeedState deed={deed} />
      {open && <Messages key={open.queue} queue={open} />}
      <Acts />
    </Page>
  );
}

interface QueuesProps {
  queues: readonly FailedQueue[];
  chosen: string | null;
  onChoose: (queue: string) => void;
}

function Queues({ queues, chosen, onChoose }: QueuesProps) {
  const language = useLanguage();
  const count = (number: number | null | undefined) => (number == null ? m.failed_uncounted() : formatNumber(number, language));
  return (
    <div className="wide" tabIndex={0} role="region" aria-label={m.failed_queues()}>
      <table>
        <thead>
          <tr>
            <th>{m.failed_queue()}</th>
            <th className="number">{m.failed_waiting()}</th>
            <th className="number">{m.failed_in_hand()}</th>
            <th>{m.failed_oldest()}</th>
          </tr>
        </thead>
        <tbody>
          {queues.map((queue) => (
            <tr key={queue.queue} className={queue.queue === chosen ? 'chosen' : undefined}>
              <td>
                <button type="button" className="plain" aria-pressed={queue.queue === chosen} onClick={() => onChoose(queue.queue)}>
                  {queueWords(queue)}
                </button>{' '}
                <code>{queue.queue}</code>
              </td>
              <td className="number">{count(queue.messages)}</td>
              <td className="number">{count(queue.hidden)}</td>
              <td>{queue.oldest_at ? formatInstant(queue.oldest_at, language) : '—'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
