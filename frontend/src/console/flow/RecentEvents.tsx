/** What passed on one edge lately, newest first; each event leads to its order. */

import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { body } from '../../api/client';
import { listFlowEvents } from '../../api/generated';
import { useLanguage } from '../../language/language';
import { Failure } from '../../page/Failure';
import { Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { formatMoment, formatSpan } from '../figures';

export function RecentEvents({ edge, refreshMs }: { edge: string; refreshMs: number }) {
  const language = useLanguage();
  const events = useQuery({
    queryKey: ['insights', 'flow', 'events', edge],
    queryFn: async () => (await body(listFlowEvents({ path: { edge }, query: { limit: 20 } }))).events,
    refetchInterval: refreshMs,
    staleTime: 0,
  });
  if (events.isPending) return <Loading />;
  if (events.error) return <Failure error={events.error} onRetry={() => void events.refetch()} />;
  if (events.data.length === 0) return <p>{m.flow_no_events()}</p>;
  return (
    <div className="wide" tabIndex={0} role="region" aria-label={m.flow_recent()}>
      <table>
        <thead>
          <tr>
            <th>{m.flow_at()}</th>
            <th>{m.flow_about()}</th>
            <th className="number">{m.flow_delay()}</th>
            <th>{m.flow_event_id()}</th>
          </tr>
        </thead>
        <tbody>
          {events.data.map((event) => (
            <tr key={event.id}>
              <td>{formatMoment(event.time, language)}</td>
              <td>
                {event.order_id ? (
                  <Link to={`/orders/${event.order_id}?event=${encodeURIComponent(event.id)}`}>
                    <code>{event.order_id}</code>
                  </Link>
                ) : (
                  <code>{event.subject}</code>
                )}
              </td>
              <td className="number">{formatSpan(event.delay_ms, language)}</td>
              <td>
                <code>{event.id}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
