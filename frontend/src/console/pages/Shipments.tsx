/** What waits to be sent, oldest first: the list that a packer works off. */

import { useInfiniteQuery, useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { body } from '../../api/client';
import { type OrderPaymentStatus, type OrderStatus, type Shipment, type ShipmentStatus, listShipments, showAnyOrder } from '../../api/generated';
import { formatNumber, useLanguage } from '../../language/language';
import { Amount } from '../../page/Amount';
import { Page } from '../../page/Page';
import { Empty } from '../../page/states';
import { m } from '../../paraglide/messages';
import { orderWords, paymentWords } from '../../shop/words';
import { Axis } from '../parts/Axis';
import { ReturnsReceived } from '../parts/ReturnsReceived';
import { WorkList } from '../parts/WorkList';
import { shipmentWords } from '../words';

const WAITING: readonly ShipmentStatus[] = ['to_pack', 'packed', 'partially_dispatched'];
const ORDER_AXIS: readonly OrderStatus[] = ['confirmed', 'cancelling', 'completed', 'cancelled'];
const PAYMENT_AXIS: readonly OrderPaymentStatus[] = ['authorized', 'captured', 'partially_refunded', 'refunded', 'voided'];
const PAGE = 25;

export function Shipments() {
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
    .map((shipment, position) => ({ ...shipment, order: orders[position]?.data }))
    .filter(({ order }) => (!orderAxis || order?.status === orderAxis) && (!paymentAxis || order?.payment_status === paymentAxis));

  return (
    <Page title={m.console_shipments()} lead={<p className="lead">{m.console_shipments_lead()}</p>}>
      <div className="filters">
        <Axis label={m.axis_fulfilment()} value={fulfilment} choices={WAITING} words={shipmentWords} onChange={setFulfilment} />
        <Axis label={m.axis_order()} value={orderAxis} choices={ORDER_AXIS} words={orderWords} onChange={setOrderAxis} />
        <Axis label={m.axis_payment()} value={paymentAxis} choices={PAYMENT_AXIS} words={paymentWords} onChange={setPaymentAxis} />
      </div>
      <WorkList
        label={m.console_shipments()}
        list={list}
        rows={rows}
        since={(shipment) => shipment.created_at}
        heads={
          <>
            <th>{m.axis_fulfilment()}</th>
            <th>{m.axis_order()}</th>
            <th>{m.axis_payment()}</th>
            <th>{m.console_pieces()}</th>
            <th>{m.console_region()}</th>
            <th className="number">{m.checkout_total()}</th>
          </>
        }
        cells={({ order, ...shipment }) => <Cells shipment={shipment} order={order} />}
        empty={
          !list.hasNextPage && (
            <Empty title={m.console_nothing_waits()}>
              <p>{m.console_nothing_waits_note()}</p>
            </Empty>
          )
        }
      />
      {(orderAxis || paymentAxis) && list.hasNextPage && <p>{m.console_filter_note()}</p>}
      <ReturnsReceived />
    </Page>
  );
}

interface CellsProps {
  shipment: Shipment;
  order: Awaited<ReturnType<typeof showAnyOrder>>['data'] | undefined;
}

function Cells({ shipment, order }: CellsProps) {
  const language = useLanguage();
  const pieces = shipment.lines.reduce((all, line) => all + line.quantity, 0);
  return (
    <>
      <td>{shipmentWords(shipment.status)}</td>
      <td>{order ? orderWords(order.status) : '…'}</td>
      <td>{order ? paymentWords(order.payment_status) : '…'}</td>
      <td>{formatNumber(pieces, language)}</td>
      <td>{shipment.region ?? '—'}</td>
      <td className="number">{order ? <Amount money={order.total} /> : '…'}</td>
    </>
  );
}
