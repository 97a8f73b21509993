/** The one cache of what the server said, and when it asks again. */

import { QueryClient, type QueryKey } from '@tanstack/react-query';
import { ApiProblem } from './problem';

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        refetchOnWindowFocus: true,
        // What the server refuses it refuses again; only what passes is worth another try.
        retry: (failures, error) => failures < 2 && error instanceof ApiProblem && error.passing,
      },
      mutations: { retry: false },
    },
  });
}

/** Keeps what a change was answered with. A read under way may be of before the change, and would else take its place. */
export async function keepAnswer<T>(queries: QueryClient, queryKey: QueryKey, answer: T): Promise<void> {
  await queries.cancelQueries({ queryKey, exact: true });
  queries.setQueryData(queryKey, answer);
}
