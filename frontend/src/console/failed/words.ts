import type { ListFailedQueuesResponse } from '../../api/generated';
import { m } from '../../paraglide/messages';
import { contextWords } from '../contexts';

export type FailedQueue = ListFailedQueuesResponse['queues'][number];

/** What lies in a queue, in words: whose messages, and why they are there. */
export function queueWords(queue: FailedQueue): string {
  const context = contextWords(queue.context);
  switch (queue.kind) {
    case 'dead_letters':
      return m.failed_dead_letters({ context });
    case 'undelivered':
      return m.failed_undelivered({ from: contextWords(queue.publisher ?? ''), to: context });
    case 'stream_failures':
      return m.failed_stream({ context });
  }
}
