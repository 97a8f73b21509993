/** Parcels that came back lately; each leads to its order, where the money is given back. */

import { useQueries, useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { body } from '../../api/client';
import { listFlowEvents, showShipment } from '../../api/generated';
import { formatInstant, useLanguage } from '../../language/language';
import { Failure } from '../../page/Failure';
import { m } from '../../paraglide/messages';
import { SkuName } from './SkuName';

/** The way on which what came back is told. */
const RECEIVED = 'shipping.ReturnReceived.v1@inventory';
const MOST = 50;
const REFRESH_MS = 10_000;

export function ReturnsReceived() {
  const language = useLanguage();
  const received = useQuery({
    queryKey: ['insights', 'returns'],
    queryFn: async () => (await body(listFlowEvents({ path: { edge: RECEIVED }, query: { limit: MOST } }))).events,
    refetchInterval: REFRESH_MS,
    staleTime: 0,
  });
  const ids = [...new Set(received.data?.flatMap(({ order_id }) => order_id ?? []) ?? [])];
  const shipments = useQueries({
    queries: ids.map((order_id) => ({
      queryKey: ['operator', 'shipment', order_id],
      queryFn: () => body(showShipment({ path: { order_id } })),
    })),
  });
  const rows = shipments
    .flatMap(({ data }) => (data?.returns ?? []).map((one) => ({ ...one, order_id: data?.order_id ?? '' })))
    .sort((a, b) => Date.parse(b.received_at) - Date.parse(a.received_at));
  return (
    <section aria-labelledby="came-back">
      <h2 id="came-back">{m.returns_received()}</h2>
      {received.error && <Failure error={received.error} onRetry={() => void received.refetch()} />}
      {received.data && rows.length === 0 && <p>{m.returns_received_none()}</p>}
      {rows.length > 0 && (
        <div className="wide" tabIndex={0} role="region" aria-label={m.returns_received()}>
          <table>
            <thead>
              <tr>
                <th>{m.flow_at()}</th>
                <th>{m.console_order()}</th>
                <th>{m.returns_what_came()}</th>
                <th>{m.console_stock()}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={`${row.order_id} ${row.return_number}`}>
                  <td>{formatInstant(row.received_at, language)}</td>
                  <td>
                    <Link to={`/orders/${row.order_id}`}>
                      <code>{row.order_id}</code>
                    </Link>
                  </td>
                  <td>
                    {row.lines.map(({ sku, quantity }) => (
                      <div key={sku}>
                        <SkuName sku={sku} /> × {quantity}
                      </div>
                    ))}
                  </td>
                  <td>{row.restock ? m.console_restocked() : m.console_not_restocked()}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
