/** What passes between the contexts now: the map, the events of the way that is chosen, and the same as a table. */

import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import { Link, useSearchParams } from 'react-router';
import { body } from '../../api/client';
import { showFlow } from '../../api/generated';
import { formatNumber, useLanguage } from '../../language/language';
import { Failure } from '../../page/Failure';
import { Page } from '../../page/Page';
import { Empty, Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { contextWords, eventName } from '../contexts';
import { FlowMap } from '../flow/FlowMap';
import { FlowTable } from '../flow/FlowTable';
import { RecentEvents } from '../flow/RecentEvents';
import { type FlowEdge, deadLetters, pairsOf } from '../flow/pairs';

const REFRESH_MS = 5_000;
const SPANS = [5, 15, 60, 180] as const;
const NO_EDGES: readonly FlowEdge[] = [];

export function Flow() {
  const language = useLanguage();
  const [parameters, setParameters] = useSearchParams();
  const minutes = Number(parameters.get('minutes') ?? 15);
  const edge = parameters.get('edge') ?? '';
  const set = (name: string, value: string) =>
    setParameters(
      (before) => {
        const next = new URLSearchParams(before);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  const flow = useQuery({
    queryKey: ['insights', 'flow', minutes],
    queryFn: () => body(showFlow({ query: { minutes } })),
    refetchInterval: REFRESH_MS,
    staleTime: 0,
    // The figures of another span are better than a page that jumps.
    placeholderData: (before) => before,
  });
  const edges = flow.data?.edges ?? NO_EDGES;
  const pairs = useMemo(() => pairsOf(edges), [edges]);
  const chosen = pairs.find((pair) => pair.edges.some((one) => one.edge === edge));
  const events = edges.reduce((all, one) => all + one.events, 0);
  return (
    <Page title={m.console_flow()} lead={<p className="lead">{m.flow_lead()}</p>}>
      <div className="filters">
        <label className="field">
          {m.flow_span()}
          <select value={minutes} onChange={(event) => set('minutes', event.target.value)}>
            {SPANS.map((span) => (
              <option key={span} value={span}>
                {m.flow_minutes({ minutes: span })}
              </option>
            ))}
          </select>
        </label>
      </div>
      {flow.error && <Failure error={flow.error} onRetry={() => void flow.refetch()} />}
      {flow.isPending ? (
        <Loading />
      ) : flow.data === undefined ? null : flow.data.edges.length === 0 ? (
        <Empty title={m.flow_none()} />
      ) : (
        <>
          <p role="status">{events === 0 ? m.flow_quiet() : m.flow_events({ events: formatNumber(events, language), minutes: flow.data.minutes })}</p>
          <FlowMap pairs={pairs} failed={deadLetters(edges)} chosen={chosen} onChoose={(pair) => set('edge', pair === chosen ? '' : (pair.edges[0]?.edge ?? ''))} />
          <p>
            <small>{m.flow_legend()}</small>
          </p>
          {chosen && <Chosen edges={chosen.edges} edge={edge} from={chosen.from} to={chosen.to} onChoose={(one) => set('edge', one.edge)} />}
          <h2>{m.flow_table()}</h2>
          <FlowTable label={m.flow_table()} edges={edges} chosen={edge} onChoose={(one) => set('edge', one.edge)} />
        </>
      )}
    </Page>
  );
}

interface ChosenProps {
  edges: readonly FlowEdge[];
  edge: string;
  from: string;
  to: string;
  onChoose: (edge: FlowEdge) => void;
}

function Chosen({ edges, edge, from, to, onChoose }: ChosenProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  // What was asked for may stand outside the window: from the table it stands above, from the map below.
  useEffect(() => heading.current?.focus(), [edge]);
  const bad = edges.find(({ dead_letters, undelivered }) => dead_letters || undelivered);
  return (
    <section className="panel" aria-labelledby="chosen">
      <h2 id="chosen" ref={heading} tabIndex={-1}>
        {m.flow_way({ from: contextWords(from), to: contextWords(to) })}
      </h2>
      {bad && (
        <p className="notice notice-bad">
          {m.flow_way_failed()} <Link to="/failed">{m.console_failed()}</Link>
        </p>
      )}
      <FlowTable label={m.flow_way({ from: contextWords(from), to: contextWords(to) })} edges={edges} chosen={edge} onChoose={onChoose} />
      <h3>{m.flow_recent_of({ event: eventName(edges.find((one) => one.edge === edge)?.type ?? edge) })}</h3>
      <RecentEvents edge={edge} refreshMs={REFRESH_MS} />
    </section>
  );
}
