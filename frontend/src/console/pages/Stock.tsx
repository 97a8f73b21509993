/** Levels of each SKU by location, and the acts that change them, each with its reason. */

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { useSearchParams } from 'react-router';
import { body, newIdempotencyKey } from '../../api/client';
import { type AdjustmentReason, type Stock as StockOfSku, adjustStock, listMovements, setThreshold, showStock } from '../../api/generated';
import { ApiProblem } from '../../api/problem';
import { formatInstant, formatNumber, say, useLanguage } from '../../language/language';
import { Failure } from '../../page/Failure';
import { More } from '../../page/More';
import { Page } from '../../page/Page';
import { m } from '../../paraglide/messages';
import { ProductList } from '../parts/ProductList';
import { SkuName } from '../parts/SkuName';
import { Warnings } from '../parts/Warnings';
import { reasonWords } from '../words';

const REASONS: readonly AdjustmentReason[] = ['counted', 'damaged', 'lost', 'returned', 'received'];

export function Stock() {
  const language = useLanguage();
  const [parameters, setParameters] = useSearchParams();
  const chosen = parameters.get('sku') ?? '';
  const choose = (sku: string) => {
    const q = parameters.get('q');
    setParameters(q ? { q, sku } : { sku });
    window.scrollTo(0, 0);
  };
  return (
    <Page title={m.console_stock()} lead={<p className="lead">{m.console_stock_lead()}</p>}>
      <ProductList
        label={m.console_stock()}
        head={
          <>
            <th>{m.product_sku()}</th>
            <th>{m.console_product()}</th>
            <th className="number">{m.console_available()}</th>
            <th className="number">{m.console_allocated()}</th>
            <th className="number">{m.console_threshold()}</th>
          </>
        }
        row={(product) =>
          product.variants.map((variant) => (
            <Row
              key={variant.sku}
              sku={variant.sku}
              title={[say(product.title, language), say(variant.name, language)].filter(Boolean).join(' · ')}
              onChoose={() => choose(variant.sku)}
            />
          ))
        }
      >
        {chosen && <Sku key={chosen} sku={chosen} />}
        <Warnings onChoose={choose} />
      </ProductList>
    </Page>
  );
}

function useStock(sku: string) {
  return useQuery({
    queryKey: ['operator', 'stock', sku],
    queryFn: async (): Promise<StockOfSku> => {
      try {
        return await body(showStock({ path: { sku } }));
      } catch (error) {
        // What was never received has no stock: none of it is there.
        if (error instanceof ApiProblem && error.status === 404) return { sku, locations: [] };
        throw error;
      }
    },
  });
}

function Row({ sku, title, onChoose }: { sku: string; title: string; onChoose: () => void }) {
  const language = useLanguage();
  const { data, error } = useStock(sku);
  const total = (of: 'available' | 'allocated') => (data ? formatNumber(data.locations.reduce((all, level) => all + level[of], 0), language) : error ? '—' : '…');
  const low = data?.locations.some((level) => level.available <= level.low_stock_threshold);
  return (
    <tr>
      <td>
        <button type="button" className="plain" onClick={onChoose}>
          <code>{sku}</code>
        </button>
      </td>
      <td>{title}</td>
      <td className="number">
        {total('available')} {low && <small className="few">{m.console_low()}</small>}
      </td>
      <td className="number">{total('allocated')}</td>
      <td className="number">{data?.locations.map((level) => formatNumber(level.low_stock_threshold, language)).join(' / ')}</td>
    </tr>
  );
}

function Sku({ sku }: { sku: string }) {
  const language = useLanguage();
  const queries = useQueryClient();
  const stock = useStock(sku);
  const [location, setLocation] = useState('main');
  const [by, setBy] = useState('');
  const [reason, setReason] = useState<AdjustmentReason>('counted');
  const [threshold, setThresholdTo] = useState('');
  const done = () => Promise.all([queries.invalidateQueries({ queryKey: ['operator', 'stock', sku] }), queries.invalidateQueries({ queryKey: ['operator', 'movements', sku] })]);
  const adjust = useMutation({
    mutationFn: () => adjustStock({ path: { sku }, body: { by: Number(by), reason, location_id: location }, headers: { 'Idempotency-Key': newIdempotencyKey() } }),
    onSuccess: () => setBy(''),
    onSettled: done,
  });
  const warn = useMutation({
    mutationFn: () => setThreshold({ path: { sku }, body: { threshold: Number(threshold), location_id: location }, headers: { 'Idempotency-Key': newIdempotencyKey() } }),
    onSuccess: () => setThresholdTo(''),
    onSettled: done,
  });
  const whole = /^[+-]?\d+$/.test(by.trim()) && Number(by) !== 0;
  return (
    <section className="panel" aria-label={sku}>
      <h2>
        <SkuName sku={sku} />
      </h2>
      {stock.error && <Failure error={stock.error} onRetry={() => void stock.refetch()} />}
      {stock.data?.locations.length === 0 && <p>{m.console_never_received()}</p>}
      <ul>
        {stock.data?.locations.map((level) => (
          <li key={level.location_id}>
            <code>{level.location_id}</code>{' '}
            {m.console_level({
              received: formatNumber(level.received, language),
              available: formatNumber(level.available, language),
              allocated: formatNumber(level.allocated, language),
            })}
          </li>
        ))}
      </ul>
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (whole) adjust.mutate();
        }}
      >
        <label className="field">
          {m.console_location()}
          <input value={location} required maxLength={32} onChange={(event) => setLocation(event.target.value)} />
        </label>
        <label className="field">
          {m.console_by()}
          <input value={by} inputMode="numeric" required placeholder="-3" onChange={(event) => setBy(event.target.value)} />
        </label>
        <label className="field">
          {m.console_reason()}
          <select value={reason} onChange={(event) => setReason(event.target.value as AdjustmentReason)}>
            {REASONS.map((one) => (
              <option key={one} value={one}>
                {reasonWords(one)}
              </option>
            ))}
          </select>
        </label>
        <Button type="submit" className="button button-main" isDisabled={!whole} isPending={adjust.isPending}>
          {m.console_adjust()}
        </Button>
      </form>
      {adjust.error && <Failure error={adjust.error} />}
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          warn.mutate();
        }}
      >
        <label className="field">
          {m.console_threshold()}
          <input value={threshold} type="number" min={0} required onChange={(event) => setThresholdTo(event.target.value)} />
        </label>
        <Button type="submit" className="button" isPending={warn.isPending}>
          {m.console_set_threshold()}
        </Button>
      </form>
      {warn.error && <Failure error={warn.error} />}
      <Movements sku={sku} />
    </section>
  );
}

function Movements({ sku }: { sku: string }) {
  const language = useLanguage();
  const movements = useInfiniteQuery({
    queryKey: ['operator', 'movements', sku],
    queryFn: ({ pageParam }) => body(listMovements({ path: { sku }, query: { limit: 20, ...(pageParam && { cursor: pageParam }) } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const all = movements.data?.pages.flatMap((page) => page.movements) ?? [];
  return (
    <>
      <h3>{m.console_movements()}</h3>
      {movements.error && <Failure error={movements.error} onRetry={() => void movements.refetch()} />}
      {movements.data && all.length === 0 && <p>{m.console_no_movements()}</p>}
      {all.length > 0 && (
        <div className="wide" tabIndex={0} role="region" aria-label={m.console_movements()}>
          <table>
            <tbody>
              {all.map((movement, position) => (
                <tr key={`${movement.moved_at} ${position}`}>
                  <td>{formatInstant(movement.moved_at, language)}</td>
                  <td>
                    <code>{movement.location_id}</code>
                  </td>
                  <td>{reasonWords(movement.reason)}</td>
                  <td className="number">{new Intl.NumberFormat(language, { signDisplay: 'always' }).format(movement.by)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <More list={movements} label={m.console_more()} />
    </>
  );
}
