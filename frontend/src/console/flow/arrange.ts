/**
 * Where each context stands on the map, by who speaks with whom: the one that most others speak with in the middle, the rest around
 * it, those who speak with each other side by side. The same contexts and ways always give the same map.
 */

export interface Way {
  from: string;
  to: string;
}

export interface Point {
  x: number;
  y: number;
}

/** The map's size and a context's, in units of its own. */
export const MAP = { width: 960, height: 640 } as const;
export const NODE = { width: 140, height: 46 } as const;
const RADIUS = { x: 385, y: 275 } as const;
const CENTRE: Point = { x: MAP.width / 2, y: MAP.height / 2 };

export function arrange(names: readonly string[], ways: readonly Way[]): Map<string, Point> {
  const all = [...new Set(names)].sort();
  const hub = hubOf(all, ways);
  const ring = closest(all.filter((name) => name !== hub), ways);
  const places = new Map<string, Point>(hub === undefined ? [] : [[hub, CENTRE]]);
  ring.forEach((name, position) => {
    const angle = (2 * Math.PI * position) / ring.length - Math.PI / 2;
    places.set(name, { x: CENTRE.x + RADIUS.x * Math.cos(angle), y: CENTRE.y + RADIUS.y * Math.sin(angle) });
  });
  return places;
}

/** Who speaks with more than half of the others; none where there are too few to surround it. */
function hubOf(names: readonly string[], ways: readonly Way[]): string | undefined {
  if (names.length < 4) return undefined;
  const partners = (name: string) =>
    new Set(ways.flatMap(({ from, to }) => (from === to ? [] : from === name ? [to] : to === name ? [from] : []))).size;
  const [most] = [...names].sort((a, b) => partners(b) - partners(a));
  return most !== undefined && partners(most) * 2 > names.length - 1 ? most : undefined;
}

/** The order around the ring in which the ways between neighbours are short: exchanges two as long as that shortens them. */
function closest(names: readonly string[], ways: readonly Way[]): string[] {
  let best = [...names];
  let least = lengthOf(best, ways);
  for (let better = true; better; ) {
    better = false;
    for (let a = 0; a < best.length; a += 1) {
      for (let b = a + 1; b < best.length; b += 1) {
        const tried = best.with(a, best[b] ?? '').with(b, best[a] ?? '');
        const length = lengthOf(tried, ways);
        if (length < least) {
          best = tried;
          least = length;
          better = true;
        }
      }
    }
  }
  return best;
}

function lengthOf(ring: readonly string[], ways: readonly Way[]): number {
  const position = new Map(ring.map((name, at) => [name, at]));
  return ways.reduce((all, { from, to }) => {
    const a = position.get(from);
    const b = position.get(to);
    if (a === undefined || b === undefined) return all;
    const apart = Math.abs(a - b);
    // Squared, so that two steps cost more than two ways of one step: long ways cross the most.
    return all + Math.min(apart, ring.length - apart) ** 2;
  }, 0);
}
