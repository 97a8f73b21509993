/** How far an order is, on the way that every order goes. */

import type { Order } from '../../api/generated';
import { m } from '../../paraglide/messages';
import { fulfilmentWords, paymentWords } from '../words';

export function Steps({ order }: { order: Order }) {
  if (order.status === 'cancelled' || order.status === 'cancelling') {
    return order.payment_status === 'none' ? null : <p>{m.steps_payment({ status: paymentWords(order.payment_status) })}</p>;
  }
  const past = order.status === 'confirmed' || order.status === 'completed';
  const steps = [
    { name: m.step_placed(), done: true },
    { name: m.step_reserved(), done: order.status !== 'placed' },
    { name: m.step_paid(), done: past },
    { name: m.step_dispatched(), done: order.fulfilment_status === 'dispatched' || order.fulfilment_status === 'delivered' },
    { name: m.step_delivered(), done: order.fulfilment_status === 'delivered' },
  ];
  const now = steps.findIndex(({ done }) => !done);
  return (
    <>
      <ol className="steps">
        {steps.map(({ name, done }, position) => (
          <li key={name} className={done ? 'done' : undefined} aria-current={position === now ? 'step' : undefined}>
            <span>
              {name}
              {done && <span className="unseen"> {m.step_done()}</span>}
            </span>
          </li>
        ))}
      </ol>
      <p>
        <small>
          {m.steps_payment({ status: paymentWords(order.payment_status) })} · {m.steps_delivery({ status: fulfilmentWords(order.fulfilment_status) })}
        </small>
      </p>
    </>
  );
}
