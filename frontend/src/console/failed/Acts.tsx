/** The record of what was done about failed messages: who, when, what, and why. It is only ever added to. */

import { useInfiniteQuery } from '@tanstack/react-query';
import { body } from '../../api/client';
import { listFailedActs } from '../../api/generated';
import { readOn } from '../../api/pages';
import { formatInstant, useLanguage } from '../../language/language';
import { Failure } from '../../page/Failure';
import { More } from '../../page/More';
import { m } from '../../paraglide/messages';
import { eventName } from '../contexts';

const PAGE = 20;

export function Acts() {
  const language = useLanguage();
  const record = useInfiniteQuery({
    queryKey: ['insights', 'failed', 'acts'],
    queryFn: ({ pageParam }) =>
      readOn(pageParam, PAGE, async (cursor) => {
        const page = await body(listFailedActs({ query: { limit: PAGE, ...(cursor && { cursor }) } }));
        return { items: page.acts, next: page.next ?? undefined };
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    staleTime: 0,
  });
  const acts = record.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section aria-labelledby="record">
      <h2 id="record">{m.failed_record()}</h2>
      {record.error && <Failure error={record.error} onRetry={() => void record.refetch()} />}
      {record.data && acts.length === 0 && <p>{m.failed_record_empty()}</p>}
      {acts.length > 0 && (
        <div className="wide" tabIndex={0} role="region" aria-label={m.failed_record()}>
          <table>
            <thead>
              <tr>
                <th>{m.flow_at()}</th>
                <th>{m.failed_by()}</th>
                <th>{m.failed_act()}</th>
                <th>{m.failed_queue()}</th>
                <th>{m.flow_event()}</th>
                <th>{m.console_reason()}</th>
                <th>{m.failed_because()}</th>
              </tr>
            </thead>
            <tbody>
              {acts.map((act) => (
                <tr key={`${act.at} ${act.message_id}`}>
                  <td>{formatInstant(act.at, language)}</td>
                  <td>
                    <code>{act.by}</code>
                  </td>
                  <td>{act.act === 'drop' ? m.failed_dropped() : m.failed_redriven()}</td>
                  <td>
                    <code>{act.queue}</code>
                  </td>
                  <td>{act.type ? <code>{eventName(act.type)}</code> : '—'}</td>
                  <td className="prose">{act.reason ?? '—'}</td>
                  <td className="prose" lang="en">
                    {act.failed_because}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <More list={record} label={m.console_more()} />
    </section>
  );
}
