import { Button } from 'react-aria-components';
import { Link } from 'react-router';
import type { Cart, CartLine } from '../../api/generated';
import { say, useLanguage } from '../../language/language';
import { formatMoney } from '../../money/money';
import { Amount } from '../../page/Amount';
import { Failure } from '../../page/Failure';
import { Page } from '../../page/Page';
import { QuantityField } from '../../page/QuantityField';
import { Empty, Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { useCart, useSetLine } from '../cart';
import { SkuPicture } from '../parts/SkuPicture';
import { useShortages } from '../shortages';
import { useSku } from '../sku';

const MOST = 999;

export default function CartPage() {
  const { data, error, isPending, refetch } = useCart();
  return (
    <Page title={m.cart_title()}>
      {isPending ? (
        <Loading />
      ) : error ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : data.lines.length === 0 ? (
        <Empty title={m.cart_empty()}>
          <p>{m.cart_empty_advice()}</p>
          <Link className="button button-main" to="/search">
            {m.cart_look()}
          </Link>
        </Empty>
      ) : (
        <Filled cart={data} />
      )}
    </Page>
  );
}

function Filled({ cart }: { cart: Cart }) {
  const shortages = useShortages(cart);
  return (
    <>
      <ul className="lines">
        {cart.lines.map((line) => (
          <Line key={line.sku} line={line} available={shortages.find((short) => short.line.sku === line.sku)?.available} />
        ))}
      </ul>
      <div className="sum">
        {cart.subtotal && (
          <p className="sum-total">
            <span>{m.cart_subtotal()}</span> <Amount money={cart.subtotal} />
          </p>
        )}
        <p>{m.cart_sum_note()}</p>
        {cart.lines.some((line) => !line.on_sale) ? (
          <p className="notice notice-bad">{m.cart_not_on_sale()}</p>
        ) : !cart.subtotal ? (
          <p className="notice notice-bad">{m.cart_mixed()}</p>
        ) : shortages.length > 0 ? (
          <p className="notice notice-bad" role="alert">
            {m.checkout_short()}
          </p>
        ) : (
          <Link className="button button-main" to="/checkout">
            {m.cart_check_out()}
          </Link>
        )}
      </div>
    </>
  );
}

/** A line; `available` where there are fewer than it asks for. */
function Line({ line, available }: { line: CartLine; available?: number | undefined }) {
  const language = useLanguage();
  const setLine = useSetLine();
  const known = useSku(line.sku);
  const title = say(line.title, language);
  const changed = line.price_was && line.price_was.amount_minor !== line.unit_price.amount_minor;
  return (
    <li className="line" aria-busy={setLine.isPending}>
      <SkuPicture sku={line.sku} title={line.title} />
      <div className="line-what">
        <Link to={`/products/${encodeURIComponent(line.product_id)}`}>{title}</Link>
        <small>{say(known?.name, language)}</small>
        <span>
          <Amount money={line.unit_price} /> <small>{m.cart_each()}</small>
        </span>
        {!line.on_sale && <p className="notice notice-bad">{m.product_retired()}</p>}
        {line.on_sale && available !== undefined && (
          <div className="notice notice-bad">
            <p>{available === 0 ? m.stock_none_now() : m.stock_few({ count: available })}</p>
            {available > 0 && (
              <Button className="plain" isDisabled={setLine.isPending} onPress={() => setLine.mutate({ sku: line.sku, quantity: available })}>
                {m.cart_take_what_is_there({ count: available })}
              </Button>
            )}
          </div>
        )}
        {changed && line.price_was && (
          <p className="notice">{m.cart_price_changed({ was: formatMoney(line.price_was, language), now: formatMoney(line.unit_price, language) })}</p>
        )}
        {setLine.error && <Failure error={setLine.error} />}
      </div>
      <QuantityField label={m.quantity_of({ title })} value={line.quantity} max={MOST} isDisabled={setLine.isPending} onChange={(quantity) => setLine.mutate({ sku: line.sku, quantity })} />
      <strong className="line-total">
        <Amount money={line.line_total} />
      </strong>
      <Button className="plain" aria-label={m.cart_remove_of({ title })} onPress={() => setLine.mutate({ sku: line.sku, quantity: 0 })} isDisabled={setLine.isPending}>
        {m.cart_remove()}
      </Button>
    </li>
  );
}
