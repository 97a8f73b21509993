/** From the cart to a placed order: where it goes, how it is paid, and what it costs, said before it is bought. */

import { useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useRef, useState } from 'react';
import { Button } from 'react-aria-components';
import { Link, useNavigate } from 'react-router';
import { body, newIdempotencyKey } from '../../api/client';
import { type Cart, type Product, quoteShipping } from '../../api/generated';
import { ApiProblem } from '../../api/problem';
import { checkOut, setContactOf } from '../../api/shopper';
import { loadConfig } from '../../config';
import { useSession } from '../../identity/session';
import { signIn } from '../../identity/signing';
import { say, useLanguage } from '../../language/language';
import { prefectures } from '../../language/prefectures';
import { states } from '../../language/states';
import { sum } from '../../money/money';
import { Amount } from '../../page/Amount';
import { Failure } from '../../page/Failure';
import { Page } from '../../page/Page';
import { Empty, Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { someone } from '../caller';
import { useCart } from '../cart';
import { productQuery } from '../catalog';
import { rememberGuestOrder } from '../known';
import type { PaymentElementHandle } from '../payment/element';
import { PaymentElement } from '../payment/PaymentElement';
import { useShortages } from '../shortages';

const REGION = 'noren.region';

export default function Checkout() {
  const cart = useCart();
  const config = useQuery({ queryKey: ['config'], queryFn: loadConfig, staleTime: Number.POSITIVE_INFINITY });
  const waits = cart.isPending || config.isPending;
  const error = cart.error ?? config.error;
  return (
    <Page title={m.checkout_title()}>
      {waits ? (
        <Loading />
      ) : error || !cart.data || !config.data ? (
        <Failure error={error} onRetry={() => void Promise.all([cart.refetch(), config.refetch()])} />
      ) : cart.data.lines.length === 0 || !cart.data.subtotal ? (
        <Empty title={m.cart_empty()}>
          <Link to="/search">{m.cart_look()}</Link>
        </Empty>
      ) : (
        <Form cart={cart.data} subtotal={cart.data.subtotal} payment={config.data.payment} />
      )}
    </Page>
  );
}

interface FormProps {
  cart: Cart;
  subtotal: NonNullable<Cart['subtotal']>;
  payment: Awaited<ReturnType<typeof loadConfig>>['payment'];
}

function Form({ cart, subtotal, payment }: FormProps) {
  const language = useLanguage();
  const session = useSession();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const places = subtotal.currency === 'USD' ? states(language) : prefectures(language);
  const [region, setRegion] = useState(() => {
    const before = localStorage.getItem(REGION) ?? '';
    return places.some((place) => place.region === before) ? before : '';
  });
  const [email, setEmail] = useState('');
  const [refused, setRefused] = useState('');
  const element = useRef<PaymentElementHandle>(undefined);
  const onReady = useCallback((handle: PaymentElementHandle) => {
    element.current = handle;
  }, []);
  const fee = useFee(cart, region);
  const total = fee.data && sum([subtotal, fee.data]);
  const short = useShortages(cart);

  // The same wish keeps its key, so that pressing again after a lost answer buys once.
  const attempt = useRef({ wish: '', key: '' });
  const buy = useMutation({
    mutationFn: async () => {
      if (!total || !element.current) return undefined;
      const chosen = await element.current.choose();
      if ('refused' in chosen) {
        setRefused(chosen.refused);
        return undefined;
      }
      setRefused('');
      const caller = await someone();
      if (email) await setContactOf(caller, { email, language });
      const wish = { version: cart.version, region, payment_method: chosen.payment_method, expected_total: total };
      const text = JSON.stringify(wish);
      if (attempt.current.wish !== text) attempt.current = { wish: text, key: newIdempotencyKey() };
      const { order_id } = await checkOut(caller, wish, attempt.current.key);
      if (caller.kind === 'guest') rememberGuestOrder(order_id);
      return order_id;
    },
    onSuccess: async (orderId) => {
      if (!orderId) return;
      localStorage.setItem(REGION, region);
      await navigate(`/orders/${orderId}`, { state: { justPlaced: true } });
      void queries.invalidateQueries({ queryKey: ['cart'] });
      void queries.invalidateQueries({ queryKey: ['orders'] });
    },
    onError: (error) => {
      // What the shop told was about another cart, or other prices, than the page shows: show what there is now.
      if (error instanceof ApiProblem && (error.status === 409 || error.status === 422)) void queries.invalidateQueries({ queryKey: ['cart'] });
    },
  });

  return (
    <form
      className="checkout"
      onSubmit={(event) => {
        event.preventDefault();
        buy.mutate();
      }}
    >
      <div>
        {!session && (
          <p className="notice">
            {m.checkout_guest()}{' '}
            <button type="button" className="plain" onClick={() => void signIn('/checkout')}>
              {m.sign_in()}
            </button>
          </p>
        )}
        <fieldset>
          <legend>{m.checkout_to()}</legend>
          <label className="field">
            {m.checkout_email()}
            <input type="email" autoComplete="email" value={email} required={!session} maxLength={254} onChange={(event) => setEmail(event.target.value)} aria-describedby="email-note" />
            <small id="email-note">{session ? m.checkout_email_optional() : m.checkout_email_note()}</small>
          </label>
          <label className="field">
            {subtotal.currency === 'USD' ? m.checkout_state() : m.checkout_prefecture()}
            <select value={region} required autoComplete="address-level1" onChange={(event) => setRegion(event.target.value)}>
              <option value="">{m.checkout_choose()}</option>
              {places.map((place) => (
                <option key={place.region} value={place.region}>
                  {place.name}
                </option>
              ))}
            </select>
          </label>
        </fieldset>
        <fieldset>
          <legend>{m.checkout_pay()}</legend>
          <PaymentElement config={payment} amount_minor={total?.amount_minor ?? subtotal.amount_minor} currency={subtotal.currency} onReady={onReady} />
          {refused && (
            <p className="notice notice-bad" role="alert">
              {refused}
            </p>
          )}
        </fieldset>
      </div>
      <section aria-labelledby="summary" className="sum">
        <h2 id="summary">{m.checkout_summary()}</h2>
        <ul className="summary-lines">
          {cart.lines.map((line) => (
            <li key={line.sku}>
              <span>
                {say(line.title, language)} × {line.quantity}
              </span>
              <Amount money={line.line_total} />
            </li>
          ))}
        </ul>
        <dl className="amounts">
          <dt>{m.cart_subtotal()}</dt>
          <dd>
            <Amount money={subtotal} />
          </dd>
          <dt>{m.checkout_shipping()}</dt>
          <dd>{region === '' ? m.checkout_shipping_unknown() : fee.data ? <Amount money={fee.data} /> : fee.error ? '—' : m.loading()}</dd>
          <dt className="strong">{m.checkout_total()}</dt>
          <dd className="strong">
            <span role="status">{total ? <Amount money={total} /> : '—'}</span>
          </dd>
        </dl>
        <p>
          <small>{m.checkout_tax_note()}</small>
        </p>
        {fee.error && <Failure error={fee.error} onRetry={fee.retry} />}
        {short.length > 0 && (
          <div className="notice notice-bad" role="alert">
            <p className="notice-title">{m.checkout_short()}</p>
            <ul>
              {short.map(({ line, available }) => (
                <li key={line.sku}>
                  {say(line.title, language)}: {available === 0 ? m.stock_none_now() : m.stock_few({ count: available })}
                </li>
              ))}
            </ul>
            <Link to="/cart">{m.checkout_back_to_cart()}</Link>
          </div>
        )}
        {buy.error && <CheckoutFailure error={buy.error} />}
        <Button type="submit" className="button button-main button-wide" isDisabled={!total || short.length > 0} isPending={buy.isPending}>
          {buy.isPending ? m.checkout_placing() : m.checkout_place()}
        </Button>
        <p>
          <small>{m.checkout_place_note()}</small>
        </p>
      </section>
    </form>
  );
}

/** What shipping the cart there costs: the weights are the products' own. */
function useFee(cart: Cart, region: string) {
  const ids = useMemo(() => [...new Set(cart.lines.map((line) => line.product_id))], [cart.lines]);
  const products = useQueries({ queries: ids.map((id) => productQuery(id)) });
  const grams = cart.lines.map(({ sku, quantity }) => {
    const variant = products.flatMap(({ data }) => (data as Product | undefined)?.variants ?? []).find((one) => one.sku === sku);
    return variant ? variant.weight_grams * quantity : undefined;
  });
  const known = grams.every((weight) => weight !== undefined);
  const weight = grams.reduce<number>((all, one) => all + (one ?? 0), 0);
  const quote = useQuery({
    queryKey: ['quote', region, weight],
    queryFn: async () => (await body(quoteShipping({ body: { region, weight_grams: weight } }))).fee,
    enabled: region !== '' && known,
  });
  const failed = products.find(({ error }) => error);
  return {
    data: quote.data,
    error: region === '' ? null : (failed?.error ?? quote.error),
    retry: () => void (failed ? failed.refetch() : quote.refetch()),
  };
}

/** A refused checkout, with what it was about by name: nothing has been bought, and nothing paid. */
function CheckoutFailure({ error }: { error: unknown }) {
  const changed = error instanceof ApiProblem && error.status === 409;
  return (
    <>
      {changed ? (
        <div className="notice notice-bad" role="alert">
          <p className="notice-title">{m.problem_changed_title()}</p>
          <p>{m.problem_changed_advice()}</p>
          <ul>
            {error.errors.map(({ field, message }) => (
              <li key={field} lang="en">
                {message}
              </li>
            ))}
          </ul>
          <Link to="/cart">{m.checkout_back_to_cart()}</Link>
        </div>
      ) : (
        <Failure error={error} />
      )}
      <p>{m.checkout_nothing_paid()}</p>
    </>
  );
}
