/** All orders, newest first: narrowed by the three axes, days and text; packed and sent in bulk. */

import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from 'react-aria-components';
import { Link, useSearchParams } from 'react-router';
import { body } from '../../api/client';
import { type ListInsightOrdersResponse, listInsightOrders } from '../../api/generated';
import { readOn } from '../../api/pages';
import { formatInstant, formatNumber, useLanguage } from '../../language/language';
import { Amount } from '../../page/Amount';
import { Failure } from '../../page/Failure';
import { Page } from '../../page/Page';
import { Empty, Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { fulfilmentWords, orderWords, paymentWords } from '../../shop/words';
import { Filters } from '../orders/Filters';
import { readFilters, writeFilters } from '../orders/filters';
import { Bulk } from '../parts/Bulk';
import { useChoosing } from '../parts/choosing';

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
  const { chosen, choose, chooseNone } = useChoosing();
  const inSight = orders.filter(({ order_id }) => chosen.has(order_id));
  const narrowed = Object.keys(wanted).length > 0;
  return (
    <Page title={m.console_orders()} lead={<p className="lead">{m.console_orders_lead()}</p>}>
      <Filters filters={filters} onChange={(next) => setParameters(writeFilters(next) as Record<string, string>)} />
      <Bulk
        chosen={inSight}
        onDone={() => {
          chooseNone();
          void list.refetch();
        }}
      />
      {list.isPending ? (
        <Loading />
      ) : list.error ? (
        <Failure error={list.error} onRetry={() => void list.refetch()} />
      ) : orders.length === 0 ? (
        <Empty title={narrowed ? m.orders_none_fits() : m.orders_none_yet()}>
          {narrowed ? (
            <button type="button" className="button" onClick={() => setParameters({})}>
              {m.orders_show_all()}
            </button>
          ) : (
            <p>{m.orders_none_yet_note()}</p>
          )}
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
                    checked={inSight.length === orders.length}
                    onChange={(event) => choose(orders.map(({ order_id }) => order_id), event.target.checked)}
                  />
                </th>
                <th>{m.console_since()}</th>
                <th>{m.order_number()}</th>
                <th>{m.axis_order()}</th>
                <th>{m.axis_payment()}</th>
                <th>{m.axis_fulfilment()}</th>
                <th className="number">{m.console_pieces()}</th>
                <th className="number">{m.checkout_total()}</th>
                <th>{m.console_customer()}</th>
              </tr>
            </thead>
            <tbody>
              {orders.map((order) => (
                <Row key={order.order_id} order={order} chosen={chosen.has(order.order_id)} onChoose={(on) => choose([order.order_id], on)} />
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
    </Page>
  );
}

/** Events may come in any order: of an order that is not heard of whole yet, something is missing. */
function Row({ order, chosen, onChoose }: { order: ListedOrder; chosen: boolean; onChoose: (on: boolean) => void }) {
  const language = useLanguage();
  return (
    <tr>
      <td>
        <input type="checkbox" aria-label={m.console_choose_one({ order: order.order_id })} checked={chosen} onChange={(event) => onChoose(event.target.checked)} />
      </td>
      <td>{order.placed_at ? formatInstant(order.placed_at, language) : '—'}</td>
      <td>
        <Link to={`/orders/${order.order_id}`}>
          <code>{order.order_id}</code>
        </Link>
      </td>
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
    </tr>
  );
}
