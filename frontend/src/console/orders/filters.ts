/** What the list of orders is narrowed by, as it stands in the page's address: a link to a list shows the same list. */

import type { FulfilmentStatus, OrderPaymentStatus, OrderStatus } from '../../api/generated';

export interface OrderFilters {
  /** Days of the shop's calendar; empty for what the API takes by itself. */
  from: string;
  to: string;
  status: OrderStatus | '';
  payment_status: OrderPaymentStatus | '';
  fulfilment_status: FulfilmentStatus | '';
  text: string;
}

export const ORDER_AXIS = ['placed', 'awaiting_payment', 'confirmed', 'cancelling', 'completed', 'cancelled'] as const satisfies readonly OrderStatus[];
export const PAYMENT_AXIS = [
  'none',
  'requested',
  'action_required',
  'authorized',
  'captured',
  'declined',
  'voided',
  'partially_refunded',
  'refunded',
] as const satisfies readonly OrderPaymentStatus[];
export const FULFILMENT_AXIS = ['unfulfilled', 'partially_dispatched', 'dispatched', 'delivered'] as const satisfies readonly FulfilmentStatus[];

const oneOf = <T extends string>(all: readonly T[], value: string | null): T | '' => all.find((one) => one === value) ?? '';
const day = (value: string | null): string => (value !== null && /^\d{4}-\d{2}-\d{2}$/.test(value) ? value : '');

/** Whatever in the address is no filter is left out, as if it were not there. */
export function readFilters(parameters: URLSearchParams): OrderFilters {
  return {
    from: day(parameters.get('from')),
    to: day(parameters.get('to')),
    status: oneOf(ORDER_AXIS, parameters.get('status')),
    payment_status: oneOf(PAYMENT_AXIS, parameters.get('payment_status')),
    fulfilment_status: oneOf(FULFILMENT_AXIS, parameters.get('fulfilment_status')),
    text: (parameters.get('text') ?? '').trim().slice(0, 64),
  };
}

/** The filters without those that are not set. */
export type SetFilters = { [Name in keyof OrderFilters]?: Exclude<OrderFilters[Name], ''> };

/** Those that are set, as an address or a request has them. */
export function writeFilters(filters: OrderFilters): SetFilters {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== '')) as SetFilters;
}
