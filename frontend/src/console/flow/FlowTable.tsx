/** What the map shows, as a table: each type on each way, with its figures, and the way to its events. */

import { formatNumber, useLanguage } from '../../language/language';
import { m } from '../../paraglide/messages';
import { contextWords, eventName } from '../contexts';
import { formatMoment, formatRate, formatSpan } from '../figures';
import type { FlowEdge } from './pairs';

interface Props {
  label: string;
  edges: readonly FlowEdge[];
  chosen: string;
  onChoose: (edge: FlowEdge) => void;
}

export function FlowTable({ label, edges, chosen, onChoose }: Props) {
  const language = useLanguage();
  const span = (milliseconds: number | null | undefined) => (milliseconds == null ? '—' : formatSpan(milliseconds, language));
  const count = (number: number | null | undefined) => (number == null ? '—' : formatNumber(number, language));
  return (
    <div className="wide" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            <th>{m.flow_event()}</th>
            <th>{m.flow_from()}</th>
            <th>{m.flow_to()}</th>
            <th className="number">{m.flow_count()}</th>
            <th className="number">{m.flow_per_minute()}</th>
            <th className="number">{m.flow_p50()}</th>
            <th className="number">{m.flow_p95()}</th>
            <th className="number">{m.flow_undelivered()}</th>
            <th className="number">{m.flow_failed()}</th>
            <th>{m.flow_last_seen()}</th>
          </tr>
        </thead>
        <tbody>
          {edges.map((edge) => (
            <tr key={edge.edge} className={edge.edge === chosen ? 'chosen' : undefined}>
              <td>
                <button type="button" className="plain" aria-pressed={edge.edge === chosen} aria-label={m.flow_show_events({ event: eventName(edge.type), to: contextWords(edge.consumer) })} onClick={() => onChoose(edge)}>
                  <code>{eventName(edge.type)}</code>
                </button>
              </td>
              <td>{contextWords(edge.publisher)}</td>
              <td>{contextWords(edge.consumer)}</td>
              <td className="number">{formatNumber(edge.events, language)}</td>
              <td className="number">{formatRate(edge.per_minute, language)}</td>
              <td className="number">{span(edge.p50_ms)}</td>
              <td className="number">{span(edge.p95_ms)}</td>
              <td className={edge.undelivered ? 'number bad' : 'number'}>{count(edge.undelivered)}</td>
              <td className={edge.dead_letters ? 'number bad' : 'number'}>{count(edge.dead_letters)}</td>
              <td>{edge.last_seen ? formatMoment(edge.last_seen, language) : '—'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
