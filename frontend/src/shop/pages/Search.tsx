/** Products of a category or a search, narrowed by facets. All of the choice is in the address, so that it can be shared. */

import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useSearchParams } from 'react-router';
import type { Product } from '../../api/generated';
import { formatNumber, say, useLanguage } from '../../language/language';
import { formatMoney } from '../../money/money';
import { Failure } from '../../page/Failure';
import { Page } from '../../page/Page';
import { CardsLoading, Empty } from '../../page/states';
import { m } from '../../paraglide/messages';
import { MOST_FOUND, categoriesQuery, searchQuery } from '../catalog';
import { useCategoryName } from '../categories';
import { ProductCard } from '../parts/ProductCard';
import { SearchField } from '../parts/SearchField';
import { inBand, lowestPrice, priceBands } from '../prices';

type Sorting = 'name' | 'cheap' | 'dear';

export default function Search() {
  const categoryName = useCategoryName();
  const language = useLanguage();
  const [parameters, setParameters] = useSearchParams();
  const q = parameters.get('q') ?? '';
  const category = parameters.get('category') ?? '';
  const band = parameters.get('price');
  const sorting = (parameters.get('sort') ?? 'name') as Sorting;
  // Read without the category, a search can count what each category has of it; a category alone is read by itself.
  const query = useQuery(searchQuery(q, q ? '' : category));
  const categories = useQuery(categoriesQuery);

  const set = (name: string, value: string | null) =>
    setParameters(
      (before) => {
        const next = new URLSearchParams(before);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { preventScrollReset: true },
    );

  const found = query.data?.products ?? [];
  const ofCategory = useMemo(() => (q && category ? found.filter((product) => product.category === category) : found), [found, q, category]);
  const bands = useMemo(() => priceBands(ofCategory), [ofCategory]);
  const chosen = useMemo(() => {
    const narrowed = ofCategory.filter((product) => {
      const price = lowestPrice(product);
      return band === null || !bands || (price && inBand(price, bands.edges, Number(band)));
    });
    return sorted(narrowed, sorting, language);
  }, [ofCategory, band, bands, sorting, language]);

  const counts = q ? countCategories(found) : (categories.data?.categories ?? []);
  const title = q ? m.search_title_for({ q }) : category ? categoryName(category) : m.search_title();

  return (
    <Page title={title}>
      <SearchField key={q} text={q} onSearch={(text) => setParameters(text ? { q: text } : {})} />
      <div className="with-side">
        <aside aria-label={m.search_narrow()} className="facets">
          {counts.length > 0 && (
            <details open={!isNarrow()}>
              <summary>{m.search_categories()}</summary>
              <ul>
                <li>
                  <button type="button" className="facet" aria-pressed={!category} onClick={() => set('category', null)}>
                    {m.search_any()}
                  </button>
                </li>
                {counts.map(({ name, products }) => (
                  <li key={name}>
                    <button type="button" className="facet" aria-pressed={category === name} onClick={() => set('category', category === name ? null : name)}>
                      {categoryName(name)} <small>{formatNumber(products, language)}</small>
                    </button>
                  </li>
                ))}
              </ul>
            </details>
          )}
          {bands && bands.edges.length > 0 && (
            <details open={!isNarrow()}>
              <summary>{m.search_price()}</summary>
              <ul>
                <li>
                  <button type="button" className="facet" aria-pressed={band === null} onClick={() => set('price', null)}>
                    {m.search_any()}
                  </button>
                </li>
                {[...bands.edges, undefined].map((edge, position) => {
                  const before = bands.edges[position - 1];
                  const amount = (minor: number) => formatMoney({ amount_minor: minor, currency: bands.currency }, language);
                  const count = ofCategory.filter((product) => {
                    const price = lowestPrice(product);
                    return price && inBand(price, bands.edges, position);
                  }).length;
                  return (
                    <li key={edge ?? 'over'}>
                      <button type="button" className="facet" aria-pressed={band === String(position)} onClick={() => set('price', band === String(position) ? null : String(position))}>
                        {edge === undefined
                          ? m.price_over({ amount: amount(before ?? 0) })
                          : before === undefined
                            ? m.price_up_to({ amount: amount(edge) })
                            : m.price_between({ low: amount(before), high: amount(edge) })}{' '}
                        <small>{formatNumber(count, language)}</small>
                      </button>
                    </li>
                  );
                })}
              </ul>
            </details>
          )}
        </aside>
        <div>
          {query.isPending ? (
            <CardsLoading count={9} />
          ) : query.error ? (
            <Failure error={query.error} onRetry={() => void query.refetch()} />
          ) : (
            <>
              <div className="list-head">
                <p role="status">
                  {m.products_count({ count: chosen.length })}
                  {query.data.more && <> {m.search_first_only({ count: formatNumber(MOST_FOUND, language) })}</>}
                </p>
                <label className="inline">
                  {m.sort_label()}{' '}
                  <select value={sorting} onChange={(event) => set('sort', event.target.value === 'name' ? null : event.target.value)}>
                    <option value="name">{m.sort_name()}</option>
                    <option value="cheap">{m.sort_cheap()}</option>
                    <option value="dear">{m.sort_dear()}</option>
                  </select>
                </label>
              </div>
              {chosen.length === 0 ? (
                <Empty title={m.search_none()}>
                  <p>{m.search_none_advice()}</p>
                  <button type="button" className="button" onClick={() => setParameters({})}>
                    {m.search_show_all()}
                  </button>
                </Empty>
              ) : (
                <ul className="cards">
                  {chosen.map((product) => (
                    <ProductCard key={product.product_id} product={product} />
                  ))}
                </ul>
              )}
            </>
          )}
        </div>
      </div>
    </Page>
  );
}

function isNarrow(): boolean {
  return window.matchMedia('(max-width: 760px)').matches;
}

function countCategories(products: readonly Product[]) {
  const counts = new Map<string, number>();
  for (const { category } of products) counts.set(category, (counts.get(category) ?? 0) + 1);
  return [...counts].map(([name, count]) => ({ name, products: count })).sort((a, b) => a.name.localeCompare(b.name));
}

function sorted(products: readonly Product[], sorting: Sorting, language: 'en' | 'ja'): Product[] {
  const price = (product: Product) => lowestPrice(product)?.amount_minor ?? 0;
  const byName = new Intl.Collator(language);
  return [...products].sort((a, b) => {
    if (sorting === 'cheap' && price(a) !== price(b)) return price(a) - price(b);
    if (sorting === 'dear' && price(a) !== price(b)) return price(b) - price(a);
    return byName.compare(say(a.title, language), say(b.title, language));
  });
}
