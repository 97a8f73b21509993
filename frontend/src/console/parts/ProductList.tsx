/** What products and stock begin with: products found by a word, as a table. */

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import type { Product } from '../../api/generated';
import { Failure } from '../../page/Failure';
import { Empty, Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { searchQuery } from '../../shop/catalog';
import { Find } from './Find';

interface Props {
  /** What the table is called to those who do not see it. */
  label: string;
  head: ReactNode;
  /** The rows of one product. */
  row: (product: Product) => ReactNode;
  /** What stands between the search and the table. */
  children?: ReactNode;
}

export function ProductList({ label, head, row, children }: Props) {
  const [parameters, setParameters] = useSearchParams();
  const q = parameters.get('q') ?? '';
  const found = useQuery(searchQuery(q, ''));
  return (
    <>
      <Find key={q} text={q} label={m.console_find_product()} onFind={(text) => setParameters(text ? { q: text } : {})} />
      {children}
      {found.isPending ? (
        <Loading />
      ) : found.error ? (
        <Failure error={found.error} onRetry={() => void found.refetch()} />
      ) : found.data.products.length === 0 ? (
        <Empty title={m.search_none()} />
      ) : (
        <>
          <div className="wide" tabIndex={0} role="region" aria-label={label}>
            <table>
              <thead>
                <tr>{head}</tr>
              </thead>
              <tbody>{found.data.products.map(row)}</tbody>
            </table>
          </div>
          {found.data.more && <p>{m.search_first_only({ count: found.data.products.length })}</p>}
        </>
      )}
    </>
  );
}
