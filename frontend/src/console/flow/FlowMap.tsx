/** The map: contexts, and the ways that events take between them. Each way is a button; the table beneath the map says the same. */

import { useMemo } from 'react';
import { useLanguage } from '../../language/language';
import { m } from '../../paraglide/messages';
import { contextWords } from '../contexts';
import { formatRate, formatSpan } from '../figures';
import { MAP, NODE, type Point, arrange } from './arrange';
import { type Curve, draw } from './curve';
import type { Pair } from './pairs';

interface Props {
  pairs: readonly Pair[];
  /** How many of each context's messages have failed for good. */
  failed: ReadonlyMap<string, number>;
  /** The way whose events are shown beside the map. */
  chosen: Pair | undefined;
  onChoose: (pair: Pair) => void;
}

export function FlowMap({ pairs, failed, chosen, onChoose }: Props) {
  // What is where depends on who is there, and not on the figures, which are anew every few seconds.
  const shape = pairs.map(({ from, to }) => `${from} ${to}`).join(',');
  const { places, curves } = useMemo(() => {
    const ways = shape === '' ? [] : shape.split(',').map((way) => ({ from: way.split(' ')[0] ?? '', to: way.split(' ')[1] ?? '' }));
    const names = ways.flatMap(({ from, to }) => [from, to]);
    const standing = arrange(names, ways);
    const drawn = draw(ways, standing);
    return { places: standing, curves: ways.map((way) => drawn.get(way)) };
  }, [shape]);
  return (
    <div className="wide flow-frame" tabIndex={0} role="region" aria-label={m.flow_map()}>
      <svg className="flow" viewBox={`0 0 ${MAP.width} ${MAP.height}`} role="group" aria-label={m.flow_map()}>
        <defs>
          <marker id="arrow" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse">
            <path d="M0 0 10 5 0 10z" className="flow-arrow" />
          </marker>
        </defs>
        {pairs.map((pair, position) => {
          const curve = curves[position];
          return curve && <WayShape key={`${pair.from} ${pair.to}`} pair={pair} curve={curve} chosen={pair === chosen} onChoose={() => onChoose(pair)} />;
        })}
        <g aria-hidden="true">
          {pairs.map((pair, position) => {
            const curve = curves[position];
            return curve && pair.events > 0 && <Figures key={`${pair.from} ${pair.to}`} pair={pair} at={curve.label} />;
          })}
        </g>
        {[...places].map(([name, place]) => (
          <ContextShape key={name} name={name} place={place} failed={failed.get(name) ?? 0} />
        ))}
      </svg>
    </div>
  );
}

interface WayProps {
  pair: Pair;
  curve: Curve;
  chosen: boolean;
  onChoose: () => void;
}

function WayShape({ pair, curve, chosen, onChoose }: WayProps) {
  const silent = pair.events === 0;
  const { rate, p50, p95 } = useFigures(pair);
  const said = [
    m.flow_way({ from: contextWords(pair.from), to: contextWords(pair.to) }),
    silent ? m.flow_silent() : m.flow_way_figures({ rate, p50, p95 }),
    ...(pair.undelivered > 0 ? [m.flow_undelivered_count({ count: pair.undelivered })] : []),
  ].join(' ');
  const classes = ['flow-way', silent && 'flow-silent', pair.undelivered > 0 && 'flow-bad', chosen && 'flow-chosen'].filter(Boolean).join(' ');
  return (
    <g
      className={classes}
      role="button"
      tabIndex={0}
      aria-label={said}
      aria-pressed={chosen}
      data-way={`${pair.from} ${pair.to}`}
      onClick={onChoose}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        onChoose();
      }}
    >
      <path d={curve.path} className="flow-reach" />
      <path d={curve.path} className="flow-line" markerEnd="url(#arrow)" />
    </g>
  );
}

function useFigures({ perMinute, p50Ms, p95Ms }: Pair) {
  const language = useLanguage();
  const span = (milliseconds: number | undefined) => (milliseconds === undefined ? '—' : formatSpan(milliseconds, language));
  return { rate: formatRate(perMinute, language), p50: span(p50Ms), p95: span(p95Ms) };
}

/** Above all lines, so that none runs through it; the way itself says the same to who cannot see. */
function Figures({ pair, at }: { pair: Pair; at: Point }) {
  const { rate, p50, p95 } = useFigures(pair);
  return (
    <text x={at.x} y={at.y} className="flow-label" data-figures={`${pair.from} ${pair.to}`}>
      <tspan x={at.x} dy="-0.15em" className="flow-rate">
        {m.flow_rate({ rate })}
      </tspan>
      <tspan x={at.x} dy="1.15em">
        {p50 === p95 ? p50 : `${p50} · ${p95}`}
      </tspan>
    </text>
  );
}

function ContextShape({ name, place, failed }: { name: string; place: Point; failed: number }) {
  return (
    <g className={failed > 0 ? 'flow-context flow-bad' : 'flow-context'} transform={`translate(${place.x - NODE.width / 2} ${place.y - NODE.height / 2})`} data-context={name}>
      <rect width={NODE.width} height={NODE.height} rx="4" />
      <path d={`M6 5H${NODE.width - 6}`} className="flow-rod" />
      <text x={NODE.width / 2} y={failed > 0 ? 23 : 30}>
        {contextWords(name)}
      </text>
      {failed > 0 && (
        <text x={NODE.width / 2} y="39" className="flow-failed">
          {m.flow_failed_count({ count: failed })}
        </text>
      )}
    </g>
  );
}
