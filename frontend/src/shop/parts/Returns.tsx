/** What the shopper has asked to send back of a delivered order, and the way to ask. */

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Button } from 'react-aria-components';
import { newIdempotencyKey } from '../../api/client';
import type { Order, ReturnReason } from '../../api/generated';
import { keepAnswer } from '../../api/query';
import { requestReturnOf } from '../../api/shopper';
import { formatInstant, say, useLanguage } from '../../language/language';
import { Failure } from '../../page/Failure';
import { m } from '../../paraglide/messages';
import { useCaller } from '../caller';
import { orderKey } from '../order';
import { useSku } from '../sku';
import { returnWords } from '../words';

const REASONS: readonly ReturnReason[] = ['damaged', 'wrong_item', 'not_as_described', 'not_wanted'];

interface Line {
  sku: string;
  quantity: number;
}

/** What of the order has not been asked about yet. */
function leftOf(order: Order): Line[] {
  const asked = (order.returns ?? []).flatMap((one) => one.lines);
  return order.lines.flatMap(({ sku, quantity }) => {
    const left = asked.reduce((rest, line) => (line.sku === sku ? rest - line.quantity : rest), quantity);
    return left > 0 ? [{ sku, quantity: left }] : [];
  });
}

export function Returns({ order }: { order: Order }) {
  const language = useLanguage();
  const left = leftOf(order);
  const returns = order.returns ?? [];
  const [asking, setAsking] = useState(false);
  if (order.fulfilment_status !== 'delivered') return null;
  return (
    <section aria-labelledby="returns">
      <h2 id="returns">{m.returns_title()}</h2>
      {returns.map((one) => (
        <div key={one.return_id} className="notice notice-good">
          <p className="notice-title">{m.returns_asked_at({ when: formatInstant(one.requested_at, language) })}</p>
          <ul>
            {one.lines.map((line) => (
              <li key={line.sku}>
                <Name sku={line.sku} /> × {line.quantity}
              </li>
            ))}
          </ul>
          <p>{returnWords(one.reason)}</p>
          <p>{m.returns_what_next()}</p>
        </div>
      ))}
      {left.length > 0 &&
        (asking ? (
          <Form order={order} left={left} onDone={() => setAsking(false)} />
        ) : (
          <Button className="button" onPress={() => setAsking(true)}>
            {m.returns_begin()}
          </Button>
        ))}
    </section>
  );
}

function Name({ sku }: { sku: string }) {
  const known = useSku(sku);
  const language = useLanguage();
  return <>{[say(known?.title, language) || sku, say(known?.name, language)].filter(Boolean).join(' · ')}</>;
}

function Form({ order, left, onDone }: { order: Order; left: Line[]; onDone: () => void }) {
  const caller = useCaller();
  const queries = useQueryClient();
  const [wished, setWished] = useState<Record<string, number>>({});
  const [reason, setReason] = useState<ReturnReason | ''>('');
  // The same wish keeps its key, so that pressing again after a lost answer asks once.
  const attempt = useRef({ wish: '', key: '' });
  const lines = Object.entries(wished).flatMap(([sku, quantity]) => (quantity > 0 ? [{ sku, quantity }] : []));
  const ask = useMutation({
    mutationFn: async () => {
      if (!reason) return undefined;
      const wish = { lines, reason };
      const text = JSON.stringify(wish);
      if (attempt.current.wish !== text) attempt.current = { wish: text, key: newIdempotencyKey() };
      return requestReturnOf(caller, order.order_id, wish, attempt.current.key);
    },
    onSuccess: async (now) => {
      await keepAnswer(queries, orderKey(caller, order.order_id), now);
      onDone();
    },
  });
  return (
    <form
      className="panel"
      onSubmit={(event) => {
        event.preventDefault();
        ask.mutate();
      }}
    >
      <fieldset>
        <legend>{m.returns_what()}</legend>
        {left.map(({ sku, quantity }) => (
          <label key={sku} className="field">
            <span>
              <Name sku={sku} />
            </span>
            <select value={wished[sku] ?? 0} onChange={(event) => setWished((before) => ({ ...before, [sku]: Number(event.target.value) }))}>
              {Array.from({ length: quantity + 1 }, (_, count) => (
                <option key={count} value={count}>
                  {count === 0 ? m.returns_keep() : m.returns_count({ count, of: quantity })}
                </option>
              ))}
            </select>
          </label>
        ))}
      </fieldset>
      <label className="field">
        {m.returns_why()}
        <select value={reason} required onChange={(event) => setReason(event.target.value as ReturnReason | '')}>
          <option value="">{m.checkout_choose()}</option>
          {REASONS.map((one) => (
            <option key={one} value={one}>
              {returnWords(one)}
            </option>
          ))}
        </select>
      </label>
      <div className="row">
        <Button type="submit" className="button button-main" isDisabled={lines.length === 0 || !reason} isPending={ask.isPending}>
          {m.returns_ask()}
        </Button>
        <Button className="button" onPress={onDone}>
          {m.returns_leave()}
        </Button>
      </div>
      {ask.error && <Failure error={ask.error} />}
    </form>
  );
}
