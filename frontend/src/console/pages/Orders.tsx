/** All orders, newest first: narrowed by the three axes, days and text; packed and sent in bulk. */

import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { body } from '../../api/client';
import { type ListInsightOrdersResponse, listInsightOrders } from '../../api/generated';
import { readOn } from '../../api/pages';
import { formatNumber, useLanguage } from '../../language/language';
import { Amount } from '../../page/Amount';
import { Page } from '../../page/Page';
import { Empty } from '../../page/states';
import { m } from '../../paraglide/messages';
import { fulfilmentWords, orderWords, paymentWords } from '../../shop/words';
import { Filters } from '../orders/Filters';
import { readFilters, writeFilters } from '../orders/filters';
import { WorkList } from '../parts/WorkList';

type ListedOrder = ListInsightOrdersResponse['orders'][number];

const PAGE = 25;
const REFRESH_MS = 10_000;

export function Orders() {
  const [parameters, setParameters] = useSearchParams();
  const filters = readFilters(parameters);
  const wanted = writeFilters(filters);
  const list = useInfiniteQuery({
    queryKey: ['operator', 'orders', wanted],
    queryFn: ({ pageParam }) =>
      readOn(pageParam, PAGE, async (cursor) => {
        const page = await body(listInsightOrders({ query: { ...wanted, limit: PAGE, ...(cursor && { cursor }) } }));
        return { items: page.orders, next: page.next ?? undefined };
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    refetchInterval: REFRESH_MS,
    staleTime: 0,
  });
  const orders = list.data?.pages.flatMap((page) => page.items) ?? [];
  const narrowed = Object.keys(wanted).length > 0;
  return (
    <Page title={m.console_orders()} lead={<p className="lead">{m.console_orders_lead()}</p>}>
      <Filters filters={filters} onChange={(next) => setParameters(writeFilters(next) as Record<string, string>)} />
      <WorkList
        label={m.console_orders()}
        list={list}
        rows={orders}
        since={(order) => order.placed_at}
        heads={
          <>
            <th>{m.axis_order()}</th>
            <th>{m.axis_payment()}</th>
            <th>{m.axis_fulfilment()}</th>
            <th className="number">{m.console_pieces()}</th>
            <th className="number">{m.checkout_total()}</th>
            <th>{m.console_customer()}</th>
          </>
        }
        cells={(order) => <Cells order={order} />}
        empty={
          <Empty title={narrowed ? m.orders_none_fits() : m.orders_none_yet()}>
            {narrowed ? (
              <button type="button" className="button" onClick={() => setParameters({})}>
                {m.orders_show_all()}
              </button>
            ) : (
              <p>{m.orders_none_yet_note()}</p>
            )}
          </Empty>
        }
      />
    </Page>
  );
}

/** Events may come in any order: of an order that is not heard of whole yet, something is missing. */
function Cells({ order }: { order: ListedOrder }) {
  const language = useLanguage();
  return (
    <>
      <td>{order.status ? orderWords(order.status) : '—'}</td>
      <td>{paymentWords(order.payment_status)}</td>
      <td>{fulfilmentWords(order.fulfilment_status)}</td>
      <td className="number">{formatNumber(order.unit_count, language)}</td>
      <td className="number">
        {order.total ? <Amount money={order.total} /> : '—'}
      </td>
      <td>
        {order.customer_id && (
          <Link to={`/customers/${encodeURIComponent(order.customer_id)}`}>
            <code>{order.customer_id}</code>
          </Link>
        )}
      </td>
    </>
  );
}
