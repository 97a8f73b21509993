/** Bars by day. Drawn for the eye; the table beside it says the same to everybody. */

import { marks, shown } from './scale';

export interface Bar {
  key: string;
  label: string;
  value: number;
  /** The value in words, for whoever points at the bar. */
  words: string;
  /** Not counted to the end. */
  faint?: boolean;
}

interface Props {
  label: string;
  bars: readonly Bar[];
  write: (value: number) => string;
}

const SIZE = { width: 900, height: 300 } as const;
const EDGE = { left: 96, right: 8, top: 12, bottom: 34 } as const;
const MOST_LABELS = 10;

export function Chart({ label, bars, write }: Props) {
  const scale = marks(Math.max(0, ...bars.map(({ value }) => value)));
  const top = scale[scale.length - 1] ?? 1;
  const room = { width: SIZE.width - EDGE.left - EDGE.right, height: SIZE.height - EDGE.top - EDGE.bottom };
  const y = (value: number) => EDGE.top + room.height * (1 - value / top);
  const slot = room.width / Math.max(bars.length, 1);
  const width = Math.min(slot * 0.72, 64);
  const labelled = shown(bars.length, MOST_LABELS);
  return (
    <div className="wide" tabIndex={0} role="region" aria-label={label}>
      <svg className="chart" viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} role="img" aria-label={label}>
        {scale.map((mark) => (
          <g key={mark}>
            <path d={`M${EDGE.left} ${y(mark)}H${SIZE.width - EDGE.right}`} className="chart-line" />
            <text x={EDGE.left - 8} y={y(mark) + 4} textAnchor="end">
              {write(mark)}
            </text>
          </g>
        ))}
        {bars.map((bar, position) => {
          const middle = EDGE.left + slot * (position + 0.5);
          return (
            <g key={bar.key}>
              <rect x={middle - width / 2} y={y(bar.value)} width={width} height={Math.max(0, y(0) - y(bar.value))} className={bar.faint ? 'chart-bar chart-faint' : 'chart-bar'}>
                <title>{bar.words}</title>
              </rect>
              {labelled.has(position) && (
                <text x={middle} y={SIZE.height - 12} textAnchor="middle">
                  {bar.label}
                </text>
              )}
            </g>
          );
        })}
      </svg>
    </div>
  );
}
