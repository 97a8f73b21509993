/** Products on sale: prices and retirement one by one, and whole files in and out. */

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { body, newIdempotencyKey } from '../../api/client';
import { type ImportResult, type Product, changePrice, importProducts, listProducts, retireProduct } from '../../api/generated';
import { formatNumber, say, useLanguage } from '../../language/language';
import { parseMoney } from '../../money/money';
import { Amount } from '../../page/Amount';
import { Ask } from '../../page/Ask';
import { Failure } from '../../page/Failure';
import { Page } from '../../page/Page';
import { m } from '../../paraglide/messages';
import { useCategoryName } from '../../shop/categories';
import { Categories } from '../parts/Categories';
import { ProductList } from '../parts/ProductList';
import type { Progress } from '../acts';
import { COLUMNS, editable, pieces, writeCsv } from '../csv';

export function Products() {
  return (
    <Page title={m.console_products()}>
      <Files />
      <Categories />
      <ProductList
        label={m.console_products()}
        head={
          <>
            <th>{m.console_product()}</th>
            <th>{m.search_categories()}</th>
            <th>{m.product_sku()}</th>
            <th>{m.search_price()}</th>
            <th>
              <span className="unseen">{m.console_retire()}</span>
            </th>
          </>
        }
        row={(product) => <Row key={product.product_id} product={product} />}
      />
    </Page>
  );
}

function Row({ product }: { product: Product }) {
  const categoryName = useCategoryName();
  const language = useLanguage();
  const queries = useQueryClient();
  const retire = useMutation({
    mutationFn: () => retireProduct({ path: { product_id: product.product_id }, headers: { 'Idempotency-Key': newIdempotencyKey() } }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['search'] }),
  });
  return (
    <>
      {product.variants.map((variant, position) => (
        <tr key={variant.sku}>
          <td>{position === 0 && <strong>{say(product.title, language)}</strong>}</td>
          <td>{position === 0 && categoryName(product.category)}</td>
          <td>
            <code>{variant.sku}</code> <small>{say(variant.name, language)}</small>
          </td>
          <td>
            <Price product={product} sku={variant.sku} />
          </td>
          <td>
            {position === 0 && (
              <>
                <Ask action={m.console_retire()} title={m.console_retire_sure({ title: say(product.title, language) })} className="plain" isDisabled={retire.isPending} onYes={() => retire.mutate()}>
                  <p>{m.console_retire_what()}</p>
                </Ask>
                {retire.error && <Failure error={retire.error} />}
              </>
            )}
          </td>
        </tr>
      ))}
    </>
  );
}

function Price({ product, sku }: { product: Product; sku: string }) {
  const queries = useQueryClient();
  const variant = product.variants.find((one) => one.sku === sku);
  const [typed, setTyped] = useState<string>();
  const price = typed === undefined || !variant ? undefined : parseMoney(typed, variant.price.currency);
  const save = useMutation({
    mutationFn: async () => {
      if (!price) return;
      await changePrice({ path: { product_id: product.product_id }, body: { sku, price }, headers: { 'Idempotency-Key': newIdempotencyKey() } });
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['search'] });
      setTyped(undefined);
    },
  });
  if (!variant) return null;
  if (typed === undefined) {
    return (
      <>
        <Amount money={variant.price} />{' '}
        <button type="button" className="plain" aria-label={m.console_edit_price_of({ sku })} onClick={() => setTyped(editable(product, sku))}>
          {m.console_edit()}
        </button>
      </>
    );
  }
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <input aria-label={m.console_edit_price_of({ sku })} inputMode="decimal" size={8} value={typed} aria-invalid={!price} onChange={(event) => setTyped(event.target.value)} autoFocus />
      <Button type="submit" className="button" isDisabled={!price} isPending={save.isPending}>
        {m.console_save()}
      </Button>
      <button type="button" className="plain" onClick={() => setTyped(undefined)}>
        {m.console_leave()}
      </button>
      {!price && <small className="bad">{m.console_no_amount({ currency: variant.price.currency })}</small>}
      {save.error && <Failure error={save.error} />}
    </form>
  );
}

const NOTHING_YET: ImportResult = { created: 0, updated: 0, unchanged: 0, rejected: 0, errors: [] };

function Files() {
  const language = useLanguage();
  const queries = useQueryClient();
  const [progress, setProgress] = useState<Progress>();
  const take = useMutation({
    mutationFn: async (file: File): Promise<ImportResult> => {
      const parts = pieces(await file.text());
      const of = parts.reduce((all, part) => all + part.rows, 0);
      let result = NOTHING_YET;
      let done = 0;
      setProgress({ done, of });
      for (const part of parts) {
        const answer = await body(
          importProducts({
            body: part.text,
            query: { from: part.from },
            headers: { 'Content-Type': 'text/csv' },
            bodySerializer: (text: unknown) => text as string,
          }),
        );
        result = {
          created: result.created + answer.created,
          updated: result.updated + answer.updated,
          unchanged: result.unchanged + answer.unchanged,
          rejected: result.rejected + answer.rejected,
          errors: [...result.errors, ...answer.errors],
        };
        done += part.rows;
        setProgress({ done, of });
      }
      return result;
    },
    onSettled: () => Promise.all([queries.invalidateQueries({ queryKey: ['search'] }), queries.invalidateQueries({ queryKey: ['categories'] })]),
  });
  const give = useMutation({
    mutationFn: async () => {
      const products: Product[] = [];
      let cursor: string | undefined;
      do {
        const page = await body(listProducts({ query: { limit: 100, ...(cursor && { cursor }) } }));
        products.push(...page.products);
        cursor = page.next ?? undefined;
      } while (cursor);
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([writeCsv(products)], { type: 'text/csv' }));
      link.download = 'products.csv';
      link.click();
      URL.revokeObjectURL(link.href);
    },
  });
  return (
    <section className="panel" aria-label={m.console_files()}>
      <div className="row">
        <div className="field">
          <label className="button file">
            {m.console_import()}
            <input
              type="file"
              className="unseen"
              aria-describedby="columns"
              accept=".csv,text/csv"
              disabled={take.isPending}
              onChange={(event) => {
                const file = event.target.files?.[0];
                if (file) take.mutate(file);
                event.target.value = '';
              }}
            />
          </label>
          <small id="columns">
            {m.console_import_columns()} <code>{COLUMNS.join(', ')}</code>
          </small>
        </div>
        <Button className="button" isPending={give.isPending} onPress={() => give.mutate()}>
          {m.console_export()}
        </Button>
      </div>
      {take.isPending && progress && (
        <label>
          {m.console_progress({ done: progress.done, of: progress.of })} <progress value={progress.done} max={progress.of} />
        </label>
      )}
      {take.data && (
        <div className={`notice ${take.data.rejected > 0 ? 'notice-bad' : 'notice-good'}`} role="status">
          <p>
            {m.console_imported({
              created: formatNumber(take.data.created, language),
              updated: formatNumber(take.data.updated, language),
              unchanged: formatNumber(take.data.unchanged, language),
              rejected: formatNumber(take.data.rejected, language),
            })}
          </p>
          {take.data.errors.length > 0 && (
            <table>
              <thead>
                <tr>
                  <th className="number">{m.console_row()}</th>
                  <th>{m.console_column()}</th>
                  <th>{m.console_what_is_wrong()}</th>
                </tr>
              </thead>
              <tbody>
                {take.data.errors.map((error) => (
                  <tr key={`${error.row} ${error.field} ${error.message}`}>
                    <td className="number">{error.row}</td>
                    <td>
                      <code>{error.field}</code>
                    </td>
                    <td lang="en">{error.message}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </div>
      )}
      {take.error && <Failure error={take.error} />}
      {give.error && <Failure error={give.error} />}
    </section>
  );
}
