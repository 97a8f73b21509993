/** Every event of an order, in the order of time: what caused it, and how long it was on its way. */

import { useQuery } from '@tanstack/react-query';
import { body } from '../../api/client';
import { type ShowOrderTimelineResponse, showOrderTimeline } from '../../api/generated';
import { ApiProblem } from '../../api/problem';
import { useLanguage } from '../../language/language';
import { Failure } from '../../page/Failure';
import { Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { contextWords, eventName } from '../contexts';
import { formatMoment, formatSpan } from '../figures';
import { causesOf } from './causes';

export type TimelineEvent = ShowOrderTimelineResponse['events'][number];

interface Props {
  orderId: string;
  /** The event that the reader came from. */
  marked: string;
  refreshMs: number;
}

export function EventList({ orderId, marked, refreshMs }: Props) {
  const timeline = useQuery({
    queryKey: ['operator', 'timeline', orderId],
    queryFn: () => body(showOrderTimeline({ path: { order_id: orderId } })),
    refetchInterval: refreshMs,
    staleTime: 0,
  });
  if (timeline.isPending) return <Loading />;
  if (timeline.error) {
    if (timeline.error instanceof ApiProblem && timeline.error.status === 404) return <p>{m.console_not_heard()}</p>;
    return <Failure error={timeline.error} onRetry={() => void timeline.refetch()} />;
  }
  return (
    <>
      <div className="wide" tabIndex={0} role="region" aria-label={m.events_title()}>
        <table>
          <thead>
            <tr>
              <th>{m.flow_at()}</th>
              <th>{m.flow_event()}</th>
              <th>{m.flow_from()}</th>
              <th>{m.events_cause()}</th>
              <th className="number">{m.flow_delay()}</th>
              <th>{m.flow_event_id()}</th>
            </tr>
          </thead>
          <tbody>
            <Rows events={timeline.data.events} marked={marked} />
          </tbody>
        </table>
      </div>
      {timeline.data.left_out && <p>{m.events_left_out()}</p>}
    </>
  );
}

function Rows({ events, marked }: { events: readonly TimelineEvent[]; marked: string }) {
  const language = useLanguage();
  const causes = causesOf(events);
  return events.map((event) => {
    const cause = causes.get(event.id);
    return (
      <tr key={event.id} className={event.id === marked ? 'chosen' : undefined} aria-current={event.id === marked ? true : undefined}>
        <td>{formatMoment(event.time, language)}</td>
        <td>
          <code>{eventName(event.type)}</code>
        </td>
        <td>{contextWords(event.source)}</td>
        <td>{cause?.event ? <code>{eventName(cause.event.type)}</code> : cause?.request ? m.events_request() : m.events_unknown_cause()}</td>
        <td className="number">{formatSpan(event.delay_ms, language)}</td>
        <td>
          <code>{event.id}</code>
        </td>
      </tr>
    );
  });
}
