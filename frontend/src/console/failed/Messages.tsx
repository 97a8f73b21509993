/** The messages of one queue: what each was, why it failed, how often and since when; chosen ones are sent again or given up. */

import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { Link } from 'react-router';
import { body } from '../../api/client';
import { type ListFailedMessagesResponse, listFailedMessages } from '../../api/generated';
import { formatInstant, formatNumber, useLanguage } from '../../language/language';
import { Failure } from '../../page/Failure';
import { Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { eventName } from '../contexts';
import { useChoosing } from '../parts/choosing';
import { DeedState, DropButton, RedriveButton, useDeed } from './Deed';
import { orderOf } from './letter';
import { type FailedQueue, queueWords } from './words';

type FailedMessage = ListFailedMessagesResponse['messages'][number];

const MOST = 50;

export function Messages({ queue }: { queue: FailedQueue }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [queue.queue]);
  const list = useQuery({
    queryKey: ['insights', 'failed', 'messages', queue.queue],
    queryFn: () => body(listFailedMessages({ path: { queue: queue.queue }, query: { limit: MOST } })),
    // A look takes messages in hand for a moment: it is not repeated by itself.
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { chosen, choose, chooseNone } = useChoosing();
  const deed = useDeed(chooseNone);
  const messages = list.data?.messages ?? [];
  const inSight = messages.filter(({ id }) => chosen.has(id));
  const ids = inSight.map(({ id }) => id);
  const again = inSight.filter(({ can_redrive }) => can_redrive).map(({ id }) => id);
  const all = Math.max(queue.messages ?? 0, messages.length);
  const wish = { queue: queue.queue };
  return (
    <section className="panel" aria-labelledby="queue">
      <h2 id="queue" ref={heading} tabIndex={-1}>
        {queueWords(queue)}
      </h2>
      <div className="row">
        <strong role="status">{m.failed_chosen({ count: inSight.length })}</strong>
        <RedriveButton
          label={m.failed_redrive()}
          count={again.length}
          isDisabled={again.length === 0 || deed.isPending}
          onYes={(reason) => deed.mutate([{ ...wish, act: 'redrive', ids: again, of: again.length, reason }])}
        />
        <DropButton
          label={m.failed_drop()}
          count={ids.length}
          isDisabled={ids.length === 0 || deed.isPending}
          onYes={(reason) => deed.mutate([{ ...wish, act: 'drop', ids, of: ids.length, reason }])}
        />
        <RedriveButton
          label={m.failed_redrive_queue()}
          count={all}
          isDisabled={queue.kind === 'stream_failures' || messages.length === 0 || deed.isPending}
          onYes={(reason) => deed.mutate([{ ...wish, act: 'redrive', of: all, reason }])}
        />
        <button type="button" className="button" onClick={() => void list.refetch()}>
          {m.failed_look_again()}
        </button>
      </div>
      {queue.kind === 'stream_failures' && <p className="notice">{m.failed_stream_what()}</p>}
      <DeedState deed={deed} />
      {list.isPending ? (
        <Loading />
      ) : list.error ? (
        <Failure error={list.error} onRetry={() => void list.refetch()} />
      ) : messages.length === 0 ? (
        <p>{queue.hidden ? m.failed_hidden_now() : m.failed_none_left()}</p>
      ) : (
        <>
          <label className="check">
            <input type="checkbox" checked={inSight.length === messages.length} onChange={(event) => choose(messages.map(({ id }) => id), event.target.checked)} /> {m.console_choose_all()}
          </label>
          <ul className="letters">
            {messages.map((message) => (
              <Letter key={message.id} message={message} chosen={chosen.has(message.id)} onChoose={(on) => choose([message.id], on)} />
            ))}
          </ul>
          {list.data.more && <p>{m.failed_more()}</p>}
        </>
      )}
    </section>
  );
}

function Letter({ message, chosen, onChoose }: { message: FailedMessage; chosen: boolean; onChoose: (on: boolean) => void }) {
  const language = useLanguage();
  const order = orderOf(message);
  return (
    <li>
      <input type="checkbox" aria-label={m.failed_choose({ id: message.id })} checked={chosen} onChange={(event) => onChoose(event.target.checked)} />
      <div>
        <p>
          <code>{message.type ? eventName(message.type) : m.failed_no_event()}</code>{' '}
          {order ? (
            <Link to={`/orders/${order}`}>
              <code>{order}</code>
            </Link>
          ) : (
            <code>{message.subject}</code>
          )}
        </p>
        <p className="bad" lang="en">
          {message.reason}
        </p>
        <p>
          <small>
            {m.failed_received({ count: formatNumber(message.received, language) })} {message.since && m.failed_since({ when: formatInstant(message.since, language) })}
          </small>
        </p>
        {!message.can_redrive && <p>{m.failed_stream_what()}</p>}
        <details>
          <summary>{m.failed_body()}</summary>
          <pre tabIndex={0}>{pretty(message.body)}</pre>
        </details>
      </div>
    </li>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
