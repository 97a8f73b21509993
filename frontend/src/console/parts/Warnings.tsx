/** What runs low, newest first, as inventory said it when it fell below its threshold. */

import { useInfiniteQuery } from '@tanstack/react-query';
import { body } from '../../api/client';
import { listStockWarnings } from '../../api/generated';
import { readOn } from '../../api/pages';
import { formatInstant, formatNumber, say, useLanguage } from '../../language/language';
import { Failure } from '../../page/Failure';
import { More } from '../../page/More';
import { m } from '../../paraglide/messages';

const PAGE = 20;
const REFRESH_MS = 15_000;

export function Warnings({ onChoose }: { onChoose: (sku: string) => void }) {
  const language = useLanguage();
  const list = useInfiniteQuery({
    queryKey: ['insights', 'warnings'],
    queryFn: ({ pageParam }) =>
      readOn(pageParam, PAGE, async (cursor) => {
        const page = await body(listStockWarnings({ query: { limit: PAGE, ...(cursor && { cursor }) } }));
        return { items: page.warnings, next: page.next ?? undefined };
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    refetchInterval: REFRESH_MS,
    staleTime: 0,
  });
  const warnings = list.data?.pages.flatMap((page) => page.items) ?? [];
  const signed = new Intl.NumberFormat(language, { signDisplay: 'exceptZero' });
  return (
    <section className="panel" aria-labelledby="warnings">
      <h2 id="warnings">{m.warnings_title()}</h2>
      {list.error && <Failure error={list.error} onRetry={() => void list.refetch()} />}
      {list.data && warnings.length === 0 && <p>{m.warnings_none()}</p>}
      {warnings.length > 0 && (
        <div className="wide" tabIndex={0} role="region" aria-label={m.warnings_title()}>
          <table>
            <thead>
              <tr>
                <th>{m.console_product()}</th>
                <th>{m.console_location()}</th>
                <th className="number">{m.console_available()}</th>
                <th className="number">{m.console_threshold()}</th>
                <th>{m.warnings_noticed()}</th>
                <th className="number">{m.warnings_since_then()}</th>
              </tr>
            </thead>
            <tbody>
              {warnings.map((warning) => (
                <tr key={`${warning.sku} ${warning.location_id}`}>
                  <td>
                    {say(warning.title, language)}{' '}
                    <button type="button" className="plain" onClick={() => onChoose(warning.sku)}>
                      <code>{warning.sku}</code>
                    </button>
                  </td>
                  <td>
                    <code>{warning.location_id}</code>
                  </td>
                  <td className="number few">{formatNumber(warning.available, language)}</td>
                  <td className="number">{formatNumber(warning.threshold, language)}</td>
                  <td>{formatInstant(warning.noticed_at, language)}</td>
                  <td className="number">{signed.format(warning.adjusted_by)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <More list={list} label={m.console_more()} />
    </section>
  );
}
