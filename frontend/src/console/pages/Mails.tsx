/** Mails by their orders, the latest orders first: what each told, whether it was sent, and to whom. */

import { useInfiniteQuery, useQueries } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { body } from '../../api/client';
import { type Told, listInsightOrders, showNotifications } from '../../api/generated';
import { readOn } from '../../api/pages';
import { ApiProblem } from '../../api/problem';
import { formatInstant, useLanguage } from '../../language/language';
import { Failure } from '../../page/Failure';
import { More } from '../../page/More';
import { Page } from '../../page/Page';
import { Empty, Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { Find } from '../parts/Find';
import { noticeWords } from '../words';

const PAGE = 20;
const REFRESH_MS = 10_000;

export function Mails() {
  const language = useLanguage();
  const [parameters, setParameters] = useSearchParams();
  const text = (parameters.get('text') ?? '').trim().slice(0, 64);
  const orders = useInfiniteQuery({
    queryKey: ['operator', 'mails', text],
    queryFn: ({ pageParam }) =>
      readOn(pageParam, PAGE, async (cursor) => {
        const page = await body(listInsightOrders({ query: { limit: PAGE, ...(text && { text }), ...(cursor && { cursor }) } }));
        return { items: page.orders, next: page.next ?? undefined };
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    refetchInterval: REFRESH_MS,
    staleTime: 0,
  });
  const ids = orders.data?.pages.flatMap((page) => page.items.map(({ order_id }) => order_id)) ?? [];
  const told = useQueries({ queries: ids.map((id) => ({ queryKey: ['operator', 'told', id], queryFn: () => toldAbout(id), refetchInterval: REFRESH_MS })) });
  const rows = told.flatMap(({ data }, position) => (data?.notifications ?? []).map((notice) => ({ ...notice, order: ids[position] ?? '', to: data?.contact })));
  const failed = told.find(({ error }) => error);
  const waits = orders.isPending || told.some(({ isPending }) => isPending);
  return (
    <Page title={m.console_mails_sent()} lead={<p className="lead">{m.mails_lead()}</p>}>
      <Find key={text} text={text} label={m.orders_find()} maxLength={64} onFind={(wanted) => setParameters(wanted ? { text: wanted } : {})} />
      {orders.error ? (
        <Failure error={orders.error} onRetry={() => void orders.refetch()} />
      ) : rows.length > 0 ? (
        <div className="wide" tabIndex={0} role="region" aria-label={m.console_mails_sent()}>
          <table>
            <thead>
              <tr>
                <th>{m.flow_at()}</th>
                <th>{m.mails_what()}</th>
                <th>{m.mails_state()}</th>
                <th>{m.console_order()}</th>
                <th>{m.mails_to()}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={`${row.order} ${row.kind} ${row.number}`}>
                  <td>{formatInstant(row.at, language)}</td>
                  <td>{noticeWords(row.kind)}</td>
                  <td>{row.status === 'sent' ? m.mail_sent() : row.status === 'sending' ? m.mail_sending() : m.mail_skipped()}</td>
                  <td>
                    <Link to={`/orders/${row.order}`}>
                      <code>{row.order}</code>
                    </Link>
                  </td>
                  <td>{row.to ? `${row.to.masked_email} (${row.to.language})` : '—'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : waits ? (
        <Loading />
      ) : (
        <Empty title={m.mails_none()}>
          <p>{m.mails_none_note()}</p>
        </Empty>
      )}
      {failed && <Failure error={failed.error} onRetry={() => void failed.refetch()} />}
      <More list={orders} label={m.console_more()} />
    </Page>
  );
}

/** What was told about an order; of one that nothing was told about yet, nothing is known. */
async function toldAbout(order_id: string): Promise<Told | null> {
  try {
    return await body(showNotifications({ path: { order_id } }));
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return null;
    throw error;
  }
}
