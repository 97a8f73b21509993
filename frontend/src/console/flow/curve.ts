/** The curve that an event's way is drawn with: from one context's border to another's, past all others, its label where there is room. */

import { NODE, type Point, type Way } from './arrange';

export interface Curve {
  /** An SVG path, ending where its arrow does. */
  path: string;
  label: Point;
}

/** How far a curve bends to its right, tried in this order; the other direction bends to the other side, so both are seen. */
const BENDS = [46, 110, -110, 190, -190, 290, -290, 400, -400];
/** Where on a curve a label may stand. */
const SPOTS = [0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73];
const STEPS = 48;
/** Room that a label takes. */
const LABEL = { width: 92, height: 34 } as const;
const CLEARANCE = 10;

interface Bend {
  from: Point;
  by: Point;
  to: Point;
}

/** A curve for each way between two places that are known, in the order of the ways. */
export function draw(ways: readonly Way[], places: ReadonlyMap<string, Point>): Map<Way, Curve> {
  const labels: Point[] = [];
  const drawn = new Map<Way, Curve>();
  for (const way of ways) {
    const from = places.get(way.from);
    const to = places.get(way.to);
    if (!from || !to || from === to) continue;
    const others = [...places].filter(([name]) => name !== way.from && name !== way.to).map(([, place]) => place);
    const bend = clear(from, to, others);
    const spot =
      SPOTS.map((at) => on(bend, at)).find((point) => free(point, labels, LABEL) && free(point, [...places.values()], mean(LABEL, NODE))) ?? on(bend, 0.5);
    labels.push(spot);
    drawn.set(way, { path: clipped(bend), label: spot });
  }
  return drawn;
}

/** The first bend that passes no other context. */
function clear(from: Point, to: Point, others: readonly Point[]): Bend {
  const bends = BENDS.map((by) => bent(from, to, by));
  const passes = (bend: Bend) => others.some((other) => points(bend).some((point) => inside(point, other, CLEARANCE)));
  return bends.find((bend) => !passes(bend)) ?? bent(from, to, BENDS[0] ?? 0);
}

function bent(from: Point, to: Point, by: number): Bend {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  return { from, to, by: { x: (from.x + to.x) / 2 - (dy / length) * by, y: (from.y + to.y) / 2 + (dx / length) * by } };
}

function on({ from, by, to }: Bend, at: number): Point {
  const [a, b, c] = [(1 - at) ** 2, 2 * at * (1 - at), at ** 2];
  return { x: a * from.x + b * by.x + c * to.x, y: a * from.y + b * by.y + c * to.y };
}

const points = (bend: Bend): Point[] => Array.from({ length: STEPS + 1 }, (_, step) => on(bend, step / STEPS));

function inside(point: Point, node: Point, room: number): boolean {
  return Math.abs(point.x - node.x) < NODE.width / 2 + room && Math.abs(point.y - node.y) < NODE.height / 2 + room;
}

/** The part of the curve that neither end's box covers. */
function clipped(bend: Bend): string {
  const outside = points(bend).map((point) => !inside(point, bend.from, 2) && !inside(point, bend.to, 6));
  const first = Math.max(outside.indexOf(true), 0) / STEPS;
  const last = (outside.lastIndexOf(true) < 0 ? STEPS : outside.lastIndexOf(true)) / STEPS;
  const begin = on(bend, first);
  const end = on(bend, last);
  // The control point of a part of a quadratic curve is its blossom at the part's ends.
  const [a, b, c] = [(1 - first) * (1 - last), first * (1 - last) + last * (1 - first), first * last];
  const by = { x: a * bend.from.x + b * bend.by.x + c * bend.to.x, y: a * bend.from.y + b * bend.by.y + c * bend.to.y };
  return `M${round(begin)} Q${round(by)} ${round(end)}`;
}

const round = ({ x, y }: Point) => `${x.toFixed(1)},${y.toFixed(1)}`;

interface Size {
  width: number;
  height: number;
}

const mean = (a: Size, b: Size): Size => ({ width: (a.width + b.width) / 2, height: (a.height + b.height) / 2 });

function free(point: Point, taken: readonly Point[], { width, height }: Size): boolean {
  return taken.every((one) => Math.abs(one.x - point.x) >= width || Math.abs(one.y - point.y) >= height);
}
