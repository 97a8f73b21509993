import type { AdjustmentReason, NoticeKind, ShipmentStatus } from '../api/generated';
import { m } from '../paraglide/messages';

export function shipmentWords(status: ShipmentStatus): string {
  switch (status) {
    case 'to_pack':
      return m.shipment_to_pack();
    case 'packed':
      return m.shipment_packed();
    case 'partially_dispatched':
      return m.fulfilment_partially_dispatched();
    case 'dispatched':
      return m.fulfilment_dispatched();
    case 'delivered':
      return m.fulfilment_delivered();
    case 'cancelled':
      return m.status_cancelled();
  }
}

export function reasonWords(reason: AdjustmentReason): string {
  switch (reason) {
    case 'received':
      return m.reason_received();
    case 'counted':
      return m.reason_counted();
    case 'damaged':
      return m.reason_damaged();
    case 'lost':
      return m.reason_lost();
    case 'returned':
      return m.reason_returned();
  }
}

export function noticeWords(kind: NoticeKind): string {
  switch (kind) {
    case 'order_confirmed':
      return m.notice_order_confirmed();
    case 'shipment_dispatched':
      return m.notice_shipment_dispatched();
    case 'order_cancelled':
      return m.notice_order_cancelled();
    case 'payment_refunded':
      return m.notice_payment_refunded();
  }
}
