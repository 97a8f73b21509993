import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button } from 'react-aria-components';
import { Link, useLocation, useNavigate, useParams } from 'react-router';
import { newIdempotencyKey } from '../../api/client';
import type { Order, OrderLine } from '../../api/generated';
import { ApiProblem } from '../../api/problem';
import { keepAnswer } from '../../api/query';
import { cancelOrderOf } from '../../api/shopper';
import { formatInstant, say, useLanguage } from '../../language/language';
import { times } from '../../money/money';
import { Amount } from '../../page/Amount';
import { Ask } from '../../page/Ask';
import { Failure } from '../../page/Failure';
import { Page } from '../../page/Page';
import { Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { useCaller } from '../caller';
import { useSetLine } from '../cart';
import { guestOrders } from '../known';
import { isUnderWay, orderKey, useOrder, usePayment } from '../order';
import { Returns } from '../parts/Returns';
import { SkuPicture } from '../parts/SkuPicture';
import { Steps } from '../parts/Steps';
import { useSku } from '../sku';
import { cancellationWords, orderWords } from '../words';

export default function OrderPage() {
  const { orderId = '' } = useParams();
  const justPlaced = (useLocation().state as { justPlaced?: boolean } | null)?.justPlaced ?? false;
  // A guest who comes back after a reload is still the one who placed it here.
  const ours = justPlaced || guestOrders().some((order) => order.order_id === orderId);
  const { data, error, refetch } = useOrder(orderId, ours);
  const language = useLanguage();
  return (
    <Page title={m.order_title()} lead={<p className="order-id">{m.order_number()} <code>{orderId}</code></p>}>
      {data ? (
        <>
          <p className="lead">{m.order_placed_at({ when: formatInstant(data.placed_at, language) })}</p>
          <Status order={data} />
          <Steps order={data} />
          <Lines order={data} />
          <Returns order={data} />
          <Cancel order={data} />
        </>
      ) : error instanceof ApiProblem && error.status === 404 ? (
        <div className="notice notice-bad" role="alert">
          <p className="notice-title">{m.order_unknown()}</p>
          <p>{m.order_unknown_advice()}</p>
          <Link to="/orders">{m.nav_orders()}</Link>
        </div>
      ) : error ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <Loading>{ours ? m.order_arriving() : undefined}</Loading>
      )}
    </Page>
  );
}

function Status({ order }: { order: Order }) {
  const toConfirm = order.payment_status === 'action_required' && order.status !== 'cancelled';
  const payment = usePayment(order.order_id, toConfirm);
  const kind = order.status === 'cancelled' ? 'notice-bad' : isUnderWay(order) ? '' : 'notice-good';
  return (
    <div className={`notice ${kind}`}>
      <div role="status">
        <p className="notice-title" data-order-status={order.status} data-payment-status={order.payment_status}>
          {toConfirm ? m.order_to_confirm() : orderWords(order.status)}
        </p>
        {order.status === 'cancelled' && order.cancellation_reason && <p>{cancellationWords(order.cancellation_reason)}</p>}
        {order.status === 'confirmed' && <p>{m.order_thanks()}</p>}
        {isUnderWay(order) && !toConfirm && <p>{m.order_waits()}</p>}
      </div>
      {toConfirm &&
        (payment.data?.action_url ? (
          <>
            <p>{m.order_to_confirm_advice()}</p>
            <a className="button button-main" href={payment.data.action_url}>
              {m.order_confirm_payment()}
            </a>
            {payment.data.act_until && <Until instant={payment.data.act_until} />}
          </>
        ) : payment.error ? (
          <Failure error={payment.error} onRetry={() => void payment.refetch()} />
        ) : (
          <Loading />
        ))}
      {order.status === 'cancelled' && <PutBack order={order} />}
    </div>
  );
}

function Until({ instant }: { instant: string }) {
  return (
    <p>
      <small>{m.order_confirm_until({ when: formatInstant(instant, useLanguage()) })}</small>
    </p>
  );
}

/** Puts a cancelled order's lines into the cart again, to be bought in another way. */
function PutBack({ order }: { order: Order }) {
  const setLine = useSetLine();
  const navigate = useNavigate();
  const again = useMutation({
    mutationFn: async () => {
      for (const { sku, quantity } of order.lines) await setLine.mutateAsync({ sku, quantity });
    },
    onSuccess: () => navigate(order.cancellation_reason === 'payment_declined' ? '/checkout' : '/cart'),
  });
  return (
    <>
      <Button className="button button-main" isPending={again.isPending} onPress={() => again.mutate()}>
        {order.cancellation_reason === 'payment_declined' ? m.order_other_card() : m.order_again()}
      </Button>
      {again.error && <Failure error={again.error} />}
    </>
  );
}

function Line({ line }: { line: OrderLine }) {
  const language = useLanguage();
  const known = useSku(line.sku);
  return (
    <li className="line line-short">
      <SkuPicture sku={line.sku} />
      <div className="line-what">
        {known ? <Link to={`/products/${encodeURIComponent(known.product_id)}`}>{say(known.title, language)}</Link> : <code>{line.sku}</code>}
        {known && <small>{say(known.name, language)}</small>}
        <span>
          <Amount money={line.unit_price} /> × {line.quantity}
        </span>
      </div>
      <strong className="line-total">
        <Amount money={times(line.unit_price, line.quantity)} />
      </strong>
    </li>
  );
}

function Lines({ order }: { order: Order }) {
  const tax = order.tax.reduce((all, line) => all + line.tax_minor, 0);
  return (
    <section aria-labelledby="lines">
      <h2 id="lines">{m.order_lines()}</h2>
      <ul className="lines">
        {order.lines.map((line) => (
          <Line key={line.sku} line={line} />
        ))}
      </ul>
      <dl className="amounts">
        <dt>{m.cart_subtotal()}</dt>
        <dd>
          <Amount money={order.subtotal} />
        </dd>
        <dt>{m.checkout_shipping()}</dt>
        <dd>
          <Amount money={order.shipping_fee} />
        </dd>
        <dt className="strong">{m.checkout_total()}</dt>
        <dd className="strong">
          <Amount money={order.total} />
        </dd>
        <dt>{m.order_tax()}</dt>
        <dd>
          <Amount money={{ amount_minor: tax, currency: order.total.currency }} />
        </dd>
      </dl>
    </section>
  );
}

function Cancel({ order }: { order: Order }) {
  const caller = useCaller();
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => cancelOrderOf(caller, order.order_id, newIdempotencyKey()),
    onSuccess: (now) => keepAnswer(queries, orderKey(caller, order.order_id), now),
    onError: () => void queries.invalidateQueries({ queryKey: ['order'] }),
  });
  const can = (order.status === 'placed' || order.status === 'awaiting_payment' || order.status === 'confirmed') && order.fulfilment_status === 'unfulfilled';
  return (
    <section className="row">
      {can && (
        <Ask action={m.order_cancel()} title={m.order_cancel_sure()} onYes={() => cancel.mutate()} isDisabled={cancel.isPending}>
          <p>{m.order_cancel_what()}</p>
        </Ask>
      )}
      {cancel.error && <Failure error={cancel.error} />}
    </section>
  );
}
