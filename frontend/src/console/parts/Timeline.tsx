/** What happened to an order, in the order of time, put together from what each context noted with a time of its own. */

import type { LedgerEntry, Order, Payment, Shipment, Told } from '../../api/generated';
import { formatInstant, useLanguage } from '../../language/language';
import { formatMoney } from '../../money/money';
import { m } from '../../paraglide/messages';
import { paymentWords, returnWords } from '../../shop/words';
import { contextWords } from '../contexts';
import { noticeWords } from '../words';

interface Props {
  order: Order | undefined;
  payment: Payment | undefined;
  shipment: Shipment | undefined;
  told: Told | undefined;
}

interface Moment {
  at: string;
  context: string;
  what: string;
}

export function Timeline({ order, payment, shipment, told }: Props) {
  const language = useLanguage();
  const ledger = (payment?.ledger ?? []) as LedgerEntry[];
  const moments: Moment[] = [
    ...(order ? [{ at: order.placed_at, context: 'orders', what: m.status_placed() }] : []),
    ...ledger.map((entry) => ({
      at: entry.at,
      context: 'payments',
      what: [paymentWords(entry.entry), entry.amount ? formatMoney(entry.amount, language) : '', entry.reason ?? ''].filter(Boolean).join(' · '),
    })),
    ...(shipment?.created_at ? [{ at: shipment.created_at, context: 'shipping', what: m.shipment_to_pack() }] : []),
    ...(shipment?.parcels ?? []).flatMap((parcel) => [
      { at: parcel.dispatched_at, context: 'shipping', what: `${m.fulfilment_dispatched()} · ${parcel.carrier} ${parcel.tracking_number}` },
      ...(parcel.delivered_at ? [{ at: parcel.delivered_at, context: 'shipping', what: `${m.fulfilment_delivered()} · ${parcel.tracking_number}` }] : []),
    ]),
    ...(shipment?.returns ?? []).map((one) => ({ at: one.received_at, context: 'shipping', what: m.console_returns() })),
    ...(order?.returns ?? []).map((one) => ({ at: one.requested_at, context: 'orders', what: `${m.console_returns_asked()} · ${returnWords(one.reason)}` })),
    ...(told?.notifications ?? []).map((notice) => ({ at: notice.at, context: 'notifications', what: noticeWords(notice.kind) })),
  ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return (
    <ol className="timeline">
      {moments.map((moment, position) => (
        <li key={`${moment.at} ${position}`}>
          <time dateTime={moment.at}>{formatInstant(moment.at, language)}</time>
          <strong>{contextWords(moment.context)}</strong>
          <span>{moment.what}</span>
        </li>
      ))}
    </ol>
  );
}
