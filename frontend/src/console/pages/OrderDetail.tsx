/** One order, as each context that has to do with it tells it, and what an operator may do about it. */

import { type UseQueryResult, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Button } from 'react-aria-components';
import { Link, useParams, useSearchParams } from 'react-router';
import { body, newIdempotencyKey } from '../../api/client';
import {
  type Order,
  type Payment,
  type Shipment,
  cancelAnyOrder,
  deliverShipment,
  dispatchShipment,
  packShipment,
  receiveReturn,
  refundPayment,
  showAnyOrder,
  showAnyPayment,
  showNotifications,
  showReservation,
  showShipment,
} from '../../api/generated';
import { ApiProblem } from '../../api/problem';
import { useLanguage } from '../../language/language';
import { formatMoney, parseMoney } from '../../money/money';
import { Amount } from '../../page/Amount';
import { Ask } from '../../page/Ask';
import { Failure } from '../../page/Failure';
import { Page } from '../../page/Page';
import { Empty, Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { cancellationWords, fulfilmentWords, orderWords, paymentWords, returnWords } from '../../shop/words';
import { EventList } from '../orders/EventList';
import { SkuName } from '../parts/SkuName';
import { Timeline } from '../parts/Timeline';
import { noticeWords, shipmentWords } from '../words';

/** Contexts hear of an act a moment after it; the page follows them. */
const FOLLOW_MS = 3_000;

export function OrderDetail() {
  const { orderId = '' } = useParams();
  const [parameters] = useSearchParams();
  const path = { order_id: orderId };
  const ask = <T,>(of: string, read: () => Promise<{ data: T }>) => ({
    queryKey: ['operator', of, orderId],
    queryFn: () => body(read()),
    refetchInterval: FOLLOW_MS,
    staleTime: 0,
  });
  const order = useQuery(ask('order', () => showAnyOrder({ path })));
  const payment = useQuery(ask('payment', () => showAnyPayment({ path })));
  const shipment = useQuery(ask('shipment', () => showShipment({ path })));
  const reservation = useQuery(ask('reservation', () => showReservation({ path })));
  const told = useQuery(ask('notifications', () => showNotifications({ path })));

  const lead = (
    <p className="order-id">
      {m.order_number()} <code>{orderId}</code>
    </p>
  );
  // Orders is where an order begins; it is asked again, since a checkout takes a moment to get there.
  if (order.error instanceof ApiProblem && order.error.status === 404) {
    return (
      <Page title={m.console_order()} lead={lead}>
        <Empty title={m.order_unknown()}>
          <Link className="button" to="/">
            {m.console_orders()}
          </Link>
        </Empty>
      </Page>
    );
  }
  return (
    <Page title={m.console_order()} lead={lead}>
      <Part of={order} title={m.axis_order()}>
        {(now) => <OrderPart order={now} />}
      </Part>
      <div className="parts">
        <Part of={payment} title={m.axis_payment()}>
          {(now) => <PaymentPart payment={now} />}
        </Part>
        <Part of={shipment} title={m.axis_fulfilment()}>
          {(now) => <ShipmentPart shipment={now} />}
        </Part>
        <Part of={reservation} title={m.console_reservation()}>
          {(now) => (
            <ul>
              {now.lines.map((line) => (
                <li key={line.sku}>
                  <SkuName sku={line.sku} /> {m.console_held({ held: line.held, consumed: line.consumed, quantity: line.quantity })}
                </li>
              ))}
              {now.shortages?.map((short) => (
                <li key={short.sku} className="bad">
                  <SkuName sku={short.sku} /> {m.console_short({ requested: short.requested, available: short.available })}
                </li>
              ))}
            </ul>
          )}
        </Part>
        <Part of={told} title={m.console_mails()}>
          {(now) => (
            <>
              <p>{now.contact ? `${now.contact.masked_email} (${now.contact.language})` : m.console_no_contact()}</p>
              <ul>
                {now.notifications.map((notice) => (
                  <li key={`${notice.kind} ${notice.number}`}>
                    {noticeWords(notice.kind)}: {notice.status === 'sent' ? m.mail_sent() : notice.status === 'sending' ? m.mail_sending() : m.mail_skipped()}
                  </li>
                ))}
              </ul>
            </>
          )}
        </Part>
      </div>
      <section className="panel" aria-labelledby="timeline">
        <h2 id="timeline">{m.console_timeline()}</h2>
        <Timeline order={order.data} payment={payment.data} shipment={shipment.data} told={told.data} />
      </section>
      <section className="panel" aria-labelledby="events">
        <h2 id="events">{m.events_title()}</h2>
        <EventList orderId={orderId} marked={parameters.get('event') ?? ''} refreshMs={FOLLOW_MS} />
      </section>
    </Page>
  );
}

function Part<T>({ of, title, children }: { of: UseQueryResult<T>; title: string; children: (now: T) => ReactNode }) {
  return (
    <section className="panel" aria-label={title}>
      <h2>{title}</h2>
      {of.data !== undefined ? (
        children(of.data)
      ) : of.isPending ? (
        <Loading />
      ) : of.error instanceof ApiProblem && of.error.status === 404 ? (
        <p>{m.console_not_heard()}</p>
      ) : (
        <Failure error={of.error} onRetry={() => void of.refetch()} />
      )}
    </section>
  );
}

/** An act of an operator; afterwards all parts are asked anew. */
function useAct<T>(act: (input: T) => Promise<unknown>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn: act, onSettled: () => queries.invalidateQueries({ queryKey: ['operator'] }) });
}

function OrderPart({ order }: { order: Order }) {
  const cancel = useAct(() => cancelAnyOrder({ path: { order_id: order.order_id }, headers: { 'Idempotency-Key': newIdempotencyKey() } }));
  const over = order.status === 'cancelled' || order.status === 'cancelling' || order.status === 'completed';
  return (
    <>
      <p className="axes">
        <span>{orderWords(order.status)}</span>
        <span>{paymentWords(order.payment_status)}</span>
        <span>{fulfilmentWords(order.fulfilment_status)}</span>
      </p>
      {order.cancellation_reason && <p>{cancellationWords(order.cancellation_reason)}</p>}
      <ul>
        {order.lines.map((line) => (
          <li key={line.sku}>
            <SkuName sku={line.sku} /> × {line.quantity} · <Amount money={line.unit_price} />
          </li>
        ))}
      </ul>
      <p>
        {m.checkout_shipping()} <Amount money={order.shipping_fee} /> · {m.checkout_total()}{' '}
        <strong>
          <Amount money={order.total} />
        </strong>
      </p>
      {order.returns && (
        <div className="notice">
          <p className="notice-title">{m.console_returns_asked()}</p>
          <ul>
            {order.returns.map((one) => (
              <li key={one.return_id}>
                <Came lines={one.lines} /> · {returnWords(one.reason)}
              </li>
            ))}
          </ul>
        </div>
      )}
      {!over && order.fulfilment_status === 'unfulfilled' && (
        <Ask action={m.order_cancel()} title={m.order_cancel_sure()} onYes={() => cancel.mutate(undefined)} isDisabled={cancel.isPending}>
          <p>{m.console_cancel_what()}</p>
        </Ask>
      )}
      {cancel.error && <Failure error={cancel.error} />}
    </>
  );
}

function PaymentPart({ payment }: { payment: Payment }) {
  const language = useLanguage();
  const [typed, setTyped] = useState('');
  const currency = payment.amount?.currency ?? 'JPY';
  const amount = typed.trim() === '' ? undefined : parseMoney(typed, currency);
  const wrong = typed.trim() !== '' && (amount === undefined || amount.amount_minor === 0);
  const left = (payment.captured?.amount_minor ?? 0) - (payment.refunded?.amount_minor ?? 0);
  const refund = useAct(async () => {
    await refundPayment({
      path: { order_id: payment.order_id },
      body: amount ? { amount } : {},
      headers: { 'Idempotency-Key': newIdempotencyKey() },
    });
    setTyped('');
  });
  return (
    <>
      <dl className="facts">
        {payment.amount && (
          <div>
            <dt>{m.console_authorised()}</dt>
            <dd>
              <Amount money={payment.amount} />
            </dd>
          </div>
        )}
        {payment.captured && (
          <div>
            <dt>{m.console_captured()}</dt>
            <dd>
              <Amount money={payment.captured} />
            </dd>
          </div>
        )}
        {payment.refunded && (
          <div>
            <dt>{m.console_refunded()}</dt>
            <dd>
              <Amount money={payment.refunded} />
            </dd>
          </div>
        )}
      </dl>
      {left > 0 && (
        <div>
          <label className="field">
            {m.console_refund_amount()}
            <input inputMode="decimal" value={typed} onChange={(event) => setTyped(event.target.value)} aria-invalid={wrong} aria-describedby="refund-note" />
            <small id="refund-note">
              {wrong ? m.console_no_amount({ currency }) : m.console_refund_note({ amount: formatMoney({ amount_minor: left, currency }, language) })}
            </small>
          </label>
          <Ask action={m.console_refund()} title={m.console_refund_sure()} onYes={() => refund.mutate(undefined)} isDisabled={wrong || refund.isPending}>
            <p>{formatMoney(amount ?? { amount_minor: left, currency }, language)}</p>
          </Ask>
        </div>
      )}
      {refund.error && <Failure error={refund.error} />}
    </>
  );
}

function ShipmentPart({ shipment }: { shipment: Shipment }) {
  const path = { order_id: shipment.order_id };
  const [carrier, setCarrier] = useState('');
  const [number, setNumber] = useState('');
  const pack = useAct(() => packShipment({ path, body: {} }));
  const dispatch = useAct(() => dispatchShipment({ path, body: { carrier: carrier.trim(), tracking_number: number.trim() } }));
  const deliver = useAct(() => deliverShipment({ path, body: {} }));
  const waits = shipment.status === 'to_pack' || shipment.status === 'packed' || shipment.status === 'partially_dispatched';
  const underWay = shipment.parcels.some((parcel) => !parcel.delivered_at);
  const error = pack.error ?? dispatch.error ?? deliver.error;
  return (
    <>
      <p>{shipmentWords(shipment.status)}</p>
      <ul>
        {shipment.lines.map((line) => (
          <li key={line.sku}>
            <SkuName sku={line.sku} /> {m.console_line_state({ quantity: line.quantity, packed: line.packed, dispatched: line.dispatched, returned: line.returned })}
          </li>
        ))}
      </ul>
      <ul>
        {shipment.parcels.map((parcel) => (
          <li key={parcel.parcel}>
            {parcel.carrier} <code>{parcel.tracking_number}</code>
          </li>
        ))}
      </ul>
      {waits && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            dispatch.mutate(undefined);
          }}
        >
          <div className="row">
            <Button className="button" isPending={pack.isPending} isDisabled={shipment.status === 'packed'} onPress={() => pack.mutate(undefined)}>
              {m.console_pack()}
            </Button>
          </div>
          <label className="field">
            {m.console_carrier()}
            <input value={carrier} required maxLength={64} onChange={(event) => setCarrier(event.target.value)} />
          </label>
          <label className="field">
            {m.console_tracking()}
            <input value={number} required maxLength={64} onChange={(event) => setNumber(event.target.value)} />
          </label>
          <Button type="submit" className="button button-main" isPending={dispatch.isPending}>
            {m.console_dispatch_one()}
          </Button>
        </form>
      )}
      {underWay && (
        <Button className="button" isPending={deliver.isPending} onPress={() => deliver.mutate(undefined)}>
          {m.console_deliver()}
        </Button>
      )}
      {error && <Failure error={error} />}
      <Returns shipment={shipment} />
    </>
  );
}

/** What is to come back, or has. */
function Came({ lines }: { lines: readonly { sku: string; quantity: number }[] }) {
  return lines.map(({ sku, quantity }, position) => (
    <span key={sku}>
      {position > 0 && ', '}
      <SkuName sku={sku} /> × {quantity}
    </span>
  ));
}

function Returns({ shipment }: { shipment: Shipment }) {
  const returnable = shipment.lines.filter((line) => line.dispatched > line.returned);
  const [back, setBack] = useState<Record<string, number>>({});
  const [restock, setRestock] = useState(true);
  const lines = Object.entries(back).flatMap(([sku, quantity]) => (quantity > 0 ? [{ sku, quantity }] : []));
  const receive = useAct(async () => {
    await receiveReturn({ path: { order_id: shipment.order_id }, body: { lines, restock }, headers: { 'Idempotency-Key': newIdempotencyKey() } });
    setBack({});
  });
  return (
    <>
      {shipment.returns.length > 0 && (
        <>
          <h3>{m.console_returns()}</h3>
          <ul>
            {shipment.returns.map((one) => (
              <li key={one.return_number}>
                <Came lines={one.lines} /> {one.restock ? m.console_restocked() : m.console_not_restocked()}
              </li>
            ))}
          </ul>
        </>
      )}
      {returnable.length > 0 && (
        <details>
          <summary>{m.console_receive_return()}</summary>
          {returnable.map((line) => (
            <label key={line.sku} className="field">
              <SkuName sku={line.sku} />
              <input
                type="number"
                min={0}
                max={line.dispatched - line.returned}
                value={back[line.sku] ?? 0}
                onChange={(event) => setBack((before) => ({ ...before, [line.sku]: Math.min(Math.max(0, event.target.valueAsNumber || 0), line.dispatched - line.returned) }))}
              />
            </label>
          ))}
          <label className="check">
            <input type="checkbox" checked={restock} onChange={(event) => setRestock(event.target.checked)} /> {m.console_restock()}
          </label>
          <Button className="button" isDisabled={lines.length === 0} isPending={receive.isPending} onPress={() => receive.mutate(undefined)}>
            {m.console_receive_return()}
          </Button>
          {receive.error && <Failure error={receive.error} />}
        </details>
      )}
    </>
  );
}
