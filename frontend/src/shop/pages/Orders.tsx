import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { body } from '../../api/client';
import { type Order, listOrders } from '../../api/generated';
import { useSession } from '../../identity/session';
import { signIn } from '../../identity/signing';
import { formatInstant, say, useLanguage } from '../../language/language';
import { Amount } from '../../page/Amount';
import { Failure } from '../../page/Failure';
import { More } from '../../page/More';
import { Page } from '../../page/Page';
import { Empty, Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { type GuestOrder, guestOrders } from '../known';
import { isUnderWay, useOrder } from '../order';
import { useSkus } from '../sku';
import { fulfilmentWords, orderWords } from '../words';

/** How much of an order its row names. */
const MOST_NAMES = 3;

export default function Orders() {
  const session = useSession();
  return (
    <Page title={m.orders_title()}>
      {session ? <Mine subject={session.subject} /> : <AsGuest />}
    </Page>
  );
}

function Mine({ subject }: { subject: string }) {
  const list = useInfiniteQuery({
    queryKey: ['orders', subject],
    queryFn: ({ pageParam }) => body(listOrders({ query: { limit: 20, ...(pageParam && { cursor: pageParam }) } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: (query) => (query.state.data?.pages.some((page) => page.orders.some(isUnderWay)) ? 2_000 : false),
    staleTime: 0,
  });
  const { data, error, isPending, refetch } = list;
  if (isPending) return <Loading />;
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  const orders = data.pages.flatMap((page) => page.orders);
  if (orders.length === 0) return <NoOrders />;
  return (
    <>
      <ul className="orders">
        {orders.map((order) => (
          <Row key={order.order_id} order={order} />
        ))}
      </ul>
      <More list={list} label={m.orders_more()} />
    </>
  );
}

function Row({ order }: { order: Order }) {
  const language = useLanguage();
  const first = order.lines.slice(0, MOST_NAMES).map(({ sku }) => sku);
  const names = useSkus(first).map((known, position) => say(known?.title, language) || first[position]);
  return (
    <li>
      <Link to={`/orders/${order.order_id}`}>
        <span>{formatInstant(order.placed_at, language)}</span>
        <span className="order-names">
          {names.join(language === 'ja' ? '、' : ', ')}
          {order.lines.length > MOST_NAMES && ` +${order.lines.length - MOST_NAMES}`}
        </span>
        <span>
          {orderWords(order.status)}
          {order.status === 'confirmed' && <small> {fulfilmentWords(order.fulfilment_status)}</small>}
        </span>
        <strong>
          <Amount money={order.total} />
        </strong>
      </Link>
    </li>
  );
}

/** An order of this device; what it is now says the shop, where it still takes the guest's word. */
function GuestRow({ order_id, placed_at }: GuestOrder) {
  const language = useLanguage();
  const { data } = useOrder(order_id, false);
  if (data) return <Row order={data} />;
  return (
    <li>
      <Link to={`/orders/${order_id}`}>
        <span>{formatInstant(placed_at, language)}</span>
        <code>{order_id}</code>
      </Link>
    </li>
  );
}

function AsGuest() {
  const here = guestOrders();
  return (
    <>
      <p className="notice">
        {m.orders_guest()}{' '}
        <button type="button" className="plain" onClick={() => void signIn('/orders')}>
          {m.sign_in()}
        </button>
      </p>
      {here.length === 0 ? (
        <NoOrders />
      ) : (
        <ul className="orders">
          {here.map((order) => (
            <GuestRow key={order.order_id} {...order} />
          ))}
        </ul>
      )}
    </>
  );
}

function NoOrders() {
  return (
    <Empty title={m.orders_none()}>
      <p>{m.orders_none_advice()}</p>
      <Link className="button button-main" to="/search">
        {m.cart_look()}
      </Link>
    </Empty>
  );
}
