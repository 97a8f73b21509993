/** The scale that a chart's bars stand against. All in whole numbers: an amount's minor units are never divided. */

/** Steps that people read easily, times any power of ten. */
const STEPS = [1, 2, 5];

/** Marks from nothing to just above the highest value: six of them at most. */
export function marks(highest: number): number[] {
  if (highest <= 0) return [0, 1];
  for (let power = 1; ; power *= 10) {
    for (const step of STEPS) {
      const count = Math.ceil(highest / (step * power));
      if (count <= 5) return Array.from({ length: count + 1 }, (_, at) => at * step * power);
    }
  }
}

/** Which of so many labels are shown, so that they do not run into each other: every nth, the last one among them. */
export function shown(count: number, most: number): Set<number> {
  const every = Math.max(1, Math.ceil(count / most));
  return new Set(Array.from({ length: count }, (_, at) => at).filter((at) => (count - 1 - at) % every === 0));
}
