/** Sending failed messages again, and giving them up: in requests of a size that shows how it goes, until there is no more to do. */

import { body } from '../../api/client';
import { type RedriveFailedMessagesResponse, dropFailedMessages, redriveFailedMessages } from '../../api/generated';
import type { Progress } from '../acts';

export type Left = RedriveFailedMessagesResponse['left'][number];

/** Messages a request; the API takes a hundred, but fewer show sooner how it goes. */
const AT_ONCE = 20;

export interface Wish {
  act: 'redrive' | 'drop';
  queue: string;
  /** The messages meant; absent for all of the queue. */
  ids?: readonly string[];
  /** How many there are, as far as it is known. */
  of: number;
  reason: string;
}

export interface Outcome {
  done: number;
  left: (Left & { queue: string })[];
}

/** What one request says; the generated functions answer so. */
type Send = (wish: Wish, which: { ids: string[] } | { all: true }) => Promise<{ done: readonly string[]; left: readonly Left[]; more: boolean }>;

const send: Send = ({ act, queue, reason }, which) =>
  act === 'drop'
    ? body(dropFailedMessages({ path: { queue }, body: { ...which, reason } }))
    : body(redriveFailedMessages({ path: { queue }, body: { ...which, ...(reason && { reason }) } }));

export async function carryOut(wishes: readonly Wish[], tell: (progress: Progress) => void, by: Send = send): Promise<Outcome> {
  const outcome: Outcome = { done: 0, left: [] };
  const of = wishes.reduce((all, wish) => all + wish.of, 0);
  tell({ done: 0, of });
  for (const wish of wishes) {
    const note = (answer: Awaited<ReturnType<Send>>) => {
      outcome.done += answer.done.length;
      outcome.left.push(...answer.left.map((one) => ({ ...one, queue: wish.queue })));
      // More may have come meanwhile than were counted before.
      tell({ done: outcome.done, of: Math.max(of, outcome.done) });
    };
    if (wish.ids) {
      for (let at = 0; at < wish.ids.length; at += AT_ONCE) note(await by(wish, { ids: wish.ids.slice(at, at + AT_ONCE) }));
    } else {
      for (let more = true; more; ) {
        const answer = await by(wish, { all: true });
        note(answer);
        // Where nothing gets done, asking again for all would go on for ever.
        more = answer.more && answer.done.length > 0;
      }
    }
  }
  return outcome;
}
