/** What waits to be sent, oldest first, with the three axes of each order; packed and sent in bulk. */

import { useInfiniteQuery, useMutation, useQueries, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { Link } from 'react-router';
import { body } from '../../api/client';
import {
  type OrderPaymentStatus,
  type OrderStatus,
  type Shipment,
  type ShipmentStatus,
  type ShippingAct,
  type ShippingActResult,
  listShipments,
  showAnyOrder,
} from '../../api/generated';
import { formatInstant, formatNumber, useLanguage } from '../../language/language';
import { Amount } from '../../page/Amount';
import { Failure } from '../../page/Failure';
import { Page } from '../../page/Page';
import { Empty, Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { orderWords, paymentWords } from '../../shop/words';
import { type Progress, workOff } from '../acts';
import { LookUp } from '../parts/LookUp';
import { shipmentWords } from '../words';

const WAITING: readonly ShipmentStatus[] = ['to_pack', 'packed', 'partially_dispatched'];
const ORDER_AXIS: readonly OrderStatus[] = ['confirmed', 'cancelling', 'completed', 'cancelled'];
const PAYMENT_AXIS: readonly OrderPaymentStatus[] = ['authorized', 'captured', 'partially_refunded', 'refunded', 'voided'];
const PAGE = 25;

export function Orders() {
  const [fulfilment, setFulfilment] = useState<ShipmentStatus | ''>('');
  const [orderAxis, setOrderAxis] = useState<OrderStatus | ''>('');
  const [paymentAxis, setPaymentAxis] = useState<OrderPaymentStatus | ''>('');
  const list = useInfiniteQuery({
    queryKey: ['shipments', fulfilment],
    queryFn: ({ pageParam }) => body(listShipments({ query: { limit: PAGE, ...(fulfilment && { status: fulfilment }), ...(pageParam && { cursor: pageParam }) } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: 10_000,
    staleTime: 0,
  });
  const shipments = list.data?.pages.flatMap((page) => page.shipments) ?? [];
  const orders = useQueries({
    queries: shipments.map(({ order_id }) => ({
      queryKey: ['operator', 'order', order_id],
      queryFn: () => body(showAnyOrder({ path: { order_id } })),
    })),
  });
  const rows = shipments
    .map((shipment, position) => ({ shipment, order: orders[position]?.data }))
    .filter(({ order }) => (!orderAxis || order?.status === orderAxis) && (!paymentAxis || order?.payment_status === paymentAxis));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const inSight = rows.map(({ shipment }) => shipment).filter(({ order_id }) => chosen.has(order_id));
  const choose = (ids: readonly string[], on: boolean) =>
    setChosen((before) => {
      const next = new Set(before);
      for (const id of ids) {
        if (on) next.add(id);
        else next.delete(id);
      }
      return next;
    });

  return (
    <Page title={m.console_orders()} lead={<p className="lead">{m.console_orders_lead()}</p>}>
      <LookUp label={m.console_find_order()} under="/orders" longest={64} />
      <div className="filters">
        <Axis label={m.axis_fulfilment()} value={fulfilment} choices={WAITING} words={shipmentWords} onChange={setFulfilment} />
        <Axis label={m.axis_order()} value={orderAxis} choices={ORDER_AXIS} words={orderWords} onChange={setOrderAxis} />
        <Axis label={m.axis_payment()} value={paymentAxis} choices={PAYMENT_AXIS} words={paymentWords} onChange={setPaymentAxis} />
      </div>
      <Bulk
        chosen={inSight}
        onDone={() => {
          setChosen(new Set());
          void list.refetch();
        }}
      />
      {list.isPending ? (
        <Loading />
      ) : list.error ? (
        <Failure error={list.error} onRetry={() => void list.refetch()} />
      ) : rows.length === 0 && !list.hasNextPage ? (
        <Empty title={m.console_nothing_waits()}>
          <p>{m.console_nothing_waits_note()}</p>
        </Empty>
      ) : (
        <div className="wide" tabIndex={0} role="region" aria-label={m.console_orders()}>
          <table>
            <thead>
              <tr>
                <th>
                  <input
                    type="checkbox"
                    aria-label={m.console_choose_all()}
                    checked={rows.length > 0 && inSight.length === rows.length}
                    onChange={(event) => choose(rows.map(({ shipment }) => shipment.order_id), event.target.checked)}
                  />
                </th>
                <th>{m.console_since()}</th>
                <th>{m.order_number()}</th>
                <th>{m.axis_fulfilment()}</th>
                <th>{m.axis_order()}</th>
                <th>{m.axis_payment()}</th>
                <th>{m.console_pieces()}</th>
                <th>{m.console_region()}</th>
                <th className="number">{m.checkout_total()}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ shipment, order }) => (
                <Row key={shipment.order_id} shipment={shipment} order={order} chosen={chosen.has(shipment.order_id)} onChoose={(on) => choose([shipment.order_id], on)} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list.hasNextPage && (
        <Button className="button" isPending={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
          {m.console_more()}
        </Button>
      )}
      {(orderAxis || paymentAxis) && list.hasNextPage && <p>{m.console_filter_note()}</p>}
    </Page>
  );
}

interface AxisProps<T extends string> {
  label: string;
  value: T | '';
  choices: readonly T[];
  words: (value: T) => string;
  onChange: (value: T | '') => void;
}

function Axis<T extends string>({ label, value, choices, words, onChange }: AxisProps<T>) {
  return (
    <label className="field">
      {label}
      <select value={value} onChange={(event) => onChange(event.target.value as T | '')}>
        <option value="">{m.search_any()}</option>
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {words(choice)}
          </option>
        ))}
      </select>
    </label>
  );
}

interface RowProps {
  shipment: Shipment;
  order: Awaited<ReturnType<typeof showAnyOrder>>['data'] | undefined;
  chosen: boolean;
  onChoose: (on: boolean) => void;
}

function Row({ shipment, order, chosen, onChoose }: RowProps) {
  const language = useLanguage();
  const pieces = shipment.lines.reduce((all, line) => all + line.quantity, 0);
  return (
    <tr>
      <td>
        <input type="checkbox" aria-label={m.console_choose_one({ order: shipment.order_id })} checked={chosen} onChange={(event) => onChoose(event.target.checked)} />
      </td>
      <td>{shipment.created_at ? formatInstant(shipment.created_at, language) : '—'}</td>
      <td>
        <Link to={`/orders/${shipment.order_id}`}>
          <code>{shipment.order_id}</code>
        </Link>
      </td>
      <td>{shipmentWords(shipment.status)}</td>
      <td>{order ? orderWords(order.status) : '…'}</td>
      <td>{order ? paymentWords(order.payment_status) : '…'}</td>
      <td>{formatNumber(pieces, language)}</td>
      <td>{shipment.region ?? '—'}</td>
      <td className="number">{order ? <Amount money={order.total} /> : '…'}</td>
    </tr>
  );
}

function Bulk({ chosen, onDone }: { chosen: readonly Shipment[]; onDone: () => void }) {
  const queries = useQueryClient();
  const [carrier, setCarrier] = useState('');
  const [numbers, setNumbers] = useState<Record<string, string>>({});
  const [progress, setProgress] = useState<Progress>();
  const work = useMutation({
    mutationFn: (acts: ShippingAct[]) => workOff(acts, setProgress),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['operator'] });
      onDone();
    },
  });
  const ready = chosen.length > 0 && carrier.trim() !== '' && chosen.every(({ order_id }) => numbers[order_id]?.trim());
  return (
    <section className="panel" aria-label={m.console_bulk()}>
      <div className="row">
        <strong role="status">{m.console_chosen({ count: chosen.length })}</strong>
        <Button className="button" isDisabled={chosen.length === 0} isPending={work.isPending} onPress={() => work.mutate(chosen.map(({ order_id }) => ({ order_id, act: 'pack' })))}>
          {m.console_pack()}
        </Button>
      </div>
      {chosen.length > 0 && (
        <details>
          <summary className="button">{m.console_dispatch()}</summary>
          <form
            className="panel"
            onSubmit={(event) => {
              event.preventDefault();
              if (!ready) return;
              work.mutate(
                chosen.map(({ order_id }) => ({ order_id, act: 'dispatch', carrier: carrier.trim(), tracking_number: (numbers[order_id] ?? '').trim() })),
              );
            }}
          >
            <label className="field">
              {m.console_carrier()}
              <input value={carrier} required maxLength={64} onChange={(event) => setCarrier(event.target.value)} />
            </label>
            {chosen.map(({ order_id }) => (
              <label key={order_id} className="field">
                {m.console_tracking_of({ order: order_id })}
                <input value={numbers[order_id] ?? ''} required maxLength={64} onChange={(event) => setNumbers((before) => ({ ...before, [order_id]: event.target.value }))} />
              </label>
            ))}
            <Button type="submit" className="button button-main" isDisabled={!ready} isPending={work.isPending}>
              {m.console_dispatch_chosen({ count: chosen.length })}
            </Button>
          </form>
        </details>
      )}
      {work.isPending && progress && (
        <label>
          {m.console_progress({ done: progress.done, of: progress.of })} <progress value={progress.done} max={progress.of} />
        </label>
      )}
      {work.error && <Failure error={work.error} />}
      {work.data && <Results results={work.data} />}
    </section>
  );
}

function Results({ results }: { results: readonly ShippingActResult[] }) {
  const refused = results.filter(({ problem }) => problem);
  return (
    <div className={`notice ${refused.length > 0 ? 'notice-bad' : 'notice-good'}`} role="status">
      <p>{m.console_done({ done: results.length - refused.length, of: results.length })}</p>
      {refused.length > 0 && (
        <ul>
          {refused.map(({ order_id, problem }) => (
            <li key={order_id}>
              <Link to={`/orders/${order_id}`}>
                <code>{order_id}</code>
              </Link>{' '}
              <span lang="en">{problem?.detail}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
