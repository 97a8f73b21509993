/** The flow's edges as the map shows them: one way for all types that one context says to another. */

import type { ShowFlowResponse } from '../../api/generated';
import type { Way } from './arrange';

export type FlowEdge = ShowFlowResponse['edges'][number];

export interface Pair extends Way {
  /** Busiest first. */
  edges: FlowEdge[];
  events: number;
  perMinute: number;
  /** The slowest type's, since percentiles of several cannot be put together. */
  p50Ms: number | undefined;
  p95Ms: number | undefined;
  undelivered: number;
}

export function pairsOf(edges: readonly FlowEdge[]): Pair[] {
  const groups = new Map<string, FlowEdge[]>();
  for (const edge of edges) {
    const key = `${edge.publisher} ${edge.consumer}`;
    groups.set(key, [...(groups.get(key) ?? []), edge]);
  }
  return [...groups.values()].map((group) => {
    const sorted = [...group].sort((a, b) => b.events - a.events || a.type.localeCompare(b.type));
    const [first] = sorted;
    const slowest = (of: (edge: FlowEdge) => number | null | undefined) => {
      const known = sorted.flatMap((edge) => of(edge) ?? []);
      return known.length > 0 ? Math.max(...known) : undefined;
    };
    return {
      from: first?.publisher ?? '',
      to: first?.consumer ?? '',
      edges: sorted,
      events: sorted.reduce((all, edge) => all + edge.events, 0),
      perMinute: sorted.reduce((all, edge) => all + edge.per_minute, 0),
      p50Ms: slowest((edge) => edge.p50_ms),
      p95Ms: slowest((edge) => edge.p95_ms),
      // One queue for the whole subscription: each of its edges tells the same number.
      undelivered: slowest((edge) => edge.undelivered) ?? 0,
    };
  });
}

/** How many of each context's messages have failed for good. */
export function deadLetters(edges: readonly FlowEdge[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { consumer, dead_letters } of edges) {
    if (dead_letters) found.set(consumer, Math.max(dead_letters, found.get(consumer) ?? 0));
  }
  return found;
}
