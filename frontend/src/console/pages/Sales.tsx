/** What was sold, by day and by product. */

import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { body } from '../../api/client';
import { type ShowSalesResponse, showProductSales, showSales } from '../../api/generated';
import { formatNumber, say, useLanguage } from '../../language/language';
import { formatMoney } from '../../money/money';
import { Failure } from '../../page/Failure';
import { Page } from '../../page/Page';
import { Empty, Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { dayFrom, daysIn, formatDay } from '../figures';
import { Chart } from '../sales/Chart';

type Day = ShowSalesResponse['days'][number];
type Measure = 'orders' | 'units' | `revenue ${string}`;

/** As many days as one request takes. */
const MOST_DAYS = 31;
const REFRESH_MS = 30_000;

/** Without days it asks for the shop's last week: only the shop knows which day it is there. */
const salesOf = (query: { from?: string; to?: string }) => ({
  queryKey: ['insights', 'sales', query.from, query.to],
  queryFn: () => body(showSales({ query })),
  refetchInterval: REFRESH_MS,
  staleTime: 0,
});

export function Sales() {
  const [parameters, setParameters] = useSearchParams();
  const week = useQuery(salesOf({}));
  const latest = week.data?.days.at(-1)?.day;
  const to = parameters.get('to') || latest;
  const from = parameters.get('from') || (to && dayFrom(to, -6));
  const days = from && to ? daysIn(from, to) : undefined;
  const asked = days === undefined || (days >= 1 && days <= MOST_DAYS);
  const isNamed = Boolean(parameters.get('from') || parameters.get('to'));
  const sales = useQuery({ ...salesOf(isNamed && from && to ? { from, to } : {}), enabled: asked });
  const set = (next: { from?: string | undefined; to?: string | undefined }) => {
    const said = Object.entries(next).filter((entry): entry is [string, string] => Boolean(entry[1]));
    setParameters(said, { replace: true });
  };
  return (
    <Page title={m.console_sales()} lead={<p className="lead">{m.sales_lead()}</p>}>
      <div className="filters">
        <label className="field">
          {m.day_from()}
          <input type="date" value={from ?? ''} required onChange={(event) => event.target.value && set({ from: event.target.value, to })} />
        </label>
        <label className="field">
          {m.day_to()}
          <input type="date" value={to ?? ''} required onChange={(event) => event.target.value && set({ from, to: event.target.value })} />
        </label>
        {[7, 31].map((span) => (
          <button key={span} type="button" className="button" disabled={!latest} onClick={() => set({ from: latest && dayFrom(latest, 1 - span), to: latest })}>
            {m.sales_last({ days: span })}
          </button>
        ))}
      </div>
      {!asked ? (
        <p className="notice notice-bad" role="alert">
          {days === 0 ? m.sales_wrong_way() : m.sales_too_many({ days: MOST_DAYS })}
        </p>
      ) : sales.isPending ? (
        <Loading />
      ) : sales.error ? (
        <Failure error={sales.error} onRetry={() => void sales.refetch()} />
      ) : sales.data.days.every(({ orders }) => orders === 0) ? (
        <Empty title={m.sales_none()}>
          <p>{m.sales_none_note()}</p>
        </Empty>
      ) : (
        <>
          <Days days={sales.data.days} />
          {from && to && <Products from={from} to={to} />}
        </>
      )}
    </Page>
  );
}

function Days({ days }: { days: readonly Day[] }) {
  const language = useLanguage();
  const [parameters, setParameters] = useSearchParams();
  const currencies = [...new Set(days.flatMap(({ revenue }) => revenue.map(({ currency }) => currency)))].sort();
  const measures: Measure[] = [...currencies.map((currency): Measure => `revenue ${currency}`), 'orders', 'units'];
  const measure = measures.find((one) => one === parameters.get('measure')) ?? measures[0] ?? 'orders';
  const words = (one: Measure): string => (one === 'orders' ? m.sales_orders() : one === 'units' ? m.console_pieces() : m.sales_revenue({ currency: one.slice('revenue '.length) }));
  const valueOf = (day: Day): number => {
    if (measure === 'orders') return day.orders - day.cancelled;
    if (measure === 'units') return day.units;
    return day.revenue.find(({ currency }) => measure.endsWith(currency))?.amount_minor ?? 0;
  };
  const write = (value: number) =>
    measure === 'orders' || measure === 'units' ? formatNumber(value, language) : formatMoney({ amount_minor: value, currency: measure.slice('revenue '.length) }, language);
  const bars = days.map((day) => ({
    key: day.day,
    label: formatDay(day.day, language),
    value: valueOf(day),
    words: `${formatDay(day.day, language, 'long')}: ${write(valueOf(day))}`,
    faint: !day.complete,
  }));
  return (
    <section aria-labelledby="by-day">
      <h2 id="by-day">{m.sales_by_day()}</h2>
      <div className="filters">
        <label className="field">
          {m.sales_measure()}
          <select
            value={measure}
            onChange={(event) => {
              const next = new URLSearchParams(parameters);
              next.set('measure', event.target.value);
              setParameters(next, { replace: true });
            }}
          >
            {measures.map((one) => (
              <option key={one} value={one}>
                {words(one)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Chart label={m.sales_chart({ measure: words(measure) })} bars={bars} write={write} />
      <div className="wide" tabIndex={0} role="region" aria-label={m.sales_by_day()}>
        <table>
          <thead>
            <tr>
              <th>{m.sales_day()}</th>
              <th className="number">{m.sales_orders()}</th>
              <th className="number">{m.sales_cancelled()}</th>
              <th className="number">{m.console_pieces()}</th>
              {currencies.map((currency) => (
                <th key={currency} className="number">
                  {m.sales_revenue({ currency })}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.map((day) => (
              <tr key={day.day}>
                <td>
                  {formatDay(day.day, language, 'long')} {!day.complete && <small className="few">{m.sales_incomplete()}</small>}
                </td>
                <td className="number">{formatNumber(day.orders, language)}</td>
                <td className="number">{formatNumber(day.cancelled, language)}</td>
                <td className="number">{formatNumber(day.units, language)}</td>
                {currencies.map((currency) => {
                  const revenue = day.revenue.find((one) => one.currency === currency);
                  return (
                    <td key={currency} className="number">
                      {revenue ? formatMoney(revenue, language) : '—'}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p>
        <small>{m.sales_note()}</small>
      </p>
    </section>
  );
}

function Products({ from, to }: { from: string; to: string }) {
  const language = useLanguage();
  const products = useQuery({ queryKey: ['insights', 'sales', 'products', from, to], queryFn: () => body(showProductSales({ query: { from, to } })), refetchInterval: REFRESH_MS, staleTime: 0 });
  const most = Math.max(1, ...(products.data?.products.map(({ units }) => units) ?? []));
  return (
    <section aria-labelledby="by-product">
      <h2 id="by-product">{m.sales_by_product()}</h2>
      {products.isPending ? (
        <Loading />
      ) : products.error ? (
        <Failure error={products.error} onRetry={() => void products.refetch()} />
      ) : (
        <>
          {!products.data.complete && <p className="notice">{m.sales_products_incomplete()}</p>}
          <div className="wide" tabIndex={0} role="region" aria-label={m.sales_by_product()}>
            <table>
              <thead>
                <tr>
                  <th>{m.console_product()}</th>
                  <th className="number">{m.console_pieces()}</th>
                  <th className="number">{m.sales_orders()}</th>
                  <th>
                    <span className="unseen">{m.sales_share()}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {products.data.products.map((product) => (
                  <tr key={product.sku}>
                    <td>
                      {say(product.title, language)} <code>{product.sku}</code>
                    </td>
                    <td className="number">{formatNumber(product.units, language)}</td>
                    <td className="number">{formatNumber(product.orders, language)}</td>
                    <td>
                      <svg className="share" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                        <rect width={Math.round((100 * product.units) / most)} height="10" className="chart-bar" />
                      </svg>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {products.data.other_units > 0 && <p>{m.sales_others({ count: formatNumber(products.data.other_units, language) })}</p>}
        </>
      )}
    </section>
  );
}
