/** Customers: looked up by their number, or by the day on which they were first known. A list names nobody. */

import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { body } from '../../api/client';
import { listCustomers } from '../../api/generated';
import { readOn } from '../../api/pages';
import { formatInstant, useLanguage } from '../../language/language';
import { Failure } from '../../page/Failure';
import { More } from '../../page/More';
import { Page } from '../../page/Page';
import { Empty, Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { LookUp } from '../parts/LookUp';

const PAGE = 50;

export function Customers() {
  const language = useLanguage();
  const [parameters, setParameters] = useSearchParams();
  // The API's days are those of UTC.
  const day = parameters.get('day') || new Date().toISOString().slice(0, 10);
  const list = useInfiniteQuery({
    queryKey: ['operator', 'customers', day],
    queryFn: ({ pageParam }) =>
      readOn(pageParam, PAGE, async (cursor) => {
        const page = await body(listCustomers({ query: { registered_on: day, limit: PAGE, ...(cursor && { cursor }) } }));
        return { items: page.customers, next: page.next ?? undefined };
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    staleTime: 0,
  });
  const customers = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title={m.console_customers()} lead={<p className="lead">{m.customers_lead()}</p>}>
      <LookUp label={m.customers_find()} under="/customers" longest={128} />
      <label className="field">
        {m.customers_day()}
        <input type="date" value={day} required onChange={(event) => event.target.value && setParameters({ day: event.target.value }, { replace: true })} />
      </label>
      {list.isPending ? (
        <Loading />
      ) : list.error ? (
        <Failure error={list.error} onRetry={() => void list.refetch()} />
      ) : customers.length === 0 ? (
        <Empty title={m.customers_none()}>
          <p>{m.customers_none_note()}</p>
        </Empty>
      ) : (
        <div className="wide" tabIndex={0} role="region" aria-label={m.console_customers()}>
          <table>
            <thead>
              <tr>
                <th>{m.console_customer()}</th>
                <th>{m.customers_since()}</th>
              </tr>
            </thead>
            <tbody>
              {customers.map(({ customer_id, registered_at }) => (
                <tr key={customer_id}>
                  <td>
                    <Link to={`/customers/${encodeURIComponent(customer_id)}`}>
                      <code>{customer_id}</code>
                    </Link>
                  </td>
                  <td>{formatInstant(registered_at, language)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <More list={list} label={m.console_more()} />
    </Page>
  );
}
