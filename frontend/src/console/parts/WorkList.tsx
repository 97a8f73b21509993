/** Orders, or what belongs to one, that are worked off: ticked and dealt with at once, and read on page by page. */

import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { formatInstant, useLanguage } from '../../language/language';
import { Failure } from '../../page/Failure';
import { More } from '../../page/More';
import { Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { Bulk } from './Bulk';
import { useChoosing } from './choosing';

interface WorkListProps<Row> {
  label: string;
  list: Pick<UseInfiniteQueryResult, 'isPending' | 'error' | 'refetch' | 'hasNextPage' | 'isFetchingNextPage' | 'fetchNextPage'>;
  rows: readonly Row[];
  since: (row: Row) => string | null | undefined;
  /** The headers of the columns after the order's number, and a row's cells there. */
  heads: ReactNode;
  cells: (row: Row) => ReactNode;
  /** What stands there instead of a table without rows, if anything. */
  empty: ReactNode;
}

export function WorkList<Row extends { order_id: string }>({ label, list, rows, since, heads, cells, empty }: WorkListProps<Row>) {
  const language = useLanguage();
  const { chosen, choose, chooseNone } = useChoosing();
  const inSight = rows.filter(({ order_id }) => chosen.has(order_id));
  return (
    <>
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
      ) : rows.length === 0 && empty ? (
        empty
      ) : (
        <div className="wide" tabIndex={0} role="region" aria-label={label}>
          <table>
            <thead>
              <tr>
                <th>
                  <input
                    type="checkbox"
                    aria-label={m.console_choose_all()}
                    checked={rows.length > 0 && inSight.length === rows.length}
                    onChange={(event) => choose(rows.map(({ order_id }) => order_id), event.target.checked)}
                  />
                </th>
                <th>{m.console_since()}</th>
                <th>{m.order_number()}</th>
                {heads}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => {
                const { order_id } = row;
                const instant = since(row);
                return (
                  <tr key={order_id}>
                    <td>
                      <input type="checkbox" aria-label={m.console_choose_one({ order: order_id })} checked={chosen.has(order_id)} onChange={(event) => choose([order_id], event.target.checked)} />
                    </td>
                    <td>{instant ? formatInstant(instant, language) : '—'}</td>
                    <td>
                      <Link to={`/orders/${order_id}`}>
                        <code>{order_id}</code>
                      </Link>
                    </td>
                    {cells(row)}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      <More list={list} label={m.console_more()} />
    </>
  );
}
